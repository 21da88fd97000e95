import { matchLabels } from "../../../object/selector.ts";
import type { Api } from "../api.ts";
import type { Resource } from "../resources/index.ts";
import { arrayAt, isObject, objectAt, stringAt, type JsonObject } from "../../../schema/index.ts";
import type { Attributes } from "./attributes.ts";

/** Kinds that admission configurations cannot apply to, so that nobody locks themselves out. */
const EXEMPT = new Set(
  ["mutatingwebhookconfigurations", "validatingwebhookconfigurations", "validatingadmissionpolicies", "validatingadmissionpolicybindings"]
    .concat("mutatingadmissionpolicies", "mutatingadmissionpolicybindings")
    .map((plural) => `${plural}.admissionregistration.k8s.io`),
);

export function isExempt({ resource }: Attributes): boolean {
  return EXEMPT.has(resource.collection);
}

/** What a webhook or policy says of the requests it is for. */
export interface Match {
  readonly rules: readonly JsonObject[];
  /** `matchPolicy: Equivalent`. */
  readonly equivalent: boolean;
  readonly namespaceSelector: JsonObject;
  readonly objectSelector: JsonObject;
}

/** The resource at whose version a matching request is shown; `undefined` when it does not match. */
export function matchedResource(api: Api, match: Match, attributes: Attributes): Resource | undefined {
  if (!matchesNamespace(api, match.namespaceSelector, attributes)) return undefined;
  if (!matchesObject(match.objectSelector, attributes)) return undefined;
  return matchedByRules(api, match.rules, match.equivalent, attributes);
}

/** The first resource that a rule is for: the request's own, or else an equivalent one, by the order of rules. */
export function matchedByRules(api: Api, rules: readonly JsonObject[], equivalent: boolean, attributes: Attributes): Resource | undefined {
  if (rules.some((rule) => matchesRule(rule, attributes, attributes.resource))) return attributes.resource;
  if (!equivalent) return undefined;
  const others = [...api.registry.all()].filter(
    (other) => other.collection === attributes.resource.collection && other.apiVersion !== attributes.resource.apiVersion,
  );
  for (const rule of rules) {
    const found = others.find((other) => matchesRule(rule, attributes, other));
    if (found !== undefined) return found;
  }
  return undefined;
}

function matchesRule(rule: JsonObject, attributes: Attributes, { group, version, plural }: Resource): boolean {
  const names = arrayAt(rule, "resourceNames");
  return (
    matchesScope(stringAt(rule, "scope") ?? "*", attributes) &&
    has(rule, "operations", attributes.operation) &&
    has(rule, "apiGroups", group) &&
    has(rule, "apiVersions", version) &&
    arrayAt(rule, "resources").some((each) => typeof each === "string" && namesResource(each, plural, attributes.subresource)) &&
    (names.length === 0 || names.includes(attributes.name))
  );
}

function has(rule: JsonObject, field: string, wanted: string): boolean {
  const values = arrayAt(rule, field);
  return values.includes("*") || values.includes(wanted);
}

/** `pods`, `pods/status`, `pods/*`, `*`, `*` with `/scale` after it, or both stars. */
function namesResource(pattern: string, plural: string, subresource: string): boolean {
  const [resource = "", sub = ""] = pattern.split("/", 2);
  return (resource === "*" || resource === plural) && (sub === "*" || sub === subresource);
}

function matchesScope(scope: string, { resource, namespace }: Attributes): boolean {
  const isCluster = namespace === "" || resource.collection === "namespaces";
  return scope === "*" || scope === "" || (scope === "Cluster") === isCluster;
}

/** Objects outside of namespaces are never exempt by the labels of one. */
function matchesNamespace(api: Api, selector: JsonObject, attributes: Attributes): boolean {
  if (Object.keys(selector).length === 0) return true;
  const { resource, namespace, subresource, operation, object } = attributes;
  const isNamespace = resource.collection === "namespaces";
  if (namespace === "" && !isNamespace) return true;
  const isNew = isNamespace && subresource === "" && (operation === "CREATE" || operation === "UPDATE");
  const subject = isNew ? object : api.store.collection("namespaces").get(namespace)?.object;
  return matchLabels(selector)(labelsOf(subject));
}

/** The object before or after the change may have the labels. */
function matchesObject(selector: JsonObject, { object, oldObject }: Attributes): boolean {
  if (Object.keys(selector).length === 0) return true;
  const test = matchLabels(selector);
  return [object, oldObject].some((each) => each !== undefined && isObject(each["metadata"]) && test(labelsOf(each)));
}

function labelsOf(object: JsonObject | undefined): Readonly<Record<string, string>> {
  return (objectAt(object, "metadata", "labels") ?? {}) as Readonly<Record<string, string>>;
}
