/** The memcached example through its life on a real API server with kubectl: deployed, used, deployed again, taken away. */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import {
  certificateAuthority,
  connect,
  keyOf,
  silentLogger,
  unstructured,
  type Connection,
  type UnstructuredObject,
} from "@kubescaffold/runtime";
import { ControlPlane, eventually, findBinaries, kubeconfigFor, Workloads } from "@kubescaffold/runtime/testing";
import { parseAllDocuments } from "yaml";
import { everything } from "../generators/commands/left-behind.ts";
import { scaffold, type Shown } from "../generators/commands/terminal.ts";
import { temporaryFolder } from "../generators/temporary.ts";

const EXAMPLE = join(import.meta.dirname, "..", "..", "examples", "memcached-operator");
const NAMESPACE = "memcached-operator-system";
const NAME = "memcached-operator-controller-manager";
const image = "example.com/memcached-operator:0.1.0";
const Memcached = unstructured({ apiVersion: "cache.example.com/v1alpha1", kind: "Memcached" });
const Deployment = unstructured({ apiVersion: "apps/v1", kind: "Deployment" });
const Pod = unstructured({ apiVersion: "v1", kind: "Pod" });
const Configuration = unstructured({ apiVersion: "admissionregistration.k8s.io/v1", kind: "MutatingWebhookConfiguration" });
const Quota = unstructured({ apiVersion: "v1", kind: "ResourceQuota" });
const path = process.env["PATH"];

let plane: ControlPlane;
let admin: Connection;
let workloads: Workloads;
let before: string[];
let kubectl: string;
let operator: ChildProcess | undefined;

beforeAll(async () => {
  plane = await ControlPlane.start({ controllerManager: true });
  admin = await connect({ kubeconfig: plane.kubeconfig });
  workloads = await Workloads.start({ kubeconfig: plane.kubeconfig, controllers: "kubelet", log: silentLogger });
  kubectl = (await findBinaries()).kubectl ?? "kubectl";
  process.env["PATH"] = `${dirname(kubectl)}:${path ?? ""}`;
  before = await everything(admin.client);
}, 600_000);

afterAll(async () => {
  process.env["PATH"] = path;
  operator?.kill("SIGKILL");
  await workloads.stop();
  admin.close();
  await plane.stop();
});

function run(command: string, ...more: string[]): Promise<Shown> {
  return scaffold(EXAMPLE, [command, "--kubeconfig", plane.kubeconfig, ...more]);
}

/** What the pods' containers would be, if they had any: the operator as its service account. */
async function startOperator(): Promise<void> {
  const kubeconfig = await kubeconfigFor({ kubeconfig: plane.kubeconfig, serviceAccount: NAME, namespace: NAMESPACE });
  const flags = ["--kubeconfig", kubeconfig, "--health-probe-bind-address", "0", "--webhook-port", "0"];
  operator = spawn(process.execPath, ["main.ts", ...flags], { cwd: EXAMPLE, stdio: "ignore" });
}

test("is deployed from nothing, and its Deployment is available", async () => {
  const { code, out, err } = await run("deploy", "--image", image);
  expect([code, err]).toEqual([0, ""]);
  expect(out.split("\n").slice(1, 3)).toEqual([
    `  create  namespace ${NAMESPACE}`,
    "  create  customresourcedefinition memcacheds.cache.example.com",
  ]);
  const deployment = await admin.client.get(Deployment, { namespace: NAMESPACE, name: NAME });
  expect(deployment).toMatchObject({
    spec: { template: { spec: { containers: [{ image }] } } },
    status: { availableReplicas: 1 },
  });
});

test("a second time nothing is changed", async () => {
  const versions = async () =>
    (await admin.client.list(unstructured({ apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole" }))).map(
      ({ metadata }) => metadata.resourceVersion,
    );
  const then = await versions();
  const { code, out } = await run("deploy", "--image", image);
  expect([code, out.split("\n").slice(1)]).toEqual([0, ["Nothing to do: everything is on the cluster and runs as it should."]]);
  expect(await versions()).toEqual(then);
});

test("kubectl finds no difference between the cluster and the kustomization", () => {
  const shown = execFileSync(
    kubectl,
    ["--kubeconfig", plane.kubeconfig, "diff", "--server-side", "--force-conflicts", "-k", "config/crd"],
    {
      cwd: EXAMPLE,
      encoding: "utf8",
    },
  );
  expect(shown).toBe("");
});

test("what kubectl apply has put there becomes deploy's own: what the manifests no longer have goes", async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, "objects.yaml");
  const map = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "settings", namespace: "default" } };
  writeFileSync(file, JSON.stringify({ ...map, data: { kept: "1", gone: "2" } }));
  execFileSync(kubectl, ["--kubeconfig", plane.kubeconfig, "apply", "-f", file]);
  await admin.client.withFieldManager("else").patch(map, keyOf(map), "merge", { data: { others: "3" } });

  writeFileSync(file, JSON.stringify({ ...map, data: { kept: "1" } }));
  expect(await run("deploy", "--from", file)).toMatchObject({ code: 0, err: "" });
  expect(await admin.client.get(map, keyOf(map))).toMatchObject({ data: { kept: "1", others: "3" } });
  expect((await admin.client.get(map, keyOf(map)))?.["data"]).not.toHaveProperty("gone");
  expect((await run("deploy", "--from", file)).out).toContain("Nothing to do");
  await run("undeploy", "--from", file);
});

test("pods over the quota of the namespace are told of, with the quota's name", async () => {
  const quota = { ...Quota, metadata: { namespace: NAMESPACE, name: "full" }, spec: { hard: { pods: "0" } } };
  await admin.client.create(quota);
  // Which its controller would do.
  await admin.client.status.patch(Quota, keyOf(quota), "merge", { status: { hard: { pods: "0" }, used: { pods: "0" } } });
  const { template } = (await admin.client.get(Deployment, { namespace: NAMESPACE, name: NAME }))?.["spec"] as {
    template: { spec: object };
  };
  const pod = { ...Pod, metadata: { namespace: NAMESPACE, name: "any" }, spec: template.spec };
  await eventually(async () => {
    const refusal: unknown = await admin.client
      .dryRun()
      .create(pod)
      .catch((error: unknown) => error);
    expect(String(refusal)).toContain("exceeded quota");
  });
  const { code, err } = await run("deploy", "--image", "example.com/memcached-operator:0.2.0", "--timeout", "60s");
  expect(code).toBe(1);
  expect(err.split("\n").at(-1)).toMatch(/^The deployment \S+ does not run: pods "\S+" is forbidden: exceeded quota: full, /);
  expect(err).toMatch(/\n {2}Warning FailedCreate replicaset\//);
  await admin.client.delete(Quota, keyOf(quota));
  expect(await run("deploy", "--image", image)).toMatchObject({ code: 0, err: "" });
}, 120_000);

test("is taken away again with its Memcacheds, which its operator finalizes first, and nothing is left behind", async () => {
  await startOperator();
  const key = { namespace: "default", name: "sample" };
  await admin.client.create({ ...Memcached, metadata: key, spec: { size: 1 } });
  await eventually(async () => expect((await admin.client.get(Memcached, key))?.metadata.finalizers).toHaveLength(1), { timeout: 30_000 });
  const { code, out, err } = await run("undeploy");
  expect([code, err]).toEqual([0, ""]);
  const deleted = [...out.matchAll(/^ {2}delete {2}(.*)$/gm)].map(([, what]) => what);
  expect(deleted[0]).toBe("memcached default/sample");
  expect(deleted.slice(-2)).toEqual(["customresourcedefinition memcacheds.cache.example.com", `namespace ${NAMESPACE}`]);
  await eventually(async () => expect(await everything(admin.client)).toEqual(before), { timeout: 30_000 });
}, 120_000);

test("there is nothing to take away then", async () => {
  const { code, out } = await run("undeploy");
  expect([code, out.split("\n").slice(1)]).toEqual([0, ["Nothing to do: nothing of it is on the cluster."]]);
});

test("what the operator writes into its webhook configurations is not taken back by the next deployment", async () => {
  const label = join(EXAMPLE, "..", "label-webhook");
  const deploy = (): Promise<Shown> =>
    scaffold(label, ["deploy", "--kubeconfig", plane.kubeconfig, "--image", "example.com/label-webhook:1"]);
  expect(await deploy()).toMatchObject({ code: 0, err: "" });
  const name = { name: "label-webhook-mutating-webhook-configuration" };
  const { cert } = await certificateAuthority({ commonName: "label-webhook", notBefore: Date.now(), notAfter: Date.now() + 3_600_000 });
  const configuration = await admin.client.get(Configuration, name);
  const webhooks = (configuration?.["webhooks"] as { name: string }[]).map((webhook) => ({
    name: webhook.name,
    clientConfig: { caBundle: Buffer.from(cert).toString("base64") },
  }));
  await admin.client.withFieldManager("label-webhook").patch(Configuration, name, "strategic", { webhooks });
  const bundles = async () =>
    ((await admin.client.get(Configuration, name))?.["webhooks"] as typeof webhooks).map(({ clientConfig }) => clientConfig.caBundle);
  const written = await bundles();
  expect(written).toEqual(webhooks.map(({ clientConfig }) => clientConfig.caBundle));

  expect((await deploy()).out).toContain("Nothing to do");
  expect(await bundles()).toEqual(written);

  // Its webhooks are down, and do not keep it from being taken away.
  expect(await scaffold(label, ["undeploy", "--kubeconfig", plane.kubeconfig])).toMatchObject({ code: 0, err: "" });
  await eventually(async () => expect(await everything(admin.client)).toEqual(before), { timeout: 30_000 });
}, 120_000);

test.each(["label-webhook", "memcached-operator", "sidecar-injector"])("every binding of %s is for the account that it runs as", (name) => {
  const text = execFileSync(kubectl, ["kustomize", join(EXAMPLE, "..", name, "config/default")], { encoding: "utf8" });
  const objects = parseAllDocuments(text).map((document) => document.toJS() as UnstructuredObject & { subjects?: object[] });
  const account = objects.find(({ kind }) => kind === "ServiceAccount")?.metadata;
  const subject = { kind: "ServiceAccount", name: account?.name, namespace: account?.namespace };
  const bindings = objects.filter(({ subjects }) => subjects !== undefined);
  expect(bindings.length).toBeGreaterThan(2);
  for (const { subjects } of bindings) expect(subjects).toEqual([subject]);
});
