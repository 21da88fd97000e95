/**
 * Reading the JSON of a built-in kind as Go's typed structs read it, and giving it back as they write it: unknown fields are dropped
 * (and reported), wrong types are errors, zeros and empty collections disappear unless they mean something, structs that are not
 * optional always appear, quantities and times are canonical. One closure per schema node, compiled once.
 */
import type { JsonArray, JsonObject, JsonSchema, JsonValue, ResolveRef } from "../../../schema/index.ts";
import { isObject, setField } from "../../../schema/index.ts";
import { pointerScalars, writtenNulls } from "./data/gofields.ts";
import { canonicalQuantity, QuantityError } from "../../../schema/quantity.ts";
import { canonicalTime } from "./times.ts";

/** Thrown for values that Go could not read; the message is Go's. */
export class DecodeError extends Error {
  override readonly name = "DecodeError";
}

/** Where a value is: the path of its struct fields as Go's messages have it, the full path, and what is unknown so far. */
interface Place {
  readonly fields: string;
  readonly path: string;
  readonly struct: string;
  readonly unknown: string[];
}

/** Returns the canonical value; `undefined` when it is not written at all. */
type Decode = (value: JsonValue | undefined, place: Place) => JsonValue | undefined;

/** A compiled kind. */
export interface TypedDecoder {
  /** Throws {@link DecodeError}. `unknown` has the paths of fields that were dropped, in the order of the text. */
  decode(value: JsonValue): { object: JsonObject; unknown: string[] };
  /** What Go writes for a struct in which nothing is set. */
  readonly empty: JsonObject;
}

const decoders = new WeakMap<JsonSchema, TypedDecoder>();

/** The decoder of a kind; cached by schema object. `fullName` is the schema's name in `data/gofields.ts` (`apps.v1.Deployment`). */
export function typedDecoder(schema: JsonSchema, fullName: string, resolve: ResolveRef): TypedDecoder {
  let decoder = decoders.get(schema);
  if (!decoder) {
    const kind = fullName.slice(fullName.lastIndexOf(".") + 1);
    const struct = new Compiler(resolve).struct(schema, goTypeName(fullName), fullName);
    const read = (value: JsonValue, unknown: string[]): JsonObject => {
      const result = struct(value, { fields: "", path: "", struct: kind, unknown });
      return isObject(result) ? result : {};
    };
    decoder = {
      decode(value) {
        const unknown: string[] = [];
        const object = read(value, unknown);
        return { object, unknown };
      },
      get empty() {
        return read({}, []);
      },
    };
    decoders.set(schema, decoder);
  }
  return decoder;
}

const words = (table: Readonly<Record<string, string>>, name: string): Set<string> =>
  new Set((table[name] ?? "").split(" ").filter((word) => word !== ""));

class Compiler {
  readonly #resolve: ResolveRef;
  readonly #structs = new Map<string, Decode>();

  constructor(resolve: ResolveRef) {
    this.#resolve = resolve;
  }

  /** A struct: always an object, with the fields that Go would write. */
  struct(schema: JsonSchema, goName: string, fullName: string): Decode {
    const typeName = goName.slice(goName.lastIndexOf(".") + 1);
    const pointers = words(pointerScalars, fullName);
    const nulls = words(writtenNulls, fullName);
    const fields = new Map<string, { decode: Decode; absent: boolean; empty: JsonValue | undefined }>();
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      fields.set(name, {
        decode: this.#value(property, pointers.has(name)),
        absent: isObject(property.default) || property.default !== undefined || nulls.has(name),
        empty: nulls.has(name) ? (isQuantity(property) ? "0" : null) : undefined,
      });
    }
    const always = [...fields].filter(([, field]) => field.absent);
    return (value, place) => {
      const result: JsonObject = {};
      if (isObject(value)) {
        for (const [name, content] of Object.entries(value)) {
          const field = fields.get(name);
          const path = place.path === "" ? name : `${place.path}.${name}`;
          if (!field) {
            place.unknown.push(path);
            continue;
          }
          const below = { fields: place.fields === "" ? name : `${place.fields}.${name}`, path, struct: typeName, unknown: place.unknown };
          const decoded = field.decode(content ?? undefined, below) ?? field.empty;
          if (decoded !== undefined) setField(result, name, decoded);
        }
      } else if (value !== undefined && value !== null) {
        throw mismatch(value, place, goName);
      }
      for (const [name, field] of always) {
        if (result[name] !== undefined) continue;
        const path = place.path === "" ? name : `${place.path}.${name}`;
        const decoded = field.decode(undefined, { ...place, path }) ?? field.empty;
        if (decoded !== undefined) setField(result, name, decoded);
      }
      return result;
    };
  }

  /** A field's value. `pointer`: a zero scalar is kept. */
  #value(schema: JsonSchema, pointer: boolean): Decode {
    const ref = schema.$ref ?? (schema.allOf?.length === 1 ? schema.allOf[0]?.$ref : undefined);
    if (ref === undefined) return this.#plain(schema, pointer);
    const name = ref.slice(ref.lastIndexOf("/") + 1);
    switch (name) {
      case "io.k8s.apimachinery.pkg.api.resource.Quantity":
        return (value) => decodeQuantity(value, false);
      case "io.k8s.apimachinery.pkg.util.intstr.IntOrString":
        return decodeIntOrString;
      case "io.k8s.apimachinery.pkg.apis.meta.v1.Time":
        return (value, place) => decodeTime(value, place, false);
      case "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime":
        return (value, place) => decodeTime(value, place, true);
      default:
        break;
    }
    const target = this.#resolve(ref);
    if (!target) throw new Error(`The schema has a reference that nothing resolves: ${ref}`);
    if (target.type !== "object" || !target.properties) return this.#plain({ ...target, default: schema.default } as JsonSchema, pointer);
    // Structs may contain themselves, so they are compiled when they are first met in a value.
    const required = isObject(schema.default);
    return (value, place) => {
      if (!required && (value === undefined || value === null)) return undefined;
      let struct = this.#structs.get(name);
      if (!struct) {
        struct = this.struct(target, goTypeName(name), shortName(name));
        this.#structs.set(name, struct);
      }
      return struct(value, place);
    };
  }

  #plain(schema: JsonSchema, pointer: boolean): Decode {
    switch (schema.type) {
      case "array":
        return this.#array(schema);
      case "object":
        return schema.properties ? this.struct(schema, "", "") : this.#map(schema);
      case "integer":
        return number(schema, pointer, true);
      case "number":
        return number(schema, pointer, false);
      case "boolean":
        return scalar("boolean", "bool", false, schema, pointer);
      case "string":
        return schema.format === "byte" ? decodeBytes : scalar("string", "string", "", schema, pointer);
      default:
        return (value) => value ?? undefined;
    }
  }

  #array(schema: JsonSchema): Decode {
    const item: Decode = schema.items
      ? this.#value(
          { ...schema.items, default: schema.items.default ?? (schema.items.$ref === undefined ? undefined : {}) } as JsonSchema,
          true,
        )
      : (value) => value;
    return (value, place) => {
      if (value === undefined || value === null) return undefined;
      if (!Array.isArray(value)) throw mismatch(value, place, `[]${itemType(schema.items)}`);
      const result: JsonArray = value.map((element, index) => item(element, { ...place, path: `${place.path}[${index}]` }) ?? null);
      return result.length === 0 ? undefined : result;
    };
  }

  #map(schema: JsonSchema): Decode {
    const additional = typeof schema.additionalProperties === "object" ? schema.additionalProperties : undefined;
    if (!additional) return (value) => value ?? undefined;
    const entry: Decode = isQuantity(additional) ? (value) => decodeQuantity(value, true) : this.#value(additional, true);
    return (value, place) => {
      if (value === undefined || value === null) return undefined;
      if (!isObject(value)) throw mismatch(value, place, `map[string]${itemType(additional)}`);
      const result: JsonObject = {};
      for (const [key, content] of Object.entries(value)) {
        const decoded = entry(content, { ...place, path: `${place.path}.${key}`, fields: place.fields });
        setField(result, key, decoded ?? zeroOf(additional));
      }
      return Object.keys(result).length === 0 ? undefined : result;
    };
  }
}

function zeroOf(schema: JsonSchema): JsonValue {
  if (schema.default !== undefined) return schema.default;
  return null;
}

function scalar(type: "boolean" | "string", goType: string, zero: boolean | string, schema: JsonSchema, pointer: boolean): Decode {
  const written = schema.default;
  return (value, place) => {
    if (value === undefined || value === null) return written;
    if (typeof value !== type) throw mismatch(value, place, goType);
    return value === zero && !pointer ? written : value;
  };
}

function number(schema: JsonSchema, pointer: boolean, whole: boolean): Decode {
  const written = schema.default;
  const goType = whole ? (schema.format === "int32" ? "int32" : "int64") : "float64";
  const limit = schema.format === "int32" ? 2 ** 31 : 2 ** 63;
  return (value, place) => {
    if (value === undefined || value === null) return written;
    if (typeof value !== "number") throw mismatch(value, place, goType);
    if (whole && (!Number.isInteger(value) || value >= limit || value < -limit)) throw mismatch(value, place, goType, `number ${value}`);
    return value === 0 && !pointer ? written : value;
  };
}

/** Bytes: base64 with padding, line breaks allowed. */
function decodeBytes(value: JsonValue | undefined, place: Place): JsonValue | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw mismatch(value, place, "[]uint8");
  const text = value.replace(/[\r\n]/g, "");
  const wrong = /[^A-Za-z0-9+/=]/.exec(text)?.index ?? /=(?!=?$)/.exec(text)?.index ?? (text.length % 4 === 0 ? -1 : text.length);
  if (wrong !== -1) throw new DecodeError(`illegal base64 data at input byte ${wrong}`);
  return text;
}

/** `milli`: the quantity is one of a resource list. */
function decodeQuantity(value: JsonValue | undefined, milli: boolean): JsonValue | undefined {
  if (value === undefined || value === null) return undefined;
  // Go reads whatever is there as text; objects and arrays make no quantity.
  const text = typeof value === "string" ? value.trim() : typeof value === "number" ? plainNumber(value) : "{}";
  try {
    return canonicalQuantity(text, milli);
  } catch (error) {
    if (error instanceof QuantityError) throw new DecodeError(error.message, { cause: error });
    throw error;
  }
}

function plainNumber(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e21 ? BigInt(value).toString() : String(value);
}

function decodeIntOrString(value: JsonValue | undefined, place: Place): JsonValue | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string") return value;
  if (typeof value !== "number") throw mismatch(value, place, "string");
  if (!Number.isInteger(value) || Math.abs(value) >= 2 ** 31) throw mismatch(value, place, "int32", `number ${value}`);
  return value;
}

function decodeTime(value: JsonValue | undefined, place: Place, micro: boolean): JsonValue | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw mismatch(value, place, "string");
  const time = canonicalTime(value, micro);
  if (time instanceof Error) throw new DecodeError(time.message);
  return time;
}

function mismatch(value: JsonValue, place: Place, goType: string, shown = jsonKind(value)): DecodeError {
  const field = place.fields === "" ? "Go value" : `Go struct field ${place.struct}.${place.fields}`;
  return new DecodeError(`json: cannot unmarshal ${shown} into ${field} of type ${goType}`);
}

function jsonKind(value: JsonValue): string {
  if (Array.isArray(value)) return "array";
  return typeof value === "boolean" ? "bool" : typeof value;
}

function isQuantity(schema: JsonSchema): boolean {
  return (schema.$ref ?? schema.allOf?.[0]?.$ref ?? "").endsWith(".resource.Quantity");
}

function shortName(name: string): string {
  return name.replace(/^io\.k8s\.api\./, "").replace(/^io\.k8s\.apimachinery\.pkg\.apis\./, "");
}

/** `v1.PodSpec`. */
function goTypeName(name: string): string {
  return name.split(".").slice(-2).join(".");
}

/** A type as Go prints it: `v1.Container`, `string`, `int32`. */
function itemType(schema: JsonSchema | undefined): string {
  const ref = schema?.$ref ?? schema?.allOf?.[0]?.$ref;
  if (ref !== undefined) return ref.split(".").slice(-2).join(".");
  switch (schema?.type) {
    case "boolean":
      return "bool";
    case "integer":
      return schema.format === "int32" ? "int32" : "int64";
    default:
      return schema?.type ?? "interface {}";
  }
}
