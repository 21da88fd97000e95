import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { connect, unstructured, type Client, type Connection, type UnstructuredObject } from "@kubescaffold/runtime";
import { ControlPlane, eventually } from "@kubescaffold/runtime/testing";
import { Deployment } from "kubernetes-models/apps/v1/Deployment";
import { parseAllDocuments } from "yaml";
import { findBinaries } from "../../runtime/testing/controlplane/index.ts";
import { succeed } from "../generators/commands/terminal.ts";
import { temporaryFolder } from "../generators/temporary.ts";

/** A project with webhooks for a kind of its own, with a second version, and for what its own operator consists of. */
const folder = temporaryFolder();
const Definition = unstructured({ apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" });
const Role = unstructured({ apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole" });
const namespace = "fleet-operator-system";
let cluster: ControlPlane;
let connection: Connection;
let client: Client;
let kubectl: string;

beforeAll(async () => {
  await succeed(folder.path, ["init", "--domain", "ships.io", "--project-name", "fleet-operator", "--packages", "link"]);
  const ship = ["--group", "fleet", "--kind", "Ship"];
  for (const version of ["v1beta1", "v1"]) await succeed(folder.path, ["create", "api", ...ship, "--version", version, "--no-controller"]);
  await succeed(folder.path, ["create", "webhook", ...ship, "--version", "v1", "--defaulting", "--validation", "--conversion"]);
  for (const [group = "", kind = ""] of [
    ["apps", "Deployment"],
    ["core", "Pod"],
  ])
    await succeed(folder.path, ["create", "webhook", "--group", group, "--version", "v1", "--kind", kind, "--defaulting", "--validation"]);
  cluster = await ControlPlane.start();
  kubectl = (await findBinaries()).kubectl ?? "kubectl";
  connection = await connect({ kubeconfig: cluster.kubeconfig });
  ({ client } = connection);
}, 600_000);

afterAll(async () => {
  connection.close();
  await cluster.stop();
  folder[Symbol.dispose]();
});

function run(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(kubectl, ["--kubeconfig", cluster.kubeconfig, ...args], { cwd: folder.path, encoding: "utf8" });
}

test("kubectl applies config/default, webhooks included, and a second time changes nothing", async () => {
  const first = run("apply", "-k", "config/default");
  expect([first.status, first.stderr]).toEqual([0, expect.not.stringContaining("Warning") as unknown]);
  await eventually(() => {
    const again = run("apply", "-k", "config/default").stdout.trim().split("\n");
    expect(again.filter((line) => !line.endsWith(" unchanged"))).toEqual([]);
  });
});

test("all names are those that the objects have in the end", async () => {
  const service = { name: "fleet-operator-webhook-service", namespace, path: "/convert" };
  const crd = await client.get(Definition, { name: "ships.fleet.ships.io" });
  expect(crd).toMatchObject({ spec: { conversion: { strategy: "Webhook", webhook: { clientConfig: { service } } } } });
  const role = await client.get(Role, { name: "fleet-operator-webhook-certificates-role" });
  expect((role?.["rules"] as { resourceNames: string[] }[]).flatMap(({ resourceNames }) => resourceNames)).toEqual([
    "fleet-operator-mutating-webhook-configuration",
    "fleet-operator-validating-webhook-configuration",
    "ships.fleet.ships.io",
  ]);
  const deployment = await client.get(Deployment, { namespace, name: "fleet-operator-controller-manager" });
  const [container] = deployment?.spec?.template.spec?.containers ?? [];
  expect(container?.env).toEqual([
    { name: "WEBHOOK_SERVICE", value: "fleet-operator-webhook-service" },
    { name: "MUTATING_WEBHOOKS", value: "fleet-operator-mutating-webhook-configuration" },
    { name: "VALIDATING_WEBHOOKS", value: "fleet-operator-validating-webhook-configuration" },
  ]);
  expect(container?.args).toContain("--webhook-service-name=$(WEBHOOK_SERVICE)");
});

test("while the webhooks are down, the operator itself can be started, and nothing else of what they are asked about", async () => {
  const own = await client.get(Deployment, { namespace, name: "fleet-operator-controller-manager" });
  const copy = (into: string): Promise<unknown> =>
    client.create(new Deployment({ metadata: { namespace: into, name: "copy" }, ...(own?.spec && { spec: own.spec }) }));
  await expect(copy(namespace)).resolves.toBeDefined();
  await expect(copy("default")).rejects.toThrow('failed calling webhook "mutate.deployments.v1.apps"');
});

test("cert-manager finds everything that it has to know, and the operator has its certificate mounted", async () => {
  await succeed(folder.path, ["generate", "--webhook-certificates", "cert-manager"]);
  const { status, stdout } = run("kustomize", "config/default");
  expect(status).toBe(0);
  const objects = parseAllDocuments(stdout).map((document) => document.toJS() as UnstructuredObject);
  const from = { "cert-manager.io/inject-ca-from": `${namespace}/fleet-operator-serving-cert` };
  const annotated = objects.filter(({ kind }) => /^(?:CustomResourceDefinition|.*WebhookConfiguration)$/.test(kind));
  expect(annotated.map(({ metadata }) => metadata.annotations)).toEqual([from, from, from]);
  expect(objects).toContainEqual(
    expect.objectContaining({
      kind: "Certificate",
      metadata: { name: "fleet-operator-serving-cert", namespace },
      spec: {
        dnsNames: [`fleet-operator-webhook-service.${namespace}.svc`, `fleet-operator-webhook-service.${namespace}.svc.cluster.local`],
        issuerRef: { kind: "Issuer", name: "fleet-operator-selfsigned-issuer" },
        secretName: "webhook-server-cert",
      },
    }),
  );
  const deployment = objects.find(({ kind }) => kind === "Deployment");
  expect(JSON.stringify(deployment)).toContain('"volumeMounts":[{"mountPath":"/tmp/k8s-webhook-server/serving-certs"');
});
