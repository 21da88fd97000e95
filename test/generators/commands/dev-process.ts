import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { eventually } from "@kubescaffold/runtime/testing";

const main = fileURLToPath(new URL("../../../generators/main.ts", import.meta.url));

/** `scaffold dev` as a process of its own; what it prints, and an end by Ctrl-C that has to be a clean one. */
export class Dev implements AsyncDisposable {
  readonly #child: ChildProcess;
  out = "";

  constructor(folder: string, ...args: string[]) {
    this.#child = spawn(process.execPath, [main, "dev", ...args], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) stream?.on("data", (chunk: Buffer) => (this.out += chunk.toString()));
  }

  /** Waits until the output matches, from a place in it on. */
  shows(pattern: RegExp, from = 0): Promise<RegExpExecArray> {
    return eventually(
      () => {
        const found = pattern.exec(this.out.slice(from));
        if (!found) throw new Error(`no ${String(pattern)} in:\n${this.out}`);
        return found;
      },
      { timeout: 20_000 },
    );
  }

  interrupt(): Promise<unknown> {
    return this.end("SIGINT");
  }

  /** @returns the exit code, null where the signal itself has ended it */
  async end(signal: NodeJS.Signals): Promise<unknown> {
    const exit = once(this.#child, "exit");
    this.#child.kill(signal);
    return (await exit)[0];
  }

  /** Nobody reads any more what it prints, as when its terminal is closed. */
  closeTerminal(): void {
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await this.interrupt();
  }
}
