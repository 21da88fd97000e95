import { badRequest, unsupportedMediaType } from "../errors.ts";
import type { Decoded, FieldValidation, Strategy } from "../defaults/index.ts";
import type { JsonValue } from "../../../schema/index.ts";
import { goJsonError } from "./gojson.ts";
import type { ApiRequest } from "./request.ts";

const JSON_TYPES = new Set(["", "application/json", "*/*"]);
const ACCEPTED = ["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"];

const PROTOBUF = "application/vnd.kubernetes.protobuf";

/** The media type of the body, without parameters. */
export function mediaType(request: ApiRequest): string {
  return (request.headers["content-type"] ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
}

/** Reads and decodes a whole object of a kind. Throws StatusFailure 400, 413 or 415. */
export async function decodeBody(request: ApiRequest, strategy: Strategy, validation: FieldValidation): Promise<Decoded> {
  const type = mediaType(request);
  if (JSON_TYPES.has(type)) return strategy.decode((await request.body()).toString(), validation);
  if (type === PROTOBUF) return strategy.decodeValue(await protobuf(request), validation);
  if (type === "application/yaml") return strategy.decodeValue(await parseYaml((await request.body()).toString()), validation);
  throw unsupportedMediaType(ACCEPTED);
}

/**
 * Reads a body of any JSON or YAML value, `undefined` when it is empty. `prefix` begins the message about a syntax error. Throws StatusFailure 400, 413
 * or 415.
 */
export async function readValue(request: ApiRequest, prefix = "error decoding the body: "): Promise<JsonValue | undefined> {
  const body = await request.body();
  if (body.length === 0) return undefined;
  const type = mediaType(request);
  if (type === PROTOBUF) return protobuf(request);
  const text = body.toString();
  if (type === "application/yaml") return parseYaml(text);
  if (!JSON_TYPES.has(type)) throw unsupportedMediaType(ACCEPTED);
  return parseJson(text, prefix);
}

/** Loaded only here: many clients never send protobuf. */
async function protobuf(request: ApiRequest): Promise<JsonValue> {
  const { decodeProtobuf } = await import("../protobuf/index.ts");
  return decodeProtobuf(await request.body());
}

function parseJson(text: string, prefix: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch (error) {
    throw badRequest(`${prefix}${goJsonError(text, error)}`);
  }
}

/** YAML, which JSON is a part of: JSON is tried first, since it is what nearly all clients send. */
export async function parseYaml(text: string): Promise<JsonValue> {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    // Not JSON: YAML then. Loaded only here, since starting must be quick.
  }
  const { parse } = await import("yaml");
  try {
    // YAML 1.1, as Go's decoder reads it: yes, no, on and off are booleans. Timestamps stay texts.
    return parse(text, {
      version: "1.1",
      customTags: (tags) => tags.filter((tag) => typeof tag === "string" || !/timestamp|Time/.test(tag.tag + (tag.format ?? ""))),
    }) as JsonValue;
  } catch (error) {
    throw badRequest(`error decoding YAML: ${error instanceof Error ? error.message : String(error)}`);
  }
}
