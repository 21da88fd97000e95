/**
 * Sets of fields of an object, as `metadata.managedFields[].fieldsV1` writes them: `f:name` a field, `k:{…}` a list element by its
 * keys, `v:…` an element of a set by its value, `i:1` by its index, `.` the parent itself.
 */
import type { JsonObject, JsonValue } from "../../../schema/index.ts";
import { compareBytes, goJson, goNumber, goQuote, goValue, isObject } from "../../../schema/index.ts";
import { fieldOf } from "./types.ts";
import type { FieldType } from "./types.ts";

/** One step of a path. Equal steps have equal `text`. */
export interface PathElement {
  readonly text: string;
  /** The field's name, for `f:`. */
  readonly field: string | undefined;
  /** The keys, sorted by name, for `k:`. */
  readonly keys: readonly (readonly [string, JsonValue])[] | undefined;
  /** The value for `v:`, the number for `i:`. */
  readonly value: JsonValue | undefined;
}

/** A path from the object's root. */
export type FieldPath = readonly PathElement[];

const fieldElements = new Map<string, PathElement>();

/** The step to a field. */
export function fieldElement(field: string): PathElement {
  let element = fieldElements.get(field);
  if (!element) {
    element = { text: `f:${field}`, field, keys: undefined, value: undefined };
    if (fieldElements.size > 20_000) fieldElements.clear();
    fieldElements.set(field, element);
  }
  return element;
}

/** The step to a list element by keys. */
export function keyElement(keys: readonly (readonly [string, JsonValue])[]): PathElement {
  const sorted = keys.length > 1 ? [...keys].sort(([left], [right]) => compareBytes(left, right)) : keys;
  return { text: `k:${goJson(Object.fromEntries(sorted))}`, field: undefined, keys: sorted, value: undefined };
}

/** The step to an element of a set. */
export function valueElement(value: JsonValue): PathElement {
  return { text: `v:${goJson(value)}`, field: undefined, keys: undefined, value };
}

/** Reads a step; `undefined` for a kind of step that is not known (of a later server), which is to be dropped. Throws SyntaxError for what is none. */
function parseElement(text: string): PathElement | undefined {
  if (text.charAt(1) !== ":") throw new SyntaxError(`no path element: ${text}`);
  const rest = text.slice(2);
  switch (text.slice(0, 2)) {
    case "f:":
      return fieldElement(rest);
    case "k:": {
      const keys = parseJson(rest);
      if (!isObject(keys)) throw new SyntaxError(`no path element: ${text}`);
      return keyElement(Object.entries(keys).map(([name, value]) => [name, value ?? null] as const));
    }
    case "v:":
      return valueElement(parseJson(rest));
    case "i:":
      return { text, field: undefined, keys: undefined, value: Number(rest) };
    default:
      return undefined;
  }
}

function parseJson(text: string): JsonValue {
  return JSON.parse(text) as JsonValue;
}

/** A path as conflicts print it: `.spec.template.spec.containers[name="web"].image`. */
export function pathText(path: FieldPath): string {
  return path.map(elementText).join("");
}

/** A step as messages print it. */
export function elementText(element: PathElement): string {
  if (element.field !== undefined) return `.${element.field}`;
  if (element.keys) return `[${element.keys.map(([name, value]) => `${name}=${scalarText(value)}`).join(",")}]`;
  return element.text.startsWith("i:") ? `[${goValue(element.value)}]` : `[=${scalarText(element.value ?? null)}]`;
}

function scalarText(value: JsonValue): string {
  if (typeof value === "string") return goQuote(value);
  return typeof value === "number" ? goNumber(value) : goJson(value);
}

const ranks: Record<string, number> = { f: 0, k: 1, v: 2, i: 3 };

/** The server's order of steps: fields, keys, values, indices, each by value. */
function compareElements(left: PathElement, right: PathElement): number {
  const rank = (ranks[left.text.charAt(0)] ?? 4) - (ranks[right.text.charAt(0)] ?? 4);
  if (rank !== 0) return rank;
  if (left.field !== undefined && right.field !== undefined) return compareBytes(left.field, right.field);
  if (left.keys && right.keys) {
    for (const [index, [name, value]] of left.keys.entries()) {
      const other = right.keys[index];
      if (!other) return 1;
      const order = compareBytes(name, other[0]) || compareValues(value, other[1]);
      if (order !== 0) return order;
    }
    return left.keys.length - right.keys.length;
  }
  return compareValues(left.value ?? null, right.value ?? null);
}

function compareValues(left: JsonValue, right: JsonValue): number {
  const order = typeRank(left) - typeRank(right);
  if (order !== 0) return order;
  if (typeof left === "number" && typeof right === "number") return left - right;
  if (typeof left === "string" && typeof right === "string") return compareBytes(left, right);
  if (typeof left === "boolean" && typeof right === "boolean") return Number(left) - Number(right);
  return compareBytes(goJson(left), goJson(right));
}

function typeRank(value: JsonValue): number {
  if (value === null) return 5;
  return { number: 0, string: 1, boolean: 2, object: Array.isArray(value) ? 3 : 4 }[
    typeof value as "number" | "string" | "boolean" | "object"
  ];
}

/** A set of paths. Grows only by {@link insert}; everything else returns new sets, which may share parts. */
export class FieldSet {
  readonly members = new Map<string, PathElement>();
  readonly children = new Map<string, { readonly element: PathElement; readonly set: FieldSet }>();

  /** Adds one path (not its parents). The empty path is nothing. */
  insert(path: FieldPath): void {
    const [first, ...rest] = path;
    if (!first) return;
    if (rest.length === 0) this.members.set(first.text, first);
    else this.#descend(first).insert(rest);
  }

  #descend(element: PathElement): FieldSet {
    let child = this.children.get(element.text);
    if (!child) {
      child = { element, set: new FieldSet() };
      this.children.set(element.text, child);
    }
    return child.set;
  }

  get empty(): boolean {
    if (this.members.size > 0) return false;
    for (const { set } of this.children.values()) if (!set.empty) return false;
    return true;
  }

  /** The set below one step, if there is any. */
  below(element: PathElement): FieldSet | undefined {
    return this.children.get(element.text)?.set;
  }

  has(path: FieldPath): boolean {
    const [first, ...rest] = path;
    if (!first) return false;
    return rest.length === 0 ? this.members.has(first.text) : this.below(first)?.has(rest) === true;
  }

  union(other: FieldSet): FieldSet {
    const result = new FieldSet();
    for (const set of [this, other]) {
      for (const [text, element] of set.members) result.members.set(text, element);
    }
    for (const [text, child] of this.children) {
      const match = other.children.get(text);
      result.children.set(text, match ? { element: child.element, set: child.set.union(match.set) } : child);
    }
    for (const [text, child] of other.children) if (!this.children.has(text)) result.children.set(text, child);
    return result;
  }

  intersection(other: FieldSet): FieldSet {
    const result = new FieldSet();
    for (const [text, element] of this.members) if (other.members.has(text)) result.members.set(text, element);
    for (const [text, { element, set }] of this.children) {
      const match = other.children.get(text);
      if (match) result.#attach(text, element, set.intersection(match.set));
    }
    return result;
  }

  /** The paths that are not in `other`; the children of a path in `other` stay. */
  difference(other: FieldSet): FieldSet {
    const result = new FieldSet();
    for (const [text, element] of this.members) if (!other.members.has(text)) result.members.set(text, element);
    for (const [text, { element, set }] of this.children) {
      const match = other.children.get(text);
      result.#attach(text, element, match ? set.difference(match.set) : set);
    }
    return result;
  }

  /** The paths that are neither in `other` nor below one of its paths. */
  recursiveDifference(other: FieldSet): FieldSet {
    const result = new FieldSet();
    for (const [text, element] of this.members) if (!other.members.has(text)) result.members.set(text, element);
    for (const [text, { element, set }] of this.children) {
      if (other.members.has(text)) continue;
      const match = other.children.get(text);
      result.#attach(text, element, match ? set.recursiveDifference(match.set) : set);
    }
    return result;
  }

  #attach(text: string, element: PathElement, set: FieldSet): void {
    if (!set.empty) this.children.set(text, { element, set });
  }

  /** The set with every named field of a struct that lies on the way to a member (but no keys of maps, no list elements). */
  withStructFields(type: FieldType | undefined): FieldSet {
    const result = new FieldSet();
    for (const [text, element] of this.members) result.members.set(text, element);
    for (const [text, { element, set }] of this.children) {
      let below: FieldType | undefined;
      if (element.field !== undefined && type?.map) {
        if (type.map.fields.has(element.field)) result.members.set(text, element);
        below = fieldOf(type.map, element.field);
      } else if (element.keys && type?.list) {
        below = type.list.element;
      }
      result.children.set(text, { element, set: set.withStructFields(below) });
    }
    return result;
  }

  /** All paths in the server's order: at each level the members, then what is below. */
  *paths(prefix: FieldPath = []): Generator<FieldPath> {
    for (const element of [...this.members.values()].sort(compareElements)) yield [...prefix, element];
    for (const { element, set } of [...this.children.values()].sort((left, right) => compareElements(left.element, right.element))) {
      yield* set.paths([...prefix, element]);
    }
  }

  /** As `fieldsV1`, keys in the server's order. */
  encode(): JsonObject {
    const all = new Map([...this.children].map(([text, { element }]) => [text, element]));
    for (const [text, element] of this.members) all.set(text, element);
    const encoded: JsonObject = {};
    for (const element of [...all.values()].sort(compareElements)) {
      const child = this.children.get(element.text);
      const below = child && !child.set.empty ? child.set.encode() : {};
      Object.defineProperty(encoded, element.text, {
        value: child && this.members.has(element.text) ? { ".": {}, ...below } : below,
        enumerable: true,
        configurable: true,
        writable: true,
      });
    }
    return encoded;
  }

  /** Reads `fieldsV1`; throws SyntaxError for what is none. */
  static decode(encoded: JsonObject): FieldSet {
    const result = new FieldSet();
    for (const [text, below] of Object.entries(encoded)) {
      if (text === ".") continue;
      const element = parseElement(text);
      if (!isObject(below)) throw new SyntaxError(`no field set: ${text}`);
      if (!element) continue;
      const keys = Object.keys(below);
      if (keys.length === 0 || Object.hasOwn(below, ".")) result.members.set(element.text, element);
      const set = FieldSet.decode(below);
      if (!set.empty) result.children.set(element.text, { element, set });
    }
    return result;
  }

  /** The set of some paths of field names. */
  static of(...paths: readonly (readonly string[])[]): FieldSet {
    const result = new FieldSet();
    for (const path of paths) result.insert(path.map(fieldElement));
    return result;
  }
}
