import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { connect, unstructured, type Client, type Connection } from "@kubescaffold/runtime";
import { EmbeddedCluster, eventually } from "@kubescaffold/runtime/testing";
import { AggregatedServer } from "./aggregated-server.ts";
import { DrivenClock } from "../../driven-clock.ts";

/** That it is so on a real server too is shown in test/cluster/aggregation-fidelity.test.ts. */
const APIService = unstructured({ apiVersion: "apiregistration.k8s.io/v1", kind: "APIService" });
const Service = unstructured({ apiVersion: "v1", kind: "Service" });
const EndpointSlice = unstructured({ apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice" });
const Ware = unstructured({ apiVersion: "shop.example.com/v1", kind: "Ware" });
const Shelf = unstructured({ apiVersion: "shop.example.com/v1", kind: "Shelf" });
const name = "v1.shop.example.com";

let server: AggregatedServer;
let clock: DrivenClock;
let cluster: EmbeddedCluster;
let connection: Connection;
let client: Client;

beforeEach(async () => {
  server = await AggregatedServer.start("default", "shop.example.com");
  clock = new DrivenClock();
  const serviceResolver = ({ name, port }: { name: string; port: number }) =>
    name === "wares" && port === 443 ? `127.0.0.1:${server.port}` : undefined;
  cluster = await EmbeddedCluster.start({ clock, serviceResolver });
  connection = await connect({ kubeconfig: cluster.kubeconfig });
  ({ client } = connection);
});
afterEach(async () => {
  connection.close();
  await cluster.stop();
  await server.stop();
});

async function register(): Promise<void> {
  const metadata = { name: "wares", namespace: "default" };
  await client.create({ ...Service, metadata, spec: { ports: [{ name: "https", port: 443 }] } });
  await client.create({
    ...EndpointSlice,
    metadata: { name: "wares-1", namespace: "default", labels: { "kubernetes.io/service-name": "wares" } },
    addressType: "IPv4",
    ports: [{ name: "https", port: 8443 }],
    endpoints: [{ addresses: ["192.0.2.1"], conditions: { ready: true } }],
  });
  const service = { name: "wares", namespace: "default" };
  const spec = {
    group: "shop.example.com",
    version: "v1",
    groupPriorityMinimum: 1000,
    versionPriority: 1,
    service,
    caBundle: server.caBundle,
  };
  await client.create({ ...APIService, metadata: { name }, spec });
}

async function condition(): Promise<unknown> {
  const { status } = (await client.get(APIService, { name })) as unknown as { status?: { conditions: { reason: string }[] } };
  return status?.conditions[0]?.reason;
}

test("a client finds the kinds of another server and reads and writes them there", async () => {
  await register();
  await eventually(async () => expect(await client.list(Ware, { namespace: "default" })).toHaveLength(1));
  expect(await client.get(Ware, { name: "tea", namespace: "default" })).toMatchObject({ metadata: { name: "tea" } });
  expect(await client.get(Ware, { name: "salt", namespace: "default" })).toBeUndefined();
  expect(await client.create({ ...Ware, metadata: { name: "new", namespace: "default" } })).toMatchObject({ metadata: { name: "new" } });
  const types: string[] = [];
  for await (const { type } of client.watch(Ware, { namespace: "default" })) types.push(type);
  expect(types).toEqual(["ADDED", "MODIFIED"]);
  expect(server.asked.at(-1)?.headers).toMatchObject({ "x-remote-user": "kubernetes-admin" });
  expect(await condition()).toBe("Passed");
});

test("one that falls silent becomes unavailable, and available again when it is back", async () => {
  await register();
  await eventually(async () => expect(await condition()).toBe("Passed"));
  await eventually(() => expect(clock.pending).toContain(30_000));
  await server.stop();
  await clock.advance(30_000);
  await eventually(async () => expect(await condition()).toBe("FailedDiscoveryCheck"));
  await expect(client.list(Ware, { namespace: "default" })).rejects.toThrow(/service unavailable/);

  server = await AggregatedServer.start("default", "shop.example.com");
  await client.patch(APIService, { name }, "merge", { spec: { caBundle: server.caBundle } });
  await eventually(async () => expect(await client.list(Ware, { namespace: "default" })).toHaveLength(1));
});

test("its failures are looked at again sooner than its successes, and later each time", async () => {
  await server.stop();
  await register();
  for (const wait of [5000, 10_000, 20_000, 30_000, 30_000]) {
    await eventually(() => expect(clock.pending).toContain(wait));
    await clock.advance(wait);
  }
});

test("what follows an APIService ends with it, and with the cluster", async () => {
  await register();
  await eventually(async () => expect(await condition()).toBe("Passed"));
  await eventually(() => expect(clock.pending).toContain(30_000));
  await client.delete(APIService, { name });
  expect(clock.pending).not.toContain(30_000);
  await expect(client.list(Shelf)).rejects.toMatchObject({ code: "no-kind-match" });
});
