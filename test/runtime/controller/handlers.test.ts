import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { done, enqueueByAnnotation, enqueueByLabel } from "../../../runtime/controller/index.ts";
import { Manager } from "../../../runtime/manager/index.ts";
import {
  controllerReference,
  keyOf,
  keyString,
  ownerReference,
  unstructured,
  type UnstructuredObject,
} from "../../../runtime/object/index.ts";
import { startTestCluster, type TestCluster } from "../../../runtime/testing/cluster.ts";
import { eventually } from "../../../runtime/testing/eventually.ts";
import { recorder } from "../recorder.ts";

const ConfigMap = unstructured({ apiVersion: "v1", kind: "ConfigMap" });
const Secret = unstructured({ apiVersion: "v1", kind: "Secret" });
const namespace = "default";

describe("the object that an annotation names", () => {
  const map = enqueueByAnnotation("example.com/owner");
  const named = (value: string | undefined, metadata: object = { namespace }) => [
    ...map({ metadata: { ...metadata, ...(value !== undefined && { annotations: { "example.com/owner": value } }) } }),
  ];

  test("is in the same namespace, or in the one that it names", () => {
    expect(named("a")).toEqual([{ namespace, name: "a" }]);
    expect(named("other/a")).toEqual([{ namespace: "other", name: "a" }]);
    expect(named("other/a", {})).toEqual([{ namespace: "other", name: "a" }]);
    expect(named("a", {})).toEqual([{ name: "a" }]);
  });

  test.each([undefined, "", "/", "/a", "a/", "a/b/c"])("is none for %p", (value) => {
    expect(named(value)).toEqual([]);
  });
});

describe("of an object", () => {
  let cluster: TestCluster;
  let managers: Manager[];
  let runs: string[];
  const owners = new Map<string, UnstructuredObject>();

  beforeAll(async () => {
    cluster = await startTestCluster();
    for (const name of ["first", "second", "third"]) {
      owners.set(name, await cluster.client.create({ ...ConfigMap, metadata: { namespace, name } }));
    }
    managers = [];
    runs = [];
    const manager = async (name: string, anyOwner: boolean) => {
      const each = await Manager.create({ kubeconfig: cluster.kubeconfig, log: recorder().log, namespaces: [namespace] });
      const reconcile = (object: UnstructuredObject) => (runs.push(`${name} ${keyString(keyOf(object))}`), Promise.resolve(done()));
      each.controller(ConfigMap, { name }).owns(Secret, { anyOwner }).watches(Secret, enqueueByLabel("example.com/owner")).reconcileWith({ reconcile }); // prettier-ignore
      await each.start();
      managers.push(each);
    };
    await manager("strict", false);
    await manager("any", true);
    await eventually(() => expect(runs.filter((run) => /first|second|third/.test(run))).toHaveLength(6));
  });
  afterAll(async () => {
    for (const manager of managers) await manager.stop();
    await cluster.stop();
  });
  beforeEach(() => void (runs.length = 0));

  const owner = (name: string) => owners.get(name) ?? { ...ConfigMap, metadata: {} };

  test("the controller is reconciled, or every owner where that is asked for; when it changes, the one before too", async () => {
    const references = [controllerReference(owner("first")), ownerReference(owner("second"))];
    const metadata = { namespace, name: "owned", ownerReferences: references };
    await cluster.client.create({ ...Secret, metadata });
    await eventually(() => expect(runs.toSorted()).toEqual(["any default/first", "any default/second", "strict default/first"]));
    runs.length = 0;
    await cluster.client.patch(Secret, { namespace, name: "owned" }, "merge", {
      metadata: { ownerReferences: [controllerReference(owner("third"))] },
    });
    await eventually(() =>
      expect(runs.toSorted()).toEqual([
        "any default/first", "any default/second", "any default/third", "strict default/first", "strict default/third",
      ]),
    ); // prettier-ignore
  });

  test("the one that a label names is reconciled, with the one before when that changes, and once more when it goes", async () => {
    const key = { namespace, name: "labelled" };
    const strict = () => runs.filter((run) => run.startsWith("strict")).toSorted();
    await cluster.client.create({ ...Secret, metadata: { ...key, labels: { "example.com/owner": "first" } } });
    await eventually(() => expect(strict()).toEqual(["strict default/first"]));
    runs.length = 0;
    await cluster.client.patch(Secret, key, "merge", { metadata: { labels: { "example.com/owner": "second" } } });
    await eventually(() => expect(strict()).toEqual(["strict default/first", "strict default/second"]));
    runs.length = 0;
    await cluster.client.delete(Secret, key);
    await eventually(() => expect(strict()).toEqual(["strict default/second"]));
  });
});
