/**
 * Validation of webhook configurations.
 */
import type { FieldError, JsonObject } from "../../../../schema/index.ts";
import { goValue, arrayAt, duplicate, invalidValue, notSupported, objectAt, required } from "../../../../schema/index.ts";
import { each, text } from "../builtin/fields.ts";
import { dns1123Subdomain } from "../../../../schema/index.ts";
import { labelSelectorErrors } from "./selectors.ts";

const operations = ["*", "CONNECT", "CREATE", "DELETE", "UPDATE"];

/** Errors of all webhooks of a configuration. */
export function webhookErrors(object: JsonObject, mutating: boolean): FieldError[] {
  const names = new Set<string>();
  return each(object, "webhooks").flatMap((webhook, index) => {
    const field = `webhooks[${index}]`;
    const errors = oneErrors(webhook, field, mutating);
    const name = text(webhook, "name");
    if (names.has(name)) errors.push(duplicate(`${field}.name`, name));
    names.add(name);
    const versions = arrayAt(webhook, "admissionReviewVersions").map(goValue);
    if (versions.length === 0) errors.unshift(required(`${field}.admissionReviewVersions`, `must specify one of v1, v1beta1`));
    else if (!versions.some((version) => version === "v1" || version === "v1beta1"))
      errors.unshift(invalidValue(`${field}.admissionReviewVersions`, versions, "must include at least one of v1, v1beta1"));
    return errors;
  });
}

function oneErrors(webhook: JsonObject, field: string, mutating: boolean): FieldError[] {
  const errors: FieldError[] = [];
  const name = text(webhook, "name");
  errors.push(...qualifiedNameErrors(name, `${field}.name`));
  for (const [index, rule] of each(webhook, "rules").entries()) errors.push(...ruleErrors(rule, `${field}.rules[${index}]`));
  errors.push(
    ...oneOf(webhook, "failurePolicy", ["Fail", "Ignore"], field),
    ...oneOf(webhook, "matchPolicy", ["Equivalent", "Exact"], field),
  );
  const sideEffects = text(webhook, "sideEffects");
  if (sideEffects === "") errors.push(required(`${field}.sideEffects`, "must specify one of None, NoneOnDryRun"));
  else if (sideEffects !== "None" && sideEffects !== "NoneOnDryRun")
    errors.push(notSupported(`${field}.sideEffects`, sideEffects, ["None", "NoneOnDryRun"]));
  const timeout = webhook["timeoutSeconds"];
  if (typeof timeout === "number" && (timeout < 1 || timeout > 30))
    errors.push(invalidValue(`${field}.timeoutSeconds`, timeout, "the timeout value must be between 1 and 30 seconds"));
  for (const selector of ["namespaceSelector", "objectSelector"])
    errors.push(...labelSelectorErrors(objectAt(webhook, selector) ?? {}, `${field}.${selector}`));
  errors.push(...clientErrors(objectAt(webhook, "clientConfig") ?? {}, `${field}.clientConfig`));
  if (mutating) errors.push(...oneOf(webhook, "reinvocationPolicy", ["IfNeeded", "Never"], field));
  return errors;
}

function oneOf(object: JsonObject, name: string, values: readonly string[], field: string): FieldError[] {
  const value = text(object, name);
  return value === "" || values.includes(value) ? [] : [notSupported(`${field}.${name}`, value, values)];
}

/** At least three labels: a domain of one's own. */
function qualifiedNameErrors(name: string, field: string): FieldError[] {
  if (name === "") return [required(field)];
  const errors = dns1123Subdomain(name).map((message) => invalidValue(field, name, message));
  if (errors.length === 0 && name.split(".").length < 3)
    errors.push(invalidValue(field, name, "should be a domain with at least three segments separated by dots"));
  return errors;
}

function ruleErrors(rule: JsonObject, field: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const list of ["apiGroups", "apiVersions", "resources"]) {
    const values = arrayAt(rule, list);
    if (values.length === 0) errors.push(required(`${field}.${list}`));
    if (list !== "resources" && values.length > 1 && values.includes("*"))
      errors.push(
        invalidValue(
          `${field}.${list}`,
          values,
          "if '*' is present, must not specify other " + (list === "apiGroups" ? "API groups" : "API versions"),
        ),
      );
  }
  const given = arrayAt(rule, "operations");
  if (given.length === 0) errors.push(required(`${field}.operations`));
  if (given.length > 1 && given.includes("*"))
    errors.push(invalidValue(`${field}.operations`, given, "if '*' is present, must not specify other operations"));
  for (const [index, operation] of given.entries()) {
    if (!operations.includes(goValue(operation))) errors.push(notSupported(`${field}.operations[${index}]`, operation, operations));
  }
  const scope = text(rule, "scope");
  if (scope !== "" && !["*", "Cluster", "Namespaced"].includes(scope))
    errors.push(notSupported(`${field}.scope`, scope, ["*", "Cluster", "Namespaced"]));
  return errors;
}

function clientErrors(config: JsonObject, field: string): FieldError[] {
  const url = text(config, "url");
  const service = objectAt(config, "service");
  if ((url === "") === (service === undefined)) return [required(field, "exactly one of url or service is required")];
  if (url !== "")
    return url.startsWith("https://")
      ? []
      : [invalidValue(`${field}.url`, url.split(":", 1)[0], "'https' is the only allowed URL scheme; desired format: https://host[/path]")];
  return ["name", "namespace"]
    .filter((name) => text(service, name) === "")
    .map((name) => required(`${field}.service.${name}`, `service ${name} is required`));
}
