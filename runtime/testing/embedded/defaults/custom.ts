/**
 * The strategy of custom resources: everything follows from their CRD.
 */
import { fieldTypeOf } from "../apply/index.ts";
import type { FieldError, JsonObject, JsonSchema, JsonValue } from "../../../schema/index.ts";
import {
  arrayAt,
  cloneJson,
  compileSchema,
  dns1123Subdomain,
  embeddedErrors,
  equalJson,
  goValue,
  invalidValue,
  isObject,
  metadataErrors,
  metadataUpdateErrors,
  numberAt,
  objectAt,
  setField,
  stringAt,
} from "../../../schema/index.ts";
import { withRuleErrors } from "../../../cel/index.ts";
import { decodeJson, decodeText } from "./decode.ts";
import type { ReadObject } from "./decode.ts";
import { coerceEmbedded, readMetadata } from "./embedded.ts";
import { finalizerWarnings } from "./warnings.ts";
import type { Strategy } from "./strategy.ts";

const strategies = new WeakMap<JsonObject, Map<string, Strategy>>();
/** A CRD version without a schema keeps everything. */
const anything: JsonSchema = { type: "object", "x-kubernetes-preserve-unknown-fields": true };

/** The strategy of one version of a custom resource. `crd` is the stored, defaulted CustomResourceDefinition; cached on that object. Throws for a version that the CRD does not have. */
export function customResourceStrategy(crd: JsonObject, version: string): Strategy {
  let versions = strategies.get(crd);
  if (!versions) {
    versions = new Map();
    strategies.set(crd, versions);
  }
  let strategy = versions.get(version);
  if (!strategy) {
    strategy = build(crd, version);
    versions.set(version, strategy);
  }
  return strategy;
}

interface Version {
  readonly schema: JsonSchema;
  readonly subresources: JsonObject;
}

function versionOf(crd: JsonObject, name: string): Version | undefined {
  const found = arrayAt(crd, "spec", "versions").find((version) => stringAt(version, "name") === name);
  if (!isObject(found)) return undefined;
  const schema = objectAt(found, "schema", "openAPIV3Schema");
  return { schema: (schema as JsonSchema | undefined) ?? anything, subresources: objectAt(found, "subresources") ?? {} };
}

function build(crd: JsonObject, version: string): Strategy {
  const group = stringAt(crd, "spec", "group") ?? "";
  const kind = stringAt(crd, "spec", "names", "kind") ?? "";
  const namespaced = stringAt(crd, "spec", "scope") === "Namespaced";
  const found = versionOf(crd, version);
  if (!found) throw new Error(`${kind}.${group} has no version ${version}`);
  const { schema, subresources } = found;
  const apiVersion = `${group}/${version}`;
  const hasStatus = isObject(subresources["status"]);
  const scale = objectAt(subresources, "scale");
  const compiled = compileSchema(schema);
  const identity = { group, version, kind };
  const read: ReadObject = (value, { applied }) => {
    const object = cloneJson(value);
    const wrongMetadata = coerceMetadata(object);
    compiled.applyDefaults(object, { keepNulls: applied === true });
    const unknown = [...wrongMetadata, ...coerceEmbedded(object, schema), ...compiled.prune(object)];
    return {
      object: { ...object, apiVersion: stringAt(object, "apiVersion") ?? apiVersion, kind: stringAt(object, "kind") ?? kind },
      unknown,
    };
  };
  const status = schema.properties?.["status"];

  return {
    ...identity,
    namespaced,
    fieldType(other) {
      const at = other.startsWith(`${group}/`) ? versionOf(crd, other.slice(group.length + 1)) : undefined;
      return at && fieldTypeOf(at.schema, { custom: true });
    },
    convert: (object, other) => ({ ...object, apiVersion: other }),
    resetFields(other, subresource) {
      if (other !== apiVersion) return [];
      if (subresource === "status") return [["spec"]];
      return subresource === "" && hasStatus ? [["status"]] : [];
    },
    emptyObject: (other) => ({ apiVersion: other, kind }),
    decode: (text, validation) => decodeText(identity, read, text, validation, { lenientKind: true }),
    decodeValue: (value, validation, options) => decodeJson(identity, read, value, validation, { ...options, lenientKind: true }),
    prepareForCreate(object) {
      if (hasStatus) Reflect.deleteProperty(object, "status");
      const metadata = objectAt(object, "metadata");
      if (metadata) metadata["generation"] = 1;
    },
    prepareForUpdate(object, old, subresource) {
      if (subresource === "status") keepAllButStatus(object, old);
      else prepareMain(object, old, hasStatus);
    },
    validate(object) {
      const wrongType = typeMetaErrors(object, apiVersion, kind);
      const own = () => [
        ...metadataErrors(object, namespaced, dns1123Subdomain),
        ...compiled.validate(object),
        ...scaleErrors(object, scale, true),
      ];
      const errors = [...(wrongType.length > 0 ? wrongType : own()), ...embeddedErrors(object, schema), ...compiled.validateLists(object)];
      return withRuleErrors(errors, schema, object, undefined);
    },
    validateUpdate(object, old, subresource) {
      const metadata = [...typeMetaErrors(object, apiVersion, kind), ...metadataUpdateErrors(object, old)];
      if (subresource === "status") {
        const [value, before] = [object["status"], old["status"]];
        const errors = value !== undefined && status ? compileSchema(status).validate(value, { path: "status", old: before }) : [];
        const all = [...metadata, ...errors, ...scaleErrors(object, scale, false), ...compiled.validateLists(object, { old })];
        return withRuleErrors(all, schema, object, old);
      }
      const errors = [
        ...metadata,
        ...compiled.validate(object, { old }),
        ...scaleErrors(object, scale, true),
        ...embeddedErrors(object, schema),
        ...compiled.validateLists(object, { old }),
      ];
      return withRuleErrors(errors, schema, object, old);
    },
    warnings: (object, old) => finalizerWarnings(object, old),
  };
}

/** Types `metadata` as ObjectMeta, in place; returns the paths of fields it does not have. Throws DecodeError for wrong types. */
function coerceMetadata(object: JsonObject): string[] {
  const metadata = object["metadata"];
  if (metadata === undefined) return [];
  const read = readMetadata(metadata);
  setField(object, "metadata", read.object);
  return read.unknown.map((field) => `metadata.${field}`);
}

function typeMetaErrors(object: JsonObject, apiVersion: string, kind: string): FieldError[] {
  const errors: FieldError[] = [];
  if (object["kind"] !== kind) errors.push(invalidValue("kind", object["kind"], `must be ${kind}`));
  if (object["apiVersion"] !== apiVersion) errors.push(invalidValue("apiVersion", object["apiVersion"], `must be ${apiVersion}`));
  return errors;
}

const largestReplicas = 2 ** 31 - 1;

function scaleErrors(object: JsonObject, scale: JsonObject | undefined, spec: boolean): FieldError[] {
  if (!scale) return [];
  const paths = [...(spec ? ["specReplicasPath"] : []), "statusReplicasPath"].map((name) => stringAt(scale, name) ?? "");
  return [...paths.flatMap((path) => replicasErrors(object, path)), ...selectorErrors(object, stringAt(scale, "labelSelectorPath"))];
}

function replicasErrors(object: JsonObject, path: string): FieldError[] {
  const found = nested(object, path);
  if (found === undefined) return [];
  if (found instanceof Error) return [invalidValue(path, 0, found.message)];
  if (typeof found !== "number" || !Number.isInteger(found)) return [invalidValue(path, 0, accessor(path, found, "int64"))];
  if (found < 0) return [invalidValue(path, found, "should be a non-negative integer")];
  return found > largestReplicas ? [invalidValue(path, found, `should be less than or equal to ${largestReplicas}`)] : [];
}

function selectorErrors(object: JsonObject, path: string | undefined): FieldError[] {
  if (path === undefined) return [];
  const found = nested(object, path);
  if (found === undefined || typeof found === "string") return [];
  return [invalidValue(path, "", found instanceof Error ? found.message : accessor(path, found, "string"))];
}

function nested(object: JsonObject, path: string): JsonValue | undefined | Error {
  let current: JsonValue | undefined = object;
  const done: string[] = [];
  for (const name of path.replace(/^\./, "").split(".")) {
    if (current === undefined) return undefined;
    done.push(name);
    if (!isObject(current))
      return new Error(
        `${done.map((step) => `.${step}`).join("")} accessor error: ${goValue(current)} is of the type ${goType(current)}, expected map[string]interface{}`,
      );
    current = current[name];
  }
  return current;
}

function accessor(path: string, value: JsonValue, wanted: string): string {
  return `${path.startsWith(".") ? path : `.${path}`} accessor error: ${goValue(value)} is of the type ${goType(value)}, expected ${wanted}`;
}

function goType(value: JsonValue): string {
  if (value === null) return "<nil>";
  if (Array.isArray(value)) return "[]interface {}";
  if (typeof value === "object") return "map[string]interface {}";
  if (typeof value === "number") return Number.isInteger(value) ? "int64" : "float64";
  return typeof value === "boolean" ? "bool" : "string";
}

function keepAllButStatus(object: JsonObject, old: JsonObject): void {
  const managed = objectAt(object, "metadata")?.["managedFields"];
  const status = object["status"];
  for (const field of Object.keys(object)) Reflect.deleteProperty(object, field);
  Object.assign(object, cloneJson(old));
  const metadata = objectAt(object, "metadata");
  if (metadata && managed !== undefined) metadata["managedFields"] = managed;
  else if (metadata) Reflect.deleteProperty(metadata, "managedFields");
  if (status === undefined) Reflect.deleteProperty(object, "status");
  else object["status"] = status;
}

function prepareMain(object: JsonObject, old: JsonObject, hasStatus: boolean): void {
  if (hasStatus) {
    const before = old["status"];
    if (before === undefined) Reflect.deleteProperty(object, "status");
    else object["status"] = cloneJson(before);
  }
  const metadata = objectAt(object, "metadata");
  if (!metadata || equalJson({ ...object, metadata: null }, { ...old, metadata: null })) return;
  metadata["generation"] = (numberAt(old, "metadata", "generation") ?? 0) + 1;
}
