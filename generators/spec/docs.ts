import ts from "../typescript.cjs";
import { parseQuoted } from "./literals.ts";
import { goMarker, translate } from "./markers/kubebuilder.ts";
import type { Spot } from "./report.ts";

/** One block tag of a comment, as it stands in the source: TypeScript's own parse changes some of them. */
export interface Tag {
  /** Without the `@`. */
  readonly name: string;
  /** All text up to the next tag, trimmed; its line breaks are kept. */
  readonly text: string;
  /** Where the `@` stands. */
  readonly spot: Spot;
  /** Why it is no marker, where it is spelt as one of controller-gen's. */
  readonly problem?: { readonly problem: string; readonly instead: string };
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
  const doc = withGoMarkers(file, declaration, commentAbove(file, declaration));
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

/** Markers in the spelling of controller-gen may stand in the doc comment, and in line comments around it. */
function withGoMarkers(file: ts.SourceFile, { pos }: ts.Node, doc: ts.CommentRange | undefined): Doc {
  const read = doc === undefined ? empty : readComment(file, doc.pos, doc.end);
  const tags: Tag[] = [];
  for (const { kind, pos: at, end } of ts.getLeadingCommentRanges(file.text, pos) ?? []) {
    if (kind !== ts.SyntaxKind.SingleLineCommentTrivia) continue;
    const text = file.text.slice(at + 2, end).trimEnd();
    if (goMarker.test(text)) tags.push(...goTags(text, { file, offset: at + 2 + text.search(/\+/) }));
  }
  return tags.length === 0 ? read : { ...read, tags: inOrder([...read.tags, ...tags]) };
}

/** The tags that a marker of controller-gen stands for; a wrong one becomes a tag that no marker is called, to be reported there. */
function goTags(text: string, spot: Spot): Tag[] {
  const found = translate(text);
  if (found === undefined || "nothing" in found) return [];
  if ("problem" in found) return [{ name: text.trim(), text: "", spot, problem: found }];
  return found.tags.map(([name, argument]) => ({ name, text: argument, spot }));
}

/** The type comes first, as it decides what else may stand there, and bounds before what says that they are exclusive. */
function inOrder(tags: readonly Tag[]): readonly Tag[] {
  const rank = ({ name, text }: Tag): number => (name === "type" ? 0 : /^exclusive/.test(name) && text === "" ? 2 : 1);
  return tags.toSorted((a, b) => rank(a) - rank(b));
}

interface Line {
  readonly text: string;
  readonly offset: number;
}

const tagStart = /^[ \t]*@([A-Za-z][\w:./-]*)(?=\s|$)/;

function readComment(file: ts.SourceFile, start: number, end: number): Doc {
  const description: string[] = [];
  const tags: { name: string; lines: string[]; spot: Spot }[] = [];
  const go: Tag[] = [];
  let fenced = false;
  for (const line of linesOf(file.text, start + 3, end - 2)) {
    if (/^\s*(```|~~~)/.test(line.text)) fenced = !fenced;
    const match = fenced ? null : tagStart.exec(line.text);
    const name = match?.[1];
    if (match !== null && name !== undefined) {
      const at = line.offset + match[0].length - name.length - 1;
      tags.push({ name, lines: [line.text.slice(match[0].length)], spot: { file, offset: at } });
    } else if (!fenced && goMarker.test(line.text)) {
      go.push(...goTags(line.text, { file, offset: line.offset + line.text.search(/\+/) }));
    } else {
      (tags.at(-1)?.lines ?? description).push(line.text);
    }
  }
  const found = inOrder([...tags.map(({ name, lines, spot }) => ({ name, text: trimmed(lines), spot })), ...go]);
  const instead = found.find(({ name }) => name === "description");
  return {
    description: instead === undefined ? plainText(trimmed(description)) : (wholeText(instead.text) ?? plainText(instead.text)),
    tags: instead === undefined ? found : found.filter((tag) => tag !== instead),
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

/** The value of a text that is one string in quotes. */
function wholeText(text: string): string | undefined {
  const quoted = parseQuoted(text, 0);
  return quoted?.end === text.length ? quoted.value : undefined;
}

/** Inline links as their words. */
function plainText(text: string): string {
  return text.replace(/\{@(?:link|linkcode|linkplain)\s+([^\s|}]+)(?:\s*\|?\s*([^}]*))?\}/g, (_all, target: string, label?: string) =>
    label === undefined || label.trim() === "" ? target : label.trim(),
  );
}
