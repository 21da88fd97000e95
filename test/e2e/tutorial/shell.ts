import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";

/** What a command has done, as far as the terminal shows it. */
export interface Shown {
  readonly code: number;
  readonly output: string;
  readonly milliseconds: number;
}

const MARK = "--- that was it:";

/** A shell that commands are typed into one after the other: its folder and variables stay from one to the next. */
export class Shell implements AsyncDisposable {
  readonly #process: ChildProcess;
  #text = "";
  #told: () => void = () => undefined;

  constructor(cwd: string, environment: NodeJS.ProcessEnv) {
    this.#process = spawn("bash", ["--noprofile", "--norc"], { cwd, env: environment, stdio: ["pipe", "pipe", "pipe"], detached: true });
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.#text += text;
        this.#told();
      });
    }
    this.#process.on("exit", () => this.#told());
  }

  /** Types a command and waits until it has ended. It reads nothing. */
  async run(command: string): Promise<Shown> {
    const began = performance.now();
    this.#text = "";
    // Of both streams, so that nothing of the command comes after the mark.
    this.#process.stdin?.write(`{ ${command}\n} 2>&1 </dev/null; echo "${MARK} $?"\n`);
    for (;;) {
      const [, output = "", code] = new RegExp(`^([^]*)${MARK} (\\d+)\\n$`).exec(this.#text) ?? [];
      if (code !== undefined) return { code: Number(code), output, milliseconds: performance.now() - began };
      if (this.#process.exitCode !== null) throw new Error(`the shell ended at ${command}: ${this.#text}`);
      await new Promise<void>((resolve) => (this.#told = resolve));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#process, "exit");
    this.#process.stdin?.end();
    await ended;
  }
}
