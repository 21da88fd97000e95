/**
 * How ownership moves when an object changes: what an update takes, what an apply takes, conflicts with and leaves behind.
 */
import type { JsonObject, JsonValue } from "../../../schema/index.ts";
import { compareBytes, isObject } from "../../../schema/index.ts";
import { FieldSet } from "./fieldset.ts";
import type { FieldPath } from "./fieldset.ts";
import { compared, merged } from "./merge.ts";
import type { Comparison } from "./merge.ts";
import type { Owned } from "./managers.ts";
import { adaptedToType, fieldSetOf, withoutFields } from "./typed.ts";
import type { FieldType } from "./types.ts";

/** What ownership must know of a kind: its versions. */
export interface Versions {
  /** The type at a version (`apps/v1`), or `undefined` when that version is not served (any more). */
  fieldType(apiVersion: string): FieldType | undefined;
  /** The object at another served version of its kind. */
  convert(object: JsonObject, apiVersion: string): JsonObject;
  /** Paths that a writer of this (sub)resource does not own, since they are reset (`["status"]` on the main resource). */
  resetFields(apiVersion: string, subresource: string): readonly (readonly string[])[];
}

/** One field that an apply would take from another manager. */
export interface Conflict {
  /** Key of the manager that owns the field. */
  readonly manager: string;
  readonly path: FieldPath;
}

/** Metadata that nobody owns. */
const unowned = FieldSet.of(
  ["apiVersion"],
  ["kind"],
  ["metadata"],
  ["metadata", "name"],
  ["metadata", "namespace"],
  ["metadata", "creationTimestamp"],
  ["metadata", "selfLink"],
  ["metadata", "uid"],
  ["metadata", "clusterName"],
  ["metadata", "generation"],
  ["metadata", "managedFields"],
  ["metadata", "resourceVersion"],
);

/** One change of one object at one version of its kind. */
export class OwnershipChange {
  readonly #versions: Versions;
  readonly #apiVersion: string;
  readonly #type: FieldType;
  readonly #subresource: string;

  constructor(versions: Versions, apiVersion: string, subresource: string) {
    const type = versions.fieldType(apiVersion);
    if (!type) throw new Error(`${apiVersion} is not served, so nothing of that version can be written`);
    this.#versions = versions;
    this.#apiVersion = apiVersion;
    this.#type = type;
    this.#subresource = subresource;
  }

  /** After an update: returns what the writer took over (empty when it changed nothing), and takes it from the others in `owners`. */
  update(owners: Map<string, Owned>, live: JsonObject, object: JsonObject): FieldSet {
    this.#adapt(owners);
    const change = this.#takeChanged(owners, undefined, live, object);
    const taken = new FieldSet().difference(change.removed).union(change.modified).union(change.added);
    return this.#ownable(this.#filtered(taken, this.#apiVersion));
  }

  /**
   * Applies `applied` for the manager `key`: returns the merged object, less what this manager applied before and nobody wants any
   * more, with `owners` changed in place; or the conflicts, when there are some and `force` is false.
   */
  apply(owners: Map<string, Owned>, live: JsonObject, applied: JsonObject, key: string, force: boolean): JsonObject | Conflict[] {
    this.#adapt(owners);
    const everything = asObject(merged(this.#type, live, applied));
    const last = owners.get(key);
    const fields = this.#filtered(fieldSetOf(this.#type, applied), this.#apiVersion);
    owners.set(key, { fields, apiVersion: this.#apiVersion, applied: true });
    const object = this.#pruned(everything, owners, last);
    const conflicts: Conflict[] = [];
    this.#takeChanged(owners, { key, conflicts, force }, live, object);
    if (conflicts.length > 0) return conflicts;
    const own = owners.get(key);
    if (own) {
      const ownable = this.#ownable(own.fields);
      if (ownable.empty) owners.delete(key);
      else owners.set(key, { ...own, fields: ownable });
    }
    return object;
  }

  #ownable(set: FieldSet): FieldSet {
    return set.difference(unowned);
  }

  #filtered(set: FieldSet, apiVersion: string): FieldSet {
    const reset = this.#versions.resetFields(apiVersion, this.#subresource);
    return reset.length === 0 ? set : set.recursiveDifference(FieldSet.of(...reset));
  }

  /** Drops owners of versions that are gone, and adapts the others to the types of today. */
  #adapt(owners: Map<string, Owned>): void {
    for (const [key, owned] of [...owners]) {
      const type = this.#versions.fieldType(owned.apiVersion);
      if (!type) {
        owners.delete(key);
        continue;
      }
      const fields = adaptedToType(type, owned.fields);
      if (fields !== owned.fields) owners.set(key, { ...owned, fields });
    }
  }

  #at(object: JsonObject, apiVersion: string): JsonObject {
    return apiVersion === this.#apiVersion ? object : this.#versions.convert(object, apiVersion);
  }

  /** Takes changed fields from every owner but the applier; collects them as conflicts instead when it must not. */
  #takeChanged(
    owners: Map<string, Owned>,
    applier: { key: string; conflicts: Conflict[]; force: boolean } | undefined,
    live: JsonObject,
    object: JsonObject,
  ): Comparison {
    const comparisons = new Map<string, Comparison>();
    const compareAt = (apiVersion: string): Comparison | undefined => {
      const known = comparisons.get(apiVersion);
      if (known) return known;
      const type = this.#versions.fieldType(apiVersion);
      if (!type) return undefined;
      const { removed, modified, added } = compared(type, this.#at(live, apiVersion), this.#at(object, apiVersion));
      const comparison = {
        removed: this.#filtered(removed, apiVersion),
        modified: this.#filtered(modified, apiVersion),
        added: this.#filtered(added, apiVersion),
      };
      comparisons.set(apiVersion, comparison);
      return comparison;
    };
    const own = compareAt(this.#apiVersion);
    const remaining = new Map<string, Owned>();
    for (const [key, owned] of owners) {
      if (key === applier?.key) continue;
      const change = compareAt(owned.apiVersion);
      if (!change) continue;
      const taken = owned.fields.intersection(change.modified.union(change.added));
      if (applier && !applier.force) for (const path of taken.paths()) applier.conflicts.push({ manager: key, path });
      remaining.set(key, { ...owned, fields: owned.fields.difference(taken).difference(change.removed) });
    }
    for (const key of [...owners.keys()]) {
      const rest = remaining.get(key) ?? (key === applier?.key ? owners.get(key) : undefined);
      if (rest && !rest.fields.empty) owners.set(key, rest);
      else owners.delete(key);
    }
    applier?.conflicts.sort((left, right) => compareBytes(left.manager, right.manager));
    return own ?? { removed: new FieldSet(), modified: new FieldSet(), added: new FieldSet() };
  }

  /** Takes out what the applier applied last time and not now, unless some other owner has it too. */
  #pruned(everything: JsonObject, owners: Map<string, Owned>, last: Owned | undefined): JsonObject {
    const type = last && this.#versions.fieldType(last.apiVersion);
    if (!last || !type || last.fields.empty) return everything;
    const whole = this.#at(everything, last.apiVersion);
    const without = asObject(withoutFields(type, whole, last.fields.withStructFields(type)));
    const kept = this.#withOwned(whole, without, last.apiVersion, owners);
    const keptFields = fieldSetOf(type, kept).withStructFields(type);
    const wholeFields = fieldSetOf(type, whole).withStructFields(type);
    // Fields that go with their parents, but that this applier never had, stay.
    const gone = wholeFields.difference(keptFields).intersection(last.fields.withStructFields(type));
    const pruned = asObject(withoutFields(type, whole, gone));
    return last.apiVersion === this.#apiVersion ? pruned : this.#versions.convert(pruned, this.#apiVersion);
  }

  /** Puts back what some owner has, version by version, the last applied one first. */
  #withOwned(whole: JsonObject, without: JsonObject, lastVersion: string, owners: Map<string, Owned>): JsonObject {
    const byVersion = new Map<string, FieldSet>([[lastVersion, new FieldSet()]]);
    for (const { fields, apiVersion } of owners.values()) {
      byVersion.set(apiVersion, byVersion.get(apiVersion)?.union(fields) ?? fields);
    }
    let [current, all, kept] = [lastVersion, whole, without];
    for (const [apiVersion, owned] of byVersion) {
      const type = this.#versions.fieldType(apiVersion);
      if (!type) continue;
      if (apiVersion !== current) {
        all = this.#versions.convert(all, apiVersion);
        kept = this.#versions.convert(kept, apiVersion);
        current = apiVersion;
      }
      const wanted = fieldSetOf(type, kept).withStructFields(type).union(owned.withStructFields(type));
      kept = asObject(withoutFields(type, all, fieldSetOf(type, all).withStructFields(type).difference(wanted)));
    }
    return current === lastVersion ? kept : this.#versions.convert(kept, lastVersion);
  }
}

function asObject(value: JsonValue | undefined): JsonObject {
  return isObject(value) ? value : {};
}
