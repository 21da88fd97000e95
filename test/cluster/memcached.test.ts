/** The memcached example as it is deployed: a process of its own, as its service account, with exactly the rules derived from its code. */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Deployment } from "kubernetes-models/apps/v1/Deployment";
import { connect, isForbidden, unstructured, type Connection, type UnstructuredObject } from "@kubescaffold/runtime";
import { ControlPlane, eventually, findBinaries, installCrds, kubeconfigFor, Workloads } from "@kubescaffold/runtime/testing";
import { parseAllDocuments } from "yaml";

const EXAMPLE = join(import.meta.dirname, "..", "..", "examples", "memcached-operator");
const NAMESPACE = "memcached-operator-system";
const SERVICE_ACCOUNT = "memcached-operator-controller-manager";
const Memcached = unstructured({ apiVersion: "cache.example.com/v1alpha1", kind: "Memcached" });
const Event = unstructured({ apiVersion: "events.k8s.io/v1", kind: "Event" });
const Lease = unstructured({ apiVersion: "coordination.k8s.io/v1", kind: "Lease" });
const key = { namespace: "default", name: "sample" };

let plane: ControlPlane;
let admin: Connection;
let workloads: Workloads;
let kubeconfig: string;
let operator: ChildProcess;
let output = "";

beforeAll(async () => {
  plane = await ControlPlane.start({ controllerManager: true });
  admin = await connect({ kubeconfig: plane.kubeconfig });
  workloads = await Workloads.start({ kubeconfig: plane.kubeconfig, controllers: "kubelet" });
  await deploy();
  kubeconfig = await kubeconfigFor({ kubeconfig: plane.kubeconfig, serviceAccount: SERVICE_ACCOUNT, namespace: NAMESPACE });
  const flags = ["--kubeconfig", kubeconfig, "--leader-elect", "--health-probe-bind-address", "0", "--webhook-port", "0"];
  operator = spawn(process.execPath, ["main.ts", ...flags], { cwd: EXAMPLE, stdio: ["ignore", "ignore", "pipe"] });
  operator.stderr?.setEncoding("utf8").on("data", (text: string) => (output += text));
  await eventually(() => expect(output).toContain("Starting Controller"), { timeout: 20_000 });
});

afterAll(async () => {
  operator.kill("SIGKILL");
  await workloads.stop();
  admin.close();
  await plane.stop();
});

test("its service account may do what the code does, and no more", async () => {
  using account = await connect({ kubeconfig });
  expect(await account.client.list(Deployment, { namespace: "default" })).toEqual([]);
  const refusal: unknown = await account.client.list(unstructured({ apiVersion: "v1", kind: "Secret" })).catch((error: unknown) => error);
  expect(isForbidden(refusal)).toBe(true);
});

test("it leads, and its lease says so", async () => {
  const lease = await admin.client.get(Lease, { namespace: NAMESPACE, name: "memcached-operator.example.com" });
  expect((lease?.["spec"] as { holderIdentity?: string }).holderIdentity).toBeTruthy();
});

test("a Memcached becomes Available with the pods of the real controllers", async () => {
  await admin.client.create({ ...Memcached, metadata: key, spec: { size: 2 } });
  await eventually(
    async () => {
      const { nodes, conditions } = statusOf(await admin.client.get(Memcached, key));
      expect(conditions).toContainEqual(expect.objectContaining({ type: "Available", status: "True", observedGeneration: 1 }));
      expect(nodes).toHaveLength(2);
    },
    { timeout: 30_000 },
  );
});

test("it tells in events what it did", async () => {
  await eventually(async () => {
    const events = await admin.client.list(Event, { namespace: "default" });
    const ours = events.filter((event) => event["reportingController"] === "memcached");
    expect(ours.map((event) => event["reason"])).toContain("Created");
  });
});

test("a deleted Memcached takes its Deployment with it, after its finalizer has run", async () => {
  await admin.client.delete(Memcached, key);
  await eventually(async () => {
    expect(await admin.client.get(Memcached, key)).toBeUndefined();
    expect(await admin.client.get(Deployment, key)).toBeUndefined();
  });
  expect(output).toContain("cleaned up");
});

test("nothing that it asked for was refused", () => {
  expect(output).not.toContain("forbidden");
});

test("on SIGTERM it ends with exit code 0 and releases its lease", async () => {
  const ended = once(operator, "exit");
  operator.kill("SIGTERM");
  expect(await ended).toEqual([0, null]);
  const lease = await admin.client.get(Lease, { namespace: NAMESPACE, name: "memcached-operator.example.com" });
  expect((lease?.["spec"] as { holderIdentity?: string }).holderIdentity ?? "").toBe("");
});

/** Everything of `config/default` but the Deployment, which has no image here: the process beside us stands for it. */
async function deploy(): Promise<void> {
  const { kubectl } = await findBinaries();
  const text = execFileSync(kubectl ?? "kubectl", ["kustomize", "config/default"], { cwd: EXAMPLE, encoding: "utf8" });
  const objects = parseAllDocuments(text).map((document) => document.toJS() as UnstructuredObject);
  await installCrds(admin.client, objects);
  for (const object of objects) {
    if (object.kind === "CustomResourceDefinition" || object.kind === "Deployment") continue;
    await admin.client.apply(object);
  }
}

function statusOf(memcached: UnstructuredObject | undefined) {
  return (memcached?.["status"] ?? {}) as {
    nodes?: string[];
    conditions?: { type: string; status: string; observedGeneration?: number }[];
  };
}
