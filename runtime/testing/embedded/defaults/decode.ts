/**
 * From the text of a body to a JSON value, and what `fieldValidation` makes of unknown and duplicate fields; the same for all kinds.
 */
import type { JsonObject, JsonValue, StatusFailure } from "../../../schema/index.ts";
import { badRequest, findDuplicateKeys, goJson, goQuote, invalid, invalidValue, isObject, stringAt } from "../../../schema/index.ts";
import { DecodeError } from "./decoding.ts";
import type { Decoded, DecodeOptions, FieldValidation } from "./strategy.ts";

/** The kind that a body must be of. */
export interface ExpectedKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** How a kind reads a value: the canonical, defaulted object, and the paths of unknown fields. Throws {@link DecodeError}. */
export type ReadObject = (value: JsonObject, options: DecodeOptions) => { object: JsonObject; unknown: readonly string[] };

/** How a value is to be read. */
interface ReadOptions extends DecodeOptions {
  /** Paths of keys that the text has twice. */
  readonly duplicates?: readonly string[];
  /** Another kind of the same version is left to validation (custom resources). */
  readonly lenientKind?: boolean;
}

/** Reads a text. Throws StatusFailure 400. */
export function decodeText(
  kind: ExpectedKind,
  read: ReadObject,
  text: string,
  validation: FieldValidation,
  options: ReadOptions = {},
): Decoded {
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw badRequest(
      `the object provided is unrecognized (must be of type ${kind.kind}): couldn't get version/kind; json parse error: ${error.message}`,
    );
  }
  const duplicates = validation === "Ignore" ? [] : findDuplicateKeys(text);
  return decodeJson(kind, read, value, validation, { ...options, duplicates });
}

/** Reads a parsed value. Throws StatusFailure 400, or 422 with the field `patch` when the value is the outcome of a patch. */
export function decodeJson(
  kind: ExpectedKind,
  read: ReadObject,
  value: JsonValue,
  validation: FieldValidation,
  options: ReadOptions = {},
): Decoded {
  const refuse = (message: string): StatusFailure =>
    options.patched === true
      ? invalid({ group: "", kind: "" }, "", [invalidValue("patch", goJson(value), message)])
      : badRequest(`${given.kind} in version ${goQuote(given.version)} cannot be handled as a ${kind.kind}: ${message}`);
  if (!isObject(value)) {
    throw badRequest(
      `the object provided is unrecognized (must be of type ${kind.kind}): couldn't get version/kind; json parse error: json: cannot unmarshal ${Array.isArray(value) ? "array" : typeof value} into Go value of type struct`,
    );
  }
  const given = givenKind(kind, value);
  let result: ReturnType<ReadObject>;
  try {
    result = read(value, options);
  } catch (error) {
    if (error instanceof DecodeError) throw refuse(error.message);
    throw error;
  }
  requireKind(kind, value, given, options.lenientKind === true);
  const problems = [
    ...(options.duplicates ?? []).map((path) => `duplicate field ${goQuote(path)}`),
    ...result.unknown.map((path) => `unknown field ${goQuote(path)}`),
  ];
  if (problems.length > 0 && validation === "Strict") throw refuse(`strict decoding error: ${problems.join(", ")}`);
  return { object: result.object, warnings: validation === "Warn" ? problems : [] };
}

function givenKind(expected: ExpectedKind, value: JsonObject): { kind: string; version: string } {
  const apiVersion = stringAt(value, "apiVersion") ?? "";
  return {
    kind: stringAt(value, "kind") ?? expected.kind,
    version: apiVersion === "" ? expected.version : apiVersion.slice(apiVersion.lastIndexOf("/") + 1),
  };
}

/** The body may leave out its kind and version, but not name others. */
function requireKind(expected: ExpectedKind, value: JsonObject, given: { kind: string; version: string }, lenient: boolean): void {
  const apiVersion = stringAt(value, "apiVersion") ?? "";
  const own = expected.group === "" ? expected.version : `${expected.group}/${expected.version}`;
  if (apiVersion !== "" && apiVersion !== own) {
    throw badRequest(`the API version in the data (${apiVersion}) does not match the expected API version (${own})`);
  }
  if (given.kind !== expected.kind && !lenient) {
    throw badRequest(
      `${given.kind} in version ${goQuote(given.version)} cannot be handled as a ${expected.kind}: no kind ${goQuote(given.kind)} is registered for version ${goQuote(own)}`,
    );
  }
}
