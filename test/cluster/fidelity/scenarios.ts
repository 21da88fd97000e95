import { arrayAt, isObject, objectAt, stringAt, type JsonObject, type JsonValue } from "../../../runtime/schema/index.ts";
import type { Side } from "./side.ts";

const MERGE = "application/merge-patch+json";
const JSON_PATCH = "application/json-patch+json";
const STRATEGIC = "application/strategic-merge-patch+json";
const APPLY = "application/apply-patch+yaml";
const TABLE = { accept: "application/json;as=Table;v=v1;g=meta.k8s.io,application/json" };
const PARTIAL = { accept: "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json" };
const PARTIALS = { accept: "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json" };

function configMap(name: string, data: JsonObject = { key: "value" }): JsonObject {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data };
}

function deployment(name: string, spec: JsonObject = {}): JsonObject {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: [{ name: "main", image: "nginx" }] } };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name },
    spec: { replicas: 2, selector: { matchLabels: labels }, template, ...spec },
  };
}

const names = (list: JsonValue): JsonValue => {
  if (!isObject(list) || list["items"] === undefined) return list;
  const more = objectAt(list, "metadata")?.["continue"];
  return {
    items: arrayAt(list, "items").map((item) => stringAt(item, "metadata", "name") ?? ""),
    remaining: objectAt(list, "metadata")?.["remainingItemCount"] ?? 0,
    more: typeof more === "string" && more !== "",
  };
};

async function writesAndErrors(side: Side): Promise<void> {
  const path = `/api/v1/namespaces/${side.namespace}/configmaps`;
  const created = await side.step("create", "POST", path, { body: configMap("a") });
  await side.step("create what is there", "POST", path, { body: configMap("a") });
  await side.step("get", "GET", `${path}/a`);
  await side.step("get what is not there", "GET", `${path}/none`);
  const updated = await side.step("update without a version", "PUT", `${path}/a`, { body: configMap("a", { key: "new" }) });
  await side.step("update that changes nothing", "PUT", `${path}/a`, { body: updated });
  await side.step("update of an old version", "PUT", `${path}/a`, { body: { ...created, data: {} } });
  await side.step("update of another object", "PUT", `${path}/a`, { body: { ...configMap("a"), metadata: { name: "a", uid: "other" } } });
  await side.step("update under another name", "PUT", `${path}/b`, { body: updated });
  await side.step("update without a name", "PUT", `${path}/a`, { body: { data: {} } });
  await side.step("update of nothing", "PUT", `${path}/none`, { body: configMap("none") });
  await side.step("create in another namespace", "POST", path, {
    body: { ...configMap("c"), metadata: { name: "c", namespace: "other" } },
  });
  await side.step("create with a version", "POST", path, { body: { ...configMap("c"), metadata: { name: "c", resourceVersion: "1" } } });
  await side.step("create without a name", "POST", path, { body: { apiVersion: "v1", kind: "ConfigMap" } });
  await side.step("create with a wrong name", "POST", path, { body: configMap("Wrong_Name") });
  await side.step("create without kind", "POST", path, { body: { metadata: { name: "kindless" } } });
  await side.step("create from YAML", "POST", path, { body: "metadata: {name: yaml}\ndata: {k: v}\n", type: "application/yaml" });
  await side.step("create from text", "POST", path, { body: "text", type: "text/plain" });
  await side.step("create with an unknown field", "POST", path, { body: { ...configMap("u1"), unknown: 1 } });
  await side.step("the same, strictly", "POST", `${path}?fieldValidation=Strict`, { body: { ...configMap("u2"), unknown: 1, other: 2 } });
  await side.step("the same, ignored", "POST", `${path}?fieldValidation=Ignore`, { body: { ...configMap("u3"), unknown: 1 } });
  await side.step("wrong field validation", "POST", `${path}?fieldValidation=Odd`, { body: configMap("u4") });
  await side.step("dry run", "POST", `${path}?dryRun=All`, { body: configMap("dry") });
  await side.step("after a dry run", "GET", `${path}/dry`);
  await side.step("wrong dry run", "POST", `${path}?dryRun=Some`, { body: configMap("dry") });
  await side.step("create in no namespace", "POST", "/api/v1/configmaps", { body: configMap("c") });
  await side.step("create in a namespace that is not there", "POST", "/api/v1/namespaces/none/configmaps", { body: configMap("c") });
  await side.step("PUT on a collection", "PUT", path, { body: configMap("c") });
  await side.step("POST on an object", "POST", `${path}/a`, { body: configMap("a") });
  await side.step("unknown resource", "GET", `/api/v1/namespaces/${side.namespace}/nothings`);
  await side.step("unknown group", "GET", "/apis/none.example.com/v1/things");
  await side.step("unknown version", "GET", "/apis/apps/v7/deployments");
  await side.step("unknown subresource", "GET", `${path}/a/none`);
  await side.step("unknown path", "GET", "/no/such/path");
  await side.step("unknown representation", "GET", path, { headers: { accept: "text/html" } });
  await side.step("delete with another uid", "DELETE", `${path}/a`, { body: { preconditions: { uid: "other" } } });
  await side.step("delete with a wrong policy", "DELETE", `${path}/a?propagationPolicy=Odd`);
  await side.step("delete", "DELETE", `${path}/a`);
  await side.step("delete again", "DELETE", `${path}/a`);
}

async function deployments(side: Side): Promise<void> {
  const path = `/apis/apps/v1/namespaces/${side.namespace}/deployments`;
  await side.step("create", "POST", path, { body: deployment("d") });
  await side.step("a new spec", "PATCH", `${path}/d`, { body: { spec: { replicas: 3 } }, type: MERGE });
  await side.step("a new label", "PATCH", `${path}/d`, {
    body: { metadata: { labels: { a: "b" } }, status: { replicas: 9 } },
    type: MERGE,
  });
  await side.step("status", "PATCH", `${path}/d/status`, { body: { status: { replicas: 2 }, spec: { replicas: 9 } }, type: MERGE });
  await side.step("JSON patch", "PATCH", `${path}/d`, { body: [{ op: "replace", path: "/spec/replicas", value: 1 }], type: JSON_PATCH });
  await side.step("JSON patch whose test fails", "PATCH", `${path}/d`, {
    body: [{ op: "test", path: "/spec/replicas", value: 7 }],
    type: JSON_PATCH,
  });
  await side.step("JSON patch of nothing", "PATCH", `${path}/d`, { body: [{ op: "remove", path: "/metadata/none" }], type: JSON_PATCH });
  const containers = [
    { name: "main", env: [{ name: "A", value: "B" }] },
    { name: "side", image: "busybox" },
  ];
  await side.step("strategic merge patch", "PATCH", `${path}/d`, {
    body: { spec: { template: { spec: { containers } } } },
    type: STRATEGIC,
  });
  await side.step("wrong patch type", "PATCH", `${path}/d`, { body: {} });
  await side.step("broken patch", "PATCH", `${path}/d`, { body: "{", type: MERGE });
  await side.step("patch of nothing", "PATCH", `${path}/none`, { body: {}, type: MERGE });
  await side.step("patch to an invalid object", "PATCH", `${path}/d`, { body: { spec: { replicas: -1 } }, type: MERGE });
  await side.step("patch of the selector", "PATCH", `${path}/d`, {
    body: { spec: { selector: { matchLabels: { app: "z" } } } },
    type: MERGE,
  });
  await side.step("patch of the name", "PATCH", `${path}/d`, { body: { metadata: { name: "other" } }, type: MERGE });
  await side.step("patch of an old version", "PATCH", `${path}/d`, { body: { metadata: { resourceVersion: "1" } }, type: MERGE });
  await side.step("force without apply", "PATCH", `${path}/d?force=true`, { body: {}, type: MERGE });
  await side.step("scale", "GET", `${path}/d/scale`);
  await side.step("scale up", "PUT", `${path}/d/scale`, {
    body: { metadata: { name: "d", namespace: side.namespace }, spec: { replicas: 5 } },
  });
  await side.step("scale by patch", "PATCH", `${path}/d/scale`, { body: { spec: { replicas: 6 } }, type: MERGE });
  await side.step("scaled", "GET", `${path}/d`);
  await side.step("apply without a manager", "PATCH", `${path}/e`, { body: deployment("e"), type: APPLY });
  await side.step("apply creates", "PATCH", `${path}/e?fieldManager=one`, { body: deployment("e"), type: APPLY });
  await side.step("apply again", "PATCH", `${path}/e?fieldManager=one`, { body: deployment("e"), type: APPLY });
  await side.step("apply conflicts", "PATCH", `${path}/e?fieldManager=two`, { body: deployment("e", { replicas: 5 }), type: APPLY });
  await side.step("apply by force", "PATCH", `${path}/e?fieldManager=two&force=true`, {
    body: deployment("e", { replicas: 5 }),
    type: APPLY,
  });
  await side.step("apply under another name", "PATCH", `${path}/f?fieldManager=two`, { body: deployment("e"), type: APPLY });
  await side.step("apply of an unknown field", "PATCH", `${path}/e?fieldManager=two`, {
    body: { ...deployment("e"), unknown: 1 },
    type: APPLY,
  });
  await side.step("list", "GET", path);
  await side.step("metadata", "GET", `${path}/d`, { headers: PARTIAL });
  await side.step("list of metadata", "GET", path, { headers: PARTIALS });
  const cells = (table: JsonValue): JsonValue =>
    arrayAt(table, "rows").map((row) => arrayAt(row, "cells").map((cell) => (/^\d+s$/.test(cell as string) ? "AGE" : cell)));
  await side.step("table", "GET", path, { headers: TABLE, pick: cells });
  await side.step("table without columns", "GET", `${path}?includeObject=Odd`, { headers: TABLE });
  await side.step("delete in the foreground", "DELETE", `${path}/e?propagationPolicy=Foreground`);
}

async function lists(side: Side): Promise<void> {
  const path = `/api/v1/namespaces/${side.namespace}/secrets`;
  for (let index = 0; index < 7; index++) {
    const labels = { n: String(index), even: String(index % 2 === 0) };
    await side.send("POST", path, { body: { metadata: { name: `s${index}`, labels } } });
  }
  const first = await side.step("first page", "GET", `${path}?limit=3`, { pick: names });
  await side.send("DELETE", `${path}/s4`);
  await side.send("POST", path, { body: { metadata: { name: "s00" } } });
  const token = stringAt(first, "metadata", "continue") ?? "";
  await side.step("second page, as it was", "GET", `${path}?limit=3&continue=${token}`, { pick: names });
  for (const query of [
    "labelSelector=even%3Dtrue",
    "labelSelector=n+in+(1,2)",
    "labelSelector=n+notin+(1,2),even",
    "labelSelector=!n",
    "labelSelector=n!%3D3",
    "labelSelector=n%3E3",
    "labelSelector=%3D%3D",
    "labelSelector=a+b",
    "labelSelector=n+in+1",
    "labelSelector=n%3Ea",
    "labelSelector=n,",
    "labelSelector=-a",
    "labelSelector=a/b/c",
    "fieldSelector=metadata.name%3Ds2",
    "fieldSelector=metadata.name!%3Ds2",
    "fieldSelector=none%3Dx",
    "limit=2&labelSelector=n",
    "resourceVersion=0&limit=2",
    "resourceVersion=abc",
    "resourceVersionMatch=Exact",
    "resourceVersionMatch=Odd&resourceVersion=1",
    "resourceVersion=0&resourceVersionMatch=Exact",
    "continue=abc",
    "sendInitialEvents=true",
  ]) {
    await side.step(query, "GET", `${path}?${query}`, { pick: names });
  }
  await side.step("delete some", "DELETE", `${path}?labelSelector=n%3D2`, { pick: names });
  await side.step("the rest", "GET", path, { pick: names });
}

async function watches(side: Side): Promise<void> {
  const path = `/api/v1/namespaces/${side.namespace}/secrets`;
  const label = (name: string, x: string) => side.send("PATCH", `${path}/${name}`, { body: { metadata: { labels: { x } } }, type: MERGE });
  const { text } = await side.send("GET", path);
  const version = stringAt(JSON.parse(text) as JsonObject, "metadata", "resourceVersion") ?? "";
  await side.send("POST", path, { body: { metadata: { name: "a", labels: { x: "1" } } } });
  await side.send("POST", path, { body: { metadata: { name: "b", labels: { x: "2" } } } });
  await label("a", "2");
  await label("b", "1");
  await side.send("DELETE", `${path}/b`);
  const initial = "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true";
  for (const [title, query, headers] of [
    ["all since then", `resourceVersion=${version}`, {}],
    ["by label", `resourceVersion=${version}&labelSelector=x%3D1`, {}],
    ["by name", `resourceVersion=${version}&fieldSelector=metadata.name%3Da`, {}],
    ["what there is", "resourceVersion=0", {}],
    ["metadata", `resourceVersion=${version}`, PARTIAL],
    ["a streaming list", initial, {}],
    ["a streaming list of metadata", initial, PARTIAL],
    ["nothing initial", "sendInitialEvents=false&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true", {}],
    ["initial without match", "sendInitialEvents=true", {}],
    ["match without initial", "resourceVersionMatch=NotOlderThan&resourceVersion=1", {}],
    ["no version", "resourceVersion=abc", {}],
  ] as const) {
    await side.step(title, "GET", `${path}?watch=1&timeoutSeconds=1&${query}`, { headers });
  }
}

async function customResources(side: Side): Promise<void> {
  const group = `${side.namespace}.example.com`;
  const definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
  const path = `/apis/${group}/v1/namespaces/${side.namespace}/widgets`;
  const widget = (name: string, spec: JsonObject, metadata: JsonObject = {}) => ({
    apiVersion: `${group}/v1`,
    kind: "Widget",
    metadata: { ...metadata, name },
    spec,
  });
  const properties = {
    spec: {
      type: "object",
      required: ["color"],
      properties: { size: { type: "integer", minimum: 1, maximum: 5, default: 3 }, color: { type: "string", enum: ["red", "blue"] } },
    },
    status: { type: "object", properties: { size: { type: "integer" } } },
  };
  await side.step("define", "POST", definitions, {
    body: {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: `widgets.${group}` },
      spec: {
        group,
        scope: "Namespaced",
        names: { kind: "Widget", plural: "widgets", singular: "widget", listKind: "WidgetList", shortNames: ["wd"] },
        versions: [
          {
            name: "v1",
            served: true,
            storage: true,
            subresources: { status: {}, scale: { specReplicasPath: ".spec.size", statusReplicasPath: ".status.size" } },
            additionalPrinterColumns: [{ name: "Size", type: "integer", jsonPath: ".spec.size" }],
            selectableFields: [{ jsonPath: ".spec.color" }],
            schema: { openAPIV3Schema: { type: "object", properties } },
          },
        ],
      },
    },
  });
  await side.until(path, ({ code }) => code === 200);
  await side.step("defined", "GET", `${definitions}/widgets.${group}`);
  await side.step("discovery", "GET", `/apis/${group}`);
  await side.step("nothing yet", "GET", path);
  await side.step("valid, with defaults", "POST", path, { body: widget("a", { color: "red" }) });
  await side.step("pruned", "POST", path, { body: widget("b", { color: "blue", unknown: 1 }) });
  await side.step("strict", "POST", `${path}?fieldValidation=Strict`, { body: widget("c", { color: "blue", unknown: 1 }) });
  await side.step("invalid", "POST", path, { body: widget("c", { color: "green" }) });
  await side.step("incomplete", "POST", path, { body: widget("c", {}) });
  await side.step("list", "GET", path);
  await side.step("table", "GET", path, { headers: TABLE });
  await side.step("by field", "GET", `${path}?fieldSelector=spec.color%3Dblue`, { pick: names });
  await side.step("by another field", "GET", `${path}?fieldSelector=spec.size%3D3`);
  await side.step("update without a version", "PUT", `${path}/a`, { body: widget("a", { color: "blue" }) });
  await side.step("merge patch", "PATCH", `${path}/a`, { body: { spec: { size: 2 } }, type: MERGE });
  await side.step("strategic merge patch", "PATCH", `${path}/a`, { body: { spec: { size: 2 } }, type: STRATEGIC });
  await side.step("status", "PATCH", `${path}/a/status`, { body: { status: { size: 1 }, spec: { size: 5 } }, type: MERGE });
  await side.step("scale", "GET", `${path}/a/scale`);
  await side.step("scale up", "PATCH", `${path}/a/scale`, { body: { spec: { replicas: 4 } }, type: MERGE });
  await side.step("scale too far", "PATCH", `${path}/a/scale`, { body: { spec: { replicas: 9 } }, type: MERGE });
  await side.step("apply", "PATCH", `${path}/n?fieldManager=one`, { body: widget("n", { color: "red" }), type: APPLY });
  await side.step("apply conflict", "PATCH", `${path}/n?fieldManager=two`, { body: widget("n", { color: "blue" }), type: APPLY });
  await side.step("apply of an unknown field", "PATCH", `${path}/n?fieldManager=one`, {
    body: widget("n", { color: "red", unknown: 1 }),
    type: APPLY,
  });
  await side.step("finalizer", "POST", path, { body: widget("f", { color: "red" }, { finalizers: ["example.com/hold"] }) });
  await side.step("delete with a finalizer", "DELETE", `${path}/f`);
  await side.step("add a finalizer", "PATCH", `${path}/f`, {
    body: { metadata: { finalizers: ["example.com/hold", "example.com/more"] } },
    type: MERGE,
  });
  await side.step("delete the definition", "DELETE", `${definitions}/widgets.${group}`, {
    pick: (body) => arrayAt(body, "metadata", "finalizers"),
  });
  await side.until(`${path}/a`, ({ code }) => code === 404);
  await side.step("create while it goes", "POST", path, { body: widget("late", { color: "red" }) });
  await side.step("take the finalizer off", "PATCH", `${path}/f`, { body: { metadata: { finalizers: null } }, type: MERGE });
  await side.until(`${definitions}/widgets.${group}`, ({ code }) => code === 404);
}

async function access(side: Side): Promise<void> {
  const { namespace } = side;
  const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;
  const review = "/apis/authorization.k8s.io/v1";
  const apiGroup = "rbac.authorization.k8s.io";
  const jane = { headers: { "impersonate-user": "jane" } };
  await side.step("list", "GET", `/api/v1/namespaces/${namespace}/pods`, jane);
  await side.step("list everywhere", "GET", "/api/v1/nodes", jane);
  await side.step("get", "GET", `/apis/apps/v1/namespaces/${namespace}/deployments/x`, jane);
  await side.step("subresource", "PUT", `/apis/apps/v1/namespaces/${namespace}/deployments/x/scale`, { ...jane, body: {} });
  await side.step("path", "GET", "/metrics", jane);
  await side.step("no token", "GET", "/api/v1/pods", { headers: { authorization: "Bearer none" } });
  const rules = [{ apiGroups: [""], resources: ["pods"], verbs: ["get", "list"] }];
  await side.step("role", "POST", `${rbac}/roles`, { body: { metadata: { name: "reader" }, rules } });
  const roleRef = { apiGroup, kind: "Role", name: "reader" };
  const subjects = [{ kind: "User", name: "jane", apiGroup }];
  await side.step("binding", "POST", `${rbac}/rolebindings`, { body: { metadata: { name: "readers" }, roleRef, subjects } });
  const resourceAttributes = { verb: "list", resource: "pods", namespace };
  const mayList = { body: { spec: { user: "jane", resourceAttributes } } };
  for (let allowed = false; !allowed;) {
    allowed = (await side.send("POST", `${review}/subjectaccessreviews`, mayList)).text.includes('"allowed":true');
  }
  await side.step("review", "POST", `${review}/subjectaccessreviews`, mayList);
  await side.step("review of oneself", "POST", `${review}/selfsubjectaccessreviews`, { ...jane, body: { spec: { resourceAttributes } } });
  await side.step("review of nobody", "POST", `${review}/subjectaccessreviews`, { body: { spec: { resourceAttributes } } });
  await side.step("allowed", "GET", `/api/v1/namespaces/${namespace}/pods`, jane);
  await mayPatchOnly(side, jane);
  await side.step("who", "POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", { ...jane, body: {} });
  await side.step("not a token", "POST", "/apis/authentication.k8s.io/v1/tokenreviews", { body: { spec: { token: "none" } } });
  const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`;
  await side.step("account", "POST", accounts, { body: { metadata: { name: "robot" } } });
  await side.step("short token", "POST", `${accounts}/robot/token`, { body: { spec: { expirationSeconds: 1 } } });
  const answer = await side.send("POST", `${accounts}/robot/token`, { body: { spec: {} } });
  const token = stringAt(JSON.parse(answer.text) as JsonObject, "status", "token") ?? "";
  await side.step("with a token", "GET", `/api/v1/namespaces/${namespace}/pods`, { headers: { authorization: `Bearer ${token}` } });
}

/** Somebody who may patch, but not create: an apply of what is absent is a creation. */
async function mayPatchOnly(side: Side, jane: { headers: Record<string, string> }): Promise<void> {
  const { namespace } = side;
  const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;
  const apiGroup = "rbac.authorization.k8s.io";
  const rules = [
    { apiGroups: [""], resources: ["configmaps"], verbs: ["patch", "update"] },
    { apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["patch", "update"] },
  ];
  await side.step("role for changes", "POST", `${rbac}/roles`, { body: { metadata: { name: "changer" }, rules } });
  const roleRef = { apiGroup, kind: "Role", name: "changer" };
  const subjects = [{ kind: "User", name: "jane", apiGroup }];
  await side.step("binding for changes", "POST", `${rbac}/rolebindings`, { body: { metadata: { name: "changers" }, roleRef, subjects } });
  const maps = `/api/v1/namespaces/${namespace}/configmaps`;
  await side.step("map", "POST", maps, { body: configMap("there") });
  await side.until(`${maps}/there`, ({ code }) => code === 200);
  const apply = (data: JsonObject) => ({ ...jane, type: APPLY, body: { apiVersion: "v1", kind: "ConfigMap", data } });
  for (let allowed = false; !allowed;) {
    const answer = await side.send("PATCH", `${maps}/there?fieldManager=jane`, { ...jane, type: MERGE, body: { data: { a: "b" } } });
    allowed = answer.code === 200;
  }
  await side.step("apply of what is there", "PATCH", `${maps}/there?fieldManager=jane`, apply({ more: "x" }));
  await side.step("apply of what is not there", "PATCH", `${maps}/absent?fieldManager=jane`, apply({ more: "x" }));
  await side.step("apply of what is not there, and wrong", "PATCH", `${maps}/absent?fieldManager=jane`, apply({ "no key": "x" }));
  await side.step("apply of what is not there, tried", "PATCH", `${maps}/absent?fieldManager=jane&dryRun=All`, apply({ more: "x" }));
  await side.step("update of what is not there", "PUT", `${maps}/absent`, { ...jane, body: configMap("absent") });
  const lease = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { name: "absent" }, spec: {} };
  const leases = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`;
  await side.step("update of a lease that is not there", "PUT", `${leases}/absent`, { ...jane, body: lease });
}

async function discovery(side: Side): Promise<void> {
  for (const path of [
    "/api/v1",
    "/apis/apps",
    "/apis/apps/v1",
    "/apis/autoscaling",
    "/apis/events.k8s.io/v1",
    "/apis/apps/v9",
    "/apis/none.example.com",
  ]) {
    await side.step("list", "GET", path);
  }
  const accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
  for (const path of ["/api", "/apis"]) {
    const builtin = (list: JsonValue): JsonValue =>
      arrayAt(list, "items").filter((item) => !(stringAt(item, "metadata", "name") ?? "").endsWith("example.com"));
    await side.step("aggregated", "GET", path, { headers: { accept }, pick: builtin });
  }
  for (const path of ["api/v1", "apis/apps/v1", "apis/rbac.authorization.k8s.io/v1"])
    await side.step("OpenAPI", "GET", `/openapi/v3/${path}`);
}

/** What both servers are asked, by name. */
export const SCENARIOS: Readonly<Record<string, (side: Side) => Promise<void>>> = {
  "writes and their errors": writesAndErrors,
  "deployments, patches and apply": deployments,
  "lists, pages and selectors": lists,
  watches,
  "custom resources": customResources,
  "access and identity": access,
  "discovery and OpenAPI": discovery,
};
