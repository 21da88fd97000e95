/**
 * JSON patch (RFC 6902) and JSON merge patch (RFC 7386), where they are vague as the API server does them.
 */
import type { JsonArray, JsonObject, JsonValue } from "../../../schema/index.ts";
import { badRequest, cloneJson, equalJson, failure, isObject, setField } from "../../../schema/index.ts";
import type { StatusFailure } from "../../../schema/index.ts";

const maximumOperations = 10_000;

/** 422 for a patch that does not apply: the server keeps the reason to itself. */
export function notApplicable(): StatusFailure {
  return failure(422, "Invalid", "the server rejected our request due to an error in our request", {});
}

/**
 * RFC 6902. Does not change `document`. Throws StatusFailure: 400 for what is no patch, 413 for more than 10,000 operations, 422 for a
 * patch that does not apply. Unlike the RFC, `replace` sets an absent field of an object, and negative indices count from the end.
 */
export function applyJsonPatch(document: JsonValue, patch: JsonValue): JsonValue {
  if (!Array.isArray(patch)) {
    throw badRequest(`error decoding patch: json: cannot unmarshal ${jsonType(patch)} into Go value of type []handlers.jsonPatchOp`);
  }
  if (patch.length > maximumOperations) {
    throw failure(
      413,
      "RequestEntityTooLarge",
      `The allowed maximum operations in a JSON patch is ${maximumOperations}, got ${patch.length}`,
    );
  }
  let result = cloneJson(document);
  for (const operation of patch) {
    if (!isObject(operation))
      throw badRequest(`error decoding patch: json: cannot unmarshal ${jsonType(operation)} into Go value of type handlers.jsonPatchOp`);
    result = applyOperation(result, operation);
  }
  return result;
}

function jsonType(value: JsonValue): string {
  if (Array.isArray(value)) return "array";
  return typeof value === "boolean" ? "bool" : typeof value;
}

function applyOperation(document: JsonValue, operation: JsonObject): JsonValue {
  const value = operation["value"] ?? null;
  const path = operation["path"];
  if (typeof path !== "string") throw notApplicable();
  switch (operation["op"]) {
    case "add":
      insert(find(document, path), cloneJson(value));
      return document;
    case "remove":
      remove(find(document, path));
      return document;
    case "replace":
      if (path === "") return value;
      replace(find(document, path), cloneJson(value));
      return document;
    case "move": {
      const from = source(document, operation);
      const moved = valueOf(from);
      remove(from);
      insert(find(document, path), moved);
      return document;
    }
    case "copy":
      insert(find(document, path), cloneJson(valueOf(source(document, operation))));
      return document;
    case "test":
      if (!equalJson(path === "" ? document : valueOf(find(document, path)), value)) throw notApplicable();
      return document;
    default:
      throw notApplicable();
  }
}

/** Where a pointer points: its container, and the key in it. */
interface Place {
  readonly container: JsonObject | JsonArray;
  readonly key: string;
}

function source(document: JsonValue, operation: JsonObject): Place {
  const from = operation["from"];
  if (typeof from !== "string") throw notApplicable();
  return find(document, from);
}

function find(document: JsonValue, pointer: string): Place {
  const steps = pointer.split("/").map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
  if (steps.length < 2) throw notApplicable();
  let container = document;
  for (const key of steps.slice(1, -1)) {
    if (!Array.isArray(container) && !isObject(container)) throw notApplicable();
    container = valueOf({ container, key });
  }
  if (!Array.isArray(container) && !isObject(container)) throw notApplicable();
  return { container, key: steps.at(-1) ?? "" };
}

/** An index that exists; negative ones count from the end. */
function existing(key: string, length: number): number {
  const index = /^[+-]?\d+$/.test(key) ? Number(key) : Number.NaN;
  const place = index < 0 ? length + index : index;
  if (!(place >= 0 && place < length)) throw notApplicable();
  return place;
}

function valueOf({ container, key }: Place): JsonValue {
  return (Array.isArray(container) ? container[existing(key, container.length)] : container[key]) ?? null;
}

function remove({ container, key }: Place): void {
  if (Array.isArray(container)) container.splice(existing(key, container.length), 1);
  else if (container[key] === undefined) throw notApplicable();
  else Reflect.deleteProperty(container, key);
}

function replace({ container, key }: Place, value: JsonValue): void {
  if (Array.isArray(container)) container[existing(key, container.length)] = value;
  else setField(container, key, value);
}

function insert({ container, key }: Place, value: JsonValue): void {
  if (!Array.isArray(container)) setField(container, key, value);
  else if (key === "-") container.push(value);
  else container.splice(existing(key, container.length + 1), 0, value);
}

/** RFC 7386. Does not change `document`. Throws StatusFailure 400 when the patch is no object. */
export function applyMergePatch(document: JsonValue, patch: JsonValue): JsonValue {
  if (!isObject(patch))
    throw badRequest(`error decoding patch: json: cannot unmarshal ${jsonType(patch)} into Go value of type map[string]interface {}`);
  return mergeInto(cloneJson(document), patch);
}

function mergeInto(target: JsonValue | undefined, patch: JsonValue): JsonValue {
  if (!isObject(patch)) return cloneJson(patch);
  const result = isObject(target) ? target : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === undefined) continue;
    if (value === null) Reflect.deleteProperty(result, key);
    else setField(result, key, mergeInto(result[key], value));
  }
  return result;
}
