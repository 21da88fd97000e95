/** What runs the operator fails: a container runtime, the API server, etcd, the kubelet. It needs nobody to get well again. */
import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { onNode } from "../kind/node.ts";
import { openSuite } from "../kind/suite.ts";
import {
  available,
  buildProject,
  conditionOf,
  Memcached,
  memcached,
  operator,
  operatorPods,
  soon,
  type Project,
} from "../memcached/operator.ts";

const { client, cluster, kubectl, namespace } = await openSuite("machine-faults");
const key = { namespace, name: "sample" };
let project: Project;
let size = 1;

beforeAll(async () => {
  project = await buildProject(cluster);
  await project.run("deploy");
  await client.create(memcached(namespace, key.name, size));
}, 300_000);

beforeEach(async () => {
  await available(client, key, size);
}, 90_000);

afterAll(async () => {
  await project[Symbol.asyncDispose]();
}, 60_000);

/** Asks for another size, which no operator can have brought about before. */
async function scale(): Promise<number> {
  size = size === 1 ? 2 : 1;
  await soon(() => client.patch(Memcached, key, "merge", { spec: { size } }));
  return size;
}

/** What the operator has said since it started, and before it did so again. */
async function logs(): Promise<string> {
  const [pod] = await operatorPods(client);
  const of = ["logs", "--namespace", operator.namespace, pod?.metadata?.name ?? ""];
  return (await kubectl([...of, "--previous"]).catch(() => "")) + (await kubectl(of));
}

test("the node's container runtime is restarted", async () => {
  await onNode(cluster, "systemctl restart containerd");
  await available(client, key, await scale());
});

test("the API server is killed: the log says that it was away, and everything goes on", async () => {
  await onNode(cluster, "pkill -KILL kube-apiserver");
  await soon(async () => expect(await logs()).toMatch(/"level":"(warn|error)".*(ECONNREFUSED|ECONNRESET|socket hang up)/));
  await available(client, key, await scale());
}, 180_000);

test("etcd stands still for 20 s: the log says that the lease could not be renewed, and everything goes on", async () => {
  await onNode(cluster, "pkill -STOP etcd; sleep 20; pkill -CONT etcd");
  await soon(async () => expect(await logs()).toMatch(/"level":"(warn|error)".*lease/));
  await available(client, key, await scale(), 120);
}, 240_000);

test("no kubelet: the status says how many pods are ready, and the rest come with the kubelet", async () => {
  await onNode(cluster, "systemctl stop kubelet");
  try {
    size = 1;
    await client.patch(Memcached, key, "merge", { spec: { size: 3 } });
    await soon(async () => {
      const condition = await conditionOf(client, key, "Available");
      expect(condition).toMatchObject({
        status: "False",
        reason: "PodsNotReady",
        message: expect.stringMatching(/^\d of 3 pods are ready\.$/),
      });
    });
  } finally {
    await onNode(cluster, "systemctl start kubelet");
  }
  size = 3;
  await available(client, key, size);
  await client.patch(Memcached, key, "merge", { spec: { size: (size = 1) } });
});
