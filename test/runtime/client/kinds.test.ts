import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { NoKindMatchError, type Client } from "../../../runtime/client/index.ts";
import { unstructured } from "../../../runtime/object/index.ts";
import { eventually, startTestCluster, type TestCluster } from "../../../runtime/testing/index.ts";

const Frigate = unstructured({ apiVersion: "kinds.example.com/v1", kind: "Frigate" });
const Definition = unstructured({ apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" });

let cluster: TestCluster;
let client: Client;
beforeAll(async () => {
  cluster = await startTestCluster();
  client = cluster.client;
});
afterAll(() => cluster.stop());

const definition = (plural: string, scope: "Cluster" | "Namespaced") => ({
  ...Definition,
  metadata: { name: `${plural}.kinds.example.com` },
  spec: {
    group: "kinds.example.com",
    scope,
    names: { plural, kind: "Frigate" },
    versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object" } } }],
  },
});

const install = (plural: string, scope: "Cluster" | "Namespaced") => client.create(definition(plural, scope));
const remove = async (plural: string) => {
  await client.delete(Definition, { name: `${plural}.kinds.example.com` });
  await eventually(async () => expect(await client.get(Definition, { name: `${plural}.kinds.example.com` })).toBeUndefined());
};

/** Creates a frigate as soon as its kind is served, which is a moment after its definition is there. */
const launch = (metadata: object) => eventually(() => client.create({ ...Frigate, metadata }));

test("a kind that comes, goes, and comes again with another plural and scope is known as it is, without a restart", async () => {
  await expect(client.get(Frigate, { name: "a" })).rejects.toBeInstanceOf(NoKindMatchError);

  await install("frigates", "Namespaced");
  await launch({ namespace: "default", name: "a" });
  expect(await client.get(Frigate, { namespace: "default", name: "a" })).toBeDefined();

  await remove("frigates");
  // Absent is what the server says of an object of a kind that it serves; here it says nothing of objects any more.
  await eventually(() => expect(client.get(Frigate, { namespace: "default", name: "a" })).rejects.toBeInstanceOf(NoKindMatchError));

  await install("warships", "Cluster");
  await launch({ name: "b" });
  expect(await client.get(Frigate, { name: "b" })).toMatchObject({ metadata: { name: "b" } });
  expect(await client.list(Frigate)).toHaveLength(1);
});
