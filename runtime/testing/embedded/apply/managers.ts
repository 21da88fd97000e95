/**
 * `metadata.managedFields`: who owns what, read, changed and written.
 */
import type { JsonArray, JsonObject, JsonValue } from "../../../schema/index.ts";
import { arrayAt, compareBytes, goJson, isObject, objectAt, stringAt } from "../../../schema/index.ts";
import { FieldSet } from "./fieldset.ts";

/** What one manager owns. */
export interface Owned {
  readonly fields: FieldSet;
  readonly apiVersion: string;
  /** By apply; else by update. */
  readonly applied: boolean;
}

/** A manager as entries and messages name it. */
export interface Manager {
  readonly manager: string;
  readonly operation: string;
  /** Not part of an applier's identity: it has one entry, whatever version it last applied. */
  readonly apiVersion?: string;
  readonly subresource?: string;
}

/** All owners of one object, by manager identity ({@link managerKey}), with the time of each one's last change. */
export interface Ownership {
  readonly owned: Map<string, Owned>;
  readonly times: Map<string, string>;
}

/** No owners. */
export function nobody(): Ownership {
  return { owned: new Map(), times: new Map() };
}

/** The identity of a manager. Sorting by it is part of the server's behaviour, so it is written as the server writes it. */
export function managerKey(name: string, operation: "Apply" | "Update", apiVersion: string, subresource: string): string {
  const fields = [`"manager":${goJson(name)}`, `"operation":"${operation}"`];
  if (operation === "Update") fields.push(`"apiVersion":${goJson(apiVersion)}`);
  if (subresource !== "") fields.push(`"subresource":${goJson(subresource)}`);
  return `{${fields.join(",")}}`;
}

/** The manager that a key identifies. */
export function managerOf(key: string): Manager {
  return JSON.parse(key) as Manager;
}

/** Reads managed fields; `undefined` when an entry is malformed. */
export function readOwnership(entries: JsonValue | undefined): Ownership | undefined {
  const ownership = nobody();
  for (const entry of Array.isArray(entries) ? entries : []) {
    if (!isObject(entry)) return undefined;
    const operation = stringAt(entry, "operation");
    const apiVersion = stringAt(entry, "apiVersion") ?? "";
    if ((operation !== "Apply" && operation !== "Update") || apiVersion === "" || stringAt(entry, "fieldsType") !== "FieldsV1")
      return undefined;
    const fields = readFields(objectAt(entry, "fieldsV1") ?? {});
    if (!fields) return undefined;
    const key = managerKey(stringAt(entry, "manager") ?? "", operation, apiVersion, stringAt(entry, "subresource") ?? "");
    ownership.owned.set(key, { fields, apiVersion, applied: operation === "Apply" });
    const time = stringAt(entry, "time");
    if (time === undefined) ownership.times.delete(key);
    else ownership.times.set(key, time);
  }
  return ownership;
}

function readFields(encoded: JsonObject): FieldSet | undefined {
  try {
    return FieldSet.decode(encoded);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Writes managed fields in the server's order: appliers first, then by time, manager, version, subresource. */
function writeOwnership({ owned, times }: Ownership): JsonArray {
  const entries = [...owned].map(([key, { fields, apiVersion, applied }]) => {
    const { manager, operation, subresource } = managerOf(key);
    const time = times.get(key);
    return {
      manager,
      operation: applied ? "Apply" : operation,
      apiVersion,
      ...(time === undefined ? {} : { time }),
      fieldsType: "FieldsV1",
      fieldsV1: fields.encode(),
      ...(subresource === undefined ? {} : { subresource }),
    };
  });
  return entries.sort(
    (left, right) =>
      compareBytes(left.operation, right.operation) ||
      secondsOf(left.time) - secondsOf(right.time) ||
      compareBytes(left.manager, right.manager) ||
      compareBytes(left.apiVersion, right.apiVersion) ||
      compareBytes(left.subresource ?? "", right.subresource ?? ""),
  );
}

function secondsOf(time: string | undefined): number {
  const millis = time === undefined ? 0 : Date.parse(time);
  return Number.isNaN(millis) ? 0 : Math.floor(millis / 1000);
}

/** True for `managedFields: []` and `[{}]`, with which a writer asks for all ownership to be forgotten. */
export function isReset(object: JsonObject): boolean {
  const metadata = objectAt(object, "metadata");
  const entries = metadata?.["managedFields"];
  if (!Array.isArray(entries)) return false;
  const only = entries[0];
  return entries.length === 0 || (entries.length === 1 && isObject(only) && Object.keys(only).length === 0);
}

/** Puts managed fields into an object, or takes them out when nobody owns anything. In place. */
export function setManagedFields(object: JsonObject, ownership: Ownership | undefined): void {
  let metadata = objectAt(object, "metadata");
  if (!metadata) {
    if (!ownership || ownership.owned.size === 0) return;
    metadata = {};
    object["metadata"] = metadata;
  }
  if (!ownership || ownership.owned.size === 0) delete metadata["managedFields"];
  else metadata["managedFields"] = writeOwnership(ownership);
}

/** The managed fields of an object. */
export function managedFieldsOf(object: JsonObject | undefined): JsonArray {
  return arrayAt(object, "metadata", "managedFields");
}

const updatersKept = 10;

/** Folds the oldest updaters of each version into `ancient-changes` until no more than ten are left. In place. */
export function foldOldUpdaters(ownership: Ownership): void {
  const { owned, times } = ownership;
  const updaters = [...owned].filter(([, { applied }]) => !applied).map(([key]) => key);
  if (updaters.length <= updatersKept) return;
  updaters.sort((left, right) => secondsOf(times.get(left)) - secondsOf(times.get(right)) || compareBytes(left, right));
  const firstOf = new Map<string, string>();
  let count = updaters.length;
  for (const key of updaters) {
    if (count <= updatersKept) return;
    const oldest = owned.get(key);
    if (!oldest) continue;
    const first = firstOf.get(oldest.apiVersion);
    if (first === undefined) {
      firstOf.set(oldest.apiVersion, key);
      continue;
    }
    const bucket = managerKey("ancient-changes", "Update", oldest.apiVersion, "");
    const collected = owned.get(bucket) ?? owned.get(first);
    if (!owned.has(bucket)) owned.delete(first);
    owned.delete(key);
    owned.set(bucket, { ...oldest, fields: collected ? oldest.fields.union(collected.fields) : oldest.fields });
    const time = times.get(key);
    if (time === undefined) times.delete(bucket);
    else times.set(bucket, time);
    count--;
  }
}
