import { fieldTypeOf } from "../apply/index.ts";
import type { JsonObject, JsonSchema, ResolveRef } from "../../../schema/index.ts";
import { cloneJson, equalJson, numberAt, objectAt, setField } from "../../../schema/index.ts";
import { rulesOf } from "./builtin/index.ts";
import { decodeJson, decodeText } from "./decode.ts";
import type { ReadObject } from "./decode.ts";
import { typedDecoder } from "./decoding.ts";
import { metadataErrors, metadataUpdateErrors, unqualifiedFinalizerErrors } from "../../../schema/index.ts";
import { dns1123Subdomain } from "../../../schema/index.ts";
import type { KindRules } from "./rules.ts";
import type { Strategy } from "./strategy.ts";

/** A built-in kind at one version. */
export interface BuiltinKind {
  /** `""` for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly namespaced: boolean;
  /** The schema of the kind at a version of its group (`apps/v1`), from the server's OpenAPI v3 documents. */
  readonly schema: (apiVersion: string) => JsonSchema | undefined;
  /** Finds the `$ref`s of these schemas. */
  readonly resolve: ResolveRef;
  /** The object at another version of its kind; default: only `apiVersion` changes. */
  readonly convert?: (object: JsonObject, apiVersion: string) => JsonObject;
}

/** The strategy of a built-in kind: its own rules where they are known, the OpenAPI schema's otherwise. Throws for a kind without a schema. */
export function builtinStrategy(kind: BuiltinKind): Strategy {
  const apiVersion = kind.group === "" ? kind.version : `${kind.group}/${kind.version}`;
  const rules = rulesOf(kind.group, kind.kind);
  const nameRule = rules.name ?? dns1123Subdomain;
  const read = reader(kind, apiVersion, rules);
  return {
    group: kind.group,
    version: kind.version,
    kind: kind.kind,
    namespaced: kind.namespaced,
    fieldType(version) {
      const schema = kind.schema(version);
      return schema && fieldTypeOf(schema, { resolve: kind.resolve });
    },
    convert: (object, version) => (kind.convert ? kind.convert(object, version) : { ...object, apiVersion: version }),
    resetFields: (version, subresource) =>
      version.startsWith(`${kind.group}/`) || kind.group === "" ? resetFields(rules, subresource) : [],
    emptyObject(version) {
      const schema = kind.schema(version);
      return schema
        ? { apiVersion: version, kind: kind.kind, ...typedDecoder(schema, fullName(kind, version), kind.resolve).empty }
        : { apiVersion: version, kind: kind.kind };
    },
    decode: (text, validation) => decodeText(kind, read, text, validation),
    decodeValue: (value, validation, options) => decodeJson(kind, read, value, validation, options),
    prepareForCreate(object) {
      if (rules.status === true) resetStatus(object, emptyStatus(kind, apiVersion));
      if (rules.generation === true) generationOf(object, 1);
      rules.create?.(object);
    },
    prepareForUpdate(object, old, subresource) {
      if (subresource === "status") keepAllButStatus(object, old, rules);
      else prepareMain(object, old, rules);
    },
    validate: (object) => [
      ...metadataErrors(object, kind.namespaced, nameRule),
      ...unqualifiedFinalizerErrors(object),
      ...(rules.validate?.(object) ?? []),
    ],
    validateUpdate(object, old, subresource) {
      const metadata = [...metadataUpdateErrors(object, old), ...unqualifiedFinalizerErrors(object)];
      if (subresource === "status") return [...metadata, ...(rules.validateStatus?.(object, old) ?? [])];
      if (rules.revalidates === true)
        metadata.push(...metadataErrors(object, kind.namespaced, nameRule), ...unqualifiedFinalizerErrors(object));
      return [...metadata, ...((rules.validateUpdate ?? rules.validate)?.(object, old) ?? [])];
    },
    warnings: (object) => rules.warnings?.(object) ?? [],
  };
}

/** `apps.v1.Deployment`, the kind's name in the table of Go fields. */
function fullName(kind: BuiltinKind, apiVersion: string): string {
  const version = apiVersion.slice(apiVersion.lastIndexOf("/") + 1);
  switch (kind.group) {
    case "":
      return `core.${version}.${kind.kind}`;
    case "apiextensions.k8s.io":
      return `io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.${version}.${kind.kind}`;
    default:
      return `${kind.group.split(".", 1)[0] ?? ""}.${version}.${kind.kind}`;
  }
}

function reader(kind: BuiltinKind, apiVersion: string, rules: KindRules): ReadObject {
  return (value) => {
    const schema = kind.schema(apiVersion);
    if (!schema) throw new Error(`${kind.kind} has no schema at ${apiVersion}`);
    const { object, unknown } = typedDecoder(schema, fullName(kind, apiVersion), kind.resolve).decode(value);
    const ordered: JsonObject = { kind: kind.kind, apiVersion, ...object };
    ordered["kind"] = kind.kind;
    ordered["apiVersion"] = apiVersion;
    rules.defaults?.(ordered);
    return { object: ordered, unknown };
  };
}

function resetFields(rules: KindRules, subresource: string): readonly (readonly string[])[] {
  if (rules.status !== true) return [];
  if (subresource === "") return [["status"]];
  return subresource === "status" ? [["spec"], ...(rules.statusKeeps ?? []).map((field) => ["metadata", field])] : [];
}

function emptyStatus(kind: BuiltinKind, apiVersion: string): JsonObject | undefined {
  const schema = kind.schema(apiVersion);
  return schema && objectAt(typedDecoder(schema, fullName(kind, apiVersion), kind.resolve).empty, "status");
}

function resetStatus(object: JsonObject, empty: JsonObject | undefined): void {
  if (empty) object["status"] = empty;
  else Reflect.deleteProperty(object, "status");
}

function generationOf(object: JsonObject, generation: number): void {
  const metadata = objectAt(object, "metadata");
  if (metadata) metadata["generation"] = generation;
}

function prepareMain(object: JsonObject, old: JsonObject, rules: KindRules): void {
  if (rules.status === true) carry(object, old, "status");
  rules.update?.(object, old);
  if (rules.generation === true && !equalJson(object["spec"], old["spec"]))
    generationOf(object, (numberAt(old, "metadata", "generation") ?? 0) + 1);
}

function keepAllButStatus(object: JsonObject, old: JsonObject, rules: KindRules): void {
  for (const field of new Set([...Object.keys(object), ...Object.keys(old)])) {
    if (field !== "status" && field !== "metadata") carry(object, old, field);
  }
  const metadata = objectAt(object, "metadata");
  const before = objectAt(old, "metadata");
  if (metadata && before) for (const field of rules.statusKeeps ?? []) carry(metadata, before, field);
}

function carry(to: JsonObject, from: JsonObject, field: string): void {
  const value = from[field];
  if (value === undefined) Reflect.deleteProperty(to, field);
  else setField(to, field, cloneJson(value));
}
