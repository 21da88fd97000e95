import type { Tree } from "./yaml.ts";

/** A value as TypeScript source without its undefined members, on as many lines as it has members; `indent` is that of the line that it begins on. */
export function literal(value: Tree, indent = ""): string {
  if (typeof value === "string") return quoted(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const inner = `${indent}  `;
  const members = Array.isArray(value)
    ? value.map((each: Tree) => literal(each, inner))
    : Object.entries(value).flatMap(([key, each]) => (each === undefined ? [] : [`${memberName(key)}: ${literal(each, inner)}`]));
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  if (members.length === 0) return open + close;
  const pad = Array.isArray(value) ? "" : " ";
  const length = members.reduce((sum, member) => sum + member.length + 2, 2 * pad.length);
  if (length + indent.length < 80 && !members.some((member) => member.includes("\n")))
    return `${open}${pad}${members.join(", ")}${pad}${close}`;
  return `${open}\n${members.map((member) => `${inner}${member},\n`).join("")}${indent}${close}`;
}

/** A string literal on one line, in which no character is invisible or ends the line. */
export function quoted(text: string): string {
  return JSON.stringify(text).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`);
}

/** A comment that no text can end early. Lines that would read as tags lose their meaning by a backslash. */
export function docComment(text: string, indent: string): string {
  const lines = text
    .replace(/\*\//g, "*\\/")
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (char) => (char === "\n" || char === "\t" ? char : ""))
    .split("\n")
    .map((line) => line.replace(/^(\s*)@/, "$1\\@").trimEnd());
  if (lines.length === 1) return `${indent}/** ${lines[0] ?? ""} */`;
  return `${indent}/**\n${lines.map((line) => `${indent} *${line === "" ? "" : ` ${line}`}\n`).join("")}${indent} */`;
}

/** A computed key where a plain one would set the object's prototype. */
function memberName(key: string): string {
  if (key === "__proto__") return '["__proto__"]';
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : quoted(key);
}
