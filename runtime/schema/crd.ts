/**
 * The validation that a CustomResourceDefinition itself gets. The server moves what all versions share (which is everything when there is
 * one version) from the versions to the spec before it looks, so that is where its messages point.
 */
import type { FieldError } from "./fielderrors.ts";
import { forbidden, invalidText, invalidValue, notSupported, required, tooMany } from "./fielderrors.ts";
import { goValue, goJson, goQuote } from "./gotext.ts";
import type { JsonObject, JsonValue } from "./json.ts";
import { arrayAt, equalJson, isObject, objectAt, stringAt, valueAt } from "./json.ts";
import type { JsonSchema } from "./jsonschema.ts";
import { dns1035Label, dns1123Subdomain } from "./names.ts";
import { defaultErrors, hasUnsupported, schemaRuleErrors } from "./schemarules.ts";
import { structuralErrors } from "./structural.ts";

/** Defaults of a CustomResourceDefinition, in place: singular and list kind, conversion, stored versions. */
export function defaultCustomResourceDefinition(crd: JsonObject): void {
  const spec = objectAt(crd, "spec");
  const names = objectAt(spec, "names");
  if (!spec || !names) return;
  const kind = stringAt(names, "kind") ?? "";
  if ((stringAt(names, "singular") ?? "") === "" && kind !== "") names["singular"] = kind.toLowerCase();
  if ((stringAt(names, "listKind") ?? "") === "" && kind !== "") names["listKind"] = `${kind}List`;
  if (!objectAt(spec, "conversion")) spec["conversion"] = { strategy: "None" };
  const service = objectAt(spec, "conversion", "webhook", "clientConfig", "service");
  if (service && service["port"] === undefined) service["port"] = 443;
}

interface Version {
  readonly name: string;
  readonly served: boolean;
  readonly storage: boolean;
  readonly schema: JsonSchema | undefined;
  readonly subresources: JsonObject | undefined;
  readonly columns: readonly JsonObject[];
  readonly selectable: readonly JsonObject[];
  readonly whole: JsonObject;
}

function versionsOf(crd: JsonObject): Version[] {
  return arrayAt(crd, "spec", "versions")
    .filter(isObject)
    .map((version) => ({
      name: stringAt(version, "name") ?? "",
      served: version["served"] === true,
      storage: version["storage"] === true,
      schema: objectAt(version, "schema", "openAPIV3Schema"),
      subresources: objectAt(version, "subresources"),
      columns: arrayAt(version, "additionalPrinterColumns").filter(isObject),
      selectable: arrayAt(version, "selectableFields").filter(isObject),
      whole: version,
    }));
}

/** Everything that is wrong with a CustomResourceDefinition that is created. */
export function validateCustomResourceDefinition(crd: JsonObject): FieldError[] {
  return [...nameErrors(crd), ...specErrors(crd), ...storedVersionErrors(crd), ...approvalErrors(crd), ...preserveErrors(crd)];
}

/** The same for an update of `old`: names are fixed, and versions that objects are stored in must stay. */
export function validateCustomResourceDefinitionUpdate(crd: JsonObject, old: JsonObject): FieldError[] {
  const established = arrayAt(old, "status", "conditions").some(
    (condition) => stringAt(condition, "type") === "Established" && stringAt(condition, "status") === "True",
  );
  const fixed = [...(established ? [["scope"], ["names", "kind"]] : []), ["group"], ["names", "plural"]];
  const errors = specErrors(crd);
  for (const path of fixed) {
    const [value, before] = [valueAt(crd, "spec", ...path), valueAt(old, "spec", ...path)];
    if (!equalJson(value, before)) errors.push(invalidValue(`spec.${path.join(".")}`, value ?? "", "field is immutable"));
  }
  errors.push(...storedVersionErrors(crd));
  const annotation = (object: JsonObject): JsonValue | undefined => valueAt(object, "metadata", "annotations", approvalKey);
  if (!equalJson(annotation(crd), annotation(old))) errors.push(...approvalErrors(crd));
  return valueAt(old, "spec", "preserveUnknownFields") === true ? errors : [...errors, ...preserveErrors(crd)];
}

function nameErrors(crd: JsonObject): FieldError[] {
  const name = stringAt(crd, "metadata", "name") ?? "";
  const wanted = `${stringAt(crd, "spec", "names", "plural") ?? ""}.${stringAt(crd, "spec", "group") ?? ""}`;
  return name === "" || name === wanted ? [] : [invalidValue("metadata.name", name, 'must be spec.names.plural+"."+spec.group')];
}

function specErrors(crd: JsonObject): FieldError[] {
  const spec = objectAt(crd, "spec") ?? {};
  const versions = versionsOf(crd);
  return [
    ...groupErrors(spec),
    ...versionErrors(versions),
    ...nameFieldErrors(objectAt(spec, "names") ?? {}),
    ...sharedErrors(versions),
    ...conversionErrors(objectAt(spec, "conversion")),
  ];
}

function groupErrors(spec: JsonObject): FieldError[] {
  const errors: FieldError[] = [];
  const group = stringAt(spec, "group") ?? "";
  const wrong = dns1123Subdomain(group);
  if (group === "") errors.push(required("spec.group"));
  else if (wrong.length > 0) errors.push(invalidValue("spec.group", group, wrong.join(",")));
  else if (!group.includes(".")) errors.push(invalidValue("spec.group", group, "should be a domain with at least one dot"));
  const scope = stringAt(spec, "scope") ?? "";
  if (scope === "") errors.push(required("spec.scope"));
  else if (scope !== "Cluster" && scope !== "Namespaced") errors.push(notSupported("spec.scope", scope, ["Cluster", "Namespaced"]));
  return errors;
}

/** True when all versions have the same of something: then the server treats it as the spec's. */
function allSame(versions: readonly Version[], of: (version: Version) => unknown): boolean {
  const [first, ...others] = versions.map((version) => (of(version) ?? null) as JsonValue);
  return others.every((other) => goJson(other) === goJson(first));
}

function versionErrors(versions: readonly Version[]): FieldError[] {
  const errors: FieldError[] = [];
  const shared = {
    schema: allSame(versions, ({ schema }) => schema),
    subresources: allSame(versions, ({ subresources }) => subresources),
    columns: allSame(versions, ({ columns }) => columns),
    selectable: allSame(versions, ({ selectable }) => selectable),
  };
  for (const [index, { schema }] of versions.entries())
    if (!schema && (!shared.schema || !versions[0]?.schema)) errors.push(required(`spec.versions[${index}].schema.openAPIV3Schema`));
  const names = new Set<string>();
  for (const [index, version] of versions.entries()) {
    const path = `spec.versions[${index}]`;
    names.add(version.name);
    const wrong = dns1035Label(version.name);
    if (wrong.length > 0) errors.push(invalidValue(`${path}.name`, version.name, wrong.join(",")));
    errors.push(...deprecationErrors(version.whole, path));
    if (!shared.schema && version.schema)
      errors.push(...openApiErrors(version.schema, isObject(version.subresources?.["status"]), `${path}.schema.openAPIV3Schema`));
    if (!shared.subresources) errors.push(...subresourceErrors(version.subresources, `${path}.subresources`));
    if (!shared.columns)
      for (const [place, column] of version.columns.entries())
        errors.push(...columnErrors(column, `${path}.additionalPrinterColumns[${place}]`));
    if (!shared.selectable) errors.push(...selectableErrors(version, `${path}.selectableFields`));
  }
  const shown = internalVersions(versions, shared);
  if (names.size < versions.length) errors.push(invalidText("spec.versions", shown, "must contain unique version names"));
  if (versions.filter(({ storage }) => storage).length !== 1)
    errors.push(invalidText("spec.versions", shown, "must have exactly one version marked as storage version"));
  return errors;
}

/** The versions as the server shows them: its internal structs, without what the versions share. */
function internalVersions(
  versions: readonly Version[],
  shared: { schema: boolean; subresources: boolean; columns: boolean; selectable: boolean },
): string {
  if (versions.length === 0) return "[]";
  const nullUnless = (keep: boolean, value: unknown): string => (keep && value !== undefined ? goJson(value as JsonValue) : "null");
  const texts = versions.map(
    ({ name, served, storage, schema, subresources, columns, selectable, whole }) =>
      `{"Name":${goQuote(name)},"Served":${served},"Storage":${storage},"Deprecated":${whole["deprecated"] === true},"DeprecationWarning":${nullUnless(true, whole["deprecationWarning"])},"Schema":${nullUnless(!shared.schema, schema)},"Subresources":${nullUnless(!shared.subresources, subresources)},"AdditionalPrinterColumns":${nullUnless(!shared.columns, columns)},"SelectableFields":${nullUnless(!shared.selectable, selectable)}}`,
  );
  return `[${texts.join(",")}]`;
}

function deprecationErrors(version: JsonObject, path: string): FieldError[] {
  const warning = version["deprecationWarning"];
  if (typeof warning !== "string") return [];
  const field = `${path}.deprecationWarning`;
  if (version["deprecated"] !== true) return [invalidValue(field, warning, "can only be set for deprecated versions")];
  if (warning === "") return [invalidValue(field, warning, "must not be an empty string")];
  return warning.length > 256 ? [invalidValue(field, warning, "must be <= 256 characters long")] : [];
}

/** What is the spec's when all versions have the same. */
function sharedErrors(versions: readonly Version[]): FieldError[] {
  const [first] = versions;
  if (!first) return [];
  const errors: FieldError[] = [];
  const hasStatus = versions.some(({ subresources }) => isObject(subresources?.["status"]));
  if (first.schema && allSame(versions, ({ schema }) => schema))
    errors.push(...openApiErrors(first.schema, hasStatus, "spec.validation.openAPIV3Schema"));
  if (allSame(versions, ({ subresources }) => subresources)) errors.push(...subresourceErrors(first.subresources, "spec.subresources"));
  if (allSame(versions, ({ columns }) => columns))
    for (const [index, column] of first.columns.entries()) errors.push(...columnErrors(column, `spec.additionalPrinterColumns[${index}]`));
  if (allSame(versions, ({ selectable }) => selectable)) errors.push(...selectableErrors(first, "spec.selectableFields"));
  return errors;
}

const atRoot = [
  "description",
  "type",
  "format",
  "title",
  "maximum",
  "exclusiveMaximum",
  "minimum",
  "exclusiveMinimum",
  "maxLength",
  "minLength",
  "pattern",
  "maxItems",
  "minItems",
  "uniqueItems",
  "multipleOf",
  "required",
  "items",
  "properties",
  "externalDocs",
  "example",
  "x-kubernetes-preserve-unknown-fields",
  "x-kubernetes-validations",
];

function openApiErrors(schema: JsonSchema, hasStatus: boolean, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (hasStatus) {
    const odd = Object.keys(schema).find((keyword) => !atRoot.includes(keyword));
    const upper = atRoot.map((keyword) =>
      keyword
        .replace(/^x-kubernetes-/, "x-")
        .replace(/(^|-)(\w)/g, (_, dash: string, letter: string) => letter.toUpperCase() + dash.slice(1)),
    );
    if (schema.type !== "object")
      errors.push(
        invalidValue(
          `${path}.type`,
          schema.type ?? "",
          'only "object" is allowed as the type at the root of the schema if the status subresource is enabled',
        ),
      );
    else if (odd !== undefined)
      errors.push(
        invalidText(
          path,
          goJson(schema as unknown as JsonValue),
          `only [${upper.join(" ")}] fields are allowed at the root of the schema if the status subresource is enabled`,
        ),
      );
  }
  if (schema.nullable === true) errors.push(forbidden(`${path}.nullable`, "nullable cannot be true at the root"));
  const structural = structuralErrors(schema, path);
  // A schema with keywords that cannot be read structurally is not looked at structurally at all.
  if (!hasUnsupported(schema)) errors.push(...(structural.length > 0 ? structural : defaultErrors(schema, path, true)));
  return [...errors, ...schemaRuleErrors(schema, path)];
}

function nameFieldErrors(names: JsonObject): FieldError[] {
  const errors: FieldError[] = [];
  const text = (field: string): string => stringAt(names, field) ?? "";
  for (const field of ["plural", "singular", "kind", "listKind"]) if (text(field) === "") errors.push(required(`spec.names.${field}`));
  for (const field of ["plural", "singular"]) {
    const wrong = dns1035Label(text(field));
    if (text(field) !== "" && wrong.length > 0) errors.push(invalidValue(`spec.names.${field}`, text(field), wrong.join(",")));
  }
  for (const field of ["kind", "listKind"]) {
    const wrong = dns1035Label(text(field).toLowerCase());
    if (text(field) !== "" && wrong.length > 0)
      errors.push(invalidValue(`spec.names.${field}`, text(field), `may have mixed case, but should otherwise match: ${wrong.join(",")}`));
  }
  for (const list of ["shortNames", "categories"]) {
    if (list === "categories" && text("kind") !== "" && text("kind") === text("listKind"))
      errors.push(invalidValue("spec.names.listKind", text("listKind"), "kind and listKind may not be the same"));
    for (const [index, name] of arrayAt(names, list).entries()) {
      const wrong = dns1035Label(goValue(name));
      if (wrong.length > 0) errors.push(invalidValue(`spec.names.${list}[${index}]`, name, wrong.join(",")));
    }
  }
  return errors;
}

const columnTypes = ["boolean", "date", "integer", "number", "string"];
const columnFormats = ["byte", "date", "date-time", "double", "float", "int32", "int64", "password"];

function columnErrors(column: JsonObject, path: string): FieldError[] {
  const text = (field: string): string => stringAt(column, field) ?? "";
  const errors: FieldError[] = [];
  if (text("name") === "") errors.push(required(`${path}.name`));
  const oneOf = `must be one of ${columnTypes.join(",")}`;
  if (text("type") === "") errors.push(required(`${path}.type`, oneOf));
  else if (!columnTypes.includes(text("type"))) errors.push(invalidValue(`${path}.type`, text("type"), oneOf));
  if (text("format") !== "" && !columnFormats.includes(text("format")))
    errors.push(invalidValue(`${path}.format`, text("format"), `must be one of ${columnFormats.join(",")}`));
  if (text("jsonPath") === "") errors.push(required(`${path}.JSONPath`));
  else errors.push(...pathErrors(text("jsonPath"), `${path}.JSONPath`));
  return errors;
}

function pathErrors(value: string, field: string): FieldError[] {
  return value.startsWith(".") ? [] : [invalidValue(field, value, "must be a simple json path starting with .")];
}

function subresourceErrors(subresources: JsonObject | undefined, path: string): FieldError[] {
  const scale = objectAt(subresources, "scale");
  if (!scale) return [];
  const under = (field: string, roots: readonly string[], message: string, optional: boolean): FieldError[] => {
    const value = stringAt(scale, field) ?? "";
    const place = `${path}.scale.${field}`;
    if (value === "") return optional ? [] : [required(place)];
    const wrong = pathErrors(value, place);
    if (wrong.length > 0) return wrong;
    return roots.some((root) => value.startsWith(root)) ? [] : [invalidValue(place, value, message)];
  };
  return [
    ...under("specReplicasPath", [".spec."], "should be a json path under .spec", false),
    ...under("statusReplicasPath", [".status."], "should be a json path under .status", false),
    ...under("labelSelectorPath", [".spec.", ".status."], "should be a json path under either .spec or .status", true),
  ];
}

const selectableLimit = 8;

function selectableErrors(version: Version, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [index, selectable] of version.selectable.entries()) {
    const value = stringAt(selectable, "jsonPath") ?? "";
    const field = `${path}[${index}].jsonPath`;
    if (value === "") {
      errors.push(required(field));
      continue;
    }
    const found = fieldAt(version.schema, value);
    if (typeof found === "string") {
      errors.push(invalidValue(field, value, `is an invalid path: ${found}`));
      continue;
    }
    if (value.startsWith(".metadata.") || value === ".metadata")
      errors.push(invalidValue(field, value, "must not point to fields in metadata"));
    if (!["string", "boolean", "integer"].includes(found.type ?? "")) {
      errors.push(
        invalidValue(
          field,
          value,
          "must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.",
        ),
      );
    }
    if (seen.has(value)) errors.push({ type: "FieldValueDuplicate", field, message: `Duplicate value: ${goQuote(value)}` });
    seen.add(value);
  }
  if (seen.size > selectableLimit) errors.push(tooMany(path, seen.size, selectableLimit));
  return errors;
}

/** The schema of the field at a simple path, or why there is none. */
function fieldAt(schema: JsonSchema | undefined, path: string): JsonSchema | string {
  if (!path.startsWith(".")) return `expected [ or . but got: ${/^[^.[]*/.exec(path)?.[0] ?? ""}`;
  let current = schema;
  for (const name of path.slice(1).split(".")) {
    const next =
      current?.properties?.[name] ?? (typeof current?.additionalProperties === "object" ? current.additionalProperties : undefined);
    if (!next) return `does not refer to a valid field`;
    current = next;
  }
  return current ?? {};
}

function conversionErrors(conversion: JsonObject | undefined): FieldError[] {
  const strategy = stringAt(conversion, "strategy") ?? "";
  if (!conversion) return [];
  const errors: FieldError[] = [];
  if (strategy === "") errors.push(required("spec.conversion.strategy"));
  else if (strategy !== "None" && strategy !== "Webhook")
    errors.push(notSupported("spec.conversion.strategy", strategy, ["None", "Webhook"]));
  const client = objectAt(conversion, "webhook", "clientConfig");
  const reviews = arrayAt(conversion, "webhook", "conversionReviewVersions").map(goValue);
  const field = "spec.conversion.webhookClientConfig";
  const versionsField = "spec.conversion.conversionReviewVersions";
  if (strategy !== "Webhook") {
    if (client) errors.push(forbidden(field, "should not be set when strategy is not set to Webhook"));
    if (reviews.length > 0) errors.push(forbidden(versionsField, "should not be set when strategy is not set to Webhook"));
    return errors;
  }
  if (!client) errors.push(required(field, "required when strategy is set to Webhook"));
  else if ((client["url"] === undefined) === (client["service"] === undefined))
    errors.push(required(field, "exactly one of url or service is required"));
  if (reviews.length === 0) errors.push(required(versionsField));
  else if (!reviews.some((version) => version === "v1" || version === "v1beta1"))
    errors.push(invalidValue(versionsField, reviews, "must include at least one of v1, v1beta1"));
  return errors;
}

function storedVersionErrors(crd: JsonObject): FieldError[] {
  const versions = versionsOf(crd);
  const names = new Set(versions.map(({ name }) => name));
  const field = "status.storedVersions";
  const stored = arrayAt(crd, "status", "storedVersions");
  if (stored.length === 0) return [invalidValue(field, null, "must have at least one stored version")];
  const missing = versions.filter(({ name, storage }) => storage && !stored.includes(name));
  const errors = missing.map(({ name }) => invalidValue(field, [...stored], `must have the storage version ${name}`));
  const gone = stored.flatMap((version, index) =>
    names.has(goValue(version))
      ? []
      : [
          invalidValue(
            `${field}[${index}]`,
            version,
            `missing from spec.versions; ${goValue(version)} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${goValue(version)} and removes ${goValue(version)} from status.storedVersions`,
          ),
        ],
  );
  return [...errors, ...gone];
}

const approvalKey = "api-approved.kubernetes.io";

/** Groups of Kubernetes itself need an approval. */
function approvalErrors(crd: JsonObject): FieldError[] {
  const group = stringAt(crd, "spec", "group") ?? "";
  if (group !== "k8s.io" && group !== "kubernetes.io" && !group.endsWith(".k8s.io") && !group.endsWith(".kubernetes.io")) return [];
  const field = `metadata.annotations[${approvalKey}]`;
  const approval = stringAt(crd, "metadata", "annotations", approvalKey) ?? "";
  if (approval === "")
    return [
      required(
        field,
        'protected groups must have approval annotation "api-approved.kubernetes.io", see https://github.com/kubernetes/enhancements/pull/1111',
      ),
    ];
  if (approval.startsWith("unapproved") || /^https?:\/\/[^/]+/.test(approval)) return [];
  return [
    invalidValue(
      field,
      approval,
      'protected groups must have approval annotation "api-approved.kubernetes.io" with either a URL or a reason starting with "unapproved", see https://github.com/kubernetes/enhancements/pull/1111',
    ),
  ];
}

function preserveErrors(crd: JsonObject): FieldError[] {
  if (valueAt(crd, "spec", "preserveUnknownFields") !== true) return [];
  return [
    invalidValue(
      "spec.preserveUnknownFields",
      true,
      "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead",
    ),
  ];
}
