import { stringAt, type JsonObject } from "../../../runtime/schema/index.ts";
import type { Side } from "./side.ts";

const DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const POLICY = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies";
const BINDING = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings";

function definition(side: Side, schema: JsonObject): JsonObject {
  const group = `${side.namespace}.example.com`;
  return {
    metadata: { name: `widgets.${group}` },
    spec: {
      group,
      scope: "Namespaced",
      names: { plural: "widgets", kind: "Widget" },
      versions: [{ name: "v1", served: true, storage: true, subresources: { status: {} }, schema: { openAPIV3Schema: schema } }],
    },
  };
}

async function define(side: Side, schema: JsonObject): Promise<string> {
  const body = definition(side, schema);
  const { text, code } = await side.send("POST", DEFINITIONS, { body });
  if (code !== 201) throw new Error(text);
  const path = `/apis/${side.namespace}.example.com/v1/namespaces/${side.namespace}/widgets`;
  await side.until(path, ({ code }) => code === 200);
  return path;
}

const rules = (...each: JsonObject[]) => ({ "x-kubernetes-validations": each });

export const POLICIES: Readonly<Record<string, (side: Side) => Promise<void>>> = {
  async "rules of custom resources"(side) {
    const spec: JsonObject = {
      type: "object",
      ...rules(
        { rule: "self.min <= self.max", message: "min must not exceed max" },
        {
          rule: "!has(self.mode) || self.mode == oldSelf.mode",
          message: "mode cannot change",
          fieldPath: ".mode",
          reason: "FieldValueForbidden",
        },
        { rule: "!has(self.note) || self.note.find('[0-9]+') != ''", messageExpression: "'note ' + self.note + ' has no number'" },
      ),
      properties: {
        min: { type: "integer" },
        max: { type: "integer", ...rules({ rule: "self < 100" }) },
        ratio: { type: "number", ...rules({ rule: "self <= 1.0" }) },
        mode: { type: "string", maxLength: 20 },
        note: { type: "string", maxLength: 20 },
        size: {
          type: "string",
          maxLength: 20,
          ...rules({ rule: "isQuantity(self) && quantity(self).isLessThan(quantity('1Gi'))", message: "too large" }),
        },
        tags: {
          type: "array",
          maxItems: 5,
          items: { type: "string", maxLength: 5 },
          ...rules({ rule: "self.isSorted()", reason: "FieldValueInvalid", message: "sort them" }),
        },
        once: { type: "string", maxLength: 9, ...rules({ rule: "!oldSelf.hasValue()", optionalOldSelf: true, message: "once" }) },
        index: { type: "array", maxItems: 5, items: { type: "integer", maximum: 9 }, ...rules({ rule: "self[1] > 0" }) },
        labels: {
          type: "object",
          additionalProperties: { type: "string", maxLength: 5, ...rules({ rule: "self.startsWith('x')" }) },
          maxProperties: 3,
        },
      },
      required: ["min", "max"],
    };
    const path = await define(side, {
      type: "object",
      ...rules({ rule: "self.metadata.name.startsWith('w')", message: "name" }),
      properties: { spec, status: { type: "object", properties: { n: { type: "integer", ...rules({ rule: "self > 0" }) } } } },
    });
    const widget = (name: string, fields: JsonObject) => ({
      apiVersion: `${side.namespace}.example.com/v1`,
      kind: "Widget",
      metadata: { name },
      spec: { min: 1, max: 2, ...fields },
    });
    await side.step("valid", "POST", path, { body: widget("w", { mode: "a", size: "1Mi", tags: ["a", "b"], ratio: 1 }) });
    const wrong: Record<string, JsonObject> = {
      order: { min: 3 },
      limit: { max: 100 },
      ratio: { ratio: 1.5 },
      note: { note: "none" },
      size: { size: "2Gi" },
      tags: { tags: ["b", "a"] },
      index: { index: [1] },
      labels: { labels: { k: "y" } },
      blocked: { min: "x" },
      several: { min: 300, max: 200 },
    };
    for (const [name, fields] of Object.entries(wrong)) await side.step(name, "POST", path, { body: widget(`w-${name}`, fields) });
    await side.step("name", "POST", path, { body: widget("x", {}) });
    const merge = (body: JsonObject) => ({ body, type: "application/merge-patch+json" });
    await side.step("transition", "PATCH", `${path}/w`, merge({ spec: { mode: "b" } }));
    await side.step("allowed change", "PATCH", `${path}/w`, merge({ spec: { max: 3 } }));
    await side.send("POST", path, { body: widget("w-once", {}) });
    await side.step("once", "PATCH", `${path}/w-once`, merge({ spec: { once: "a" } }));
    await side.step("twice", "PATCH", `${path}/w-once`, merge({ spec: { once: "b" } }));
    await side.step("status", "PATCH", `${path}/w/status`, merge({ status: { n: 0 } }));
  },

  async "rules that do not compile"(side) {
    const broken = (...each: JsonObject[]) =>
      definition(side, {
        type: "object",
        properties: { spec: { type: "object", ...rules(...each), properties: { a: { type: "integer" } } } },
      });
    await side.step("syntax", "POST", DEFINITIONS, { body: broken({ rule: "self.a >" }), pick: (body) => stringAt(body, "reason") });
    await side.step("unknown variable", "POST", DEFINITIONS, { body: broken({ rule: "other.a > 1" }) });
    await side.step("empty", "POST", DEFINITIONS, { body: broken({ rule: "" }) });
    await side.step("message with a line break", "POST", DEFINITIONS, { body: broken({ rule: "self.a > 1", message: "a\nb" }) });
    await side.step("reason", "POST", DEFINITIONS, { body: broken({ rule: "self.a > 1", reason: "Other" }) });
  },

  async "validating admission policies"(side) {
    const maps = `/api/v1/namespaces/${side.namespace}/configmaps`;
    const match = {
      resourceRules: [{ operations: ["CREATE", "UPDATE"], apiGroups: [""], apiVersions: ["v1"], resources: ["configmaps"] }],
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": side.namespace } },
    };
    const policy = (name: string, spec: JsonObject) => ({
      metadata: { name: `${side.namespace}-${name}` },
      spec: { matchConstraints: match, ...spec },
    });
    const binding = (name: string, spec: JsonObject) => ({
      metadata: { name: `${side.namespace}-${name}` },
      spec: { policyName: `${side.namespace}-${name}`, validationActions: ["Deny"], ...spec },
    });
    await side.send("POST", maps, { body: { metadata: { name: "limits" }, data: { most: "2" } } });
    await side.step("a policy", "POST", POLICY, {
      body: policy("deny", {
        variables: [{ name: "keys", expression: "has(object.data) ? object.data : {}" }],
        matchConditions: [{ name: "not-free", expression: "request.name != 'free'" }],
        validations: [
          { expression: "!('bad' in variables.keys)", message: "bad is not wanted" },
          { expression: "!('worse' in variables.keys)", messageExpression: "'worse is ' + object.data.worse", reason: "Forbidden" },
          { expression: "object.metadata.name != 'plain'" },
          { expression: "object.metadata.name != 'error' || object.data.none == 'x'" },
        ],
      }),
      pick: (body) => stringAt(body, "kind"),
    });
    await side.send("POST", BINDING, { body: binding("deny", {}) });
    await side.send("POST", POLICY, {
      body: policy("warn", { validations: [{ expression: "object.metadata.name != 'warned'", message: "warned" }] }),
    });
    await side.send("POST", BINDING, { body: binding("warn", { validationActions: ["Warn", "Audit"] }) });
    await side.send("POST", POLICY, {
      body: policy("params", {
        paramKind: { apiVersion: "v1", kind: "ConfigMap" },
        validations: [{ expression: "!has(object.data) || size(object.data) <= int(params.data.most)", message: "too many" }],
      }),
    });
    await side.send("POST", BINDING, {
      body: binding("params", { paramRef: { name: "limits", namespace: side.namespace, parameterNotFoundAction: "Deny" } }),
    });
    const deadline = AbortSignal.timeout(20_000);
    const isReady = async () => {
      const tries = await Promise.all([
        side.send("POST", `${maps}?dryRun=All`, { body: { metadata: { name: "probe" }, data: { bad: "1" } } }),
        side.send("POST", `${maps}?dryRun=All`, { body: { metadata: { name: "warned" } } }),
        side.send("POST", `${maps}?dryRun=All`, { body: { metadata: { name: "probe" }, data: { a: "1", b: "2", c: "3" } } }),
      ]);
      return tries[0].code === 422 && tries[1].warning !== "" && tries[2].code === 422 && tries[2].text.includes("too many");
    };
    while (!(await isReady())) {
      deadline.throwIfAborted();
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    for (const [name, data] of Object.entries({
      ok: { a: "1" },
      bad: { bad: "1" },
      worse: { worse: "x" },
      plain: {},
      error: {},
      warned: {},
      free: { bad: "1" },
      many: { a: "1", b: "2", c: "3" },
    })) {
      await side.step(name, "POST", maps, { body: { metadata: { name }, data } });
    }
  },
};
