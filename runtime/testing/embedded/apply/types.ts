/**
 * A schema as patches and server-side apply see it (structured-merge-diff's view): what is a scalar, what is merged field by field,
 * what is replaced whole, and by which keys the elements of a list are told apart.
 */
import type { JsonSchema, JsonValue, ResolveRef } from "../../../schema/index.ts";
import { objectMetaSchema } from "../../../schema/index.ts";

/** What a scalar must be. */
export type ScalarType = "numeric" | "string" | "boolean" | "untyped";

/** A list: replaced whole, or a set of scalars (no keys), or a map by keys. */
export interface ListType {
  readonly atomic: boolean;
  readonly keys: readonly string[];
  readonly element: FieldType;
}

/** A field of a struct. */
export interface StructField {
  readonly type: FieldType;
  /** Its default, which stands in for a list key that is not given. */
  readonly default: JsonValue | undefined;
  /** How a strategic merge patch treats it: `merge`, `replace`, `retainKeys`; empty: maps are merged, lists replaced. */
  readonly patchStrategy: readonly string[];
  /** By which field a strategic merge patch tells the elements of a list apart; `""`: they are scalars. */
  readonly patchMergeKey: string;
}

/** A struct or a map: replaced whole, or merged by field. */
export interface MapType {
  readonly atomic: boolean;
  readonly fields: ReadonlyMap<string, StructField>;
  /** The type of fields that are not named; `undefined` when there may be none. */
  readonly element: FieldType | undefined;
}

/** A type: one, or (for untyped values) several, of scalar, list and map. */
export interface FieldType {
  readonly schema: JsonSchema;
  readonly scalar: ScalarType | undefined;
  readonly list: ListType | undefined;
  readonly map: MapType | undefined;
}

/** How the schema is to be read. */
export interface FieldTypeOptions {
  /** Finds `$ref`s (OpenAPI documents of built-in kinds). */
  readonly resolve?: ResolveRef;
  /** The schema is a CRD's: its `metadata` is taken as ObjectMeta, whatever the CRD says. Default false. */
  readonly custom?: boolean;
}

const untypedSchema: JsonSchema = {};

/** Anything, replaced whole. */
const untyped: FieldType = {
  schema: untypedSchema,
  scalar: "untyped",
  get list(): ListType {
    return { atomic: true, keys: [], element: untyped };
  },
  get map(): MapType {
    return { atomic: true, fields: new Map(), element: untyped };
  },
};

/** Anything, with objects merged by field and lists replaced whole. */
const deduced: FieldType = {
  schema: untypedSchema,
  scalar: "untyped",
  list: { atomic: true, keys: [], element: untyped },
  get map(): MapType {
    return deducedMap;
  },
};
const deducedMap: MapType = { atomic: false, fields: new Map(), element: deduced };

/** True for maps of which nothing is known: their ownership is never adapted to schema changes. */
export function isUnknownMap(map: MapType): boolean {
  return map.fields.size === 0 && map.element?.scalar === "untyped" && map.element !== untyped;
}

const compiled = new WeakMap<JsonSchema, FieldType>();
const compiledCustom = new WeakMap<JsonSchema, FieldType>();

/** Compiles a schema; cached by schema object, so it must not change afterwards. */
export function fieldTypeOf(schema: JsonSchema, options: FieldTypeOptions = {}): FieldType {
  const cache = options.custom === true ? compiledCustom : compiled;
  let type = cache.get(schema);
  if (!type) {
    const preserves = schema["x-kubernetes-preserve-unknown-fields"] === true;
    type =
      options.custom === true
        ? compile(withObjectFields(schema), new Reader(undefined), preserves)
        : new Reader(options.resolve).reference(schema, false);
    cache.set(schema, type);
  }
  return type;
}

/** A whole custom resource, or a resource embedded in one, has these three fields whatever its schema says. */
function withObjectFields(schema: JsonSchema): JsonSchema {
  return {
    ...schema,
    type: "object",
    properties: { ...schema.properties, apiVersion: { type: "string" }, kind: { type: "string" }, metadata: objectMetaSchema },
  };
}

/** Follows references; each named type is compiled once, so that recursive ones end. */
class Reader {
  readonly #resolve: ResolveRef | undefined;

  constructor(resolve: ResolveRef | undefined) {
    this.#resolve = resolve;
  }

  reference(schema: JsonSchema, preserves: boolean): FieldType {
    const ref = schema.$ref ?? (schema.allOf?.length === 1 ? schema.allOf[0]?.$ref : undefined);
    if (ref === undefined) return compile(schema, this, preserves);
    if (ref.endsWith("/io.k8s.apimachinery.pkg.api.resource.Quantity"))
      return { schema, scalar: "untyped", list: undefined, map: undefined };
    if (ref.endsWith("/io.k8s.apimachinery.pkg.runtime.RawExtension")) return untyped;
    const target = this.#resolve?.(ref);
    if (!target) throw new Error(`The schema has a reference that nothing resolves: ${ref}`);
    let type = compiled.get(target);
    if (!type) {
      type = compile(target, this, false);
      compiled.set(target, type);
    }
    const override = schema["x-kubernetes-map-type"];
    if (override === undefined || !type.map) return type;
    return {
      schema: type.schema,
      scalar: type.scalar,
      list: type.list,
      map: { fields: type.map.fields, element: type.map.element, atomic: override === "atomic" },
    };
  }
}

function compile(schema: JsonSchema, reader: Reader, inherited: boolean): FieldType {
  if (schema["x-kubernetes-embedded-resource"] === true && schema.properties?.["metadata"] !== objectMetaSchema) {
    return compile(withObjectFields(schema), reader, inherited);
  }
  const preserves = inherited || schema["x-kubernetes-preserve-unknown-fields"] === true;
  // Parts are compiled when they are first looked at: named types may contain themselves.
  let list: ListType | undefined;
  let map: MapType | undefined;
  const kind = schema["x-kubernetes-int-or-string"] === true ? "" : (schema.type ?? "");
  return {
    schema,
    scalar: scalarOf(schema, kind),
    get list() {
      if (kind !== "" && kind !== "array") return undefined;
      list ??= compileList(schema, reader, preserves);
      return list;
    },
    get map() {
      if (kind !== "" && kind !== "object") return undefined;
      map ??= compileMap(schema, reader, preserves);
      return map;
    },
  };
}

function scalarOf(schema: JsonSchema, kind: string): ScalarType | undefined {
  switch (kind) {
    case "object":
    case "array":
      return undefined;
    case "integer":
    case "number":
      return "numeric";
    case "boolean":
      return "boolean";
    case "string":
      return schema.format === undefined || schema.format === "" || schema.format === "byte" ? "string" : "untyped";
    default:
      return "untyped";
  }
}

function compileList(schema: JsonSchema, reader: Reader, preserves: boolean): ListType {
  const element = schema.items ? reader.reference(schema.items, preserves) : untyped;
  switch (schema["x-kubernetes-list-type"]) {
    case "set":
      return { atomic: false, keys: [], element };
    case "map":
      return { atomic: false, keys: schema["x-kubernetes-list-map-keys"] ?? [], element };
    case undefined: {
      const strategy = schema["x-kubernetes-patch-strategy"];
      const key = schema["x-kubernetes-patch-merge-key"];
      const merges = strategy === "merge" || strategy === "merge,retainKeys";
      return { atomic: !merges, keys: merges && key !== undefined ? [key] : [], element };
    }
    default:
      return { atomic: true, keys: [], element };
  }
}

function compileMap(schema: JsonSchema, reader: Reader, preserves: boolean): MapType {
  const fields = new Map<string, StructField>();
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    fields.set(name, {
      type: reader.reference(property, preserves),
      default: property.default,
      patchStrategy: (property["x-kubernetes-patch-strategy"] ?? "").split(",").filter((word) => word !== ""),
      patchMergeKey: property["x-kubernetes-patch-merge-key"] ?? "",
    });
  }
  const additional = schema.additionalProperties;
  let element: FieldType | undefined;
  if (typeof additional === "object") element = reader.reference(additional, preserves);
  else if (additional === true) element = deduced;
  else if (additional === undefined && (preserves || fields.size === 0)) element = deduced;
  return { atomic: schema["x-kubernetes-map-type"] === "atomic", fields, element };
}

/** The type of a field of a map, named or not. */
export function fieldOf(map: MapType, name: string): FieldType | undefined {
  return map.fields.get(name)?.type ?? map.element;
}

/** A type narrowed to what a value is: an untyped field that holds a map is a map. */
export function narrowed(type: FieldType, value: JsonValue | undefined): FieldType {
  if (value === undefined || value === null) return type;
  const { schema } = type;
  if (Array.isArray(value))
    return type.list && (type.scalar ?? type.map) ? { schema, scalar: undefined, list: type.list, map: undefined } : type;
  if (typeof value === "object")
    return type.map && (type.scalar ?? type.list) ? { schema, scalar: undefined, list: undefined, map: type.map } : type;
  return type.scalar && (type.list ?? type.map) ? { schema, scalar: type.scalar, list: undefined, map: undefined } : type;
}
