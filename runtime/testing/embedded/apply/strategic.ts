/**
 * Strategic merge patch: a merge patch in which lists can be merged too, by the merge keys of the type, with directives
 * (`$patch`, `$retainKeys`, `$deleteFromPrimitiveList/…`, `$setElementOrder/…`).
 */
import type { JsonArray, JsonObject, JsonValue } from "../../../schema/index.ts";
import { badRequest, cloneJson, equalJson, failure, goJson, goValue, isObject, omit, setField } from "../../../schema/index.ts";
import { notApplicable } from "./patch.ts";
import type { FieldType, MapType, StructField } from "./types.ts";

const orderPrefix = "$setElementOrder/";
const deletePrefix = "$deleteFromPrimitiveList/";

/**
 * Applies a strategic merge patch to an object of a built-in kind (custom resources have none: 415). Changes neither argument.
 * Throws StatusFailure: 400 and 422 for what is no such patch, 500 where the server has no better answer.
 */
export function applyStrategicMergePatch(document: JsonValue, patch: JsonValue, type: FieldType): JsonValue {
  if (!isObject(patch)) {
    throw badRequest(
      `json: cannot unmarshal ${Array.isArray(patch) ? "array" : typeof patch} into Go value of type map[string]interface {}`,
    );
  }
  return mergeMap(isObject(document) ? cloneJson(document) : {}, cloneJson(patch), type.map);
}

function mergeMap(original: JsonObject, patch: JsonObject, type: MapType | undefined): JsonObject {
  const directive = patch["$patch"];
  if (directive !== undefined) {
    if (directive === "delete") return {};
    if (directive !== "replace") throw unknownDirective(directive, patch);
    return omit(patch, "$patch");
  }
  retainKeys(original, patch);
  applyElementOrders(original, patch, type);
  for (const [key, value] of Object.entries(patch)) {
    if (value !== undefined) mergeField(original, key, value, type);
  }
  return original;
}

function mergeField(original: JsonObject, key: string, value: JsonValue, type: MapType | undefined): void {
  const deletes = key.startsWith(deletePrefix);
  const name = deletes ? key.slice(deletePrefix.length) : key;
  if (value === null) {
    Reflect.deleteProperty(original, name);
    return;
  }
  const current = original[name];
  if (
    current === undefined ||
    current === null ||
    isObject(current) !== isObject(value) ||
    Array.isArray(current) !== Array.isArray(value) ||
    typeof current !== typeof value
  ) {
    if (!deletes) setField(original, name, withoutDirectives(value));
    return;
  }
  const field = fieldOf(type, name);
  if (isObject(current) && isObject(value)) {
    const replaces = field.patchStrategy.includes("replace");
    setField(original, name, replaces ? withoutDirectives(value) : mergeMap(current, value, field.type?.map));
  } else if (Array.isArray(current) && Array.isArray(value)) {
    if (field.patchStrategy.includes("merge")) setField(original, name, mergeList(current, value, field, deletes));
    else if (!deletes) setField(original, name, value);
  } else {
    setField(original, name, value);
  }
}

interface PatchedField {
  readonly type: FieldType | undefined;
  readonly patchStrategy: readonly string[];
  readonly patchMergeKey: string;
}

function fieldOf(type: MapType | undefined, name: string): PatchedField {
  const field: StructField | undefined = type?.fields.get(name);
  return field ?? { type: type?.element, patchStrategy: [], patchMergeKey: "" };
}

function mergeList(original: JsonArray, patch: JsonArray, field: PatchedField, deletes: boolean): JsonArray {
  if (original.length === 0 && patch.length === 0) return original;
  const key = field.patchMergeKey;
  if ([...original, ...patch].some(Array.isArray)) throw notApplicable();
  if (!isObject(original[0] ?? patch[0])) {
    if (deletes) return original.filter((value) => !patch.some((gone) => equalJson(gone, value)));
    const merged = distinct([...original, ...patch]);
    return ordered(merged, patch, original, "");
  }
  if (key === "") throw failure(500, "", "cannot merge lists without merge key");
  const { kept, patches } = withListDirectives(original, patch.filter(isObject), key);
  const merged = [...kept];
  for (const element of patches) {
    const value = element[key];
    if (value === undefined) throw missingKey(element, key);
    const index = merged.findIndex((candidate) => isObject(candidate) && equalJson(candidate[key], value));
    const match = merged[index];
    if (isObject(match)) merged[index] = mergeMap(match, element, field.type?.list?.element.map);
    else merged.push(withoutDirectives(element));
  }
  return ordered(merged, patches, kept, key);
}

/** Carries out `$patch: delete` and `$patch: replace` elements. */
function withListDirectives(original: JsonArray, patch: readonly JsonObject[], key: string): { kept: JsonArray; patches: JsonObject[] } {
  let kept = original;
  let replaces = false;
  const patches: JsonObject[] = [];
  for (const element of patch) {
    const directive = element["$patch"];
    if (directive === undefined) {
      patches.push(element);
    } else if (directive === "delete") {
      const value = element[key];
      if (value === undefined) throw missingKey(element, key);
      kept = kept.filter((candidate) => !(isObject(candidate) && equalJson(candidate[key], value)));
    } else if (directive === "replace") {
      replaces = true;
    } else if (directive === "merge") {
      throw failure(500, "", "merging lists cannot yet be specified in the patch");
    } else {
      throw unknownDirective(directive, element);
    }
  }
  return replaces ? { kept: patches, patches: [] } : { kept, patches };
}

function distinct(values: JsonArray): JsonArray {
  return values.filter((value, index) => values.findIndex((other) => equalJson(other, value)) === index);
}

/** Same element: equal scalars, or maps with the same merge key. */
function same(left: JsonValue, right: JsonValue, key: string): boolean {
  return key === "" ? equalJson(left, right) : isObject(left) && isObject(right) && equalJson(left[key], right[key]);
}

function position(list: JsonArray, value: JsonValue, key: string): number {
  return list.findIndex((candidate) => same(candidate, value, key));
}

/** Elements of the patch in the patch's order, the others where the original list had them, as far as both agree. */
function ordered(merged: JsonArray, patchOrder: JsonArray, originalOrder: JsonArray, key: string): JsonArray {
  const byPosition = (order: JsonArray) => (left: JsonValue, right: JsonValue) => position(order, left, key) - position(order, right, key);
  const patched = merged.filter((value) => position(patchOrder, value, key) !== -1).sort(byPosition(patchOrder));
  const rest = merged.filter((value) => position(patchOrder, value, key) === -1).sort(byPosition(originalOrder));
  const result: JsonArray = [];
  while (rest.length > 0 || patched.length > 0) {
    const [first] = rest;
    const [second] = patched;
    if (first === undefined || (second !== undefined && !comesBefore(first, second, originalOrder, key)))
      result.push(...patched.splice(0, 1));
    else result.push(...rest.splice(0, 1));
  }
  return result;
}

function comesBefore(left: JsonValue, right: JsonValue, order: JsonArray, key: string): boolean {
  const [a, b] = [position(order, left, key), position(order, right, key)];
  return a !== -1 && b !== -1 && a < b;
}

/** `$setElementOrder/x`: merges the list `x` of both sides and orders it; takes both fields out of the patch. */
function applyElementOrders(original: JsonObject, patch: JsonObject, type: MapType | undefined): void {
  for (const directive of Object.keys(patch).filter((name) => name.startsWith(orderPrefix))) {
    const order = patch[directive];
    Reflect.deleteProperty(patch, directive);
    if (!Array.isArray(order)) throw badRequest("invalid patch format of setElementOrder list");
    const name = directive.slice(orderPrefix.length);
    const current = original[name];
    const change = patch[name];
    const field = fieldOf(type, name);
    const changed = Array.isArray(change) ? change : undefined;
    if (changed) requireOrder(changed, order, field.patchMergeKey);
    let merged: JsonArray;
    if (Array.isArray(current)) {
      merged = changed ? (field.patchStrategy.includes("merge") ? mergeList(current, changed, field, false) : changed) : current;
    } else if (changed) {
      const cleaned = withoutDirectives(changed);
      merged = Array.isArray(cleaned) ? cleaned : [];
    } else {
      continue;
    }
    setField(original, name, ordered(merged, order, Array.isArray(current) ? current : [], field.patchMergeKey));
    Reflect.deleteProperty(patch, name);
  }
}

/** The elements of a patched list must be in its order list, in that order. */
function requireOrder(patch: JsonArray, order: JsonArray, key: string): void {
  const wanted = patch.filter((element) => !(isObject(element) && element["$patch"] !== undefined));
  let from = 0;
  for (const element of wanted) {
    const index = order.findIndex((candidate, place) => place >= from && same(candidate, element, key));
    if (index === -1)
      throw failure(500, "", `The order in patch list:\n${goJson(wanted)}\n doesn't match $setElementOrder list:\n${goJson(order)}\n`);
    from = index + 1;
  }
}

/** `$retainKeys`: drops every field of the original that is not listed. */
function retainKeys(original: JsonObject, patch: JsonObject): void {
  const keys = patch["$retainKeys"];
  if (keys === undefined) return;
  Reflect.deleteProperty(patch, "$retainKeys");
  if (!Array.isArray(keys)) throw badRequest("invalid patch format of retainKeys");
  const retained = new Set(keys);
  for (const [name, value] of Object.entries(patch)) {
    if (value !== null && value !== undefined && !name.startsWith("$") && !retained.has(name))
      throw badRequest("invalid patch format of retainKeys");
  }
  for (const name of Object.keys(original)) if (!retained.has(name)) Reflect.deleteProperty(original, name);
}

/** A patch value that has nothing to be merged with: without nulls and directives. */
function withoutDirectives(value: JsonValue): JsonValue {
  if (Array.isArray(value)) {
    const elements = value.filter((element) => !(isObject(element) && element["$patch"] !== undefined));
    return elements.map((element) => withoutDirectives(element));
  }
  if (!isObject(value)) return value;
  const kept: JsonObject = {};
  for (const [name, field] of Object.entries(value)) {
    if (field === null || field === undefined || name === "$patch" || name === "$retainKeys") continue;
    if (name.startsWith(orderPrefix) || name.startsWith(deletePrefix)) continue;
    setField(kept, name, withoutDirectives(field));
  }
  return kept;
}

function unknownDirective(directive: JsonValue, map: JsonObject): Error {
  return failure(500, "", `unknown patch type: ${goValue(directive)} in map: ${goValue(map)}`);
}

function missingKey(element: JsonObject, key: string): Error {
  return failure(500, "", `map: ${goValue(element)} does not contain declared merge key: ${key}`);
}
