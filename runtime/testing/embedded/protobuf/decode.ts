import { badRequest } from "../errors.ts";
import { setField, type JsonArray, type JsonObject, type JsonValue } from "../../../schema/index.ts";
import { layoutOf, messageOfKind, type Layout, type ProtobufField } from "./layout.ts";
import { ProtobufReader } from "./reader.ts";

/** What every Kubernetes protobuf body begins with. */
const MAGIC = Buffer.from("k8s\0");

/**
 * Reads a body of type `application/vnd.kubernetes.protobuf` into the JSON that the same Go object would give. kubectl and Go clients
 * send it for built-in kinds. Throws StatusFailure 400 when it is no such body.
 */
export function decodeProtobuf(body: Buffer): JsonObject {
  if (!body.subarray(0, 4).equals(MAGIC))
    throw badRequest("provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]");
  try {
    return decodeUnknown(body.subarray(4));
  } catch (error) {
    if (error instanceof RangeError) throw badRequest(`unable to decode the protobuf body: ${error.message}`);
    throw error;
  }
}

/** `runtime.Unknown`: type, and the object's own bytes. */
function decodeUnknown(bytes: Buffer): JsonObject {
  const reader = new ProtobufReader(bytes);
  let apiVersion = "";
  let kind = "";
  let raw: Buffer = Buffer.alloc(0);
  while (!reader.done) {
    const { number, wire } = reader.tag();
    if (number === 1) {
      const type = new ProtobufReader(reader.bytes());
      while (!type.done) {
        const field = type.tag();
        if (field.number === 1) apiVersion = type.bytes().toString();
        else if (field.number === 2) kind = type.bytes().toString();
        else type.skip(field.wire);
      }
    } else if (number === 2) {
      raw = reader.bytes();
    } else {
      reader.skip(wire);
    }
  }
  const message = messageOfKind(apiVersion, kind);
  const layout = message === undefined ? undefined : layoutOf(message);
  if (layout === undefined) throw badRequest(`no kind "${kind}" is registered for version "${apiVersion}"`);
  return { kind, apiVersion, ...decodeMessage(raw, layout) };
}

function decodeMessage(bytes: Buffer, layout: Layout): JsonObject {
  const reader = new ProtobufReader(bytes);
  const object: JsonObject = {};
  while (!reader.done) {
    const { number, wire } = reader.tag();
    const field = layout.get(number);
    if (field === undefined) reader.skip(wire);
    else readField(reader, wire, field, object);
  }
  return object;
}

function readField(reader: ProtobufReader, wire: number, field: ProtobufField, object: JsonObject): void {
  if (field.type.startsWith("map ")) {
    const { key, value } = readMapEntry(reader.bytes(), field.type.slice(4));
    const map = (object[field.name] ?? {}) as JsonObject;
    setField(map, key, value);
    object[field.name] = map;
    return;
  }
  const value = readValue(reader, wire, field.type);
  if (field.name === "") {
    Object.assign(object, value);
  } else if (field.repeated) {
    const list = (object[field.name] ?? []) as JsonArray;
    list.push(value ?? null);
    object[field.name] = list;
  } else if (value !== undefined && !(field.omitsZero && isZero(value))) {
    object[field.name] = value;
  }
}

function isZero(value: JsonValue): boolean {
  return value === 0 || value === "" || value === false || (Array.isArray(value) && value.length === 0);
}

function readMapEntry(bytes: Buffer, type: string): { key: string; value: JsonValue } {
  const reader = new ProtobufReader(bytes);
  let key = "";
  let value: JsonValue | undefined;
  while (!reader.done) {
    const { number, wire } = reader.tag();
    if (number === 1) key = reader.bytes().toString();
    else if (number === 2) value = readValue(reader, wire, type);
    else reader.skip(wire);
  }
  return { key, value: value ?? (type === "string" || type === "bytes" ? "" : null) };
}

/** One value; `undefined` stands for what Go would write as null (a zero time). */
function readValue(reader: ProtobufReader, wire: number, type: string): JsonValue | undefined {
  switch (type) {
    case "string":
      return reader.bytes().toString();
    case "bytes":
      return reader.bytes().toString("base64");
    case "bool":
      return reader.varint() !== 0n;
    case "int32":
    case "int64":
      return Number(BigInt.asIntN(64, reader.varint()));
    case "uint32":
    case "uint64":
      return Number(reader.varint());
    case "double":
      return reader.fixed64().readDoubleLE();
    case "float":
      return reader.fixed32().readFloatLE();
  }
  if (wire !== 2) throw new RangeError(`wire type ${wire} for ${type}`);
  const bytes = reader.bytes();
  const special = SPECIAL[type.slice(type.lastIndexOf(".") + 1)];
  const layout = layoutOf(type);
  if (layout === undefined) throw new RangeError(`unknown message ${type}`);
  const message = () => decodeMessage(bytes, layout);
  return special === undefined ? message() : special(bytes, message, type);
}

type Special = (bytes: Buffer, message: () => JsonObject, type: string) => JsonValue | undefined;

/** The first bytes field of a message that holds JSON text. */
function rawJson(bytes: Buffer): JsonValue | undefined {
  const reader = new ProtobufReader(bytes);
  while (!reader.done) {
    const { number, wire } = reader.tag();
    if (number !== 1) {
      reader.skip(wire);
      continue;
    }
    const raw = reader.bytes();
    // An object in another encoding inside of a RawExtension.
    return raw.subarray(0, 4).equals(MAGIC) ? decodeProtobuf(raw) : (JSON.parse(raw.toString()) as JsonValue);
  }
  return undefined;
}

function numberField(message: JsonObject, name: string): number {
  const value = message[name];
  return typeof value === "number" ? value : 0;
}

function wrappedItems(_bytes: Buffer, message: () => JsonObject): JsonValue {
  return message()["items"] ?? [];
}

/** Messages whose JSON is not an object of their fields. */
const SPECIAL: Readonly<Record<string, Special>> = {
  Quantity: (_bytes, message) => message()["string"] ?? "0",
  IntOrString: (_bytes, message) => {
    const value = message();
    return numberField(value, "type") === 1 ? (value["strVal"] ?? "") : numberField(value, "intVal");
  },
  Time: (bytes, message) => (bytes.length === 0 ? undefined : timeText(message(), false)),
  MicroTime: (bytes, message) => (bytes.length === 0 ? undefined : timeText(message(), true)),
  Duration: (_bytes, message, type) => (type.includes("apimachinery") ? durationText(numberField(message(), "duration")) : message()),
  FieldsV1: rawJson,
  RawExtension: rawJson,
  JSON: rawJson,
  Verbs: wrappedItems,
  ExtraValue: wrappedItems,
  JSONSchemaPropsOrBool: (_bytes, message) => message()["schema"] ?? message()["allows"] ?? false,
  JSONSchemaPropsOrArray: (_bytes, message) => message()["schema"] ?? message()["jSONSchemas"] ?? message()["JSONSchemas"] ?? [],
  JSONSchemaPropsOrStringArray: (_bytes, message) => message()["schema"] ?? message()["property"] ?? [],
};

function timeText(value: JsonObject, withMicroseconds: boolean): string {
  const whole = new Date(numberField(value, "seconds") * 1000).toISOString().slice(0, 19);
  if (!withMicroseconds) return `${whole}Z`;
  const microseconds = Math.floor(numberField(value, "nanos") / 1000);
  return `${whole}.${String(microseconds).padStart(6, "0")}Z`;
}

/** Nanoseconds as Go prints a duration: `1h0m0s`, `1m30s`, `1.5s`, `0s`. */
function durationText(nanoseconds: number): string {
  const seconds = Math.abs(nanoseconds) / 1e9;
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const rest = seconds % 60;
  const text = hours > 0 ? `${hours}h${minutes}m${rest}s` : minutes > 0 ? `${minutes}m${rest}s` : `${rest}s`;
  return nanoseconds < 0 ? `-${text}` : text;
}
