import type { Json } from "../model/index.ts";

/**
 * Reads the text of a value as people write one in TypeScript or JSON: numbers, strings in any quotes, true, false, null, arrays,
 * objects with or without quotes around their keys. Returns undefined where the whole text is not such a value.
 *
 * @example
 * parseLiteral("{ size: 3, names: ['a'] }"); // { value: { size: 3, names: ["a"] } }
 */
export function parseLiteral(text: string): { readonly value: Json } | undefined {
  const reader = new LiteralReader(text);
  try {
    const value = reader.value();
    return reader.atEnd() ? { value } : undefined;
  } catch (error) {
    if (error instanceof NoLiteral) return undefined;
    throw error;
  }
}

/** Reads a string in quotes that begins at `start`; undefined when there is none or it does not end. */
export function parseQuoted(text: string, start: number): { readonly value: string; readonly end: number } | undefined {
  const reader = new LiteralReader(text, start);
  try {
    return { value: reader.quoted(), end: reader.position };
  } catch (error) {
    if (error instanceof NoLiteral) return undefined;
    throw error;
  }
}

/** Where the object or list ends that begins at `start`; undefined when there is none or it does not end. */
export function literalEnd(text: string, start: number): number | undefined {
  if (!/[{[]/.test(text.charAt(start))) return undefined;
  const reader = new LiteralReader(text, start);
  try {
    reader.value();
    return reader.position;
  } catch (error) {
    if (error instanceof NoLiteral) return undefined;
    throw error;
  }
}

class NoLiteral extends Error {}

const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f", v: "\v", "0": "\0", "\n": "" };
const maxDepth = 100;

class LiteralReader {
  readonly #text: string;
  position: number;
  #depth = 0;

  constructor(text: string, position = 0) {
    this.#text = text;
    this.position = position;
  }

  value(): Json {
    if (++this.#depth > maxDepth) throw new NoLiteral();
    const next = this.#next();
    const value =
      next === "{"
        ? this.#object()
        : next === "["
          ? this.#array()
          : next === '"' || next === "'" || next === "`"
            ? this.quoted()
            : this.#word();
    this.#depth--;
    return value;
  }

  atEnd(): boolean {
    return this.#next() === "";
  }

  quoted(): string {
    const quote = this.#text[this.position];
    if (quote !== '"' && quote !== "'" && quote !== "`") throw new NoLiteral();
    let value = "";
    for (this.position++; this.position < this.#text.length; this.position++) {
      const char = this.#text.charAt(this.position);
      if (char === quote) {
        this.position++;
        return value.toWellFormed();
      }
      value += char === "\\" && quote !== "`" ? this.#escape() : char;
    }
    throw new NoLiteral();
  }

  #escape(): string {
    const char = this.#text.charAt(++this.position);
    if (char !== "u" && char !== "x") return escapes[char] ?? char;
    const code = /^(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2}))/.exec(
      this.#text.slice(this.position, this.position + 10),
    );
    const point = Number.parseInt(code?.[1] ?? code?.[2] ?? code?.[3] ?? "", 16);
    if (code === null || !(point <= 0x10ffff)) throw new NoLiteral();
    this.position += code[0].length - 1;
    return String.fromCodePoint(point);
  }

  #object(): Json {
    const entries: [string, Json][] = [];
    this.position++;
    while (this.#next() !== "}") {
      const bare = /^[\p{ID_Start}_$][\p{ID_Continue}$]*|^[0-9]+/u.exec(this.#text.slice(this.position))?.[0];
      const key = bare ?? this.quoted();
      if (bare !== undefined) this.position += bare.length;
      if (this.#next() !== ":") throw new NoLiteral();
      this.position++;
      entries.push([key, this.value()]);
      this.#separator("}");
    }
    this.position++;
    return Object.fromEntries(entries);
  }

  #array(): Json {
    const items: Json[] = [];
    this.position++;
    while (this.#next() !== "]") {
      items.push(this.value());
      this.#separator("]");
    }
    this.position++;
    return items;
  }

  #separator(end: string): void {
    const next = this.#next();
    if (next === ",") this.position++;
    else if (next !== end) throw new NoLiteral();
  }

  #word(): Json {
    const word = /^(?:[-+]?[0-9._]+(?:[eE][-+]?[0-9]+)?(?!\w)|[-+]?[\w.]+)/.exec(this.#text.slice(this.position))?.[0] ?? "";
    this.position += word.length;
    if (word === "true") return true;
    if (word === "false") return false;
    if (word === "null") return null;
    const number = /^[-+]?(?:[0-9][0-9_]*(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$/.test(word)
      ? Number(word.replaceAll("_", ""))
      : Number.NaN;
    if (!Number.isFinite(number)) throw new NoLiteral();
    return number;
  }

  /** The next character that is no white space, "" at the end. */
  #next(): string {
    while (/\s/.test(this.#text.charAt(this.position))) this.position++;
    return this.#text.charAt(this.position);
  }
}
