import { Document, isNode, isSeq, visit } from "yaml";

/** Any tree of plain data; undefined members are left out. */
export type Tree = string | number | boolean | null | readonly Tree[] | { readonly [key: string]: Tree | undefined };

/**
 * YAML that reads the same under 1.1 (kubectl, Go) and 1.2: texts such as `yes`, `0x1f` or `1:30` are quoted. Lines are not folded, so a
 * change of a word is a change of a line. Keys come in the order of the tree.
 */
export function toYaml(tree: Tree, comment?: string): string {
  return toYamlDocuments([{ tree, comments: [] }], comment);
}

/** Several documents in one file; `comments` go above the items of a document's `rules`. */
export function toYamlDocuments(
  documents: readonly { readonly tree: Tree; readonly comments: readonly string[] }[],
  header?: string,
): string {
  const texts = documents.map(({ tree, comments }) => {
    const document = new Document(withoutUndefined(tree), { version: "1.1", aliasDuplicateObjects: false });
    visit(document, {
      Scalar(_key, node) {
        if (typeof node.value !== "string") return;
        if (needsQuotes(node.value)) node.type = "QUOTE_DOUBLE";
        else if (node.value.includes("\n")) node.type = "BLOCK_LITERAL";
      },
    });
    const rules = document.get("rules");
    if (isSeq(rules)) {
      rules.items.forEach((rule, index) => {
        const comment = comments[index];
        if (isNode(rule) && comment !== undefined) rule.commentBefore = ` ${comment}`;
      });
    }
    return `---\n${escapeHidden(document.toString({ lineWidth: 0, indentSeq: false, directives: false, doubleQuotedMinMultiLineLength: Infinity }))}`;
  });
  return `${header === undefined ? "" : `# ${header.replace(/\s+/g, " ")}\n`}${texts.join("")}`;
}

/** The same tree with the keys of all maps in alphabetical order, as kubectl and controller-gen write them. */
export function sorted(tree: Tree): Tree {
  if (Array.isArray(tree)) return tree.map((each: Tree) => sorted(each));
  if (typeof tree !== "object" || tree === null) return tree;
  const entries = Object.entries(tree).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, value]) => [key, value === undefined ? undefined : sorted(value)]));
}

function withoutUndefined(tree: Tree): Tree {
  if (Array.isArray(tree)) return tree.map((each: Tree) => withoutUndefined(each));
  if (typeof tree !== "object" || tree === null) return tree;
  return Object.fromEntries(Object.entries(tree).flatMap(([key, value]) => (value === undefined ? [] : [[key, withoutUndefined(value)]])));
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
