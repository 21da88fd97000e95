import { join } from "node:path";

/** Where the README has its pictures from. */
export const PICTURES = join(import.meta.dirname, "../../docs/pictures");

/** A command that was typed, and what it said. */
export interface Scene {
  readonly command: string;
  readonly output: string;
  /** How long it took. */
  readonly milliseconds: number;
}

const columns = 104;
const rows = 24;
const line = 18;
const margin = 16;
/** How far letters go below their line. */
const descent = 5;
/** One character of the 13 px font. */
const character = 7.83;
const colors = { paper: "#16181d", text: "#c9ced6", prompt: "#7fbf7f", command: "#ffffff" };
/** Seconds that a command stands there before its output, at most: nobody wants to wait for an installation. */
const longest = 1.6;
/** Seconds to read each line of output. */
const perLine = 0.12;

interface Line {
  readonly text: string;
  readonly isCommand: boolean;
  /** When it comes, in seconds. */
  readonly at: number;
}

/** The picture of a session. The same session gives the same bytes. */
export function pictureOf(scenes: readonly Scene[]): string {
  const lines = timed(scenes);
  const end = (lines.at(-1)?.at ?? 0) + 1;
  const width = Math.ceil(columns * character + 2 * margin);
  const height = rows * line + 2 * margin;
  const scrolls = lines.slice(rows).map(({ at }, index) => `${percent(at / end)}{transform:translateY(${-(index + 1) * line}px)}`);
  const texts = lines.map(
    ({ text, isCommand, at }, index) =>
      `<text y="${(index + 1) * line - descent}" style="animation-delay:${at.toFixed(2)}s">${isCommand ? `<tspan class="p">$ </tspan><tspan class="c">${escaped(text)}</tspan>` : escaped(text)}</text>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="A terminal: ${escaped(scenes.map(({ command }) => command).join("; "))}">`,
    "<style>",
    `text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:${colors.text};white-space:pre;opacity:0;animation:come .01s forwards}`,
    `.p{fill:${colors.prompt}}.c{fill:${colors.command}}`,
    "@keyframes come{to{opacity:1}}",
    `#s{animation:scroll ${end.toFixed(2)}s step-end forwards}`,
    `@keyframes scroll{0%{transform:none}${scrolls.join("")}${scrolls.length === 0 ? "" : `to{transform:translateY(${-scrolls.length * line}px)}`}}`,
    "</style>",
    `<rect width="100%" height="100%" rx="8" fill="${colors.paper}"/>`,
    `<svg x="${margin}" y="${margin}" width="${width - 2 * margin}" height="${rows * line}"><g id="s">`,
    ...texts,
    "</g></svg>",
    "</svg>",
    "",
  ].join("\n");
}

function timed(scenes: readonly Scene[]): Line[] {
  const lines: Line[] = [];
  let at = 0.5;
  for (const { command, output, milliseconds } of scenes) {
    lines.push({ text: command, isCommand: true, at });
    at += Math.min(Math.max(milliseconds / 1000, 0.8), longest);
    for (const text of output.trimEnd().split("\n")) {
      lines.push({ text: cut(text), isCommand: false, at });
      at += perLine;
    }
    at += 0.8;
  }
  return lines;
}

/** What a narrower terminal would break. */
function cut(text: string): string {
  return text.length <= columns ? text : `${text.slice(0, columns - 1)}…`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)}%`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
