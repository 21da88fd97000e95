import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { EmbeddedCluster } from "../../../../runtime/testing/embedded/index.ts";
import { arrayAt, objectAt, stringAt, type JsonObject } from "../../../../runtime/schema/index.ts";
import { ManualClock } from "./clock.ts";
import { configMap, CONFIGMAPS, sender, type Send } from "./requests.ts";

const RBAC = "/apis/rbac.authorization.k8s.io/v1";
const ACCOUNTS = "/api/v1/namespaces/default/serviceaccounts";
const apiGroup = "rbac.authorization.k8s.io";

let clock: ManualClock;
let cluster: EmbeddedCluster;
let send: Send;
beforeAll(async () => {
  clock = new ManualClock(Date.now());
  cluster = await EmbeddedCluster.start({ clock });
  send = sender(cluster.url);
  const rules = [{ apiGroups: [""], resources: ["configmaps"], verbs: ["get", "list"] }];
  await send("POST", `${RBAC}/namespaces/default/roles`, { body: { metadata: { name: "reader" }, rules } });
  const subjects = [
    { kind: "User", name: "jane", apiGroup },
    { kind: "ServiceAccount", name: "operator", namespace: "default" },
  ];
  const roleRef = { apiGroup, kind: "Role", name: "reader" };
  await send("POST", `${RBAC}/namespaces/default/rolebindings`, { body: { metadata: { name: "readers" }, roleRef, subjects } });
  await send("POST", ACCOUNTS, { body: { metadata: { name: "operator" } } });
});
afterAll(() => cluster.stop());

const as = (user: string) => ({ headers: { "impersonate-user": user } });

async function token(spec: JsonObject = {}): Promise<string> {
  return stringAt((await send("POST", `${ACCOUNTS}/operator/token`, { body: { spec } })).body, "status", "token") ?? "";
}

test("a role lets its subjects do what it says, where it says", async () => {
  expect((await send("GET", CONFIGMAPS, as("jane"))).code).toBe(200);
  expect((await send("GET", CONFIGMAPS, as("joe"))).code).toBe(403);
  expect((await send("GET", CONFIGMAPS.replace("default", "kube-system"), as("jane"))).code).toBe(403);
});

test.each([
  [
    "GET",
    "/api/v1/namespaces/default/pods",
    'pods is forbidden: User "jane" cannot list resource "pods" in API group "" in the namespace "default"',
  ],
  ["GET", "/api/v1/nodes", 'nodes is forbidden: User "jane" cannot list resource "nodes" in API group "" at the cluster scope'],
  [
    "PUT",
    "/apis/apps/v1/namespaces/default/deployments/x/scale",
    'deployments.apps "x" is forbidden: User "jane" cannot update resource "deployments/scale" in API group "apps" in the namespace "default"',
  ],
  ["GET", "/metrics", 'forbidden: User "jane" cannot get path "/metrics"'],
])("%s %s is forbidden with the server's words", async (method, path, message) => {
  const answer = await send(method, path, { ...as("jane"), ...(method === "PUT" ? { body: {} } : {}) });
  expect([answer.code, answer.body["message"]]).toEqual([403, message]);
});

test("everyone may discover what there is", async () => {
  for (const path of ["/api", "/apis", "/version", "/openapi/v3", "/healthz"]) expect((await send("GET", path, as("joe"))).code).toBe(200);
});

test("a service account's token identifies it", async () => {
  const headers = { authorization: `Bearer ${await token()}` };
  expect((await send("GET", CONFIGMAPS, { headers })).code).toBe(200);
  expect((await send("POST", CONFIGMAPS, { headers, body: configMap("x") })).body["message"]).toBe(
    'configmaps is forbidden: User "system:serviceaccount:default:operator" cannot create resource "configmaps" in API group "" in the namespace "default"',
  );
  const { body } = await send("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", { headers, body: {} });
  expect(arrayAt(body, "status", "userInfo", "groups")).toEqual([
    "system:serviceaccounts",
    "system:serviceaccounts:default",
    "system:authenticated",
  ]);
});

test("a token is good until it expires, for its audience, and as long as its account exists", async () => {
  const review = async (value: string) =>
    objectAt((await send("POST", "/apis/authentication.k8s.io/v1/tokenreviews", { body: { spec: { token: value } } })).body, "status")?.[
      "authenticated"
    ];
  const [short, long, other] = [
    await token({ expirationSeconds: 600 }),
    await token({ expirationSeconds: 7200 }),
    await token({ audiences: ["vault"] }),
  ];
  expect([await review(short), await review(long), await review(other), await review(`${short}x`)]).toEqual([
    true,
    true,
    undefined,
    undefined,
  ]);
  clock.advance(600_000);
  expect([await review(short), await review(long)]).toEqual([undefined, true]);
  await send("DELETE", `${ACCOUNTS}/operator`);
  await send("POST", ACCOUNTS, { body: { metadata: { name: "operator" } } });
  expect(await review(long)).toBeUndefined();
});

test("a token that is none is 401", async () => {
  expect((await send("GET", CONFIGMAPS, { headers: { authorization: "Bearer nonsense" } })).code).toBe(401);
});

test("access reviews answer for oneself and for others", async () => {
  const path = "/apis/authorization.k8s.io/v1";
  const resourceAttributes = { verb: "list", resource: "configmaps", namespace: "default" };
  const mine = await send("POST", `${path}/selfsubjectaccessreviews`, { ...as("jane"), body: { spec: { resourceAttributes } } });
  expect(objectAt(mine.body, "status")).toEqual({
    allowed: true,
    reason: 'RBAC: allowed by RoleBinding "readers/default" of Role "reader" to User "jane"',
  });
  const theirs = await send("POST", `${path}/subjectaccessreviews`, { body: { spec: { user: "joe", resourceAttributes } } });
  expect(objectAt(theirs.body, "status")).toEqual({ allowed: false });
});

test("nobody impersonates who may not", async () => {
  const headers = { authorization: `Bearer ${await token()}`, "impersonate-user": "system:admin" };
  expect((await send("GET", CONFIGMAPS, { headers })).body["message"]).toBe(
    'users "system:admin" is forbidden: User "system:serviceaccount:default:operator" cannot impersonate resource "users" in API group "" at the cluster scope',
  );
});

test("a role for aggregation adds its rules to the aggregated ones", async () => {
  const body = (name: string, resource: string): JsonObject => ({
    metadata: { name, labels: { "rbac.authorization.k8s.io/aggregate-to-view": "true" } },
    rules: [{ apiGroups: ["example.com"], resources: [resource], verbs: ["get"] }],
  });
  await send("POST", `${RBAC}/clusterroles`, { body: body("view-widgets", "widgets") });
  const has = async () => JSON.stringify((await send("GET", `${RBAC}/clusterroles/edit`)).body["rules"]).includes('"widgets"');
  expect(await has()).toBe(true);
  await send("DELETE", `${RBAC}/clusterroles/view-widgets`);
  expect(await has()).toBe(false);
});
