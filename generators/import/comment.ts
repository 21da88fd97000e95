import type { Json } from "../model/index.ts";

/** Characters that one cannot see, or that change what one sees: they are written as codes, never as they are. */
const hidden = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/**
 * A doc comment that the spec reader takes back to the same description and the same tags, whatever the texts hold. A description that a
 * comment's text cannot carry (it would end the comment, or read as a tag, or holds invisible characters) becomes `@description "…"`.
 *
 * @param tags lines such as `@minimum 1`, with no line break in them
 * @returns undefined when there is nothing to say
 */
export function comment(description: string | undefined, tags: readonly string[], indent: string): string | undefined {
  const plain = description === undefined || isPlain(description);
  const text = description === undefined || !plain ? [] : description.split("\n");
  const all = [...(plain ? [] : [`@description ${jsonText(description)}`]), ...tags];
  const lines = [...text, ...(text.length > 0 && all.length > 0 ? [""] : []), ...all].map((line) => line.replaceAll("*/", "*\\/"));
  const [first, ...others] = lines;
  if (first === undefined) return undefined;
  if (others.length === 0 && first.length + indent.length < 130) return `${indent}/** ${first} */`;
  return `${indent}/**\n${lines.map((line) => `${indent} *${line === "" ? "" : ` ${line}`}\n`).join("")}${indent} */`;
}

/** A value as JSON on one line in which no character is hidden, and which cannot end a comment. */
export function jsonText(value: Json | object): string {
  return JSON.stringify(value)
    .replace(hidden, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`)
    .replaceAll("*/", "*\\u002f");
}

/** Whether a text on one line comes back as it is when it stands behind a tag. */
export function isPlainLine(text: string): boolean {
  return text !== "" && text === text.trim() && !text.includes("*\\/") && text.search(hidden) === -1;
}

function isPlain(description: string): boolean {
  if (description !== description.trim() || description.includes("*\\/") || /\{@link/.test(description)) return false;
  const lines = description.split("\n");
  let fenced = false;
  for (const line of lines) {
    if (line.replaceAll("\t", "").search(hidden) !== -1 || line !== line.trimEnd()) return false;
    if (/^\s*(?:```|~~~)/.test(line)) fenced = !fenced;
    else if (!fenced && /^\s*[@+]/.test(line)) return false;
  }
  return !fenced;
}
