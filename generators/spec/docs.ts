import ts from "typescript";
import type { Spot } from "./report.ts";

/** One block tag of a comment, as it stands in the source: TypeScript's own parse changes some of them. */
export interface Tag {
  /** Without the `@`. */
  readonly name: string;
  /** All text up to the next tag, trimmed; its line breaks are kept. */
  readonly text: string;
  /** Where the `@` stands. */
  readonly spot: Spot;
}

/** A `/** … *​/` comment: the text above the first tag, and the tags. */
export interface Doc {
  readonly description: string;
  readonly tags: readonly Tag[];
}

const empty: Doc = { description: "", tags: [] };
const cache = new WeakMap<ts.Node, Doc>();

/** The comment directly above a declaration. */
export function docOf(declaration: ts.Node): Doc {
  const known = cache.get(declaration);
  if (known !== undefined) return known;
  const file = declaration.getSourceFile();
  const range = commentAbove(file, declaration);
  const doc = range === undefined ? empty : readComment(file, range.pos, range.end);
  cache.set(declaration, doc);
  return doc;
}

/** The last doc comment before a declaration; one on the same line as the end of what stands before it counts too. */
function commentAbove(file: ts.SourceFile, { pos }: ts.Node): ts.CommentRange | undefined {
  const isDoc = ({ pos: at, end }: ts.CommentRange): boolean => file.text.startsWith("/**", at) && end - at > 4;
  const above = ts.getLeadingCommentRanges(file.text, pos)?.findLast(isDoc);
  if (above !== undefined) return above;
  const beside = ts.getTrailingCommentRanges(file.text, pos)?.findLast(isDoc);
  return beside !== undefined && /^[ \t]*\S/.test(file.text.slice(beside.end)) ? beside : undefined;
}

interface Line {
  readonly text: string;
  readonly offset: number;
}

const tagStart = /^[ \t]*@([A-Za-z][\w:./-]*)(?=\s|$)/;

function readComment(file: ts.SourceFile, start: number, end: number): Doc {
  const description: string[] = [];
  const tags: { name: string; lines: string[]; spot: Spot }[] = [];
  let fenced = false;
  for (const line of linesOf(file.text, start + 3, end - 2)) {
    if (/^\s*(```|~~~)/.test(line.text)) fenced = !fenced;
    const match = fenced ? null : tagStart.exec(line.text);
    const name = match?.[1];
    if (match !== null && name !== undefined) {
      const at = line.offset + match[0].length - name.length - 1;
      tags.push({ name, lines: [line.text.slice(match[0].length)], spot: { file, offset: at } });
    } else {
      (tags.at(-1)?.lines ?? description).push(line.text);
    }
  }
  return {
    description: plainText(trimmed(description)),
    tags: tags.map(({ name, lines, spot }) => ({ name, text: trimmed(lines), spot })),
  };
}

/** The comment's lines without their margin: white space, one star, and one blank. */
function* linesOf(text: string, start: number, end: number): Generator<Line> {
  let offset = start;
  for (const raw of text.slice(start, end).split("\n")) {
    const margin = offset === start ? /^ ?/ : /^[ \t]*(?:\* ?)?/;
    const skipped = margin.exec(raw)?.[0].length ?? 0;
    yield { text: raw.slice(skipped).replace(/\s+$/, ""), offset: offset + skipped };
    offset += raw.length + 1;
  }
}

function trimmed(lines: readonly string[]): string {
  // `*\/` is how a comment writes the two characters that would end it.
  return lines.join("\n").trim().replaceAll("*\\/", "*/");
}

/** Inline links as their words. */
function plainText(text: string): string {
  return text.replace(/\{@(?:link|linkcode|linkplain)\s+([^\s|}]+)(?:\s*\|?\s*([^}]*))?\}/g, (_all, target: string, label?: string) =>
    label === undefined || label.trim() === "" ? target : label.trim(),
  );
}
