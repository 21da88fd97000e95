import { isRecord, sameJson, type KubernetesObject } from "../object/index.ts";

/** Fields of one manager, as `fieldsV1` writes them (KEP-555): `f:` field, `k:` list item by key, `v:` value of a set; nothing for a leaf. */
type Fields = { readonly [element: string]: Fields };

/** A value before and after a change, and which parts of it were and are ours. */
interface Difference {
  before: unknown;
  after: unknown;
  was: Fields | undefined;
  is: Fields | undefined;
}

/** True when two states of an object differ in nothing but status fields that this manager has applied. */
export function onlyOwnStatusDiffers(before: KubernetesObject, after: KubernetesObject, manager: string): boolean {
  if (!sameJson(withoutStatus(before), withoutStatus(after))) return false;
  return isOurs({
    before: statusOf(before),
    after: statusOf(after),
    was: appliedStatus(before, manager),
    is: appliedStatus(after, manager),
  });
}

function statusOf(object: KubernetesObject & { status?: unknown }): unknown {
  return object.status;
}

function withoutStatus(object: KubernetesObject & { status?: unknown }): object {
  const { status, metadata = {}, ...rest } = object;
  const { managedFields, resourceVersion, ...others } = metadata;
  return { ...rest, metadata: others };
}

/** Kinds without the status subresource have it in the same entry as the spec. */
function appliedStatus(object: KubernetesObject, manager: string): Fields | undefined {
  for (const entry of object.metadata?.managedFields ?? []) {
    if (entry.manager !== manager || entry.operation !== "Apply" || !["", "status"].includes(entry.subresource ?? "")) continue;
    const status = (entry.fieldsV1 as Fields | undefined)?.["f:status"];
    if (status !== undefined) return status;
  }
  return undefined;
}

/** What is there now must be ours now; what is gone must have been ours. */
function isOurs(difference: Difference): boolean {
  const { before, after, was, is } = difference;
  if (sameJson(before, after)) return true;
  const owned = after === undefined ? was : is;
  if (owned === undefined) return false;
  if (Object.keys(owned).length === 0) return true; // a leaf, or a list or map that is owned as a whole
  if (isListOrNone(before) && isListOrNone(after)) return itemsAreOurs(before ?? [], after ?? [], was, is);
  if (isMapOrNone(before) && isMapOrNone(after)) return fieldsAreOurs(before ?? {}, after ?? {}, was, is);
  return false;
}

function fieldsAreOurs(before: Record<string, unknown>, after: Record<string, unknown>, was: Fields = {}, is: Fields = {}): boolean {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].every((name) =>
    isOurs({ before: own(before, name), after: own(after, name), was: own(was, `f:${name}`), is: own(is, `f:${name}`) }),
  );
}

/** Items of a list by key are compared one by one, values of a set by whether they are in it. Others' items must be as they were. */
function itemsAreOurs(before: readonly unknown[], after: readonly unknown[], was: Fields = {}, is: Fields = {}): boolean {
  const elements = [...new Set([...Object.keys(was), ...Object.keys(is)])].filter((element) => element !== ".");
  const matchers = elements.map((element) => ({ element, matches: matcherOf(element) }));
  const others = (items: readonly unknown[]) => items.filter((item) => !matchers.some(({ matches }) => matches(item)));
  if (!sameJson(others(before), others(after))) return false;
  return matchers.every(({ element, matches }) =>
    isOurs({ before: before.find(matches), after: after.find(matches), was: own(was, element), is: own(is, element) }),
  );
}

function matcherOf(element: string): (item: unknown) => boolean {
  const wanted: unknown = JSON.parse(element.slice(2));
  if (element.startsWith("v:")) return (item) => sameJson(item, wanted);
  return (item) => isRecord(item) && isRecord(wanted) && Object.entries(wanted).every(([name, value]) => own(item, name) === value);
}

function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

function isListOrNone(value: unknown): value is unknown[] | undefined {
  return value === undefined || Array.isArray(value);
}

function isMapOrNone(value: unknown): value is Record<string, unknown> | undefined {
  return value === undefined || (isRecord(value) && !Array.isArray(value));
}
