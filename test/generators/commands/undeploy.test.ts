import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { connect, done, Manager, silentLogger, unstructured, type Connection, type UnstructuredObject } from "@kubescaffold/runtime";
import { EmbeddedCluster, eventually, Workloads } from "@kubescaffold/runtime/testing";
import { temporaryFolder } from "../temporary.ts";
import { crdName, deafWebhook, operatorManifests, yaml, type OperatorManifests } from "./operator-manifests.ts";
import { scaffold } from "./terminal.ts";

jest.setTimeout(30_000);

const Ship = unstructured({ apiVersion: "fleet.example.com/v1", kind: "Ship" });
const Definition = unstructured({ apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" });
const kinds = [
  ["v1", "Namespace"],
  ["v1", "ServiceAccount"],
  ["v1", "Pod"],
  ["apps/v1", "Deployment"],
  ["apps/v1", "ReplicaSet"],
  ["rbac.authorization.k8s.io/v1", "ClusterRole"],
  ["apiextensions.k8s.io/v1", "CustomResourceDefinition"],
  ["admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration"],
].map(([apiVersion = "", kind = ""]) => unstructured({ apiVersion, kind }));
const folder = temporaryFolder();
const good = { image: "example.com/ship:1" };

let cluster: EmbeddedCluster;
let workloads: Workloads;
let connection: Connection;
let before: string[];
let operator: Manager | undefined;

beforeAll(async () => {
  cluster = await EmbeddedCluster.start();
  workloads = await Workloads.start({ kubeconfig: cluster.kubeconfig, log: silentLogger });
  connection = await connect({ kubeconfig: cluster.kubeconfig });
  before = await everything();
});

afterAll(async () => {
  connection.close();
  await workloads.stop();
  await cluster.stop();
  folder[Symbol.dispose]();
});

/** All objects of the cluster, of the kinds that play a part. */
async function everything(): Promise<string[]> {
  const found: UnstructuredObject[] = [];
  for (const kind of kinds) found.push(...(await connection.client.list(kind)));
  return found.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ""}/${metadata.name ?? ""}`).sort();
}

/** A test that leaves something behind would show in the next one. */
afterEach(async () => {
  await operator?.stop();
  operator = undefined;
  await run("undeploy", { ...good, more: [deafWebhook([])] }, ["--remove-finalizers"]);
  await eventually(async () => expect(await everything()).toEqual(before));
});

async function run(command: string, manifests: OperatorManifests, more: readonly string[] = [], answers?: readonly string[]) {
  writeFileSync(join(folder.path, "operator.yaml"), yaml(operatorManifests(manifests)));
  return scaffold(folder.path, [command, "--from", "operator.yaml", "--kubeconfig", cluster.kubeconfig, ...more], answers);
}

function deleted(out: string): string[] {
  return [...out.matchAll(/^ {2}delete {2}(.*)$/gm)].map(([, what = ""]) => what);
}

async function createShip(name: string, ...finalizers: string[]): Promise<void> {
  await connection.client.create({ ...Ship, metadata: { name, namespace: "default", finalizers } });
}

/** What the pods of the operator would do, if they had containers: it keeps a finalizer, and cleans up. */
async function startOperator(finalize: () => Promise<void>): Promise<void> {
  operator = await Manager.create({ kubeconfig: cluster.kubeconfig, log: silentLogger, webhook: { port: 0 } });
  operator.controller(Ship).reconcileWith({ reconcile: () => Promise.resolve(done()), finalize });
  await operator.start();
}

async function finalizersOf(name: string): Promise<string[]> {
  return (await connection.client.get(Ship, { name, namespace: "default" }))?.metadata.finalizers ?? [];
}

describe("scaffold undeploy", () => {
  test("lets the operator clean up its custom resources first, and leaves nothing behind", async () => {
    await run("deploy", { ...good, more: [deafWebhook([])] });
    const seen: string[][] = [];
    const finalize = async (): Promise<void> => void seen.push(await everything());
    await startOperator(finalize);
    await createShip("a");
    await createShip("b");
    await eventually(async () =>
      expect([await finalizersOf("a"), await finalizersOf("b")]).toEqual([[expect.any(String)], [expect.any(String)]]),
    );
    const deployed = await everything();

    const { code, out, err } = await run("undeploy", { ...good, more: [deafWebhook([])] });
    expect([code, err]).toEqual([0, ""]);
    // While it cleaned up, all was there that it may need.
    expect(seen).toEqual([deployed, deployed]);
    expect(out).toContain(`Custom resources on the cluster, which go with their CRDs: 2 ${crdName}`);
    expect(deleted(out)).toEqual([
      "ship default/a",
      "ship default/b",
      "validatingwebhookconfiguration ship-operator",
      "deployment ship-system/ship-operator",
      "clusterrole ship-operator",
      "serviceaccount ship-system/ship-operator",
      `customresourcedefinition ${crdName}`,
      "namespace ship-system",
    ]);
    expect(out).toMatch(/\nEverything is gone\.$/);
    await eventually(async () => expect(await everything()).toEqual(before));
  });

  test("does nothing where there is nothing", async () => {
    const { code, out } = await run("undeploy", good);
    expect([code, out.split("\n").slice(1)]).toEqual([0, ["Nothing to do: nothing of it is on the cluster."]]);
  });

  test("deletes nothing when nobody would take the finalizers off; --remove-finalizers does that itself", async () => {
    await run("deploy", { image: "never-ready" }, ["--timeout", "1s"]);
    await createShip("anchored", "example.com/anchor");
    const ships = [{ apiGroups: ["fleet.example.com"], apiVersions: ["*"], resources: ["*"], operations: ["*"] }];
    await connection.client.create(deafWebhook(ships)); // which would refuse the removal
    const deployed = await everything();
    expect(await run("undeploy", good)).toMatchObject({
      code: 1,
      err: "The operator does not run, so nobody takes the finalizers off ship default/anchored: deploy one that runs, or pass --remove-finalizers to let them go without cleaning up. Nothing was deleted.",
    });
    expect(await everything()).toEqual(deployed);
    expect(await finalizersOf("anchored")).toEqual(["example.com/anchor"]);

    const { code, out } = await run("undeploy", { ...good, more: [deafWebhook(ships)] }, ["--remove-finalizers"]);
    expect(code).toBe(0);
    expect(deleted(out).slice(0, 3)).toEqual([
      "validatingwebhookconfiguration ship-operator",
      "deployment ship-system/ship-operator",
      "ship default/anchored",
    ]);
  });

  test("lets go what is stored in a version that only the operator could convert, when nobody has to clean up", async () => {
    await run("deploy", good);
    await createShip("old", "example.com/anchor");
    // The next version of the operator stores v2, converts, and is gone.
    const [v1] = ((await connection.client.get(Definition, { name: crdName }))?.["spec"] as { versions: object[] }).versions;
    const versions = [
      { ...v1, storage: false },
      { ...v1, name: "v2" },
    ];
    const webhook = { clientConfig: { url: "https://127.0.0.1:1/convert" }, conversionReviewVersions: ["v1"] };
    await connection.client.patch(Definition, { name: crdName }, "merge", {
      spec: { versions, conversion: { strategy: "Webhook", webhook } },
    });
    await eventually(() =>
      expect(connection.client.list(unstructured({ ...Ship, apiVersion: "fleet.example.com/v2" }))).rejects.toThrow("failed"),
    );

    for (const command of ["undeploy", "uninstall"]) {
      expect(await run(command, good)).toMatchObject({
        code: 1,
        err: `The operator does not answer, so the cluster cannot read the ${crdName} that are stored in an older version: deploy one that runs, or pass --remove-finalizers to let them go without cleaning up. Nothing was deleted.`,
      });
    }
    const { code, out } = await run("undeploy", good, ["--remove-finalizers"]);
    expect(code).toBe(0);
    expect(out).toContain(`Custom resources on the cluster, which go with their CRDs: an unknown number of ${crdName}`);
    expect(deleted(out)).toContain("ship default/old");
  });

  test("says in time which finalizer keeps what, and goes on when it is run again", async () => {
    await run("deploy", good);
    await createShip("anchored", "example.com/anchor");
    await createShip("free");
    const { code, out, err } = await run("undeploy", good, ["--timeout", "1s"]);
    expect([code, err]).toEqual([
      1,
      "After 1 s there is still ship default/anchored (kept by the finalizer example.com/anchor). Mend what keeps it and run this again, or pass --remove-finalizers to let it go without cleaning up.",
    ]);
    expect(out).toContain("  wait    ship default/anchored (kept by the finalizer example.com/anchor)");
    await connection.client.patch(Ship, { name: "anchored", namespace: "default" }, "merge", { metadata: { finalizers: null } });
    expect(await run("undeploy", good)).toMatchObject({ code: 0, err: "" });
  });

  test("asks on a terminal before custom resources go, unless --yes says so", async () => {
    await run("deploy", good);
    await createShip("free");
    const deployed = await everything();
    const asked = await run("undeploy", good, [], ["n"]);
    expect(asked).toMatchObject({ code: 1, questions: ["Delete them? (y/n) [n]"], err: "Nothing was deleted." });
    expect(await everything()).toEqual(deployed);
    expect(await run("undeploy", good, ["--yes"], [])).toMatchObject({ code: 0, questions: [] });
  });

  test("with no custom resource there is nothing to ask", async () => {
    await run("deploy", good);
    expect(await run("undeploy", good, [], [])).toMatchObject({ code: 0, questions: [] });
  });
});
