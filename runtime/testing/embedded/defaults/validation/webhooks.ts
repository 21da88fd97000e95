/**
 * Validation of webhook configurations.
 */
import type { FieldError, JsonObject } from "../../../../schema/index.ts";
import { goValue, arrayAt, duplicate, invalidValue, notSupported, objectAt, required } from "../../../../schema/index.ts";
import { each, text } from "../builtin/fields.ts";
import { dns1035Label, dns1123Subdomain } from "../../../../schema/index.ts";
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
    errors.unshift(...versionErrors(arrayAt(webhook, "admissionReviewVersions").map(goValue), `${field}.admissionReviewVersions`));
    return errors;
  });
}

function versionErrors(versions: string[], field: string): FieldError[] {
  if (versions.length === 0) return [required(field, "must specify one of v1, v1beta1")];
  const errors = versions.flatMap((version, index) => {
    const at = `${field}[${index}]`;
    if (versions.indexOf(version) < index) return [invalidValue(at, version, "duplicate version")];
    return dns1035Label(version).map((message) => invalidValue(at, version, message));
  });
  if (!versions.includes("v1") && !versions.includes("v1beta1"))
    errors.push(invalidValue(field, versions, "must include at least one of v1, v1beta1"));
  return errors;
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
  errors.push(...resourceErrors(arrayAt(rule, "resources").map(goValue), `${field}.resources`));
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

/** A wildcard beside what it covers, as far as the API server notices: one for subresources only if it comes first. */
function resourceErrors(resources: string[], field: string): FieldError[] {
  const errors: FieldError[] = [];
  let otherThanAll = false;
  for (const [index, resource] of resources.entries()) {
    if (resource === "") errors.push(required(`${field}[${index}]`));
    const [name = "", subresource] = resource.split("/");
    if (subresource === undefined) {
      otherThanAll = resource !== "*";
      continue;
    }
    for (const wide of [`${name}/*`, `*/${subresource}`]) {
      if (resources.slice(0, index).includes(wide))
        errors.push(invalidValue(`${field}[${index}]`, resource, `if '${wide}' is present, must not specify ${resource}`));
    }
  }
  if (resources.length > 1 && resources.includes("*/*"))
    errors.push(invalidValue(field, resources, "if '*/*' is present, must not specify other resources"));
  if (resources.includes("*") && otherThanAll)
    errors.push(invalidValue(field, resources, "if '*' is present, must not specify other resources without subresources"));
  return errors;
}

/** Each segment of the path has to be a DNS name; a slash at the end is taken. */
function pathErrors(path: string, field: string): FieldError[] {
  const errors: FieldError[] = [];
  if (path === "" || path === "/") return errors;
  if (!path.startsWith("/")) errors.push(invalidValue(field, path, "must start with a '/'"));
  const segments = (path.endsWith("/") ? path.slice(1, -1) : path.slice(1)).split("/");
  for (const [index, segment] of segments.entries()) {
    if (segment === "") errors.push(invalidValue(field, path, `segment[${index}] may not be empty`));
    else errors.push(...dns1123Subdomain(segment).map((message) => invalidValue(field, path, `segment[${index}]: ${message}`)));
  }
  return errors;
}

function urlErrors(url: string, field: string): FieldError[] {
  const form = "; desired format: https://host[/path]";
  const escape = /%(?![0-9a-fA-F]{2}).{0,2}/.exec(url)?.[0];
  if (escape !== undefined) return [required(field, `url must be a valid URL: parse "${url}": invalid URL escape "${escape}"${form}`)];
  const parts = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/([^/?#]*))?[^?#]*(?:\?([^#]*))?(?:#(.*))?$/s.exec(url);
  const [, scheme = "", authority = "", query = "", fragment = ""] = parts ?? [];
  const [host = "", user = ""] = authority.split("@").reverse();
  return [
    ...(scheme === "https" ? [] : [invalidValue(field, scheme, `'https' is the only allowed URL scheme${form}`)]),
    ...(host === "" ? [invalidValue(field, "", `host must be specified${form}`)] : []),
    ...(user === "" ? [] : [invalidValue(field, user, "user information is not permitted in the URL")]),
    ...(fragment === "" ? [] : [invalidValue(field, fragment, "fragments are not permitted in the URL")]),
    ...(query === "" ? [] : [invalidValue(field, query, "query parameters are not permitted in the URL")]),
  ];
}

function clientErrors(config: JsonObject, field: string): FieldError[] {
  const url = text(config, "url");
  const service = objectAt(config, "service");
  if ((url === "") === (service === undefined)) return [required(field, "exactly one of url or service is required")];
  if (url !== "") return urlErrors(url, `${field}.url`);
  const errors = ["name", "namespace"]
    .filter((name) => text(service, name) === "")
    .map((name) => required(`${field}.service.${name}`, `service ${name} is required`));
  errors.push(...pathErrors(text(service, "path"), `${field}.service.path`));
  const port = service?.["port"];
  if (typeof port === "number" && (port < 1 || port > 65535))
    errors.push(invalidValue(`${field}.service.port`, port, "port is not valid: must be between 1 and 65535, inclusive"));
  return errors;
}
