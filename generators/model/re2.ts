/**
 * What a pattern is in JavaScript, so that it can be tried without an API server. `source` and `flags` go to `new RegExp`; they are
 * absent for the few valid patterns that JavaScript cannot say. `sample` is a text that matches.
 */
export interface Pattern {
  readonly source?: string;
  readonly flags?: string;
  readonly sample: string;
}

/** Why a text is no pattern for an API server. */
export interface PatternProblem {
  readonly problem: string;
  readonly instead: string;
}

/**
 * Reads a pattern as API servers do, which use RE2's language (Go's regexp): no lookaround, no backreferences, and some
 * constructs mean something else than in JavaScript (`.`, `\s`, `\z`, `[[:alpha:]]`, `\Q…\E`, `(?P<name>…)`).
 *
 * @see https://github.com/google/re2/wiki/Syntax
 */
export function readPattern(pattern: string): Pattern | PatternProblem {
  const reader = new PatternReader(pattern);
  try {
    const { js, sample } = reader.whole();
    return js === undefined ? { sample } : { source: js, flags: reader.flags, sample };
  } catch (error) {
    if (error instanceof BadPattern) return { problem: error.message, instead: error.instead };
    throw error;
  }
}

class BadPattern extends Error {
  readonly instead: string;

  constructor(problem: string, instead: string) {
    super(problem);
    this.instead = instead;
  }
}

/** A part of a pattern: JavaScript for it (undefined: it has none), a text that it matches, and how often repetitions multiply in it. */
interface Part {
  readonly js: string | undefined;
  readonly sample: string;
  readonly repeats: number;
}

const maxRepeats = 1000;
const maxDepth = 200;

/** Members of a character class in JavaScript. */
const perlClasses: Readonly<Record<string, string>> = { d: "0-9", w: "0-9A-Za-z_", s: "\\t\\n\\f\\r " };
const posixClasses: Readonly<Record<string, string>> = {
  alnum: "0-9A-Za-z",
  alpha: "A-Za-z",
  ascii: "\\x00-\\x7F",
  blank: "\\t ",
  cntrl: "\\x00-\\x1F\\x7F",
  digit: "0-9",
  graph: "!-~",
  lower: "a-z",
  print: " -~",
  punct: "!-\\/:-@\\[-`\\{-~",
  space: "\\t\\n\\v\\f\\r ",
  upper: "A-Z",
  word: "0-9A-Za-z_",
  xdigit: "0-9A-Fa-f",
};
const controls: Readonly<Record<string, number>> = { a: 7, f: 12, t: 9, n: 10, r: 13, v: 11 };

class PatternReader {
  readonly #points: readonly string[];
  #at = 0;
  #depth = 0;
  #dotAll = false;
  flags = "u";

  constructor(pattern: string) {
    this.#points = Array.from(pattern);
  }

  whole(): Part {
    const part = this.#alternatives();
    if (this.#peek() === ")") throw new BadPattern('has a ")" without "("', "write \\) for the character itself");
    return part;
  }

  #alternatives(): Part {
    if (++this.#depth > maxDepth) throw new BadPattern("is nested too deeply", "make it simpler");
    const options = [this.#sequence()];
    while (this.#peek() === "|") {
      this.#at++;
      options.push(this.#sequence());
    }
    this.#depth--;
    return {
      js: joined(options, "|"),
      sample: options[0]?.sample ?? "",
      repeats: Math.max(...options.map(({ repeats }) => repeats)),
    };
  }

  #sequence(): Part {
    const parts: Part[] = [];
    for (let next = this.#peek(); next !== undefined && next !== "|" && next !== ")"; next = this.#peek()) {
      const atom = this.#atom(next, parts.length === 0 && this.#depth === 1);
      if (atom !== undefined) parts.push(this.#repeated(atom));
    }
    return {
      js: joined(parts, ""),
      sample: parts.map(({ sample }) => sample).join(""),
      repeats: Math.max(1, ...parts.map(({ repeats }) => repeats)),
    };
  }

  #atom(next: string, leading: boolean): Part | undefined {
    this.#at++;
    if (next === "(") return this.#group(leading);
    if (next === "[") return this.#characterClass();
    if (next === "\\") return this.#escape();
    if (next === ".") return { js: this.#dotAll ? "[^]" : "[^\\n]", sample: "a", repeats: 1 };
    if (next === "^" || next === "$") return { js: next, sample: "", repeats: 1 };
    if (next === "*" || next === "+" || next === "?")
      throw new BadPattern(`has a ${next} with nothing before it`, `write \\${next} for the character itself`);
    return literal(next);
  }

  #repeated(atom: Part): Part {
    let part = atom;
    for (let count = 0; ; count++) {
      const repeat = this.#repeat();
      if (repeat === undefined) return part;
      if (count > 0)
        throw new BadPattern(`repeats a repetition (${repeat.text})`, "RE2 has no possessive or doubled repetition: write one of them");
      const most = Math.max(repeat.least, repeat.most ?? 0, 1);
      const repeats = part.repeats * most;
      if (most > maxRepeats || (repeats > maxRepeats && most > 1))
        throw new BadPattern(`repeats more than ${maxRepeats} times`, "say lengths with @minLength and @maxLength");
      const js = part.js === undefined ? undefined : `${/^(?:\^|\$|\\[bB])$/.test(part.js) ? `(?:${part.js})` : part.js}${repeat.text}`;
      part = { js, sample: part.sample.repeat(repeat.least), repeats };
    }
  }

  #repeat(): { readonly text: string; readonly least: number; readonly most: number | undefined } | undefined {
    const next = this.#peek();
    let text: string;
    let [least, most]: [number, number | undefined] = [0, undefined];
    if (next === "*" || next === "+" || next === "?") {
      text = next;
      if (next === "+") least = 1;
      this.#at++;
    } else {
      const braces = next === "{" ? /^\{([0-9]+)(?:(,)([0-9]*))?\}/.exec(this.#points.slice(this.#at, this.#at + 24).join("")) : null;
      if (braces === null) return undefined;
      text = braces[0];
      least = Number(braces[1]);
      most = braces[2] === undefined ? least : braces[3] === "" ? undefined : Number(braces[3]);
      if (most !== undefined && least > most)
        throw new BadPattern(`has the repetition ${text} with its bounds swapped`, "write the smaller one first");
      this.#at += text.length;
    }
    if (this.#peek() === "?") {
      text += "?";
      this.#at++;
    }
    return { text, least, most };
  }

  #group(leading: boolean): Part | undefined {
    if (this.#peek() !== "?") return this.#closed(this.#alternatives(), "(?:");
    const rest = this.#points.slice(this.#at, this.#at + 80).join("");
    if (/^\?<?[=!]/.test(rest))
      throw new BadPattern("looks ahead or behind, which RE2 cannot", "say it without lookaround, or with @validation");
    if (rest.startsWith("?>")) throw new BadPattern("has an atomic group, which RE2 has not", "write (?:…)");
    const named = /^\?P?<([A-Za-z0-9_]+)>/.exec(rest);
    if (named !== null) {
      this.#at += named[0].length;
      return this.#closed(this.#alternatives(), "(?:");
    }
    const flags = /^\?([imsU]*)(?:-([imsU]+))?([:)])/.exec(rest);
    if (flags === null) throw new BadPattern('has a group that RE2 does not know after "(?"', "write (?:…) for a group without a number");
    this.#at += flags[0].length;
    return this.#flagged(flags[1] ?? "", flags[2] ?? "", flags[3] === ")", leading);
  }

  /** JavaScript has flags for the whole only (in every version of Node that we run on). */
  #flagged(on: string, off: string, restOfGroup: boolean, leading: boolean): Part | undefined {
    const whole = restOfGroup && leading && off === "";
    if (whole && !on.includes("m")) {
      if (on.includes("i")) this.flags = "iu";
      if (on.includes("s")) this.#dotAll = true;
      return undefined;
    }
    const mattering = `${on}${off}`.replaceAll("U", "") !== "";
    if (restOfGroup) return mattering ? { js: undefined, sample: "", repeats: 1 } : undefined;
    const group = this.#closed(this.#alternatives(), "(?:");
    return mattering ? { ...group, js: undefined } : group;
  }

  #closed(part: Part, open: string): Part {
    if (this.#peek() !== ")") throw new BadPattern('has a "(" that is not closed', "write \\( for the character itself");
    this.#at++;
    return { ...part, js: part.js === undefined ? undefined : `${open}${part.js})` };
  }

  #escape(): Part {
    const next = this.#peek();
    if (next === undefined) throw new BadPattern("ends with a backslash", "write \\\\ for the character itself");
    this.#at++;
    if (next === "Q") return this.#quoted();
    if (next === "A" || next === "z") return { js: next === "A" ? "^" : "$", sample: "", repeats: 1 };
    if (next === "b" || next === "B") return { js: `\\${next}`, sample: "", repeats: 1 };
    const members = this.#perlClass(next);
    if (members !== undefined)
      return { js: `[${members.negated ? "^" : ""}${members.js}]`, sample: sampleOf(members.js, members.negated), repeats: 1 };
    return literal(this.#escapedPoint(next));
  }

  #quoted(): Part {
    const end = this.#points.findIndex((point, index) => index >= this.#at && point === "\\" && this.#points[index + 1] === "E");
    const text = this.#points.slice(this.#at, end === -1 ? undefined : end);
    this.#at = end === -1 ? this.#points.length : end + 2;
    return {
      js: `(?:${text.map((point) => literal(point).js ?? "").join("")})`,
      sample: text.join(""),
      repeats: 1,
    };
  }

  #perlClass(name: string): { readonly js: string; readonly negated: boolean } | undefined {
    const lower = name.toLowerCase();
    const members = Object.hasOwn(perlClasses, lower) ? perlClasses[lower] : undefined;
    if (members !== undefined) return { js: members, negated: name !== lower };
    if (lower !== "p") return undefined;
    const property = /^\{(\^?)([A-Za-z_]+)\}|^([A-Z])/.exec(this.#points.slice(this.#at, this.#at + 40).join(""));
    const wanted = property?.[2] ?? property?.[3];
    const js = wanted === undefined ? undefined : unicodeProperty(wanted);
    if (property === null || js === undefined)
      throw new BadPattern(`has \\${name} without a property that RE2 knows`, "write one such as \\pL or \\p{Greek}");
    this.#at += property[0].length;
    return { js, negated: (name === "P") !== (property[1] === "^") };
  }

  /** One character that an escape stands for. */
  #escapedPoint(name: string): string {
    if (Object.hasOwn(controls, name)) return String.fromCodePoint(controls[name] ?? 0);
    const rest = this.#points.slice(this.#at, this.#at + 12).join("");
    if (name === "x") {
      const code = /^\{([0-9A-Fa-f]{1,8})\}|^([0-9A-Fa-f]{2})/.exec(rest);
      const point = Number.parseInt(code?.[1] ?? code?.[2] ?? "", 16);
      if (code === null || !(point <= 0x10ffff)) throw new BadPattern("has \\x without a code", "write \\x7F or \\x{1F600}");
      this.#at += code[0].length;
      return String.fromCodePoint(point);
    }
    if (/[0-9]/.test(name)) {
      const octal = /^[0-7]{1,3}/.exec(`${name}${rest}`.slice(0, 3))?.[0] ?? "";
      if (name === "0" || octal.length > 1) {
        this.#at += octal.length - 1;
        return String.fromCodePoint(Number.parseInt(octal, 8));
      }
      throw new BadPattern(`refers back to a group with \\${name}, which RE2 cannot`, "say it without backreferences, or with @validation");
    }
    if (name === "k")
      throw new BadPattern("refers back to a group with \\k, which RE2 cannot", "say it without backreferences, or with @validation");
    if (name === "u") throw new BadPattern("has \\u, which RE2 has not", "write \\x{…}");
    if (/[A-Za-z]/.test(name) || name > "\x7f")
      throw new BadPattern(
        `has \\${name}, which RE2 has not`,
        name > "\x7f" ? "leave out the backslash" : "see github.com/google/re2/wiki/Syntax",
      );
    return name;
  }

  #characterClass(): Part {
    const negated = this.#peek() === "^";
    if (negated) this.#at++;
    let js = "";
    let translatable = true;
    for (let first = true; ; first = false) {
      const next = this.#peek();
      if (next === undefined) throw new BadPattern('has a "[" that is not closed', "write \\[ for the character itself");
      if (next === "]" && !first) break;
      const members = this.#classMembers();
      if (members !== undefined) {
        // A negated class within a class: JavaScript can say it for its own classes only.
        if (members.negated) translatable &&= members.js.startsWith("\\p{");
        js += members.negated ? members.js.replace("\\p{", "\\P{") : members.js;
        continue;
      }
      const low = this.#classPoint();
      if (this.#peek() !== "-" || (this.#points[this.#at + 1] ?? "]") === "]") {
        js += inClass(low);
        continue;
      }
      this.#at++;
      const high = this.#classPoint();
      if ((high.codePointAt(0) ?? 0) < (low.codePointAt(0) ?? 0))
        throw new BadPattern(`has the range ${low}-${high} with its ends swapped`, "write the smaller one first");
      js += `${inClass(low)}-${inClass(high)}`;
    }
    this.#at++;
    return { js: translatable ? `[${negated ? "^" : ""}${js}]` : undefined, sample: sampleOf(js, negated), repeats: 1 };
  }

  #classMembers(): { readonly js: string; readonly negated: boolean } | undefined {
    const rest = this.#points.slice(this.#at, this.#at + 16).join("");
    const posix = /^\[:(\^?)([a-z]+):\]/.exec(rest);
    if (posix !== null) {
      const js = Object.hasOwn(posixClasses, posix[2] ?? "") ? posixClasses[posix[2] ?? ""] : undefined;
      if (js === undefined)
        throw new BadPattern(`has the class ${posix[0]}, which RE2 has not`, `write one of ${Object.keys(posixClasses).join(", ")}`);
      this.#at += posix[0].length;
      return { js, negated: posix[1] === "^" };
    }
    if (!/^\\[dDwWsSpP]/.test(rest)) return undefined;
    this.#at += 2;
    return this.#perlClass(rest.charAt(1));
  }

  #classPoint(): string {
    const next = this.#peek();
    if (next === undefined) throw new BadPattern('has a "[" that is not closed', "write \\[ for the character itself");
    this.#at++;
    if (next !== "\\") return next;
    const escaped = this.#peek();
    if (escaped === undefined) throw new BadPattern("ends with a backslash", "write \\\\ for the character itself");
    if (/[dDwWsSpP]/.test(escaped))
      throw new BadPattern(`has a class (\\${escaped}) as the end of a range`, "write \\- for the hyphen itself");
    this.#at++;
    return this.#escapedPoint(escaped);
  }

  #peek(): string | undefined {
    return this.#points[this.#at];
  }
}

function joined(parts: readonly Part[], separator: string): string | undefined {
  return parts.some(({ js }) => js === undefined) ? undefined : parts.map(({ js }) => js).join(separator);
}

function literal(point: string): Part {
  const js = /[\^$\\.*+?()[\]{}|/]/.test(point) ? `\\${point}` : printable(point);
  return { js, sample: point, repeats: 1 };
}

function inClass(point: string): string {
  return /[\^\\[\]-]/.test(point) ? `\\${point}` : printable(point);
}

/** Characters that would break a line or change how it reads are written as codes. */
function printable(point: string): string {
  return /[\p{C}\p{Z}]/u.test(point) && point !== " " ? `\\u{${(point.codePointAt(0) ?? 0).toString(16)}}` : point;
}

/** Any character of a class: people's own first, then the whole of ASCII. */
function sampleOf(members: string, negated: boolean): string {
  const candidates = [
    "a",
    "1",
    "A",
    "0",
    "-",
    "_",
    ".",
    " ",
    ...Array.from({ length: 94 }, (_each, index) => String.fromCharCode(33 + index)),
  ];
  const test = new RegExp(`^[${negated ? "^" : ""}${members}]$`, "u");
  const found = candidates.find((candidate) => test.test(candidate));
  if (found !== undefined) return found;
  const first = /^(?:\\u\{([0-9a-f]+)\}|(.))/su.exec(members);
  return first?.[1] === undefined ? (first?.[2] ?? "") : String.fromCodePoint(Number.parseInt(first[1], 16));
}

/** A general category or a script as JavaScript names it; RE2 has both without a prefix. */
function unicodeProperty(name: string): string | undefined {
  if (name === "Any") return "\\p{Any}";
  for (const js of [`\\p{gc=${name}}`, `\\p{sc=${name}}`]) {
    try {
      new RegExp(js, "u");
      return js;
    } catch {
      continue; // not a property of this sort
    }
  }
  return undefined;
}
