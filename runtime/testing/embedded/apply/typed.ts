/**
 * What a type does with values: check them, list the fields that they set, take fields out of them.
 */
import type { JsonArray, JsonObject, JsonValue } from "../../../schema/index.ts";
import { compareBytes, goQuote, goValue, isObject } from "../../../schema/index.ts";
import { elementText, fieldElement, FieldSet } from "./fieldset.ts";
import type { FieldPath, PathElement } from "./fieldset.ts";
import { elementOf, indexed } from "./listelements.ts";
import { fieldOf, isUnknownMap, narrowed } from "./types.ts";
import type { FieldType, ListType, MapType, ScalarType } from "./types.ts";

/** Everything about a value that its type does not allow (fields in alphabetical order, since the server's is random), as `.spec.replicas: expected numeric (int or float), got string`. */
export function typeErrors(type: FieldType, value: JsonValue, allowDuplicates: boolean): string[] {
  const errors: string[] = [];
  check(type, value, "", allowDuplicates, errors);
  return errors;
}

function check(declared: FieldType, value: JsonValue, path: string, allowDuplicates: boolean, errors: string[]): void {
  const type = narrowed(declared, value);
  const report = (text: string): void => void errors.push(path === "" ? text : `${path}: ${text}`);
  if (type.map) {
    if (value === null) return;
    if (isObject(value)) checkFields(type.map, value, path, allowDuplicates, errors);
    else report(`expected map, got &{${goValue(value)}}`);
  } else if (type.scalar) {
    const wrong = scalarError(type.scalar, value);
    if (wrong !== undefined) report(wrong);
  } else if (type.list) {
    if (value === null) return;
    if (Array.isArray(value)) checkElements(type.list, value, path, allowDuplicates, errors);
    else report(`expected list, got &{${goValue(value)}}`);
  }
}

function checkFields(map: MapType, value: JsonObject, path: string, allowDuplicates: boolean, errors: string[]): void {
  for (const name of Object.keys(value).sort(compareBytes)) {
    const field = value[name];
    if (field === undefined) continue;
    const type = fieldOf(map, name);
    if (!type) {
      errors.push(`${path}.${name}: field not declared in schema`);
      return;
    }
    check(type, field, `${path}.${name}`, allowDuplicates, errors);
  }
}

function checkElements(list: ListType, values: JsonArray, path: string, allowDuplicates: boolean, errors: string[]): void {
  const seen = new Set<string>();
  for (const [index, value] of values.entries()) {
    let place = `[${index}]`;
    if (!list.atomic) {
      const element = elementOf(list, value);
      if (element instanceof Error) {
        errors.push(path === "" ? `element ${index}: ${element.message}` : `${path}: element ${index}: ${element.message}`);
        return;
      }
      place = elementText(element);
      if (seen.has(element.text) && !allowDuplicates) errors.push(`${path}: duplicate entries for key ${place}`);
      seen.add(element.text);
    }
    check(list.element, value, `${path}${place}`, allowDuplicates, errors);
  }
}

function scalarError(scalar: ScalarType, value: JsonValue): string | undefined {
  if (value === null) return undefined;
  const kind = typeof value;
  switch (scalar) {
    case "numeric":
      return kind === "number" ? undefined : `expected numeric (int or float), got ${goType(value)}`;
    case "string":
      return kind === "string" ? undefined : `expected string, got &value.valueUnstructured{Value:${goSyntax(value)}}`;
    case "boolean":
      return kind === "boolean" ? undefined : `expected boolean, got &{${goValue(value)}}`;
    case "untyped":
      return kind === "object" ? `expected any scalar, got &{${goValue(value)}}` : undefined;
  }
}

function goType(value: JsonValue): string {
  if (Array.isArray(value)) return "[]interface {}";
  if (isObject(value)) return "map[string]interface {}";
  if (typeof value === "number") return Number.isInteger(value) ? "int64" : "float64";
  return typeof value === "boolean" ? "bool" : "string";
}

function goSyntax(value: JsonValue): string {
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(", ")}}`;
  if (isObject(value))
    return `map[string]interface {}{${Object.entries(value)
      .map(([key, field]) => `${goQuote(key)}:${goSyntax(field ?? null)}`)
      .join(", ")}}`;
  return typeof value === "string" ? goQuote(value) : value === null ? "interface {}(nil)" : String(value);
}

/** The fields that a value sets: leaves, list elements, keys of maps; structs only where they are empty or null. */
export function fieldSetOf(type: FieldType, value: JsonValue): FieldSet {
  const set = new FieldSet();
  collect(type, value, [], set);
  return set;
}

function collect(declared: FieldType, value: JsonValue, path: FieldPath, set: FieldSet): void {
  const type = narrowed(declared, value);
  if (type.map) collectFields(type.map, value, path, set);
  else if (type.scalar) set.insert(path);
  else if (type.list?.atomic === true) set.insert(path);
  else if (type.list && Array.isArray(value)) collectElements(type.list, value, path, set);
}

function collectFields(map: MapType, value: JsonValue, path: FieldPath, set: FieldSet): void {
  if (map.atomic) {
    set.insert(path);
    return;
  }
  if (!isObject(value)) return;
  for (const [name, field] of Object.entries(value)) {
    if (field === undefined) continue;
    const type = fieldOf(map, name);
    const below = [...path, fieldElement(name)];
    if (type) collect(type, field, below, set);
    const hollow = field === null || (isObject(field) && Object.keys(field).length === 0);
    if (hollow || !map.fields.has(name)) set.insert(below);
  }
}

function collectElements(list: ListType, values: JsonArray, path: FieldPath, set: FieldSet): void {
  const items = indexed(list, values);
  const times = new Map<string, number>();
  for (const { element } of items) times.set(element.text, (times.get(element.text) ?? 0) + 1);
  for (const { element, value } of items) {
    const below = [...path, element];
    // The fields of elements that occur twice cannot be told apart; only the elements as such are listed.
    if (times.get(element.text) === 1) collect(list.element, value, below, set);
    set.insert(below);
  }
}

/** The value without some fields; `null` where nothing is left of an object or a list that had something. */
export function withoutFields(declared: FieldType, value: JsonValue, removed: FieldSet): JsonValue {
  const type = narrowed(declared, value);
  if (type.map) return isObject(value) ? mapWithout(type.map, value, removed) : null;
  if (type.scalar) return value;
  return type.list && Array.isArray(value) ? listWithout(type.list, value, removed) : null;
}

function mapWithout(map: MapType, value: JsonObject, removed: FieldSet): JsonValue {
  if (map.atomic) return null;
  const kept: JsonObject = {};
  for (const [name, field] of Object.entries(value)) {
    if (field === undefined) continue;
    const element = fieldElement(name);
    if (removed.members.has(element.text)) continue;
    const below = removed.below(element);
    const type = fieldOf(map, name);
    define(kept, name, below && !below.empty && type ? withoutFields(type, field, below) : field);
  }
  return Object.keys(kept).length > 0 ? kept : null;
}

function listWithout(list: ListType, values: JsonArray, removed: FieldSet): JsonValue {
  if (list.atomic) return null;
  const kept: JsonArray = [];
  for (const value of values) {
    const element = elementOf(list, value);
    if (element instanceof Error) {
      kept.push(value);
      continue;
    }
    if (removed.members.has(element.text)) continue;
    const below = removed.below(element);
    kept.push(below && !below.empty ? withoutFields(list.element, value, below) : value);
  }
  return kept.length > 0 ? kept : null;
}

function define(object: JsonObject, name: string, value: JsonValue): void {
  Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
}

/**
 * Ownership that was recorded under an older schema, adapted to this one: a list or map that has become atomic is owned as a whole
 * by whoever owned a part of it.
 */
export function adaptedToType(type: FieldType, set: FieldSet): FieldSet {
  const changed = new FieldSet();
  findAtomic(type, set, [], false, changed);
  return changed.empty ? set : set.recursiveDifference(changed).union(changed);
}

function findAtomic(type: FieldType, set: FieldSet | undefined, path: FieldPath, leaf: boolean, changed: FieldSet): void {
  if (type.map) {
    if (isUnknownMap(type.map)) return;
    if (type.map.atomic) {
      if (!leaf && set && !set.empty) changed.insert(path);
      return;
    }
    const { map } = type;
    visit(set, (element, below, isLeaf) => {
      const field = element.field === undefined ? map.element : fieldOf(map, element.field);
      if (field) findAtomic(field, below, [...path, element], isLeaf, changed);
    });
  } else if (type.list && !type.scalar) {
    if (type.list.atomic) {
      if (!leaf) changed.insert(path);
      return;
    }
    const { element: item } = type.list;
    visit(set, (element, below, isLeaf) => findAtomic(item, below, [...path, element], isLeaf, changed));
  }
}

function visit(set: FieldSet | undefined, each: (element: PathElement, below: FieldSet | undefined, leaf: boolean) => void): void {
  if (!set) return;
  for (const [text, { element, set: below }] of set.children) if (!set.members.has(text)) each(element, below, false);
  for (const element of set.members.values()) {
    const below = set.below(element);
    each(element, below, below === undefined);
  }
}
