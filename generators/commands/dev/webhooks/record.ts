import { createHash } from "node:crypto";

/** An object's fields by name. */
export interface Fields {
  readonly [name: string]: unknown;
}

/**
 * The parts of an object that are led to this machine, by name: the webhooks of a configuration, or the conversion of a CRD. Their order is
 * the object's.
 */
export type Parts = ReadonlyMap<string, Fields>;

/** Who has led an object to which machine. */
export interface Holder {
  /** One run of `scaffold dev`. */
  readonly session: string;
  /** For people: `user@host`. */
  readonly who: string;
  readonly host: string;
  readonly pid: number;
  /** Where it says every few seconds that it is still there. */
  readonly lease: { readonly namespace: string; readonly name: string };
  readonly since: string;
}

/**
 * What an object was before `scaffold dev` wrote into it. It stands in the object itself and comes there by the same write, so whatever ends the
 * process, whoever finds the object can make it what it was.
 */
export interface DevRecord {
  readonly holder: Holder;
  /** There was no such object before. */
  readonly created?: true;
  /** Annotations that were taken off, with their values. */
  readonly annotations?: { readonly [name: string]: string };
  readonly parts: { readonly [name: string]: PartRecord };
  /** The object's `managedFields`. */
  readonly managedFields?: readonly ManagedFields[];
}

interface PartRecord {
  /** Its fields; absent where there was no such part. */
  readonly before?: Fields;
  /** A digest of each field as we left it: what differs from it has been changed by somebody else since. */
  readonly written: { readonly [field: string]: string };
}

export interface ManagedFields {
  readonly manager?: string;
  readonly operation?: string;
  readonly apiVersion?: string;
  readonly subresource?: string;
  readonly fieldsV1?: FieldSet;
  readonly [member: string]: unknown;
}

interface FieldSet {
  readonly [path: string]: FieldSet;
}

/** Leads parts here: those that are there already in their places, new ones at the end. */
export function redirected(parts: Parts, wanted: Parts): Parts {
  return new Map([...parts, ...wanted]);
}

/** @param written the object's parts as the API server has them after the write, with all that it fills in */
export function recordParts(before: Parts, wanted: Iterable<string>, written: Parts): DevRecord["parts"] {
  return Object.fromEntries(
    [...wanted].map((name) => {
      const was = before.get(name);
      return [name, { ...(was && { before: was }), written: digests(written.get(name) ?? {}) }];
    }),
  );
}

/** The parts as they were, but for what somebody else has changed, added or removed since. */
export function restored(parts: Parts, record: Pick<DevRecord, "parts">): Parts {
  return new Map(
    [...parts].flatMap(([name, now]): [string, Fields][] => {
      const known = record.parts[name];
      if (known === undefined) return [[name, now]];
      const { before, written } = known;
      const isOurs = (field: string): boolean => digest(now[field]) === (written[field] ?? digest(undefined));
      if (before === undefined) return isOurs("clientConfig") ? [] : [[name, now]];
      const fields = [...new Set([...Object.keys(before), ...Object.keys(now)])];
      const values = fields.map((field): [string, unknown] => [field, isOurs(field) ? before[field] : now[field]]);
      return [[name, Object.fromEntries(values.filter(([, value]) => value !== undefined))]];
    }),
  );
}

function digests(fields: Fields): PartRecord["written"] {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, digest(value)]));
}

/** Short, so that the record of many webhooks fits into an annotation. */
function digest(value: unknown): string {
  return value === undefined
    ? "absent"
    : createHash("sha256")
        .update(JSON.stringify(value, (_key, each: unknown) => sortedMembers(each)))
        .digest("base64url")
        .slice(0, 16);
}

function sortedMembers(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * The owners of an object's fields without us: what was whose before is theirs again, but for what somebody else has taken since. Whoever applies the
 * object later would otherwise meet us as the owner of fields in which we have no interest any more.
 */
export function withoutManager(now: readonly ManagedFields[], before: readonly ManagedFields[], manager: string): ManagedFields[] {
  const current = now.filter((entry) => entry.manager !== manager);
  const owners = before.filter((entry) => entry.manager !== manager);
  const was = (entry: ManagedFields): FieldSet => owners.find((other) => sameManager(other, entry))?.fieldsV1 ?? {};
  const taken = current.map((entry) => difference(entry.fieldsV1 ?? {}, was(entry))).reduce(union, {});
  const theirs = owners.map((entry) => {
    const own = current.find((other) => sameManager(other, entry));
    return { ...(own ?? entry), fieldsV1: union(own?.fieldsV1 ?? {}, difference(entry.fieldsV1 ?? {}, taken)) };
  });
  return [...current.filter((entry) => !owners.some((other) => sameManager(other, entry))), ...theirs];
}

function sameManager(a: ManagedFields, b: ManagedFields): boolean {
  return (["manager", "operation", "apiVersion", "subresource"] as const).every((member) => a[member] === b[member]);
}

function union(a: FieldSet, b: FieldSet): FieldSet {
  const paths = new Set([...Object.keys(a), ...Object.keys(b)]);
  return Object.fromEntries([...paths].map((path) => [path, union(a[path] ?? {}, b[path] ?? {})]));
}

function difference(a: FieldSet, b: FieldSet): FieldSet {
  return Object.fromEntries(
    Object.entries(a).flatMap(([path, inner]): [string, FieldSet][] => {
      const other = b[path];
      if (other === undefined) return [[path, inner]];
      const left = difference(inner, other);
      return Object.keys(left).length === 0 ? [] : [[path, left]];
    }),
  );
}
