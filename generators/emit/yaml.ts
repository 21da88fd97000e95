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
    return `---\n${document.toString({ lineWidth: 0, indentSeq: false, directives: false })}`;
  });
  return `${header === undefined ? "" : `# ${header}\n`}${texts.join("")}`;
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

/** Control characters, byte order marks, marks of direction, lone surrogates, blanks that a block would lose, and what YAML 1.1 reads as something else. */
function needsQuotes(text: string): boolean {
  return (
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.test(text.replaceAll("\n", "")) ||
    /(^|\n)[ \t]|[ \t](\n|$)|^\n|\n$/.test(text) ||
    /^(?:[yYnN]|0[oO]?[0-7_]+|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?|=|<<|[-+]?\.(?:inf|nan)|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*)$/i.test(
      text,
    )
  );
}
