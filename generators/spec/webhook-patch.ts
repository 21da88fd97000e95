import type { Json, Schema } from "../model/index.ts";
import { fieldProblems, isArray, isMap, type FieldProblem, type JsonMap } from "./fields.ts";

/** A patch's value beside what it says about the patching itself (`$patch` and its like). */
interface Split {
  readonly fields: JsonMap;
  readonly directives: JsonMap;
}

/**
 * A strategic merge patch of an object of the API, as kubectl and controller-gen have it: maps are merged, null takes away, lists with a
 * key are merged by it, and other lists are replaced.
 *
 * @param schema of the object, with list keys
 */
export function applyPatch(schema: Schema, target: JsonMap, patch: JsonMap): { value: JsonMap } | { problem: FieldProblem } {
  const [problem] = [...directiveProblems(schema, patch), ...fieldProblems(schema, withoutDirectives(patch), true)];
  return problem === undefined ? { value: mergedMap(schema, target, patch) } : { problem };
}

const listDirectives = ["$setElementOrder/", "$deleteFromPrimitiveList/"];

function split(map: JsonMap): Split {
  const isDirective = ([key]: [string, Json]): boolean => key.startsWith("$");
  const entries = Object.entries(map);
  return {
    fields: Object.fromEntries(entries.filter((entry) => !isDirective(entry))),
    directives: Object.fromEntries(entries.filter(isDirective)),
  };
}

function withoutDirectives(value: Json): Json {
  if (isArray(value)) return value.map(withoutDirectives);
  if (!isMap(value)) return value;
  return Object.fromEntries(Object.entries(split(value).fields).map(([key, member]) => [key, withoutDirectives(member)]));
}

function* directiveProblems(schema: Schema, value: Json, path: readonly (string | number)[] = []): Generator<FieldProblem> {
  if (isArray(value)) {
    for (const [index, item] of value.entries()) yield* directiveProblems(schema.items ?? {}, item, [...path, index]);
  } else if (isMap(value)) {
    const { fields, directives } = split(value);
    for (const [key, argument] of Object.entries(directives)) {
      const list = listDirectives.find((start) => key.startsWith(start));
      const right =
        key === "$patch"
          ? argument === "delete" || argument === "replace"
          : isArray(argument) &&
            (key === "$retainKeys" || (list !== undefined && schema.properties?.[key.slice(list.length)]?.type === "array"));
      if (!right)
        yield {
          path: [...path, key],
          message: `the patch has ${key}: ${JSON.stringify(argument)}, which says nothing`,
          instead: 'write $patch: "delete" or "replace", $retainKeys, $setElementOrder/<list> or $deleteFromPrimitiveList/<list>',
        };
    }
    for (const [name, member] of Object.entries(fields)) yield* directiveProblems(memberSchema(schema, name), member, [...path, name]);
  }
}

function memberSchema(schema: Schema, name: string): Schema {
  const { properties, additionalProperties } = schema;
  if (properties !== undefined && Object.hasOwn(properties, name)) return properties[name] ?? {};
  return typeof additionalProperties === "object" ? additionalProperties : {};
}

function mergedMap(schema: Schema, target: JsonMap, patch: JsonMap): JsonMap {
  const { fields, directives } = split(patch);
  if (directives["$patch"] === "delete") return {};
  const result = new Map(directives["$patch"] === "replace" ? [] : Object.entries(target));
  const kept = directives["$retainKeys"];
  if (isArray(kept)) for (const key of result.keys()) if (!kept.includes(key)) result.delete(key);
  for (const [name, value] of Object.entries(fields)) {
    const before = result.get(name);
    const inner = memberSchema(schema, name);
    if (value === null) result.delete(name);
    else if (isMap(value)) {
      if (value["$patch"] === "delete") result.delete(name);
      else result.set(name, mergedMap(inner, isMap(before) ? before : {}, value));
    } else if (isArray(value)) result.set(name, mergedList(inner, isArray(before) ? before : [], value));
    else result.set(name, value);
  }
  for (const [key, value] of Object.entries(directives)) {
    const name = key.slice(key.indexOf("/") + 1);
    const list = result.get(name);
    if (!isArray(list) || !isArray(value)) continue;
    if (key.startsWith("$deleteFromPrimitiveList/"))
      result.set(
        name,
        list.filter((item) => !value.includes(item)),
      );
    if (key.startsWith("$setElementOrder/")) result.set(name, ordered(memberSchema(schema, name), list, value));
  }
  return Object.fromEntries(result);
}

/** By its key where the list has one, else as a whole. */
function mergedList(schema: Schema, target: readonly Json[], patch: readonly Json[]): readonly Json[] {
  const key = schema["x-kubernetes-list-map-keys"]?.[0];
  const items = patch.filter(isMap);
  if (key === undefined) return patch.map(withoutDirectives);
  const whole = items.some((item) => item["$patch"] === "replace");
  const result = whole ? [] : [...target];
  for (const item of items) {
    if (item["$patch"] === "replace") continue;
    const at = result.findIndex((each) => isMap(each) && each[key] === item[key]);
    const before = result[at];
    if (item["$patch"] === "delete") {
      if (at !== -1) result.splice(at, 1);
    } else if (at === -1) result.push(withoutDirectives(item));
    else result[at] = mergedMap(schema.items ?? {}, isMap(before) ? before : {}, item);
  }
  return result;
}

/** Items in the order that is asked for; those that are not named go last. */
function ordered(schema: Schema, list: readonly Json[], order: readonly Json[]): readonly Json[] {
  const key = schema["x-kubernetes-list-map-keys"]?.[0];
  const nameOf = (item: Json): Json | undefined => (key === undefined ? item : isMap(item) ? item[key] : undefined);
  const names = order.map(nameOf);
  const rank = (item: Json): number => (names.includes(nameOf(item)) ? names.indexOf(nameOf(item)) : names.length);
  return list.toSorted((a, b) => rank(a) - rank(b));
}
