import {
  arrayAt,
  isObject,
  numberAt,
  objectAt,
  stringAt,
  valueAt,
  type JsonObject,
  type JsonValue,
} from "../../../runtime/schema/index.ts";
import { normal, type Side } from "./side.ts";
import { register } from "./admission.ts";
import { hook, jsonPatch, rule, type RecordingWebhook, type Reply } from "./webhook.ts";

const DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const MERGE = "application/merge-patch+json";
const APPLY = "application/apply-patch+yaml";
const JANE = { headers: { "impersonate-user": "jane", "impersonate-group": "system:masters" } };

const group = (side: Side) => `${side.namespace}.example.com`;
const plates = (side: Side, version: string, name = "") =>
  `/apis/${group(side)}/${version}/namespaces/${side.namespace}/plates${name === "" ? "" : `/${name}`}`;

/** A plate's size is one text in the older version, and two numbers in the newer. */
const SCHEMAS: Readonly<Record<string, JsonObject>> = {
  v1beta1: { size: { type: "string" }, colour: { type: "string", default: "white" } },
  v1: {
    width: { type: "integer" },
    height: { type: "integer" },
    colour: { type: "string", default: "blue" },
    replicas: { type: "integer" },
  },
};

function version(name: string, storage: boolean): JsonObject {
  const spec = { type: "object", properties: SCHEMAS[name] ?? {} };
  const status = { type: "object", properties: { replicas: { type: "integer" } } };
  const scale = { specReplicasPath: ".spec.replicas", statusReplicasPath: ".status.replicas" };
  return {
    name,
    served: true,
    storage,
    schema: { openAPIV3Schema: { type: "object", properties: { spec, status } } },
    subresources: name === "v1" ? { status: {}, scale } : { status: {} },
    additionalPrinterColumns: [{ name: "Size", type: "string", jsonPath: name === "v1" ? ".spec.width" : ".spec.size" }],
  };
}

function definition(side: Side, storage: string, webhook: JsonObject): JsonObject {
  return {
    metadata: { name: `plates.${group(side)}` },
    spec: {
      group: group(side),
      scope: "Namespaced",
      names: { plural: "plates", singular: "plate", kind: "Plate", listKind: "PlateList" },
      versions: ["v1", "v1beta1"].map((name) => version(name, name === storage)),
      conversion: { strategy: "Webhook", webhook },
    },
  };
}

async function install(side: Side, webhook: RecordingWebhook, extra: JsonObject = {}, path = "/convert"): Promise<void> {
  const clientConfig = { url: `${webhook.url}${path}`, caBundle: webhook.caBundle };
  const body = definition(side, "v1", { conversionReviewVersions: ["v1"], clientConfig, ...extra });
  const { code, text } = await side.send("POST", DEFINITIONS, { body });
  if (code !== 201) throw new Error(`the definition was refused: ${text}`);
  for (const name of ["v1", "v1beta1"]) await side.until(plates(side, name), (answer) => answer.code === 200);
  // Smoke: both versions are served, and writes are taken.
  await side.until(`/apis/${group(side)}/v1`, (answer) => arrayAt(answer.body, "resources").length > 0);
}

/** Converts as it should be done. */
function converted(request: JsonObject): JsonValue[] {
  const desired = stringAt(request, "desiredAPIVersion") ?? "";
  return arrayAt(request, "objects")
    .filter(isObject)
    .map((object) => {
      const { size, width, height, ...rest } = objectAt(object, "spec") ?? {};
      if (desired.endsWith("/v1beta1"))
        return { ...object, apiVersion: desired, spec: { ...rest, size: `${JSON.stringify(width)}x${JSON.stringify(height)}` } };
      const [wide, high] = typeof size === "string" ? size.split("x") : [];
      return { ...object, apiVersion: desired, spec: { ...rest, width: Number(wide), height: Number(high) } };
    });
}

const converts = (request: JsonObject): Reply => ({ response: { convertedObjects: converted(request), result: { status: "Success" } } });

const older = (side: Side, name: string, metadata: JsonObject = {}): JsonObject => ({
  apiVersion: `${group(side)}/v1beta1`,
  kind: "Plate",
  metadata: { name, ...metadata },
  spec: { size: "3x4" },
});
const newer = (side: Side, name: string): JsonObject => ({
  apiVersion: `${group(side)}/v1`,
  kind: "Plate",
  metadata: { name },
  spec: { width: 5, height: 6 },
});

/**
 * What the webhook was asked, each thing once and in no order: the real server keeps a watch cache for each version, which asks as well, and
 * does so when it likes.
 */
function record(side: Side, webhook: RecordingWebhook): void {
  const distinct = new Set(webhook.reviews.map(({ path, review }) => JSON.stringify(normal({ path, review }))));
  side.note(
    "reviews",
    [...distinct].sort().map((text) => JSON.parse(text) as JsonValue),
  );
  webhook.reviews.length = 0;
}

/** A change at another version than the last may lose all managed fields on the real server. */
function withoutManagedFields(body: JsonValue): JsonValue {
  return JSON.parse(JSON.stringify(body, (field, value: JsonValue) => (field === "managedFields" ? undefined : value))) as JsonValue;
}

export const CONVERSIONS: Readonly<Record<string, (side: Side, webhook: RecordingWebhook) => Promise<void>>> = {
  async "what a conversion webhook is sent"(side, webhook) {
    webhook.replies.set("/convert", converts);
    await install(side, webhook);
    webhook.reviews.length = 0;
    await side.step("create the older", "POST", plates(side, "v1beta1"), { body: older(side, "a", { labels: { x: "y" } }) });
    await side.step("read the newer", "GET", plates(side, "v1", "a"));
    await side.step("read the older", "GET", plates(side, "v1beta1", "a"));
    await side.step("create the newer", "POST", plates(side, "v1"), { body: newer(side, "b") });
    await side.step("list the older", "GET", plates(side, "v1beta1"));
    await side.step("list a page", "GET", `${plates(side, "v1beta1")}?limit=1`, { pick: (body) => valueAt(body, "items") });
    await side.step("list by label", "GET", `${plates(side, "v1beta1")}?labelSelector=x=y`, { pick: (body) => valueAt(body, "items") });
    await side.step("list the newer", "GET", plates(side, "v1"));
    await side.step("table of the older", "GET", plates(side, "v1beta1"), {
      headers: { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" },
      pick: (body) => arrayAt(body, "rows").map((row) => valueAt(row, "cells") ?? null),
    });
    await side.step("watch the older", "GET", `${plates(side, "v1beta1")}?watch=true&timeoutSeconds=1`);
    record(side, webhook);
    // What the fields of other versions ask for in a change is not compared.
    await side.step("update at the older", "PUT", plates(side, "v1beta1", "a"), { body: { ...older(side, "a"), spec: { size: "7x8" } } });
    await side.step("patch at the older", "PATCH", plates(side, "v1beta1", "b"), { body: { spec: { colour: "red" } }, type: MERGE });
    await side.step("patch that changes nothing", "PATCH", plates(side, "v1beta1", "b"), { body: {}, type: MERGE });
    await side.step("apply at the older", "PATCH", `${plates(side, "v1beta1", "c")}?fieldManager=me`, {
      body: older(side, "c"),
      type: APPLY,
    });
    await side.step("status at the older", "PATCH", `${plates(side, "v1beta1", "b")}/status`, {
      body: { status: { replicas: 2 } },
      type: MERGE,
    });
    await side.step("dry run", "POST", `${plates(side, "v1beta1")}?dryRun=All`, { body: older(side, "d") });
    await side.step("exists already", "POST", plates(side, "v1beta1"), { body: older(side, "a") });
    await side.step("no fit for the schema", "POST", plates(side, "v1beta1"), {
      body: { ...older(side, "odd"), spec: { size: "3x4", unknown: 1 } },
    });
    await side.step("delete at the older", "DELETE", plates(side, "v1beta1", "a"));
    await side.step("delete all at the older", "DELETE", plates(side, "v1beta1"), { pick: withoutManagedFields });
  },

  async "answers of a conversion webhook"(side, webhook) {
    let how = "right";
    const change = (request: JsonObject, edit: (object: JsonObject) => JsonObject): Reply => ({
      response: { convertedObjects: converted(request).filter(isObject).map(edit), result: { status: "Success" } },
    });
    const withMetadata = (extra: JsonObject) => (request: JsonObject) =>
      change(request, (object) => ({ ...object, metadata: { ...objectAt(object, "metadata"), ...extra } }));
    const answers: Readonly<Record<string, (request: JsonObject) => Reply>> = {
      right: converts,
      failure: () => ({ response: { convertedObjects: [], result: { status: "Failure", message: "no such plate" } } }),
      silent: () => ({ response: { convertedObjects: [], result: { status: "Failure" } } }),
      statusless: (request) => ({ response: { convertedObjects: converted(request) } }),
      none: () => ({ response: { convertedObjects: [], result: { status: "Success" } } }),
      two: (request) => ({ response: { convertedObjects: [...converted(request), ...converted(request)], result: { status: "Success" } } }),
      uid: (request) => ({ response: { convertedObjects: converted(request), result: { status: "Success" } }, uid: "other" }),
      version: (request) => change(request, (object) => ({ ...object, apiVersion: `${group(side)}/v2` })),
      kind: (request) => change(request, (object) => ({ ...object, kind: "Bowl" })),
      kindless: (request) => change(request, ({ apiVersion, metadata, spec }) => ({ apiVersion, metadata, spec })),
      name: withMetadata({ name: "other" }),
      namespace: withMetadata({ namespace: "other" }),
      identity: withMetadata({ uid: "other" }),
      metadataless: (request) => change(request, ({ apiVersion, kind, spec }) => ({ apiVersion, kind, spec })),
      labelled: withMetadata({ labels: { new: "label" }, annotations: { note: "kept" } }),
      badLabel: withMetadata({ labels: { "a b": "c" } }),
      badAnnotation: withMetadata({ annotations: { "a b": "c" } }),
      numberLabel: withMetadata({ labels: { a: 1 } }),
      textLabels: withMetadata({ labels: "a" }),
      textAnnotations: withMetadata({ annotations: ["a"] }),
      finalizers: withMetadata({ finalizers: ["example.com/other"], generation: 7, ownerReferences: [] }),
      unknown: (request) => change(request, (object) => ({ ...object, spec: { ...objectAt(object, "spec"), unknown: 1 }, more: true })),
      wrongType: (request) => change(request, (object) => ({ ...object, spec: { width: "wide" } })),
      responseless: () => ({ raw: { apiVersion: "apiextensions.k8s.io/v1", kind: "ConversionReview" } }),
      untyped: (request) => ({
        raw: { response: { uid: stringAt(request, "uid") ?? "", convertedObjects: converted(request), result: { status: "Success" } } },
      }),
      oldReview: (request) => ({
        raw: {
          apiVersion: "apiextensions.k8s.io/v1beta1",
          kind: "ConversionReview",
          response: { uid: stringAt(request, "uid") ?? "", convertedObjects: converted(request), result: { status: "Success" } },
        },
      }),
      otherReview: () => ({ raw: { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", response: { uid: "x", allowed: true } } }),
      text: () => ({ raw: "hello" }),
      error: () => ({ code: 500, text: "broken" }),
      absent: () => ({ code: 404, text: "" }),
    };
    webhook.replies.set("/convert", (request) => answers[how]?.(request) ?? converts(request));
    await install(side, webhook);
    for (const name of Object.keys(answers)) {
      how = name;
      await side.step(`create ${name}`, "POST", plates(side, "v1beta1"), {
        body: older(side, name.toLowerCase()),
        pick: name === "kindless" ? (body) => (stringAt(body, "message") ?? "").split("'{")[0] : withoutManagedFields,
      });
      how = "right";
    }
    await side.step("all that was stored", "GET", plates(side, "v1"));
    await side.step("create to be read", "POST", plates(side, "v1"), { body: newer(side, "read") });
    for (const name of ["failure", "two", "name", "labelled", "unknown", "wrongType", "error"]) {
      how = name;
      await side.step(`read ${name}`, "GET", plates(side, "v1beta1", "read"), { pick: withoutManagedFields });
      // Which of its conversions fails first, is a matter of the real server's caches.
      await side.step(`patch ${name}`, "PATCH", plates(side, "v1beta1", "read"), {
        body: { spec: { colour: name } },
        type: MERGE,
        pick: (body) => (valueAt(body, "kind") === "Status" ? "Status" : withoutManagedFields(body)),
      });
      await side.step(`delete ${name}`, "DELETE", `${plates(side, "v1beta1", "read")}?dryRun=All`);
    }
    how = "right";
    await side.step("what it is now", "GET", plates(side, "v1", "read"), { pick: withoutManagedFields });
  },

  async "a webhook that cannot be asked"(side, webhook) {
    webhook.replies.set("/convert", converts);
    await install(side, webhook, { conversionReviewVersions: ["v2", "v1beta1"] });
    webhook.reviews.length = 0;
    await side.step("the older review", "POST", plates(side, "v1beta1"), { body: older(side, "a") });
    record(side, webhook);
    webhook.replies.set("/convert", (request) => ({
      raw: { response: { convertedObjects: converted(request), result: { status: "Success" } } },
    }));
    await side.step("the older review, untyped", "POST", plates(side, "v1beta1"), { body: older(side, "b") });
    webhook.replies.set("/convert", converts);
    const configs: Readonly<Record<string, JsonObject>> = {
      closed: { url: "https://127.0.0.1:1/convert" },
      untrusted: { url: `${webhook.url}/convert` },
      service: { service: { name: "none", namespace: side.namespace, path: "/convert" } },
    };
    for (const [name, clientConfig] of Object.entries(configs)) {
      const body = { spec: { conversion: { webhook: { clientConfig: { url: null, caBundle: null, service: null, ...clientConfig } } } } };
      await side.step(`config ${name}`, "PATCH", `${DEFINITIONS}/plates.${group(side)}`, {
        body,
        type: MERGE,
        pick: (answer) => valueAt(answer, "spec", "conversion"),
      });
      // The real server takes up a change of a definition a moment later.
      const reached = (text: string) =>
        text.includes(name === "service" ? "not found" : name === "closed" ? "refused" : "unknown authority");
      await side.untilAnswer("POST", `${plates(side, "v1beta1")}?dryRun=All`, { body: older(side, "probe") }, reached);
      await side.step(name, "POST", plates(side, "v1beta1"), { body: older(side, name) });
      await side.step(`${name}: the storage version needs none`, "POST", plates(side, "v1"), { body: newer(side, `${name}-new`) });
    }
  },

  async "admission webhooks of another version"(side, webhook) {
    webhook.replies.set("/convert", converts);
    await install(side, webhook);
    const rules = [rule("*", group(side), ["plates", "plates/*"], "v1")];
    webhook.replies.set("/wide", (request) =>
      stringAt(request, "operation") === "CREATE"
        ? { response: jsonPatch({ op: "add", path: "/spec/width", value: 9 }, { op: "add", path: "/metadata/labels", value: { a: "b" } }) }
        : { response: { allowed: true } },
    );
    webhook.replies.set("/judge", (request) => ({
      response: { allowed: valueAt(request, "object", "spec", "height") !== 13, warnings: [stringAt(request, "kind", "version") ?? ""] },
    }));
    await register(side, "mutating", `${side.namespace}-m`, [
      hook(webhook, "/wide", side.namespace, { rules }),
      hook(webhook, "/exact", side.namespace, { rules, matchPolicy: "Exact" }),
    ]);
    await register(side, "validating", `${side.namespace}-v`, [
      hook(webhook, "/judge", side.namespace, {
        rules,
        matchConditions: [{ name: "sees-the-newer", expression: "request.operation == 'DELETE' || object.spec.height > 1" }],
      }),
    ]);
    await side.untilAnswer("POST", `${plates(side, "v1beta1")}?dryRun=All`, { body: older(side, "probe") }, () =>
      ["/wide", "/judge"].every((path) => webhook.reviews.some((each) => each.path === path)),
    );
    webhook.reviews.length = 0;
    const admission = () => {
      webhook.reviews.splice(0, Infinity, ...webhook.reviews.filter(({ path }) => path !== "/convert"));
      record(side, webhook);
    };
    await side.step("create at the older", "POST", plates(side, "v1beta1"), { body: older(side, "a"), ...JANE });
    admission();
    await side.step("create what is denied", "POST", plates(side, "v1beta1"), {
      body: { ...older(side, "b"), spec: { size: "1x13" } },
      ...JANE,
    });
    await side.step("create what the condition leaves out", "POST", plates(side, "v1beta1"), {
      body: { ...older(side, "c"), spec: { size: "1x1" } },
      ...JANE,
    });
    admission();
    await side.step("update at the older", "PUT", plates(side, "v1beta1", "a"), {
      body: { ...older(side, "a"), spec: { size: "2x13" } },
      ...JANE,
    });
    await side.step("delete at the older", "DELETE", plates(side, "v1beta1", "a"), JANE);
    webhook.replies.set("/convert", () => ({ response: { result: { status: "Failure", message: "no such plate" } } }));
    await side.step("a conversion for admission fails", "POST", plates(side, "v1beta1"), { body: older(side, "d"), ...JANE });
    webhook.replies.set("/convert", converts);
  },

  async "another storage version"(side, webhook) {
    webhook.replies.set("/convert", converts);
    await install(side, webhook);
    await side.step("stored at v1", "POST", plates(side, "v1"), { body: newer(side, "a") });
    const versions = ["v1", "v1beta1"].map((name) => version(name, name === "v1beta1"));
    await side.step("change", "PATCH", `${DEFINITIONS}/plates.${group(side)}`, {
      body: { spec: { versions } },
      type: MERGE,
      pick: (answer) => valueAt(answer, "status", "storedVersions"),
    });
    // Written under the new definition, which is taken up a moment later: seen by the webhook's being asked.
    webhook.reviews.length = 0;
    await side.untilAnswer("POST", `${plates(side, "v1")}?dryRun=All`, { body: newer(side, "probe") }, () => webhook.reviews.length > 0);
    webhook.reviews.length = 0;
    await side.step("read", "GET", plates(side, "v1", "a"));
    record(side, webhook);
    const before = await side.send("GET", plates(side, "v1", "a"));
    await side.step("rewrite", "PATCH", plates(side, "v1", "a"), { body: {}, type: MERGE });
    const after = await side.send("GET", plates(side, "v1", "a"));
    side.note("is written though nothing changes", versionIn(before.text) !== versionIn(after.text));
    await side.send("PATCH", plates(side, "v1", "a"), { body: {}, type: MERGE });
    const again = await side.send("GET", plates(side, "v1", "a"));
    side.note("and no more after that", versionIn(after.text) === versionIn(again.text));
    webhook.reviews.length = 0;
    await side.step("read the stored one", "GET", plates(side, "v1beta1", "a"));
    record(side, webhook);
    await side.step("trim", "PATCH", `${DEFINITIONS}/plates.${group(side)}/status`, {
      body: { status: { storedVersions: ["v1beta1"] } },
      type: MERGE,
      pick: (answer) => valueAt(answer, "status", "storedVersions"),
    });
  },
};

function versionIn(text: string): number {
  return numberAt({ version: Number(stringAt(JSON.parse(text) as JsonValue, "metadata", "resourceVersion")) }, "version") ?? 0;
}
