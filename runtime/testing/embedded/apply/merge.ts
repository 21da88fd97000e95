/**
 * Merging an applied value into a live one, and comparing two values, both by type.
 */
import type { JsonArray, JsonObject, JsonValue } from "../../../schema/index.ts";
import { equalJson, isObject, setField } from "../../../schema/index.ts";
import { fieldElement, FieldSet } from "./fieldset.ts";
import type { FieldPath, PathElement } from "./fieldset.ts";
import { indexed } from "./listelements.ts";
import { fieldOf, narrowed } from "./types.ts";
import type { FieldType, ListType, MapType } from "./types.ts";

/** `applied` on top of `live`: fields of `applied` win, list elements keep the order that both agree on. `undefined` where neither has anything. */
export function merged(declared: FieldType, live: JsonValue | undefined, applied: JsonValue | undefined): JsonValue | undefined {
  const type = narrowed(declared, applied === undefined ? live : applied);
  if (type.map) return mergedMaps(type.map, live, applied);
  if (type.list && !type.scalar) return mergedLists(type.list, live, applied);
  return applied === undefined ? live : applied;
}

function mergedMaps(map: MapType, live: JsonValue | undefined, applied: JsonValue | undefined): JsonValue | undefined {
  const left = isObject(live) ? live : undefined;
  const right = isObject(applied) ? applied : undefined;
  if (map.atomic || (isHollow(left) && isHollow(right))) return applied === undefined ? live : applied;
  const result: JsonObject = {};
  for (const name of namesOf(left, right)) {
    const type = fieldOf(map, name);
    const value = type ? merged(type, left?.[name], right?.[name]) : (right?.[name] ?? left?.[name]);
    if (value !== undefined) setField(result, name, value);
  }
  return Object.keys(result).length > 0 ? result : undefined;
}

function isHollow(value: JsonObject | undefined): boolean {
  return value === undefined || Object.values(value).every((field) => field === undefined);
}

function namesOf(left: JsonObject | undefined, right: JsonObject | undefined): Set<string> {
  const names = new Set<string>();
  for (const object of [left, right]) {
    for (const [name, field] of Object.entries(object ?? {})) if (field !== undefined) names.add(name);
  }
  return names;
}

function mergedLists(list: ListType, live: JsonValue | undefined, applied: JsonValue | undefined): JsonValue | undefined {
  const left = Array.isArray(live) ? live : [];
  const right = Array.isArray(applied) ? applied : [];
  if (list.atomic || (left.length === 0 && right.length === 0)) return applied === undefined ? live : applied;
  const result = mergedElements(list, left, right);
  return result.length > 0 ? result : undefined;
}

/**
 * Elements of both lists come in the order of `right`; those of `left` alone stay behind the shared element that they followed, as far
 * as the two orders agree.
 */
function mergedElements(list: ListType, left: JsonArray, right: JsonArray): JsonArray {
  const leftItems = indexed(list, left);
  const rightItems = indexed(list, right);
  const leftValues = new Map<string, JsonValue>();
  // An element that the live list has twice is merged with neither of its values.
  for (const { element, value } of leftItems) leftValues.set(element.text, leftValues.has(element.text) ? null : value);
  const rightValues = new Map(rightItems.map(({ element, value }) => [element.text, value]));
  const shared = rightItems.map(({ element }) => element.text).filter((text) => leftValues.has(text));
  const done = new Set<string>();
  const result: JsonArray = [];
  let nextShared = 0;

  function take(text: string, from: JsonValue | undefined, to: JsonValue | undefined): void {
    const value = merged(list.element, from, to);
    if (value !== undefined) result.push(value);
    if (shared[nextShared] === text && to !== undefined) nextShared++;
  }
  for (let leftIndex = 0, rightIndex = 0; leftIndex < leftItems.length || rightIndex < rightItems.length;) {
    const mine = leftItems[leftIndex];
    const theirs = rightItems[rightIndex];
    if (mine && theirs) {
      const text = mine.element.text;
      if (text === theirs.element.text) {
        done.add(text);
        const value = merged(list.element, leftValues.get(text), rightValues.get(text));
        if (value !== undefined) result.push(value);
        leftIndex++;
        rightIndex++;
        nextShared++;
        continue;
      }
      if (rightValues.has(text) && nextShared < shared.length && shared[nextShared] !== text) {
        leftIndex++;
        continue;
      }
    }
    if (mine) {
      if (!rightValues.has(mine.element.text)) {
        take(mine.element.text, mine.value, undefined);
        leftIndex++;
        continue;
      }
      if (done.has(mine.element.text)) leftIndex++;
    }
    if (theirs) {
      const text = theirs.element.text;
      done.add(text);
      take(text, leftValues.get(text), rightValues.get(text));
      rightIndex++;
    }
  }
  return result;
}

/** What differs between two values of a type. No path is in more than one of the sets. */
export interface Comparison {
  readonly removed: FieldSet;
  readonly modified: FieldSet;
  readonly added: FieldSet;
}

/** Compares two whole values. */
export function compared(type: FieldType, before: JsonValue, after: JsonValue): Comparison {
  const comparison = { removed: new FieldSet(), modified: new FieldSet(), added: new FieldSet() };
  compareValues(type, before, after, [], comparison);
  return comparison;
}

function compareValues(
  declared: FieldType,
  before: JsonValue | undefined,
  after: JsonValue | undefined,
  path: FieldPath,
  comparison: Comparison,
): void {
  const left = narrowed(declared, before);
  const right = narrowed(declared, after);
  let leaf: boolean;
  if (after === undefined) leaf = compareAs(left, before, after, path, comparison);
  else if (before === undefined || sameShape(left, right)) leaf = compareAs(right, before, after, path, comparison);
  else {
    compareAs(left, before, after, path, comparison);
    leaf = compareAs(right, before, after, path, comparison);
  }
  if (leaf) return;
  if (before === undefined) comparison.added.insert(path);
  else if (after === undefined) comparison.removed.insert(path);
}

function sameShape(left: FieldType, right: FieldType): boolean {
  return (
    (left.map !== undefined) === (right.map !== undefined) &&
    (left.list !== undefined) === (right.list !== undefined) &&
    left.scalar === right.scalar
  );
}

/** Compares as one shape; true when the values were compared as a whole. */
function compareAs(
  type: FieldType,
  before: JsonValue | undefined,
  after: JsonValue | undefined,
  path: FieldPath,
  comparison: Comparison,
): boolean {
  if (type.map) {
    const left = isObject(before) ? before : undefined;
    const right = isObject(after) ? after : undefined;
    if (type.map.atomic || (isHollow(left) && isHollow(right))) return compareWhole(before, after, path, comparison);
    for (const name of namesOf(left, right)) {
      const field = fieldOf(type.map, name);
      if (field) compareValues(field, left?.[name], right?.[name], [...path, fieldElement(name)], comparison);
    }
    return false;
  }
  if (type.list && !type.scalar) {
    const left = Array.isArray(before) ? before : [];
    const right = Array.isArray(after) ? after : [];
    if (type.list.atomic || (left.length === 0 && right.length === 0)) return compareWhole(before, after, path, comparison);
    compareElements(type.list, left, right, path, comparison);
    return false;
  }
  return compareWhole(before, after, path, comparison);
}

function compareWhole(before: JsonValue | undefined, after: JsonValue | undefined, path: FieldPath, comparison: Comparison): boolean {
  if (before === undefined) comparison.added.insert(path);
  else if (after === undefined) comparison.removed.insert(path);
  else if (!equalJson(before, after)) comparison.modified.insert(path);
  return true;
}

function compareElements(list: ListType, before: JsonArray, after: JsonArray, path: FieldPath, comparison: Comparison): void {
  const left = grouped(list, before);
  const right = grouped(list, after);
  for (const text of new Set([...left.keys(), ...right.keys()])) {
    const mine = left.get(text);
    const theirs = right.get(text);
    const element = mine?.element ?? theirs?.element;
    if (!element) continue;
    const [old, now] = [mine?.values ?? [], theirs?.values ?? []];
    const below = [...path, element];
    if (old.length <= 1 && now.length <= 1) {
      compareValues(list.element, old[0], now[0], below, comparison);
    } else if (old.length >= 2 && now.length >= 2) {
      if (!equalJson(old, now)) comparison.modified.insert(below);
    } else if (old.length >= 2) {
      if (now[0] !== undefined) compareValues(list.element, undefined, now[0], below, comparison);
      comparison.removed.insert(below);
    } else {
      if (old[0] !== undefined) compareValues(list.element, old[0], undefined, below, comparison);
      comparison.added.insert(below);
    }
  }
}

function grouped(list: ListType, values: JsonArray): Map<string, { element: PathElement; values: JsonArray }> {
  const groups = new Map<string, { element: PathElement; values: JsonArray }>();
  for (const { element, value } of indexed(list, values)) {
    const group = groups.get(element.text);
    if (group) group.values.push(value);
    else groups.set(element.text, { element, values: [value] });
  }
  return groups;
}
