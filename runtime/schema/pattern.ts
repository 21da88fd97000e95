/**
 * Regular expressions in the RE2 syntax of Go, run by JavaScript's engine. The syntax is translated; the linear running time is not
 * to be had this way, which is fine for a test server.
 */

const posix: Record<string, string> = {
  alnum: "0-9A-Za-z",
  alpha: "A-Za-z",
  ascii: "\\x00-\\x7F",
  blank: "\\t ",
  cntrl: "\\x00-\\x1F\\x7F",
  digit: "0-9",
  graph: "!-~",
  lower: "a-z",
  print: " -~",
  punct: "!-\\/:-@\\[-`{-~",
  space: "\\t\\n\\v\\f\\r ",
  upper: "A-Z",
  word: "0-9A-Za-z_",
  xdigit: "0-9A-Fa-f",
};

/** Go's `\s`: unlike JavaScript's, only ASCII and without `\v`. */
const spaces = "\\t\\n\\f\\r ";
const cache = new Map<string, RegExp | Error>();

/** Compiles an RE2 pattern; an `Error` (not thrown) when it is not valid. Cached. */
export function compilePattern(pattern: string): RegExp | Error {
  const known = cache.get(pattern);
  if (known) return known;
  let result: RegExp | Error;
  try {
    result = translate(pattern);
  } catch (error) {
    result = inGoWords(pattern, error);
  }
  if (cache.size > 10_000) cache.clear();
  cache.set(pattern, result);
  return result;
}

/** Errors of JavaScript's engine, as far as Go has a word for them. */
function inGoWords(pattern: string, error: unknown): Error {
  if (!(error instanceof SyntaxError)) return error instanceof Error ? error : new Error(String(error));
  if (error.message.includes("Unterminated group")) return new Error(`missing closing ): \`${pattern}\``, { cause: error });
  if (error.message.includes("Unmatched ')'")) return new Error(`unexpected ): \`${pattern}\``, { cause: error });
  const repeated = /[*+?]/.exec(pattern)?.[0] ?? "";
  if (error.message.includes("Nothing to repeat"))
    return new Error(`missing argument to repetition operator: \`${repeated}\``, { cause: error });
  return error;
}

function translate(pattern: string): RegExp {
  let flags = "u";
  let source = "";
  let index = 0;
  // After `^` as well, which means the same whatever the flags, but for m.
  const leading = /^(?:\(\?([imsU]+)\)|(\^|\\A)\(\?([isU]+)\))/.exec(pattern);
  if (leading !== null) {
    for (const flag of leading[1] ?? leading[3] ?? "") if (flag !== "U") flags += flag;
    source = leading[2] === undefined ? "" : "(?<![\\s\\S])";
    index = leading[0].length;
  }
  while (index < pattern.length) {
    const character = pattern[index] ?? "";
    if (character === "\\") {
      const escape = translateEscape(pattern, index, false);
      source += escape.source;
      index = escape.end;
    } else if (character === "[") {
      const set = translateClass(pattern, index);
      source += set.source;
      index = set.end;
    } else if (pattern.startsWith("(?P<", index)) {
      source += "(?<";
      index += 4;
    } else if (/^\(\?[=!]|^\(\?<[=!]/.test(pattern.slice(index, index + 4))) {
      throw new Error(`invalid or unsupported Perl syntax: \`${pattern.slice(index, index + 3)}\``);
    } else if (character === "{" && !/^\{\d+(,\d*)?\}/.test(pattern.slice(index))) {
      source += "\\{";
      index++;
    } else if (character === "}") {
      const opened = /\{\d+(,\d*)?$/.test(source);
      source += opened ? "}" : "\\}";
      index++;
    } else if (character === "]") {
      source += "\\]";
      index++;
    } else if (character === "$" && !flags.includes("m")) {
      source += "$";
      index++;
    } else {
      source += character;
      index++;
    }
  }
  return new RegExp(source, [...new Set(flags)].join(""));
}

function translateEscape(pattern: string, start: number, inClass: boolean): { source: string; end: number } {
  const next = pattern[start + 1];
  if (next === undefined) throw new Error("trailing backslash at end of expression: ``");
  const end = start + 2;
  switch (next) {
    case "A":
      return { source: "(?<![\\s\\S])", end };
    case "z":
      return { source: "(?![\\s\\S])", end };
    case "a":
      return { source: "\\x07", end };
    case "s":
      return { source: inClass ? spaces : `[${spaces}]`, end };
    case "S":
      return { source: inClass ? "\\S" : `[^${spaces}]`, end };
    case "C":
      return { source: "[\\s\\S]", end };
    case "Q": {
      const stop = pattern.indexOf("\\E", end);
      const literal = pattern.slice(end, stop === -1 ? undefined : stop);
      return { source: literal.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"), end: stop === -1 ? pattern.length : stop + 2 };
    }
    case "p":
    case "P": {
      const name = /^\{(\^?)([^}]*)\}|^([A-Z])/.exec(pattern.slice(end));
      if (!name) throw new Error("invalid character class range");
      const negated = (next === "P") !== (name[1] === "^");
      const property = name[2] ?? name[3] ?? "";
      const known = /^[A-Z][a-z]?$/.test(property) ? property : `Script=${property}`;
      return { source: `\\${negated ? "P" : "p"}{${known}}`, end: end + name[0].length };
    }
    case "x": {
      const hex = /^\{([0-9A-Fa-f]+)\}|^([0-9A-Fa-f]{2})/.exec(pattern.slice(end));
      if (!hex) throw new Error("invalid escape sequence: `\\x`");
      return { source: `\\u{${hex[1] ?? hex[2] ?? "0"}}`, end: end + hex[0].length };
    }
    default:
      if (/[0-7]/.test(next)) {
        const octal = /^[0-7]{1,3}/.exec(pattern.slice(start + 1))?.[0] ?? "0";
        return { source: `\\u{${Number.parseInt(octal, 8).toString(16)}}`, end: start + 1 + octal.length };
      }
      if (/[bBdDwWfnrtv]/.test(next)) return { source: `\\${next}`, end };
      if (/[A-Za-z]/.test(next)) throw new Error(`invalid escape sequence: \`\\${next}\``);
      return { source: /[\^$\\.*+?()[\]{}|/-]/.test(next) ? (next === "-" && !inClass ? "-" : `\\${next}`) : next, end };
  }
}

function translateClass(pattern: string, start: number): { source: string; end: number } {
  let source = "[";
  let index = start + 1;
  if (pattern[index] === "^") {
    source += "^";
    index++;
  }
  let first = true;
  for (;;) {
    const character = pattern[index];
    if (character === undefined) throw new Error(`missing closing ]: \`${pattern.slice(start)}\``);
    if (character === "]" && !first) return { source: `${source}]`, end: index + 1 };
    first = false;
    const named = /^\[:(\^?)(\w+):\]/.exec(pattern.slice(index));
    if (named) {
      const members = posix[named[2] ?? ""];
      if (members === undefined) throw new Error(`invalid character class range: \`${named[0]}\``);
      if (named[1] === "^") throw new Error("negated POSIX classes are not supported here");
      source += members;
      index += named[0].length;
    } else if (character === "\\") {
      const escape = translateEscape(pattern, index, true);
      source += escape.source;
      index = escape.end;
    } else if (character === "-") {
      const isRange =
        source.length > 1 &&
        !source.endsWith("[^") &&
        pattern[index + 1] !== "]" &&
        pattern[index + 1] !== undefined &&
        !/[\\][dwspDWSP]$/.test(source);
      source += isRange ? "-" : "\\-";
      index++;
    } else {
      source += /[[\](){}/|&!~^]/.test(character) ? (/[[\]^(){}/|]/.test(character) ? `\\${character}` : character) : character;
      index++;
    }
  }
}
