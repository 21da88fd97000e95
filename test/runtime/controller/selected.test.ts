import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { connect, type Connection } from "../../../runtime/client/index.ts";
import { Channel, done, type ForSettings } from "../../../runtime/controller/index.ts";
import { unstructured, type ObjectKey, type UnstructuredObject } from "../../../runtime/object/index.ts";
import { Manager } from "../../../runtime/manager/index.ts";
import { EmbeddedCluster } from "../../../runtime/testing/index.ts";
import { eventually } from "../../../runtime/testing/eventually.ts";
import { recorder } from "../recorder.ts";

const ConfigMap = unstructured({ apiVersion: "v1", kind: "ConfigMap" });
const Namespace = unstructured({ apiVersion: "v1", kind: "Namespace" });
let cluster: EmbeddedCluster;
let admin: Connection;

beforeAll(async () => {
  cluster = await EmbeddedCluster.start();
  admin = await connect({ kubeconfig: cluster.kubeconfig });
  await admin.client.create({ ...Namespace, metadata: { name: "elsewhere" } });
});
afterAll(async () => {
  admin.close();
  await cluster.stop();
});

const create = (name: string, shard: string, namespace = "default") =>
  admin.client.create({ ...ConfigMap, metadata: { namespace, name, labels: { shard } } });

/** An operator whose controller is for these objects, of which it notes the names, and which takes keys from a channel. */
async function operatorFor(settings: ForSettings) {
  const seen: string[] = [];
  const asked = new Channel<ObjectKey>();
  const manager = await Manager.create({ kubeconfig: cluster.kubeconfig, log: recorder().log });
  const reconcile = ({ metadata }: UnstructuredObject) => {
    seen.push(`${metadata.name ?? ""} ${metadata.labels?.["shard"] ?? ""}`);
    return Promise.resolve(done());
  };
  manager
    .controller(ConfigMap, { name: "test", ...settings })
    .on(asked)
    .reconcileWith({ reconcile });
  await manager.start();
  return { seen, asked, [Symbol.asyncDispose]: () => manager.stop() };
}

test("a controller for the objects of a label reconciles no others, whoever asks for them, and none that leaves or before it comes", async () => {
  await create("one", "1");
  await create("two", "2");
  await using operator = await operatorFor({ labelSelector: "shard=1" });
  await eventually(() => expect(operator.seen).toEqual(["one 1"]));
  operator.asked.push({ namespace: "default", name: "two" });
  const relabel = (name: string, shard: string) =>
    admin.client.patch(ConfigMap, { namespace: "default", name }, "merge", { metadata: { labels: { shard } } });
  await relabel("one", "2");
  await relabel("two", "1");
  await eventually(() => expect(operator.seen).toEqual(["one 1", "two 1"]));
  await relabel("one", "1");
  await eventually(() => expect(operator.seen).toEqual(["one 1", "two 1", "one 1"]));
});

test("a controller for some namespaces reconciles nothing elsewhere", async () => {
  await create("here", "9", "elsewhere");
  await create("there", "9");
  await using operator = await operatorFor({ namespaces: ["elsewhere"], labelSelector: "shard=9" });
  for (const [namespace, name] of [["default", "there"], ["elsewhere", "here"]] as const) operator.asked.push({ namespace, name }); // prettier-ignore
  await eventually(() => expect(operator.seen.length).toBeGreaterThan(0));
  expect(new Set(operator.seen)).toEqual(new Set(["here 9"]));
});
