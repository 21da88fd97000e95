/**
 * Names for the interfaces of one kind: the kind and the last words of the way to the field, as many as it takes to be the only one.
 */
export class Names {
  readonly #kind: string;
  readonly #taken: Set<string>;

  /** @param taken names that the file uses for something else */
  constructor(kind: string, taken: readonly string[]) {
    this.#kind = kind;
    this.#taken = new Set([kind, `I${kind}`, ...taken]);
  }

  /** @param way the names of the fields from the object's root, such as `["spec", "template", "containers", "item"]` */
  take(way: readonly string[]): string {
    const words = way.map(pascal);
    for (let count = 1; count <= words.length; count++) {
      const name = this.#kind + words.slice(-count).join("");
      if (this.#free(name)) return name;
    }
    const all = this.#kind + words.join("");
    for (let count = 2; ; count++) if (this.#free(all + String(count))) return all + String(count);
  }

  #free(name: string): boolean {
    if (this.#taken.has(name)) return false;
    this.#taken.add(name);
    return true;
  }
}

/** The word for one item of a list, from the list's name: `containers` to `container`. */
export function itemWord(list: string): string {
  if (/ies$/.test(list)) return `${list.slice(0, -3)}y`;
  if (/(?:ss|x|ch|sh)es$/.test(list)) return list.slice(0, -2);
  if (/[^su]s$/.test(list)) return list.slice(0, -1);
  return `${list}Item`;
}

function pascal(word: string): string {
  const parts = word.split(/[^A-Za-z0-9]+/).filter((part) => part !== "");
  return parts.map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join("") || "Field";
}
