import { expect, test } from "@jest/globals";
import { NoKindMatchError } from "../../../runtime/client/index.ts";
import { FakeServer } from "../fake-server.ts";

const kindOf = (apiVersion: string, kind: string) => ({ apiVersion, kind });
const Deployment = kindOf("apps/v1", "Deployment");
const Frigate = kindOf("fleet.ships.io/v1", "Frigate");

const resource = (plural: string, kind: string, scope = "Namespaced") => ({
  resource: plural,
  scope,
  responseKind: { group: "", version: "v1", kind },
});
const group = (name: string, ...resources: object[]) => ({ metadata: { name }, versions: [{ version: "v1", resources }] });

/** A server with the document of all groups, and what it was asked for. */
async function aggregated(...items: object[]) {
  const server = await FakeServer.start();
  const asked: string[] = [];
  server.on("GET /apis", (exchange) => {
    asked.push("/apis");
    exchange.answer({ kind: "APIGroupDiscoveryList", apiVersion: "apidiscovery.k8s.io/v2", items });
  });
  const resources: object[] = [];
  server.on("GET /apis/fleet.ships.io/v1", (exchange) => {
    asked.push("/apis/fleet.ships.io/v1");
    if (resources.length === 0) exchange.fail(404, "NotFound");
    else exchange.answer({ kind: "APIResourceList", resources });
  });
  return { server, asked, resources, ...server.parts(), [Symbol.asyncDispose]: () => server.stop() };
}

test("all groups are learnt from one document, however many kinds are asked for at once", async () => {
  const apps = group("apps", resource("deployments", "Deployment"), resource("daemonsets", "DaemonSet"));
  await using bench = await aggregated(apps, group("rbac.authorization.k8s.io", resource("clusterroles", "ClusterRole", "Cluster")));
  const [deployment, daemonSet, role] = await Promise.all([
    bench.mapper.mapping(Deployment),
    bench.mapper.mapping(kindOf("apps/v1", "DaemonSet")),
    bench.mapper.mapping(kindOf("rbac.authorization.k8s.io/v1", "ClusterRole")),
  ]);
  expect(deployment).toEqual({ apiVersion: "apps/v1", kind: "Deployment", resource: "deployments", namespaced: true });
  expect(daemonSet.resource).toBe("daemonsets");
  expect(role.namespaced).toBe(false);
  expect(bench.asked).toEqual(["/apis"]);
});

test("a kind that comes later is found by asking for its group alone, without a restart", async () => {
  await using bench = await aggregated(group("apps", resource("deployments", "Deployment")));
  await expect(bench.mapper.mapping(Frigate)).rejects.toBeInstanceOf(NoKindMatchError);
  bench.resources.push(
    { name: "frigates", kind: "Frigate", namespaced: true },
    { name: "frigates/status", kind: "Frigate", namespaced: true },
  );
  expect(await bench.mapper.mapping(Frigate)).toMatchObject({ resource: "frigates" });
  expect(bench.asked).toEqual(["/apis", "/apis/fleet.ships.io/v1", "/apis/fleet.ships.io/v1"]);
  expect(await bench.mapper.mapping(Frigate)).toMatchObject({ resource: "frigates" });
  expect(bench.asked).toHaveLength(3);
});

test("a server without that document is asked group by group", async () => {
  await using server = await FakeServer.start();
  const { mapper } = server.parts();
  expect(await mapper.mapping(kindOf("v1", "Namespace"))).toMatchObject({ resource: "namespaces", namespaced: false });
  expect(await mapper.mapping(kindOf("coordination.k8s.io/v1", "Lease"))).toMatchObject({ resource: "leases" });
});

test("a server that answers with another document than was asked for is asked group by group", async () => {
  await using bench = await aggregated();
  bench.server.on("GET /apis", (exchange) => exchange.answer({ kind: "APIGroupList", groups: [] }));
  expect(await bench.mapper.mapping(kindOf("coordination.k8s.io/v1", "Lease"))).toMatchObject({ resource: "leases" });
});
