/** The terminal of a command, passed in so that a test can be one. */
export interface Console {
  /** The folder that the command works in. */
  readonly cwd: string;
  /** Prints a line of the result. */
  out(line: string): void;
  /** Prints a line about the work itself, or an error. */
  err(line: string): void;
  readonly color: boolean;
  /** A signal that aborts when the user ends the command (Ctrl-C); from the first call on, that is all that Ctrl-C does. */
  interrupted(): AbortSignal;
  /** Asks a question; absent without a terminal, where nothing is ever asked. `fallback` is the answer to a bare Enter. */
  readonly ask?: (question: string, fallback?: string) => Promise<string>;
}

const codes = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36 } as const;

export type Color = keyof typeof codes;

export function paint(console: Pick<Console, "color">, color: Color, text: string): string {
  return console.color ? `\u001b[${codes[color]}m${text}\u001b[0m` : text;
}

export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
