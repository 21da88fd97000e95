import type { JsonObject } from "../../../schema/index.ts";

/**
 * One state of one object. Nothing of it ever changes: a write makes a new entry, so readers, snapshots and the history share
 * entries without copying. Serialised forms are made once and kept beside it.
 */
export class Entry {
  /** `namespace/name`, or the name alone. */
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  /** The object as it is stored: at its storage version, with its resourceVersion. */
  readonly object: JsonObject;
  readonly revision: number;
  readonly #forms = new Map<string, unknown>();

  constructor(namespace: string, name: string, object: JsonObject, revision: number) {
    this.key = entryKey(namespace, name);
    this.namespace = namespace;
    this.name = name;
    this.object = object;
    this.revision = revision;
  }

  /** A form of the entry, such as its bytes at a version, that `make` computes once. */
  form<T>(name: string, make: () => T): T {
    if (this.#forms.has(name)) return this.#forms.get(name) as T;
    const made = make();
    this.#forms.set(name, made);
    return made;
  }
}

export function entryKey(namespace: string, name: string): string {
  return namespace === "" ? name : `${namespace}/${name}`;
}

/** One change in the log. */
export interface Change {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  /** The state after the change; for a deletion the last state, with the deletion's resourceVersion. */
  readonly entry: Entry;
  /** The state before; absent for ADDED. */
  readonly previous: Entry | undefined;
  readonly revision: number;
}
