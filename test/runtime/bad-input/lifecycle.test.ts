import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { hasStatusCause, isForbidden, type Client } from "../../../runtime/client/index.ts";
import { done, type Reconciler } from "../../../runtime/controller/index.ts";
import type { UnstructuredObject } from "../../../runtime/object/index.ts";
import { eventually, type TestCluster } from "../../../runtime/testing/index.ts";
import { ConfigMap, Definition, Frigate, frigateCluster, FRIGATES, Namespace } from "./frigates.ts";
import { startOperator } from "./operator.ts";

let cluster: TestCluster;
let client: Client;
beforeAll(async () => {
  cluster = await frigateCluster();
  client = cluster.client;
});
afterAll(() => cluster.stop());

const newNamespace = (name: string) => client.create({ ...Namespace, metadata: { name } });

test("a kind that is removed and installed again is reconciled again, and in between the log is quiet", async () => {
  await newNamespace("port");
  const seen: string[] = [];
  const reconciler: Reconciler<UnstructuredObject> = {
    reconcile(object) {
      seen.push(object.metadata.name ?? "");
      return Promise.resolve(done());
    },
  };
  await using operator = await startOperator(cluster, "port", (manager) =>
    manager.controller(Frigate, { name: "test" }).reconcileWith(reconciler),
  );
  const launch = (name: string) => eventually(() => client.create({ ...Frigate, metadata: { namespace: "port", name }, spec: {} }));
  await launch("before");
  await eventually(() => expect(seen).toContain("before"));

  // For a moment, while a definition changes, kube-apiserver may say this of any request for its kind.
  const complaints = () => operator.complaints().filter(({ error }) => !/storage is \(re\)initializing/.test(String(error)));
  const definition = { name: FRIGATES.metadata.name };
  await client.delete(Definition, definition);
  await eventually(async () => expect(await client.get(Definition, definition)).toBeUndefined());
  await eventually(() => expect(complaints()).not.toEqual([]), { timeout: 30_000 });
  const [told] = complaints();
  expect(told).toMatchObject({
    level: "warn",
    msg: "the kind is not served any more; it is watched again once it is",
    kind: "ships.example.com/v1 Frigate",
  });
  expect(told?.error).toMatch(/404|could not find the requested resource/);

  await client.create(FRIGATES);
  await launch("after");
  await eventually(() => expect(seen).toContain("after"), { timeout: 60_000 });
  expect(complaints()).toHaveLength(1);
}, 120_000);

test("what cannot be created any more since its namespace is being deleted is told by its reason, less and less often", async () => {
  await newNamespace("home");
  await newNamespace("ending");
  // Somebody's finalizer holds the namespace.
  await client.create({ ...ConfigMap, metadata: { namespace: "ending", name: "held", finalizers: ["example.com/held"] } });
  await client.delete(Namespace, { name: "ending" });
  const errors: unknown[] = [];
  const reconciler: Reconciler<UnstructuredObject> = {
    async reconcile(_object, context) {
      try {
        await context.client.apply({ ...ConfigMap, metadata: { namespace: "ending", name: "child" }, data: {} });
      } catch (error) {
        errors.push(error);
        throw error;
      }
      return done();
    },
  };
  await using operator = await startOperator(cluster, "home", (manager) =>
    manager.controller(Frigate, { name: "test" }).reconcileWith(reconciler),
  );
  await eventually(() => client.create({ ...Frigate, metadata: { namespace: "home", name: "a" }, spec: {} }));
  await eventually(() => expect(errors.length).toBeGreaterThanOrEqual(6));
  const told = operator.complaints().slice(0, 6);
  expect(told.map(({ retryInMs }) => retryInMs)).toEqual([5, 10, 20, 40, 80, 160]);
  for (const { level, msg, error } of told) {
    expect([level, msg]).toEqual(["error", "Reconciler error"]);
    expect(error).toBe(
      'PATCH /api/v1/namespaces/ending/configmaps/child: configmaps "child" is forbidden: unable to create new content in namespace ending because it is being terminated',
    );
  }
  expect(errors.every((error) => isForbidden(error) && hasStatusCause(error, "NamespaceTerminating"))).toBe(true);
  expect(hasStatusCause(errors[0], "FieldValueInvalid")).toBe(false);
});
