import type { Api } from "../api.ts";
import { plainCelValue } from "../../../cel/index.ts";
import { failure, type StatusFailure } from "../errors.ts";
import { entryAtVersion, objectAtVersion, strings } from "../resources/index.ts";
import { matchLabels } from "../../../object/selector.ts";
import { arrayAt, isObject, objectAt, stringAt, type JsonObject } from "../../../schema/index.ts";
import type { Attributes } from "./attributes.ts";
import { admissionProgram, conditionsHold, requestVariables } from "./conditions.ts";
import { isExempt, matchedByRules, matchedResource, type Match } from "./matching.ts";
import { objectAtRequestVersion } from "./webhooks/versions.ts";

const POLICIES = "validatingadmissionpolicies.admissionregistration.k8s.io";
const BINDINGS = "validatingadmissionpolicybindings.admissionregistration.k8s.io";

/** A parameter object, or the reason why there is none. */
type Params = { readonly value: JsonObject | null } | { readonly error: string };

interface Verdict {
  readonly message: string;
  readonly reason: string;
}

/** Judges a request by the ValidatingAdmissionPolicies that are bound to it (KEP-3488). Throws the StatusFailure of the first that refuses. */
export async function validateByPolicies(api: Api, attributes: Attributes): Promise<void> {
  if (isExempt(attributes)) return;
  const bindings = api.store.collection(BINDINGS).list();
  if (bindings.length === 0) return;
  for (const { name, object: policy } of api.store.collection(POLICIES).list()) {
    for (const binding of bindings) {
      if (stringAt(binding.object, "spec", "policyName") !== name) continue;
      await judge(api, attributes, name, policy, binding.name, binding.object);
    }
  }
}

async function judge(
  api: Api,
  attributes: Attributes,
  name: string,
  policy: JsonObject,
  bindingName: string,
  binding: JsonObject,
): Promise<void> {
  const constraints = objectAt(policy, "spec", "matchConstraints");
  if (constraints === undefined) return;
  const shown = isExcluded(api, constraints, attributes) ? undefined : matchedResource(api, matchOf(constraints), attributes);
  if (shown === undefined) return;
  const resources = objectAt(binding, "spec", "matchResources");
  if (resources !== undefined && !isBound(api, resources, attributes)) return;
  const seen: Attributes = {
    ...attributes,
    object: await objectAtRequestVersion(api, attributes, attributes.object, shown),
    oldObject: await objectAtRequestVersion(api, attributes, attributes.oldObject, shown),
  };
  const ignores = stringAt(policy, "spec", "failurePolicy") === "Ignore";
  for (const params of await paramsFor(api, attributes, policy, binding)) {
    if ("error" in params) {
      if (!ignores) refuse(attributes, name, bindingName, binding, { message: params.error, reason: "" });
      continue;
    }
    const extra: Record<string, unknown> = { params: plainCelValue(params.value) };
    const conditions = arrayAt(policy, "spec", "matchConditions").filter(isObject);
    const holds = conditionsHold(api, conditions, seen, shown, extra);
    if (holds === false) continue;
    if (holds instanceof Error) {
      if (!ignores) refuse(attributes, name, bindingName, binding, { message: holds.message, reason: "" });
      continue;
    }
    const variables = { ...requestVariables(api, seen, shown), ...extra };
    variables["variables"] = lazyVariables(policy, variables);
    for (const validation of arrayAt(policy, "spec", "validations").filter(isObject)) {
      const verdict = evaluate(validation, variables, ignores);
      if (verdict !== undefined) refuse(attributes, name, bindingName, binding, verdict);
    }
  }
}

function matchOf(constraints: JsonObject): Match {
  return {
    rules: arrayAt(constraints, "resourceRules").filter(isObject),
    equivalent: stringAt(constraints, "matchPolicy") !== "Exact",
    namespaceSelector: objectAt(constraints, "namespaceSelector") ?? {},
    objectSelector: objectAt(constraints, "objectSelector") ?? {},
  };
}

function isExcluded(api: Api, constraints: JsonObject, attributes: Attributes): boolean {
  const rules = arrayAt(constraints, "excludeResourceRules").filter(isObject);
  return rules.length > 0 && matchedByRules(api, rules, matchOf(constraints).equivalent, attributes) !== undefined;
}

/** A binding without rules of its own is for everything that its policy is for. */
function isBound(api: Api, resources: JsonObject, attributes: Attributes): boolean {
  if (isExcluded(api, resources, attributes)) return false;
  const everything = [{ operations: ["*"], apiGroups: ["*"], apiVersions: ["*"], resources: ["*/*"] }];
  const match = matchOf(resources);
  return matchedResource(api, match.rules.length === 0 ? { ...match, rules: everything } : match, attributes) !== undefined;
}

async function paramsFor(api: Api, attributes: Attributes, policy: JsonObject, binding: JsonObject): Promise<Params[]> {
  const kind = objectAt(policy, "spec", "paramKind");
  const reference = objectAt(binding, "spec", "paramRef");
  if (kind === undefined || reference === undefined) return [{ value: null }];
  const apiVersion = stringAt(kind, "apiVersion") ?? "";
  const resource = api.registry.ofKind(apiVersion, stringAt(kind, "kind") ?? "");
  if (resource === undefined) {
    return [{ error: `failed to find resource referenced by paramKind: '${apiVersion}, Kind=${stringAt(kind, "kind") ?? ""}'` }];
  }
  const given = stringAt(reference, "namespace") ?? "";
  const namespace = resource.namespaced ? (given === "" ? attributes.namespace : given) : "";
  const selector = objectAt(reference, "selector");
  const name = stringAt(reference, "name") ?? "";
  const found = api.store
    .collection(resource.collection)
    .list(namespace)
    .filter((entry) => (selector === undefined ? entry.name === name : matchLabels(selector)(labelsOf(entry.object))));
  if (found.length === 0) {
    if (stringAt(reference, "parameterNotFoundAction") !== "Deny") return [{ value: null }];
    return [{ error: "no params found for policy binding with `Deny` parameterNotFoundAction" }];
  }
  return Promise.all(found.map(async (entry) => ({ value: objectAtVersion(await entryAtVersion(api, entry, resource), resource) })));
}

function labelsOf(object: JsonObject): Readonly<Record<string, string>> {
  return (objectAt(object, "metadata", "labels") ?? {}) as Readonly<Record<string, string>>;
}

/** `spec.variables`: each is evaluated when it is first asked for, and may use those above it. */
function lazyVariables(policy: JsonObject, others: Readonly<Record<string, unknown>>): object {
  const variables: Record<string, unknown> = {};
  const context = { ...others, variables };
  for (const each of arrayAt(policy, "spec", "variables").filter(isObject)) {
    const name = stringAt(each, "name") ?? "";
    const program = admissionProgram(stringAt(each, "expression") ?? "");
    let known: { value: unknown } | undefined;
    Object.defineProperty(variables, name, {
      enumerable: true,
      get() {
        if (program instanceof Error) throw program;
        known ??= { value: program.evaluate(context) };
        return known.value;
      },
    });
  }
  return variables;
}

function evaluate(validation: JsonObject, variables: Readonly<Record<string, unknown>>, ignores: boolean): Verdict | undefined {
  const expression = stringAt(validation, "expression") ?? "";
  const reason = stringAt(validation, "reason") ?? "";
  const program = admissionProgram(expression);
  try {
    if (program instanceof Error) throw program;
    if (program.evaluate(variables) === true) return undefined;
  } catch (error) {
    if (ignores) return undefined;
    return {
      message: `expression '${expression}' resulted in error: ${error instanceof Error ? error.message : String(error)}`,
      reason: "",
    };
  }
  return { message: messageOf(validation, variables, expression), reason };
}

function messageOf(validation: JsonObject, variables: Readonly<Record<string, unknown>>, expression: string): string {
  const message = (stringAt(validation, "message") ?? "").trim();
  const fixed = message === "" ? `failed expression: ${expression.trim()}` : message;
  const made = admissionProgram(stringAt(validation, "messageExpression") ?? "''");
  if (made instanceof Error) return fixed;
  try {
    const text = made.evaluate(variables);
    return typeof text === "string" && text.trim() !== "" && !text.includes("\n") ? text.trim() : fixed;
  } catch {
    // As the server does: a message that cannot be made does not change the verdict.
    return fixed;
  }
}

const CODES: Readonly<Record<string, number>> = { Unauthorized: 401, Forbidden: 403, Invalid: 422, RequestEntityTooLarge: 413 };

function refuse(attributes: Attributes, policy: string, bindingName: string, binding: JsonObject, { message, reason }: Verdict): void {
  const actions = strings(binding, "spec", "validationActions");
  const by = `ValidatingAdmissionPolicy '${policy}' with binding '${bindingName}'`;
  if (actions.includes("Warn")) attributes.warnings.push(`Validation failed for ${by}: ${message}`);
  if (actions.includes("Deny")) throw denied(attributes, `${by} denied request: ${message}`, reason === "" ? "Invalid" : reason);
}

function denied({ resource, name }: Attributes, why: string, reason: string): StatusFailure {
  const subject = resource.group === "" ? resource.plural : `${resource.plural}.${resource.group}`;
  return failure(CODES[reason] ?? 422, reason, `${subject} ${JSON.stringify(name)} is forbidden: ${why}`, {
    ...(name === "" ? {} : { name }),
    ...(resource.group === "" ? {} : { group: resource.group }),
    kind: resource.plural,
    causes: [{ message: why }],
  });
}
