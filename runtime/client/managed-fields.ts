import type { ManagedFieldsEntry } from "../api/index.ts";
import type { KubernetesObject } from "../object/index.ts";

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

/**
 * The part of a value that a field set owns. When it equals what we want to apply, the apply would change nothing:
 * a field that we stopped sending is still in the set, one that somebody else took over is no longer in it.
 */
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
  const owned = new Set(elements.map((element) => JSON.stringify(JSON.parse(element.slice(2)))));
  return value.filter((item) => owned.has(JSON.stringify(item)));
}

function ownedItems(value: readonly unknown[], fields: FieldSet, elements: readonly string[]): unknown[] {
  const keys = elements.map((element) => ({ key: JSON.parse(element.slice(2)) as Record<string, unknown>, fields: fields[element] ?? {} }));
  const items: unknown[] = [];
  for (const item of value) {
    const owner = isRecord(item) ? keys.find(({ key }) => Object.entries(key).every(([name, wanted]) => item[name] === wanted)) : undefined;
    if (owner) items.push(ownedPart(item, owner.fields));
  }
  return items;
}

/** True when two JSON values are the same; the order of an object's keys does not matter. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, index) => sameJson(item, b[index]));
  if (!isRecord(a) || !isRecord(b) || Array.isArray(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && sameJson(a[key], b[key]));
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** Sets a property even when it is called `__proto__`. */
function define(target: Record<string, unknown>, name: string, value: unknown): void {
  if (name === "__proto__") Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
  else target[name] = value;
}
