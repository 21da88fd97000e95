/**
 * What makes a schema structural: every field has a type outside of `allOf`, `anyOf`, `oneOf` and `not`, and these only add constraints
 * to fields that are known.
 */
import type { FieldError } from "./fielderrors.ts";
import { forbidden, invalidValue, required } from "./fielderrors.ts";
import { compareBytes } from "./gotext.ts";
import type { JsonValue } from "./json.ts";
import { equalJson } from "./json.ts";
import type { JsonSchema } from "./jsonschema.ts";
import { compilePattern } from "./pattern.ts";

type Level = "root" | "item" | "field";

/** Errors of a schema that is not structural, sorted as the server sorts them. */
export function structuralErrors(schema: JsonSchema, path: string): FieldError[] {
  const errors = [...invariantErrors(schema, "root", path), ...completenessErrors(schema, schema, path, path)];
  return errors.sort((left, right) => compareBytes(`${left.field}: ${left.message}`, `${right.field}: ${right.message}`));
}

function invariantErrors(schema: JsonSchema, level: Level, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (schema.type === "array" && !schema.items) errors.push(required(`${path}.items`, "must be specified"));
  if (schema.items && !Array.isArray(schema.items)) errors.push(...invariantErrors(schema.items, "item", `${path}.items`));
  for (const [name, property] of Object.entries(schema.properties ?? {}))
    errors.push(...invariantErrors(property, "field", `${path}.properties[${name}]`));
  if (schema.additionalProperties !== undefined) {
    if (level === "root") errors.push(forbidden(`${path}.additionalProperties`, "must not be used at the root"));
    if (typeof schema.additionalProperties === "object")
      errors.push(...invariantErrors(schema.additionalProperties, "field", `${path}.additionalProperties`));
  }
  const intOrString = schema["x-kubernetes-int-or-string"] === true;
  if (intOrString && schema["x-kubernetes-preserve-unknown-fields"] === true) {
    errors.push(invalidValue(`${path}.x-kubernetes-preserve-unknown-fields`, true, "must be false if x-kubernetes-int-or-string is true"));
  }
  if (intOrString && schema["x-kubernetes-embedded-resource"] === true) {
    errors.push(invalidValue(`${path}.x-kubernetes-embedded-resource`, true, "must be false if x-kubernetes-int-or-string is true"));
  }
  errors.push(...constraintErrors(schema, isIntOrStringPattern(schema), isIntOrStringPattern(schema.allOf?.[0]), path));
  return [...errors, ...typeErrors(schema, level, path), ...objectErrors(schema, level, path)];
}

const intOrStringBranches: JsonValue = [{ type: "integer" }, { type: "string" }];

/** The one place where a type within `anyOf` is allowed, since all generators write it for int-or-string. */
function isIntOrStringPattern(schema: JsonSchema | undefined): boolean {
  return schema?.anyOf !== undefined && equalJson(schema.anyOf as unknown as JsonValue, intOrStringBranches);
}

function typeErrors(schema: JsonSchema, level: Level, path: string): FieldError[] {
  const type = schema.type ?? "";
  const errors: FieldError[] = [];
  if (schema["x-kubernetes-embedded-resource"] === true && type !== "object") {
    const message = "must be object if x-kubernetes-embedded-resource is true";
    errors.push(type === "" ? required(`${path}.type`, message) : invalidValue(`${path}.type`, type, message));
  } else if (type === "" && schema["x-kubernetes-int-or-string"] !== true && schema["x-kubernetes-preserve-unknown-fields"] !== true) {
    const where = { root: "at the root", item: "for specified array items", field: "for specified object fields" }[level];
    errors.push(required(`${path}.type`, `must not be empty ${where}`));
  }
  if (level === "root" && type !== "" && type !== "object") errors.push(invalidValue(`${path}.type`, type, "must be object at the root"));
  return errors;
}

function objectErrors(schema: JsonSchema, level: Level, path: string): FieldError[] {
  const embedded = schema["x-kubernetes-embedded-resource"] === true;
  const properties = schema.properties ?? {};
  const errors: FieldError[] = [];
  if (embedded && schema.additionalProperties !== undefined) {
    errors.push(forbidden(`${path}.additionalProperties`, "must not be used if x-kubernetes-embedded-resource is set"));
  }
  const whole = level === "root" || embedded;
  for (const name of ["kind", "apiVersion"]) {
    const type = properties[name]?.type ?? "";
    if (whole && properties[name] && type !== "string")
      errors.push(invalidValue(`${path}.properties[${name}].type`, type, "must be string"));
  }
  const metadata = properties["metadata"];
  if (metadata) errors.push(...metadataErrors(metadata, whole, level, `${path}.properties[metadata]`));
  if (embedded && schema["x-kubernetes-preserve-unknown-fields"] !== true && Object.keys(properties).length === 0) {
    errors.push(
      required(
        `${path}.properties`,
        "must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields",
      ),
    );
  }
  return errors;
}

/** Nothing of metadata can be described but constraints of the name. */
function metadataErrors(metadata: JsonSchema, whole: boolean, level: Level, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const type = metadata.type ?? "";
  if (whole && type !== "object") errors.push(invalidValue(`${path}.type`, type, "must be object"));
  if (level !== "root") return errors;
  const more = Object.keys(metadata).filter((keyword) => !["type", "properties", "default"].includes(keyword));
  const names = Object.keys(metadata.properties ?? {});
  const onlyName = names.every((name) => name === "name" || name === "generateName");
  if (!onlyName || more.length > 0) {
    errors.push(forbidden(path, "must not specify anything other than name and generateName, but metadata is implicitly specified"));
  }
  return errors;
}

function constraintErrors(schema: JsonSchema, skipAnyOf: boolean, skipFirstAllOf: boolean, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (!skipAnyOf)
    for (const [index, branch] of (schema.anyOf ?? []).entries()) errors.push(...nestedErrors(branch, false, `${path}.anyOf[${index}]`));
  for (const [index, branch] of (schema.allOf ?? []).entries())
    errors.push(...nestedErrors(branch, skipFirstAllOf && index === 0, `${path}.allOf[${index}]`));
  for (const [index, branch] of (schema.oneOf ?? []).entries()) errors.push(...nestedErrors(branch, false, `${path}.oneOf[${index}]`));
  if (schema.not) errors.push(...nestedErrors(schema.not, false, `${path}.not`));
  const pattern = schema.pattern === undefined || schema.pattern === "" ? undefined : compilePattern(schema.pattern);
  if (pattern instanceof Error) {
    errors.push(
      invalidValue(
        `${path}.pattern`,
        schema.pattern,
        `must be a valid regular expression, but isn't: error parsing regexp: ${pattern.message}`,
      ),
    );
  }
  return errors;
}

/** Keywords that have no place within `allOf`, `anyOf`, `oneOf` and `not`, with what they must be. */
const keywords: readonly (readonly [keyof JsonSchema, string])[] = [
  ["type", "must be empty to be structural"],
  ["additionalProperties", "must be undefined to be structural"],
  ["default", "must be undefined to be structural"],
  ["title", "must be empty to be structural"],
  ["description", "must be empty to be structural"],
  ["nullable", "must be false to be structural"],
  ["x-kubernetes-preserve-unknown-fields", "must be false to be structural"],
  ["x-kubernetes-embedded-resource", "must be false to be structural"],
  ["x-kubernetes-int-or-string", "must be false to be structural"],
  ["x-kubernetes-list-map-keys", "must be empty to be structural"],
  ["x-kubernetes-list-type", "must be undefined to be structural"],
  ["x-kubernetes-map-type", "must be undefined to be structural"],
  ["x-kubernetes-validations", "must be empty to be structural"],
];

function nestedErrors(schema: JsonSchema, skipAnyOf: boolean, path: string): FieldError[] {
  const errors = constraintErrors(schema, skipAnyOf, false, path);
  if (schema.items) errors.push(...nestedErrors(schema.items, false, `${path}.items`));
  for (const [name, property] of Object.entries(schema.properties ?? {}))
    errors.push(...nestedErrors(property, false, `${path}.properties[${name}]`));
  for (const [keyword, message] of keywords) {
    const value = schema[keyword];
    if (value !== undefined && value !== "" && value !== false) errors.push(forbidden(`${path}.${keyword}`, message));
  }
  if (schema.properties?.["metadata"]) errors.push(forbidden(`${path}.properties[metadata]`, "must not be specified in a nested context"));
  return errors;
}

/** Every field that a nested schema constrains must exist outside of it. */
function completenessErrors(constraints: JsonSchema, schema: JsonSchema, path: string, from: string): FieldError[] {
  const nested: [JsonSchema, string][] = [];
  if (constraints.not) nested.push([constraints.not, `${from}.not`]);
  for (const list of ["allOf", "anyOf", "oneOf"] as const)
    for (const [index, branch] of (constraints[list] ?? []).entries()) nested.push([branch, `${from}.${list}[${index}]`]);
  return nested.flatMap(([branch, place]) => nestedCompletenessErrors(branch, schema, path, place));
}

function nestedCompletenessErrors(constraints: JsonSchema, schema: JsonSchema | undefined, path: string, from: string): FieldError[] {
  if (!schema) return [required(path, `because it is defined in ${from}`)];
  const errors = completenessErrors(constraints, schema, path, from);
  if (constraints.items) errors.push(...nestedCompletenessErrors(constraints.items, schema.items, `${path}.items`, `${from}.items`));
  for (const [name, property] of Object.entries(constraints.properties ?? {})) {
    errors.push(
      ...nestedCompletenessErrors(property, schema.properties?.[name], `${path}.properties[${name}]`, `${from}.properties[${name}]`),
    );
  }
  return errors;
}
