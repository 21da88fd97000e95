import type { ManagedFieldsEntry } from "../api/index.ts";
import { isRecord, sameJson, type KubernetesObject } from "../object/index.ts";
import type { Comparison, FieldPath } from "./semantics.ts";

/** Fields owned by one manager, as `fieldsV1` writes them (KEP-555): `f:` field, `k:` list item by key, `v:` value of a set. */
export interface FieldSet {
  readonly [element: string]: FieldSet;
}

/** Our own entry of an object: what this manager applied last, through this subresource. */
export function appliedBy(object: KubernetesObject, manager: string, subresource: string | undefined): ManagedFieldsEntry | undefined {
  return object.metadata?.managedFields?.find(
    (entry) => entry.operation === "Apply" && entry.manager === manager && (entry.subresource ?? "") === (subresource ?? ""),
  );
}

/** What an entry says of the fields of objects in this version; `undefined` when it is of another one, whose fields may have other names. */
export function fieldsOfEntry(entry: ManagedFieldsEntry | undefined, apiVersion: string | undefined): FieldSet | undefined {
  return isRecord(entry?.fieldsV1) && entry.apiVersion === apiVersion ? (entry.fieldsV1 as FieldSet) : undefined;
}

/** All fields of both sets. */
export function union(a: FieldSet, b: FieldSet): FieldSet {
  const all: Record<string, FieldSet> = { ...a };
  for (const [element, fields] of Object.entries(b)) {
    const known = Object.hasOwn(a, element) ? a[element] : undefined;
    define(all, element, known ? union(known, fields) : fields);
  }
  return all;
}

/** How {@link isAsWanted} looks at an object. */
export interface Rules {
  compare: Comparison;
  /** True for a set in which fields are that were never sent: the defaults that the server fills in when it creates an object. */
  hasDefaults?: boolean;
}

/**
 * True when applying `wanted` over `stored` would change no value, and what is wanted are just the fields of the set: one that we stopped
 * sending is still in it, one that somebody else took over is in it no longer.
 */
export function isAsWanted(wanted: unknown, stored: unknown, fields: FieldSet, rules: Rules, path: FieldPath = []): boolean {
  const elements = Object.keys(fields);
  // "." is the map or list item itself. It is beside elements of one sort: fields, items by key, or values.
  const sample = elements.find((element) => element !== ".");
  if (sample === undefined) {
    // The map or list itself is ours, and nothing in it; or a leaf, or a list or map that is owned as a whole.
    return elements.length > 0 ? isRecord(stored) && isEmpty(wanted) : rules.compare(wanted, stored, path);
  }
  if (sample.startsWith("f:")) return fieldsAreAsWanted(wanted, stored, fields, rules, path);
  if (!Array.isArray(wanted) || !Array.isArray(stored)) return false;
  if (sample.startsWith("v:")) return sameJson(wanted, ownedValues(stored, elements));
  const ours = ownItems(stored, fields, elements);
  return ours.length === wanted.length && ours.every(({ item, fields: own }, index) => isAsWanted(wanted[index], item, own, rules, path));
}

function fieldsAreAsWanted(wanted: unknown, stored: unknown, fields: FieldSet, rules: Rules, path: FieldPath): boolean {
  if (!isRecord(wanted) || !isRecord(stored)) return false;
  if (rules.hasDefaults !== true) {
    const isDropped = (element: string) =>
      element !== "." && !Object.hasOwn(wanted, element.slice(2)) && Object.hasOwn(stored, element.slice(2));
    if (Object.keys(fields).some(isDropped)) return false;
  }
  for (const name of Object.keys(wanted)) {
    const value = wanted[name];
    const element = `f:${name}`;
    const own = Object.hasOwn(fields, element) ? fields[element] : undefined;
    if (!Object.hasOwn(stored, name)) {
      // Go leaves out what is empty. What is still ours was not taken away by somebody, and an empty list by key was never anybody's.
      if (!(own === undefined ? value === null || (Array.isArray(value) && value.length === 0) : isZero(value))) return false;
    } else if (own === undefined || !isAsWanted(value, stored[name], own, rules, [...path, name])) return false;
  }
  return true;
}

/**
 * What a merge patch has to set so that `stored` has the values that are wanted; `undefined` where it takes more than values of fields of the set that are
 * there: a list, of which a merge patch would replace all, or a field that is not in the set.
 */
export function changedValues(wanted: unknown, stored: unknown, fields: FieldSet, rules: Rules, path: FieldPath = []): object | undefined {
  if (!isRecord(wanted) || !isRecord(stored) || Array.isArray(wanted) || Array.isArray(stored)) return undefined;
  const changed: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(wanted)) {
    const own = Object.hasOwn(fields, `f:${name}`) ? fields[`f:${name}`] : undefined;
    if (own === undefined || !Object.hasOwn(stored, name)) return undefined;
    if (isAsWanted(value, stored[name], own, rules, [...path, name])) continue;
    const isLeaf = Object.keys(own).length === 0 && isScalar(value) && isScalar(stored[name]);
    const part = isLeaf ? value : changedValues(value, stored[name], own, rules, [...path, name]);
    if (part === undefined) return undefined;
    define(changed, name, part);
  }
  return isEmpty(changed) ? undefined : changed;
}

function isScalar(value: unknown): boolean {
  return value !== null && typeof value !== "object";
}

/** The zero value of a Go type. */
function isZero(value: unknown): boolean {
  return value === null || value === "" || value === 0 || value === false || isEmpty(value);
}

function isEmpty(value: unknown): boolean {
  return isRecord(value) && Object.keys(value).length === 0;
}

/** The part of a value that a field set owns. */
export function ownedPart(value: unknown, fields: FieldSet): unknown {
  const elements = Object.keys(fields).filter((element) => element !== ".");
  if (elements.length === 0) return value; // a leaf, or a list or map that is owned as a whole
  if (elements.some((element) => element.startsWith("f:"))) return ownedFields(value, fields, elements);
  if (!Array.isArray(value)) return undefined;
  return elements.some((element) => element.startsWith("v:")) ? ownedValues(value, elements) : ownedItems(value, fields, elements);
}

function ownedFields(value: unknown, fields: FieldSet, elements: readonly string[]): unknown {
  if (!isRecord(value)) return undefined;
  const part: Record<string, unknown> = {};
  for (const element of elements) {
    const name = element.slice(2);
    const child = fields[element];
    if (child !== undefined && Object.hasOwn(value, name)) define(part, name, ownedPart(value[name], child));
  }
  return part;
}

function ownedValues(value: readonly unknown[], elements: readonly string[]): unknown[] {
  // Read and written anew: Go and JavaScript do not escape the same characters.
  const owned = new Set(elements.filter((element) => element !== ".").map((element) => JSON.stringify(JSON.parse(element.slice(2)))));
  return value.filter((item) => owned.has(JSON.stringify(item)));
}

function ownedItems(value: readonly unknown[], fields: FieldSet, elements: readonly string[]): unknown[] {
  return ownItems(value, fields, elements).map(({ item, fields: own }) => ownedPart(item, own));
}

/** The items of a list by key that are in the set, each with its own set. */
function ownItems(value: readonly unknown[], fields: FieldSet, elements: readonly string[]): { item: unknown; fields: FieldSet }[] {
  const keys = elements
    .filter((element) => element !== ".")
    .map((element) => ({ key: JSON.parse(element.slice(2)) as Record<string, unknown>, fields: fields[element] ?? {} }));
  return value.flatMap((item) => {
    const owner = isRecord(item) ? keys.find(({ key }) => Object.entries(key).every(([name, wanted]) => item[name] === wanted)) : undefined;
    return owner ? [{ item, fields: owner.fields }] : [];
  });
}

/** Sets a property even when it is called `__proto__`. */
function define(target: Record<string, unknown>, name: string, value: unknown): void {
  if (name === "__proto__") Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
  else target[name] = value;
}
