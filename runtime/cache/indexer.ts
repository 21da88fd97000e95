import type { KubernetesObject } from "../object/index.ts";

/** Says under which values an object is to be found. */
export type IndexFunction<T = KubernetesObject> = (object: T) => Iterable<string>;

/** For each index the values of one object. */
export type IndexValues = ReadonlyMap<string, readonly string[]>;

/** Finds the keys of objects by what functions say of them. Values of an object are worked out when it changes, not when it is looked for. */
export class Indexer {
  readonly #functions = new Map<string, IndexFunction>();
  readonly #onFault: (index: string, error: unknown) => void;
  /** Index → value → keys. */
  #keys = new Map<string, Map<string, Set<string>>>();
  #values = new Map<string, IndexValues>();

  /** @param onFault told of a function that threw; the object is then in that index under no value */
  constructor(functions: ReadonlyMap<string, IndexFunction>, onFault: (index: string, error: unknown) => void) {
    this.#functions = new Map(functions);
    this.#onFault = onFault;
  }

  has(index: string): boolean {
    return this.#functions.has(index);
  }

  valuesOf(object: KubernetesObject): IndexValues {
    if (this.#functions.size === 0) return NO_VALUES;
    const values = new Map<string, readonly string[]>();
    for (const [name, valuesOf] of this.#functions) {
      try {
        values.set(name, [...valuesOf(object)]);
      } catch (error) {
        this.#onFault(name, error);
      }
    }
    return values;
  }

  set(key: string, values: IndexValues): void {
    this.delete(key);
    if (values.size === 0) return;
    this.#values.set(key, values);
    for (const [index, own] of values) for (const value of own) this.#bucket(index, value).add(key);
  }

  delete(key: string): void {
    for (const [index, values] of this.#values.get(key) ?? []) {
      for (const value of values) {
        const keys = this.#keys.get(index)?.get(value);
        keys?.delete(key);
        if (keys?.size === 0) this.#keys.get(index)?.delete(value);
      }
    }
    this.#values.delete(key);
  }

  /** Swaps in the values of a whole list. */
  replace(all: ReadonlyMap<string, IndexValues>): void {
    this.#keys = new Map();
    this.#values = new Map();
    for (const [key, values] of all) this.set(key, values);
  }

  keys(index: string, value: string): ReadonlySet<string> {
    return this.#keys.get(index)?.get(value) ?? NO_KEYS;
  }

  #bucket(index: string, value: string): Set<string> {
    const byValue = this.#keys.get(index) ?? new Map<string, Set<string>>();
    this.#keys.set(index, byValue);
    const keys = byValue.get(value) ?? new Set<string>();
    byValue.set(value, keys);
    return keys;
  }
}

const NO_VALUES: IndexValues = new Map();
const NO_KEYS: ReadonlySet<string> = new Set();
