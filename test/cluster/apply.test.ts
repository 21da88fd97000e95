import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { ApplyMemory } from "../../runtime/client/apply-memory.ts";
import { connect, type ApiClient, type Connection } from "../../runtime/client/index.ts";
import { keyOf } from "../../runtime/object/index.ts";
import { ControlPlane } from "../../runtime/testing/controlplane/index.ts";
import { NAMESPACE, SAMPLES, type Sample } from "./applied-samples.ts";

let cluster: ControlPlane;
let admin: Connection;
let client: ApiClient;

beforeAll(async () => {
  cluster = await ControlPlane.start({ audit: "Metadata" });
  admin = await connect({ kubeconfig: cluster.kubeconfig, userAgent: "the-test" });
  client = clientAfterRestart();
  await client.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } });
}, 600_000);
afterAll(async () => {
  admin.close();
  await cluster.stop();
});

/** A client that remembers nothing and knows every object as the server has it now, as after a restart. */
function clientAfterRestart(): ApiClient {
  return admin.client.withFieldManager("test").readingThrough(
    {
      get: async ({ apiVersion, kind }, key) => ({ object: await admin.client.get({ apiVersion, kind }, key) }),
      list: () => Promise.resolve(undefined),
      wrote: () => undefined,
      removed: () => undefined,
    },
    new ApplyMemory(),
  );
}

const applies = async () => (await cluster.auditEvents()).filter(({ verb }) => verb === "patch").length;

describe("after a restart nothing is sent for", () => {
  test.each(Object.entries(SAMPLES))("%s", async (_name, sample) => {
    await client.apply(sample);
    const before = await applies();
    await clientAfterRestart().apply(sample);
    expect(await applies()).toBe(before);
  });
});

describe("what is dropped from an apply is really removed:", () => {
  const secret = (stringData: Record<string, string>): Sample => ({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "dropped", namespace: NAMESPACE },
    stringData,
  });

  test("a key of stringData", async () => {
    await client.apply(secret({ a: "1", b: "2" }));
    expect(await clientAfterRestart().apply(secret({ a: "1" }))).toMatchObject({ data: { a: "MQ==" } });
    expect(await admin.client.get({ apiVersion: "v1", kind: "Secret" }, keyOf(secret({})))).toHaveProperty("data", { a: "MQ==" });
  });

  test("a field inside a value that is owned as a whole", async () => {
    const policy = (port: object): Sample => ({
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name: "dropped", namespace: NAMESPACE },
      spec: { podSelector: {}, ingress: [{ ports: [port] }] },
    });
    await client.apply(policy({ protocol: "UDP", port: 80, endPort: 90 }));
    expect(await clientAfterRestart().apply(policy({ port: 80 }))).toMatchObject({
      spec: { ingress: [{ ports: [{ protocol: "TCP", port: 80 }] }] },
    });
  });
});

test("a creation by POST cannot say what was applied: the server takes the record of fields for an update's", async () => {
  // Why apply does not create by POST, though it costs the server less: an update's fields are not removed when a later apply leaves them out.
  const fieldsV1 = { "f:data": { "f:a": {} } };
  const entry = { manager: "test", operation: "Apply", apiVersion: "v1", fieldsType: "FieldsV1", fieldsV1 };
  const metadata = { name: "posted", namespace: NAMESPACE, managedFields: [entry] };
  const path = `/api/v1/namespaces/${NAMESPACE}/configmaps?fieldManager=test`;
  const answer = await admin.transport.json({
    method: "POST",
    path,
    body: { apiVersion: "v1", kind: "ConfigMap", metadata, data: { a: "1" } },
  });
  expect(answer).toMatchObject({ metadata: { managedFields: [{ manager: "test", operation: "Update" }] } });
});
