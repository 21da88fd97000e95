import { stringAt, valueAt, type JsonObject, type JsonValue } from "../../../runtime/schema/index.ts";
import type { Side } from "./side.ts";
import { hook, jsonPatch, rule, type RecordingWebhook } from "./webhook.ts";

const GROUP = "/apis/admissionregistration.k8s.io/v1";
const SECRETLESS = { headers: { "impersonate-user": "jane", "impersonate-group": "system:masters" } };

/** Registers webhooks and waits until the server calls them. */
export async function register(side: Side, kind: "mutating" | "validating", name: string, webhooks: JsonObject[]): Promise<void> {
  const { code, text } = await side.send("POST", `${GROUP}/${kind}webhookconfigurations`, { body: { metadata: { name }, webhooks } });
  if (code !== 201) throw new Error(`the configuration was refused: ${text}`);
}

/** Waits until a webhook on this path is called for a config map that is not kept. */
async function called(side: Side, webhook: RecordingWebhook, path: string): Promise<void> {
  const deadline = AbortSignal.timeout(20_000);
  let last = "";
  while (!webhook.reviews.some((each) => each.path === path)) {
    if (deadline.aborted) throw new Error(`${path} was not called: ${last}`);
    ({ text: last } = await side.send("POST", `${maps(side)}?dryRun=All`, { body: configMap("probe") }));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  webhook.reviews.length = 0;
}

function configMap(name: string, extra: JsonObject = {}): JsonObject {
  return { metadata: { name }, data: { a: "1" }, ...extra };
}

const maps = (side: Side) => `/api/v1/namespaces/${side.namespace}/configmaps`;

function record(side: Side, webhook: RecordingWebhook): void {
  const reviews: JsonValue = webhook.reviews.map(({ path, review }) => ({ path, review }));
  side.note("reviews", reviews);
  webhook.reviews.length = 0;
}

export const ADMISSION: Readonly<Record<string, (side: Side, webhook: RecordingWebhook) => Promise<void>>> = {
  async "what a webhook is sent"(side, webhook) {
    const rules = [
      rule("*", "*", ["configmaps", "pods", "pods/*", "deployments", "deployments/*", "services", "namespaces", "namespaces/*"]),
    ];
    await register(side, "mutating", `${side.namespace}-m`, [hook(webhook, "/record-m", side.namespace, { rules })]);
    await register(side, "validating", `${side.namespace}-v`, [hook(webhook, "/record-v", side.namespace, { rules })]);
    await called(side, webhook, "/record-m");
    await called(side, webhook, "/record-v");
    await side.step("create", "POST", `${maps(side)}?fieldManager=me&fieldValidation=Strict`, { body: configMap("one"), ...SECRETLESS });
    await side.step("generated name", "POST", `${maps(side)}?dryRun=All`, {
      body: { metadata: { generateName: "gen-" } },
      ...SECRETLESS,
      pick: () => null,
    });
    side.note(
      "generated",
      webhook.reviews.splice(2).map(({ review }) => stringAt(review, "request", "object", "metadata", "generateName") ?? null),
    );
    record(side, webhook);
    await side.step("update", "PUT", `${maps(side)}/one`, { body: configMap("one", { data: { a: "2" } }), ...SECRETLESS });
    await side.step("merge patch", "PATCH", `${maps(side)}/one?fieldManager=me`, {
      body: { data: { b: "3" } },
      type: "application/merge-patch+json",
      ...SECRETLESS,
    });
    await side.step("apply", "PATCH", `${maps(side)}/one?fieldManager=applier&force=true`, {
      body: { apiVersion: "v1", kind: "ConfigMap", ...configMap("one", { data: { c: "4" } }) },
      type: "application/apply-patch+yaml",
      ...SECRETLESS,
    });
    await side.step("apply of what is absent", "PATCH", `${maps(side)}/two?fieldManager=applier`, {
      body: { apiVersion: "v1", kind: "ConfigMap", ...configMap("two") },
      type: "application/apply-patch+yaml",
      ...SECRETLESS,
    });
    record(side, webhook);
    await side.step("delete", "DELETE", `${maps(side)}/one`, { body: { propagationPolicy: "Background" }, ...SECRETLESS });
    await side.step("delete without options", "DELETE", `${maps(side)}/two?dryRun=All`, SECRETLESS);
    record(side, webhook);
    await side.send("POST", maps(side), { body: { metadata: { name: "three", labels: { deleted: "yes" } } }, ...SECRETLESS });
    webhook.reviews.length = 0;
    await side.step("delete collection", "DELETE", `${maps(side)}?labelSelector=deleted=yes`, { ...SECRETLESS, pick: () => null });
    record(side, webhook);
    const deployments = `/apis/apps/v1/namespaces/${side.namespace}/deployments`;
    const labels = { app: "web" };
    const body = {
      metadata: { name: "web" },
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [{ name: "c", image: "i" }] } } },
    };
    await side.step("create a deployment", "POST", deployments, { body, ...SECRETLESS });
    await side.step("status", "PATCH", `${deployments}/web/status`, {
      body: { status: { replicas: 1 } },
      type: "application/merge-patch+json",
      ...SECRETLESS,
    });
    record(side, webhook);
    await side.step("scale", "PUT", `${deployments}/web/scale`, {
      body: { metadata: { name: "web", namespace: side.namespace }, spec: { replicas: 2 } },
      ...SECRETLESS,
    });
    side.note(
      "scale reviews",
      webhook.reviews
        .splice(0)
        .map(({ review }) =>
          ["kind", "subResource", "operation", "options"]
            .map((field) => valueAt(review, "request", field) ?? null)
            .concat([
              valueAt(review, "request", "object", "spec") ?? null,
              valueAt(review, "request", "oldObject", "spec") ?? null,
              valueAt(review, "request", "oldObject", "status") ?? null,
            ]),
        ),
    );
    await side.step("a namespace", "PATCH", `/api/v1/namespaces/${side.namespace}`, {
      body: { metadata: { annotations: { x: "y" } } },
      type: "application/merge-patch+json",
      ...SECRETLESS,
    });
    record(side, webhook);
  },

  async "denials, warnings and failures"(side, webhook) {
    const replies: Record<string, JsonObject> = {
      plain: { allowed: false },
      message: { allowed: false, status: { message: "not today" } },
      reason: { allowed: false, status: { reason: "Forbidden" } },
      coded: {
        allowed: false,
        status: { code: 418, reason: "Teapot", message: "short", details: { name: "x", causes: [{ message: "cause", field: "spec" }] } },
      },
      success: { allowed: false, status: { code: 200, status: "Success" } },
      warned: { allowed: true, warnings: ["careful", 'with "quotes"'], auditAnnotations: { key: "value" } },
      patched: jsonPatch({ op: "add", path: "/metadata/labels", value: { x: "y" } }),
      absent: jsonPatch({ op: "remove", path: "/data/none" }),
      deep: jsonPatch({ op: "add", path: "/none/at/all", value: 1 }),
      test: jsonPatch({ op: "test", path: "/data/a", value: "7" }),
      replace: jsonPatch({ op: "replace", path: "/data/none", value: "7" }),
      typed: { allowed: true, patch: "W10=", patchType: "MergePatch" },
      typeless: { allowed: true, patch: "W10=" },
      patchless: { allowed: true, patchType: "JSONPatch" },
      unpatch: { allowed: true, patchType: "JSONPatch", patch: Buffer.from("{}").toString("base64") },
      wrongType: jsonPatch({ op: "replace", path: "/data", value: "text" }),
    };
    const answer = (request: JsonObject) => {
      const name = stringAt(request, "name") ?? "";
      if (name === "wrong-uid") return { response: { allowed: true }, uid: "other" };
      if (name === "kindless") return { raw: { response: { allowed: true } } };
      if (name === "old-version")
        return { raw: { apiVersion: "admission.k8s.io/v1beta1", kind: "AdmissionReview", response: { allowed: true } } };
      if (name === "empty") return { raw: { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview" } };
      if (name === "text") return { raw: "hello" };
      if (name === "http-500") return { code: 500, text: "broken" };
      if (name === "http-404") return { code: 404, text: "" };
      return { response: replies[name] ?? { allowed: true } };
    };
    webhook.replies.set("/deny", answer);
    await register(side, "validating", `${side.namespace}-v`, [hook(webhook, "/deny", side.namespace)]);
    await called(side, webhook, "/deny");
    const names = [...Object.keys(replies), "wrong-uid", "kindless", "old-version", "empty", "text", "http-500", "http-404"].map((name) =>
      name.toLowerCase(),
    );
    for (const name of names) await side.step(`validating ${name}`, "POST", maps(side), { body: configMap(name) });
    await side.send("DELETE", `${GROUP}/validatingwebhookconfigurations/${side.namespace}-v`);
    webhook.replies.set("/mutate", answer);
    await register(side, "mutating", `${side.namespace}-m`, [hook(webhook, "/mutate", side.namespace)]);
    await called(side, webhook, "/mutate");
    for (const name of names) await side.step(`mutating ${name}`, "POST", `${maps(side)}?dryRun=All`, { body: configMap(name) });
    await side.step("patch on delete", "DELETE", `${maps(side)}/patched`);
  },

  async "failure policy, dry run and match conditions"(side, webhook) {
    const own = (path: string, extra: JsonObject) => hook(webhook, path, side.namespace, extra);
    const only = (name: string) => [{ name: "only", expression: `request.name == '${name}'` }];
    await register(side, "validating", `${side.namespace}-v`, [
      own("/closed", { clientConfig: { url: "https://127.0.0.1:1/x" }, matchConditions: only("closed") }),
      own("/open", { clientConfig: { url: "https://127.0.0.1:1/x" }, failurePolicy: "Ignore", matchConditions: only("open") }),
      own("/untrusted", { clientConfig: { url: `${webhook.url}/x` }, matchConditions: only("untrusted") }),
      own("/slow", { timeoutSeconds: 1, matchConditions: only("slow") }),
      own("/dry", { sideEffects: "NoneOnDryRun", matchConditions: only("dry") }),
      own("/service", { clientConfig: { service: { name: "none", namespace: side.namespace } }, matchConditions: only("service") }),
      own("/error", {
        matchConditions: [
          { name: "error", expression: "object.metadata.labels.none == 'x'" },
          { name: "not-error", expression: "request.name == 'error'" },
        ],
      }),
      own("/labelled", { objectSelector: { matchLabels: { hook: "yes" } } }),
      own("/probe", {}),
    ]);
    webhook.replies.set("/slow", () => "never");
    webhook.replies.set("/labelled", () => ({ response: { allowed: false } }));
    await called(side, webhook, "/probe");
    for (const name of ["closed", "open", "untrusted", "slow", "dry", "service", "error"]) {
      await side.step(name, "POST", `${maps(side)}?dryRun=All`, { body: configMap(name) });
    }
    await side.step("labelled", "POST", maps(side), {
      body: configMap("labelled", { metadata: { name: "labelled", labels: { hook: "yes" } } }),
    });
    await side.step("unlabelled", "POST", maps(side), { body: configMap("unlabelled") });
  },

  async "selectors, scope, review versions and broken answers"(side, webhook) {
    const own = (path: string, extra: JsonObject) => hook(webhook, path, side.namespace, extra);
    const only = (name: string) => [{ name: "only", expression: `request.name == '${name}'` }];
    const ignored = { failurePolicy: "Ignore", timeoutSeconds: 1 };
    const denies = () => ({ response: { allowed: false } });
    for (const path of ["/elsewhere", "/cluster", "/labelled", "/unlabelled"]) webhook.replies.set(path, denies);
    webhook.replies.set("/slow", () => "never");
    webhook.replies.set("/broken", () => ({ raw: "hello" }));
    webhook.replies.set("/http", () => ({ code: 503, text: "busy" }));
    webhook.replies.set("/old", () => ({ raw: { response: { allowed: false, status: { message: "as v1beta1" } } } }));
    const long = (letter: string) => letter.repeat(300);
    webhook.replies.set("/many", () => ({ response: { allowed: true, warnings: ["one", long("x"), "line\nbreak", "", "one", 'a "b\\'] } }));
    webhook.replies.set("/flood", () => ({
      response: { allowed: true, warnings: ["one", ...Array.from("abcdefghijklmnopqrstuvwxyz", long)] },
    }));
    await register(side, "validating", `${side.namespace}-v`, [
      own("/elsewhere", { namespaceSelector: { matchExpressions: [{ key: "none", operator: "Exists" }] } }),
      own("/cluster", { rules: [{ ...rule("*", "", ["configmaps"]), scope: "Cluster" }] }),
      own("/labelled", { objectSelector: { matchLabels: { hook: "yes" } }, matchConditions: only("labelled") }),
      own("/slow", { ...ignored, matchConditions: only("slow") }),
      own("/broken", { ...ignored, matchConditions: only("broken") }),
      own("/http", { ...ignored, matchConditions: only("http") }),
      own("/old", { admissionReviewVersions: ["v7", "v1beta1"], matchConditions: only("old") }),
      own("/many", { matchConditions: only("many") }),
      own("/flood", { matchConditions: only("flood") }),
      own("/every", { rules: [rule("*", "*", ["*/*"])], matchConditions: only("every") }),
      own("/probe", {}),
    ]);
    await called(side, webhook, "/probe");
    for (const name of ["plain", "slow", "broken", "http", "old", "many", "flood", "every"]) {
      await side.step(name, "POST", `${maps(side)}?dryRun=All`, { body: configMap(name), ...SECRETLESS });
    }
    side.note(
      "reviews",
      webhook.reviews.filter(({ path }) => path === "/old").map(({ review }) => review),
    );
    await side.send("POST", maps(side), { body: configMap("labelled") });
    // A label that comes and one that goes: the webhook is asked when the old or the new object has it.
    const labelled = { metadata: { name: "labelled", labels: { hook: "yes" } } };
    await side.step("a label comes", "PUT", `${maps(side)}/labelled`, { body: configMap("labelled", labelled) });
    await side.send("DELETE", `${GROUP}/validatingwebhookconfigurations/${side.namespace}-v`);
  },

  async "order and reinvocation"(side, webhook) {
    const append = (letter: string) => (request: JsonObject) => {
      const seen = stringAt(request, "object", "data", "seen") ?? "";
      return { response: jsonPatch({ op: "add", path: "/data/seen", value: `${seen}${letter}` }) };
    };
    for (const letter of ["a", "b", "c", "d"]) webhook.replies.set(`/${letter}`, append(letter));
    await register(side, "mutating", `${side.namespace}-2`, [
      hook(webhook, "/c", side.namespace),
      hook(webhook, "/d", side.namespace, { reinvocationPolicy: "IfNeeded" }),
    ]);
    await register(side, "mutating", `${side.namespace}-1`, [
      hook(webhook, "/b", side.namespace, { reinvocationPolicy: "IfNeeded" }),
      hook(webhook, "/a", side.namespace),
    ]);
    await called(side, webhook, "/a");
    await called(side, webhook, "/d");
    await side.step("create", "POST", maps(side), { body: configMap("order") });
    side.note(
      "calls",
      webhook.reviews.map(({ path }) => path),
    );
  },

  async "equivalent versions"(side, webhook) {
    const rules = [rule("*", "events.k8s.io", ["events"], "v1")];
    await register(side, "validating", `${side.namespace}-v`, [
      hook(webhook, "/equivalent", side.namespace, { rules }),
      hook(webhook, "/exact", side.namespace, { rules, matchPolicy: "Exact" }),
      hook(webhook, "/probe", side.namespace),
    ]);
    await called(side, webhook, "/probe");
    const involvedObject = { kind: "Pod", namespace: side.namespace, name: "p" };
    const body = { metadata: { name: "e" }, involvedObject, type: "Normal", reason: "R", message: "m" };
    await side.step("a core event", "POST", `/api/v1/namespaces/${side.namespace}/events`, { body, ...SECRETLESS });
    record(side, webhook);
  },
};
