import type { JsonObject, Status } from "../../../schema/index.ts";
import {
  badRequest,
  cloneJson,
  equalJson,
  failure,
  goQuote,
  isObject,
  objectAt,
  omit,
  StatusFailure,
  stringAt,
} from "../../../schema/index.ts";
import { pathText } from "./fieldset.ts";
import { allowedByLastApplied, renewLastApplied } from "./lastapplied.ts";
import { foldOldUpdaters, isReset, managedFieldsOf, managerKey, managerOf, nobody, readOwnership, setManagedFields } from "./managers.ts";
import type { Ownership } from "./managers.ts";
import { OwnershipChange } from "./ownership.ts";
import type { Conflict, Versions } from "./ownership.ts";
import { typeErrors } from "./typed.ts";
import type { FieldType } from "./types.ts";

/** What apply must know of a kind; every `Strategy` of `../defaults` is one. */
export interface ManagedKind extends Versions {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** An object without content at a version, as Go's typed struct of the kind writes it: what a create is compared with. */
  emptyObject(apiVersion: string): JsonObject;
}

/** Who writes. */
export interface TrackOptions {
  /** `fieldManager` of the request, else {@link managerFromUserAgent}. */
  readonly manager: string;
  /** `""` for the main resource, else `status`, `scale`… */
  readonly subresource: string;
  /** RFC 3339 time in whole seconds, for the entry that changes. */
  readonly now: string;
}

/** Who applies. */
export interface ApplyOptions extends TrackOptions {
  /** Take fields from other managers instead of failing with 409. */
  readonly force: boolean;
}

/**
 * Server-side apply (KEP-555) of `applied` onto `live` (`undefined`: creation by apply), both at the kind's version. Returns the new
 * object with its managed fields, not yet decoded and defaulted; neither argument is changed. When nothing changes it differs from
 * `live` at most in managed fields. Throws StatusFailure: 409 for conflicts, 400 for a wrong kind, version or given managed fields, 500 for values that
 * do not fit the type (the server's own choice of code).
 */
export function applyServerSide(kind: ManagedKind, live: JsonObject | undefined, applied: JsonObject, options: ApplyOptions): JsonObject {
  const apiVersion = groupVersion(kind);
  requireKind(kind, apiVersion, applied);
  if (Array.isArray(objectAt(applied, "metadata")?.["managedFields"])) throw badRequest("metadata.managedFields must be nil");
  const type = typeAt(kind, apiVersion);
  const current = withoutManagedFields(live ?? kind.emptyObject(apiVersion));
  const wrong = typeErrors(type, applied, false);
  if (wrong.length > 0) throw failedToType("patch", kind, applied, wrong);
  const wrongLive = typeErrors(type, current, true);
  if (wrongLive.length > 0) throw failedToType("live", kind, current, wrongLive);

  const ownership = readOwnership(managedFieldsOf(live));
  if (!ownership) throw failure(500, "", "failed to decode managed fields");
  if (ownership.owned.size === 0 && live) {
    takeOver(kind, apiVersion, ownership, kind.emptyObject(apiVersion), current, { ...options, manager: "before-first-apply" });
  }
  const key = managerKey(options.manager === "" ? "unknown" : options.manager, "Apply", apiVersion, options.subresource);
  const change = new OwnershipChange(kind, apiVersion, options.subresource);
  const attempt = { owned: new Map(ownership.owned), times: ownership.times };
  let outcome = change.apply(attempt.owned, current, applied, key, options.force);
  if (Array.isArray(outcome) && options.manager === "kubectl") {
    const allowed = allowedByLastApplied(type, apiVersion, live ?? {});
    const others = allowed ? outcome.filter(({ path }) => !allowed.has(path)) : outcome;
    if (others.length > 0) throw conflictFailure(others);
    attempt.owned = new Map(ownership.owned);
    outcome = change.apply(attempt.owned, current, applied, key, true);
  }
  if (Array.isArray(outcome)) throw conflictFailure(outcome);
  const result = cloneJson(outcome);
  if (!equalJson(result, current)) attempt.times.set(key, options.now);
  if (options.manager === "kubectl") renewLastApplied(result, applied);
  setManagedFields(result, attempt);
  return result;
}

/**
 * Sets `object.metadata.managedFields` after a create (`live` undefined), update or patch, in place; both at the kind's version. Must come after
 * decoding and defaulting, before validation. Never throws for an object that can be stored: when ownership cannot be computed it is cleared.
 *
 * A writer of the main resource may set managed fields itself; `[]` and `[{}]` reset them all.
 */
export function trackUpdate(kind: ManagedKind, live: JsonObject | undefined, object: JsonObject, options: TrackOptions): void {
  const apiVersion = groupVersion(kind);
  const ownership = ownershipBefore(live, object, options.subresource);
  setManagedFields(object, undefined);
  const before = withoutManagedFields(live ?? kind.emptyObject(apiVersion));
  if (ownership.owned.size === 0 && live) {
    // Nobody tracks this object any more (its managed fields were reset), until it is applied again.
    return;
  }
  const type = typeAt(kind, apiVersion);
  if (typeErrors(type, object, true).length > 0 || typeErrors(type, before, true).length > 0) return;
  takeOver(kind, apiVersion, ownership, before, object, options);
  foldOldUpdaters(ownership);
  setManagedFields(object, ownership);
}

/** The ownership that an update starts from: what the writer sent, if it makes sense, else what is stored. */
function ownershipBefore(live: JsonObject | undefined, object: JsonObject, subresource: string): Ownership {
  const stored = (): Ownership => readOwnership(managedFieldsOf(live)) ?? nobody();
  if (subresource !== "") return stored();
  if (isReset(object)) return nobody();
  const sent = readOwnership(managedFieldsOf(object));
  return sent && sent.owned.size > 0 ? sent : stored();
}

/** Gives the changed fields to an updater, joined with those it had. */
function takeOver(
  kind: ManagedKind,
  apiVersion: string,
  ownership: Ownership,
  before: JsonObject,
  after: JsonObject,
  options: TrackOptions,
): void {
  const taken = new OwnershipChange(kind, apiVersion, options.subresource).update(ownership.owned, before, after);
  if (taken.empty) return;
  const key = managerKey(options.manager === "" ? "unknown" : options.manager, "Update", apiVersion, options.subresource);
  const previous = ownership.owned.get(key);
  ownership.owned.set(key, { fields: previous ? taken.union(previous.fields) : taken, apiVersion, applied: false });
  ownership.times.set(key, options.now);
}

/**
 * True when two objects differ in nothing but `resourceVersion` and the times of managed fields: then nothing is to be written, and
 * `live` is the answer.
 */
export function keepTimestamps(live: JsonObject, object: JsonObject): boolean {
  return equalJson(withoutTimes(live), withoutTimes(object));
}

function withoutTimes(object: JsonObject): JsonObject {
  const metadata = objectAt(object, "metadata") ?? {};
  const entries = managedFieldsOf(object).map((entry) => {
    return isObject(entry) ? omit(entry, "time") : entry;
  });
  const rest = omit(metadata, "resourceVersion", "managedFields");
  return { ...object, metadata: entries.length === 0 ? rest : { ...rest, managedFields: entries } };
}

/** The manager of a request without `fieldManager`: the user agent up to its first `/`, printable characters, at most 128 of them. */
export function managerFromUserAgent(userAgent: string | undefined): string {
  return ((userAgent ?? "").split("/", 1)[0] ?? "").replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, "").slice(0, 128);
}

function groupVersion(kind: ManagedKind): string {
  return kind.group === "" ? kind.version : `${kind.group}/${kind.version}`;
}

function typeAt(kind: ManagedKind, apiVersion: string): FieldType {
  const type = kind.fieldType(apiVersion);
  if (!type) throw new Error(`${kind.kind} has no type at its own version ${apiVersion}`);
  return type;
}

function withoutManagedFields(object: JsonObject): JsonObject {
  const metadata = objectAt(object, "metadata");
  if (!metadata || metadata["managedFields"] === undefined) return object;
  return { ...object, metadata: omit(metadata, "managedFields") };
}

function requireKind(kind: ManagedKind, apiVersion: string, applied: JsonObject): void {
  const own = stringAt(applied, "kind") ?? "";
  const version = stringAt(applied, "apiVersion") ?? "";
  if (own === kind.kind && version === apiVersion) return;
  throw badRequest(`invalid object type: ${version}, Kind=${own}`);
}

function failedToType(which: "patch" | "live", kind: ManagedKind, object: JsonObject, errors: readonly string[]): StatusFailure {
  const name = stringAt(object, "metadata", "name") ?? "";
  const namespace = stringAt(object, "metadata", "namespace") ?? "";
  const place = `${namespace}/${name}; ${kind.group}/${kind.version}, Kind=${kind.kind}`;
  const text = errors.length === 1 ? (errors[0] ?? "") : ["errors:", ...errors.map((error) => `  ${error}`)].join("\n");
  return failure(500, "", `failed to create typed ${which} object (${place}): ${text}`);
}

/** 409 with one cause per field. */
function conflictFailure(conflicts: readonly Conflict[]): StatusFailure {
  const causes = conflicts.map(({ manager, path }) => ({
    reason: "FieldManagerConflict",
    message: `conflict with ${managerText(manager)}`,
    field: pathText(path),
  }));
  const status: Status = {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message: conflictMessage(conflicts),
    reason: "Conflict",
    details: { causes },
    code: 409,
  };
  return new StatusFailure(status);
}

function conflictMessage(conflicts: readonly Conflict[]): string {
  const [only] = conflicts;
  if (only && conflicts.length === 1)
    return `Apply failed with 1 conflict: conflict with ${managerText(only.manager)}: ${pathText(only.path)}`;
  const lines: string[] = [];
  for (const manager of new Set(conflicts.map((conflict) => conflict.manager))) {
    lines.push(`conflicts with ${managerText(manager)}:`);
    for (const { path } of conflicts.filter((conflict) => conflict.manager === manager)) lines.push(`- ${pathText(path)}`);
  }
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join("\n")}`;
}

function managerText(key: string): string {
  const { manager, operation, apiVersion, subresource } = managerOf(key);
  const named = subresource === undefined ? goQuote(manager) : `${goQuote(manager)} with subresource ${goQuote(subresource)}`;
  return operation === "Update" ? `${named} using ${apiVersion ?? ""}` : named;
}

export type { Versions } from "./ownership.ts";
