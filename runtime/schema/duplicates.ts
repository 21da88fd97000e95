/**
 * Keys that a JSON text gives twice, which `JSON.parse` cannot tell.
 */

/** Paths of keys that occur more than once in one object of a valid JSON text (`spec.size`, `items[0].name`), each once, in order. */
export function findDuplicateKeys(json: string): string[] {
  const found = new Set<string>();
  const scanner = new Scanner(json, found);
  scanner.value("");
  return [...found];
}

/** Walks over a text that is known to be valid JSON. */
class Scanner {
  readonly #text: string;
  readonly #found: Set<string>;
  #index = 0;

  constructor(text: string, found: Set<string>) {
    this.#text = text;
    this.#found = found;
  }

  value(path: string): void {
    switch (this.#next()) {
      case "{":
        this.#object(path);
        break;
      case "[":
        this.#array(path);
        break;
      case '"':
        this.#string();
        break;
      default:
        while (this.#index < this.#text.length && !/[,\]}\s]/.test(this.#text.charAt(this.#index))) this.#index++;
    }
  }

  #object(path: string): void {
    const keys = new Set<string>();
    this.#index++;
    while (this.#next() === '"') {
      const key: unknown = JSON.parse(this.#string());
      const place = path === "" ? String(key) : `${path}.${String(key)}`;
      if (keys.has(place)) this.#found.add(place);
      keys.add(place);
      this.#next();
      this.#index++;
      this.value(place);
      if (this.#next() === ",") this.#index++;
    }
    this.#index++;
  }

  #array(path: string): void {
    this.#index++;
    for (let item = 0; this.#index < this.#text.length && this.#next() !== "]"; item++) {
      this.value(`${path}[${item}]`);
      if (this.#next() === ",") this.#index++;
    }
    this.#index++;
  }

  #string(): string {
    const start = this.#index++;
    while (this.#index < this.#text.length && this.#text[this.#index] !== '"') this.#index += this.#text[this.#index] === "\\" ? 2 : 1;
    return this.#text.slice(start, ++this.#index);
  }

  /** The next character that is not white space. */
  #next(): string {
    while (this.#index < this.#text.length && /\s/.test(this.#text.charAt(this.#index))) this.#index++;
    return this.#text.charAt(this.#index);
  }
}
