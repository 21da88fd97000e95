/** What a reader of a page does, in its order. */
export type Step = Written | Typed;

/** A file that the page shows as a whole; its first line says where it goes. */
export interface Written {
  readonly path: string;
  readonly content: string;
}

export interface Typed {
  readonly command: string;
  /** What the page shows of its output. A line `…` stands for any lines, and `…` within a line for any text. */
  readonly output: readonly string[];
}

const BLOCK = /^```(ts|console)\n([^]*?)^```$/gm;

/** The steps of a page: its blocks of TypeScript that begin with the path of a file, and the commands of its console blocks. */
export function stepsOf(page: string): Step[] {
  return [...page.matchAll(BLOCK)].flatMap(([, language, text = ""]): Step[] => (language === "ts" ? [writtenIn(text)] : typedIn(text)));
}

function writtenIn(text: string): Written {
  const [, path, content] = /^\/\/ (\S+\.ts)\n([^]*)$/.exec(text) ?? [];
  if (path === undefined || content === undefined) throw new Error(`this block does not say in which file it goes:\n${text}`);
  return { path, content };
}

function typedIn(text: string): Typed[] {
  return text
    .split(/^(?=\$ )/m)
    .filter((part) => part.startsWith("$ "))
    .map((part) => {
      const [first = "", ...output] = part.trimEnd().split("\n");
      return { command: first.slice(2).replace(/\s+# .*$/, ""), output };
    });
}

/** Whether an output is what the page shows of it. */
export function isShown(shown: readonly string[], output: string): boolean {
  const lines = shown.map((line) => (line === "…" ? "(?:.*\\n)*?" : `${line.split("…").map(escaped).join(".*")}\\n`));
  return new RegExp(`^${lines.join("")}$`).test(`${output.trimEnd()}\n`);
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
