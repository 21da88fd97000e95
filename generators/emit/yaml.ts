import { Document, Pair, Scalar, YAMLMap } from "yaml";

/** Any tree of plain data; undefined members are left out. */
export type Tree = string | number | boolean | null | readonly Tree[] | TreeMap;
export type TreeMap = { readonly [key: string]: Tree | undefined };

/**
 * YAML that reads the same under 1.1 (kubectl, Go) and 1.2: texts such as `yes`, `0x1f` or `1:30` are quoted. Lines are not folded, so a
 * change of a word is a change of a line. Keys come in the order of the tree.
 */
export function toYaml(tree: TreeMap, comment?: string): string {
  return toYamlDocuments([{ tree, comments: [] }], comment);
}

/** Several documents in one file; `comments` go above the items of a document's `rules` or `webhooks`. */
export function toYamlDocuments(
  documents: readonly { readonly tree: TreeMap; readonly comments: readonly string[] }[],
  header?: string,
): string {
  const texts = documents.map(({ tree, comments }) => {
    const lines: string[] = ["---"];
    if (membersOf(tree).length === 0) lines.push("{}");
    writeMembers(lines, "", tree, comments);
    return `${lines.join("\n")}\n`;
  });
  return `${header === undefined ? "" : `# ${header.replace(/\s+/g, " ")}\n`}${texts.join("")}`;
}

/** The same tree with the keys of all maps in alphabetical order, as kubectl and controller-gen write them. */
export function sorted(tree: TreeMap): TreeMap;
export function sorted(tree: Tree): Tree;
export function sorted(tree: Tree): Tree {
  if (Array.isArray(tree)) return tree.map((each: Tree) => sorted(each));
  if (typeof tree !== "object" || tree === null) return tree;
  const entries = Object.entries(tree).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, value]) => [key, value === undefined ? undefined : sorted(value)]));
}

/** Lists whose items may have a comment above them, in the outermost map. */
const commented: readonly string[] = ["rules", "webhooks"];

/** The structure is written here, as a schema has tens of thousands of lines; how a text has to be written, the library knows (scalar). */
function writeMembers(lines: string[], indent: string, map: TreeMap, comments: readonly string[] = []): void {
  for (const [key, value] of membersOf(map)) {
    const head = `${indent}${keyOf(key, indent)}:`;
    const text = inline(value);
    if (text !== undefined) lines.push(`${head} ${text}`);
    else if (typeof value === "string") writeBlock(lines, head, `${indent}  `, value);
    else {
      lines.push(head);
      if (isMap(value)) writeMembers(lines, `${indent}  `, value);
      else if (isList(value)) writeItems(lines, indent, value, commented.includes(key) ? comments : []);
    }
  }
}

/** The first line of what an item holds stands beside its dash. */
function writeItems(lines: string[], indent: string, items: readonly Tree[], comments: readonly string[] = []): void {
  const inner = `${indent}  `;
  items.forEach((item, index) => {
    const comment = comments[index];
    if (comment !== undefined) lines.push(`${indent}# ${comment}`);
    const text = inline(item);
    if (text !== undefined) lines.push(`${indent}- ${text}`);
    else if (typeof item === "string") writeBlock(lines, `${indent}-`, inner, item);
    else {
      const at = lines.length;
      if (isMap(item)) writeMembers(lines, inner, item);
      else if (isList(item)) writeItems(lines, inner, item);
      lines[at] = `${indent}- ${lines[at]?.slice(inner.length) ?? ""}`;
    }
  });
}

function writeBlock(lines: string[], head: string, indent: string, text: string): void {
  lines.push(`${head} |-`);
  for (const line of text.split("\n")) lines.push(line === "" ? "" : `${indent}${line}`);
}

/** A key has to be on one line, and within the 1024 characters in which readers look for its colon. */
function keyOf(key: string, indent: string): string {
  if (isPlain(key)) return key;
  let text = keys.get(key);
  if (text === undefined) {
    text = written(new Pair(scalarNode(key, key.includes("\n")), 0)).slice(0, -": 0".length);
    keys.set(key, text);
  }
  return text.length < 1000 ? text : `? ${text}\n${indent}`;
}

/** What stands on one line, undefined for what does not. */
function inline(value: Tree): string | undefined {
  if (typeof value === "string") return value.includes("\n") && !needsQuotes(value) ? undefined : scalar(value);
  if (isList(value)) return value.length === 0 ? "[]" : undefined;
  if (isMap(value)) return membersOf(value).length === 0 ? "{}" : undefined;
  return scalar(value);
}

function isList(value: Tree): value is readonly Tree[] {
  return Array.isArray(value);
}

function isMap(value: Tree): value is TreeMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function membersOf(map: TreeMap): [string, Tree][] {
  return Object.entries(map).filter((member): member is [string, Tree] => member[1] !== undefined);
}

/** True for words that nobody could take for anything else. */
function isPlain(text: string): boolean {
  return /^[A-Za-z][A-Za-z-]{3,}$/.test(text) && !/^(?:true|false|null)$/i.test(text);
}

const keys = new Map<string, string>();
const scalars = new Map<string | number | boolean | null, string>();

function scalar(value: string | number | boolean | null): string {
  if (typeof value === "string" && isPlain(value)) return value;
  let text = scalars.get(value);
  if (text === undefined) {
    text = written(new Pair("k", scalarNode(value))).slice("k: ".length);
    scalars.set(value, text);
  }
  return text;
}

function scalarNode(value: string | number | boolean | null, quoted = false): Scalar {
  const node = new Scalar(value);
  if (quoted || (typeof value === "string" && needsQuotes(value))) node.type = "QUOTE_DOUBLE";
  return node;
}

/** One line of a map, as the library writes it. */
function written(pair: Pair): string {
  const map = new YAMLMap();
  map.items.push(pair);
  const document = new Document(map, { version: "1.1" });
  return escapeHidden(document.toString({ lineWidth: 0, directives: false, doubleQuotedMinMultiLineLength: Infinity }).trimEnd());
}

/** Characters that break lines in YAML 1.1, that it does not allow as they are, or that change the direction of what follows. */
const hidden = /[\x7f-\x9f\u2028\u2029\ufeff\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Texts that would be lost as a block, and what YAML 1.1 reads as something else than a text. */
function needsQuotes(text: string): boolean {
  return (
    /[\0-\x08\x0b-\x1f]/.test(text) ||
    text.search(hidden) !== -1 ||
    /^\s|\s$|[ \t]\n/.test(text) ||
    /^(?:[yYnN]|0[oO]?[0-7_]+|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?|=|<<|[-+]?\.(?:inf|nan)|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*)$/i.test(
      text,
    )
  );
}

/** Hidden characters stand in double quotes only (needsQuotes), where a code says the same. */
function escapeHidden(yaml: string): string {
  return yaml.replace(hidden, (char) => `\\u${(char.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`);
}
