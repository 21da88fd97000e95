/**
 * Telling the elements of associative lists apart.
 */
import type { JsonArray, JsonValue } from "../../../schema/index.ts";
import { goQuote, isObject } from "../../../schema/index.ts";
import { keyElement, valueElement } from "./fieldset.ts";
import type { PathElement } from "./fieldset.ts";
import type { ListType } from "./types.ts";

/** The path element of one list element, or an `Error` (not thrown) in the server's words when it has none. */
export function elementOf(list: ListType, value: JsonValue): PathElement | Error {
  if (list.atomic) return new Error("invalid indexing of non-associative list");
  return list.keys.length > 0 ? keyedElement(list, value) : setElement(value);
}

function keyedElement(list: ListType, value: JsonValue): PathElement | Error {
  if (value === null) return new Error("associative list with keys may not have a null element");
  if (!isObject(value)) return new Error("associative list with keys may not have non-map elements");
  const keys: [string, JsonValue][] = [];
  for (const name of list.keys) {
    const own = value[name];
    const key = own === undefined ? list.element.map?.fields.get(name)?.default : own;
    if (key !== undefined) keys.push([name, key]);
  }
  if (keys.length === 0) {
    const names = list.keys.map(goQuote).join(" ");
    return new Error(
      `associative list with keys has an element that omits all key fields [${names}] (and doesn't have default values for any key fields)`,
    );
  }
  return keyElement(keys);
}

function setElement(value: JsonValue): PathElement | Error {
  if (value === null) return new Error("associative list without keys has an element that's an explicit null");
  if (Array.isArray(value)) return new Error("not supported: associative list with lists as elements");
  if (isObject(value)) return new Error("associative list without keys has an element that's a map type");
  return valueElement(value);
}

/** The elements of a list that can be told apart, in order, with their path elements. */
export function indexed(list: ListType, values: JsonArray): { element: PathElement; value: JsonValue }[] {
  const found: { element: PathElement; value: JsonValue }[] = [];
  for (const value of values) {
    const element = elementOf(list, value);
    if (!(element instanceof Error)) found.push({ element, value });
  }
  return found;
}
