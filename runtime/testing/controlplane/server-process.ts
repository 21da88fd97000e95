import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { Socket } from "node:net";
import { join } from "node:path";

/**
 * Runs the server and waits for it. Standard input is a pipe that only the parent holds: when the parent is gone, however it
 * went, the pipe ends, and the shell kills the server and removes the folder. A line on the pipe kills the server and leaves the
 * folder to the parent. The shell is the server's own parent, so the pid cannot have been given to another process.
 */
const guard = `
exec 3<&0 </dev/null
folder=$1; shift
"$@" 3<&- &
server=$!
exec >/dev/null 2>&1
(read -r line <&3; ended=$?; trap "" TERM; kill -KILL "$server"; exit "$ended") &
watcher=$!
wait "$server"; code=$?
kill "$watcher"
wait "$watcher"
if [ "$?" = 1 ]; then rm -rf "$folder"; fi
exit "$code"
`;

/** A server that runs in a folder of its own and writes its output to `<name>.log` there. Needs a POSIX `sh`. */
export class ServerProcess {
  readonly name: string;
  /** The path of the file with the server's output. */
  readonly log: string;
  readonly #child: ChildProcess;
  readonly #gone: Promise<void>;

  private constructor(name: string, log: string, child: ChildProcess) {
    this.name = name;
    this.log = log;
    this.#child = child;
    this.#gone = new Promise((resolve) => {
      child.once("exit", () => resolve());
      child.once("error", () => resolve());
    });
  }

  /**
   * Starts `command`, and resolves when the process exists.
   * The process keeps no event loop alive: a test that forgets to stop it still ends, and takes it along.
   *
   * @throws when there is no `sh`, or the folder cannot be written to.
   */
  static async start(name: string, command: readonly string[], folder: string): Promise<ServerProcess> {
    const log = join(folder, `${name}.log`);
    const output = openSync(log, "w", 0o600);
    try {
      // A session of its own: Ctrl-C in the terminal reaches the parent, which then stops the server in its own time.
      const child = spawn("/bin/sh", ["-c", guard, "sh", folder, ...command], {
        cwd: folder,
        detached: true,
        stdio: ["pipe", output, output],
      });
      const server = new ServerProcess(name, log, child);
      // The last line may be written to a server that has just ended by itself: there is nobody left to stop then.
      child.stdin?.on("error", () => undefined);
      await once(child, "spawn");
      child.unref();
      if (child.stdin instanceof Socket) {
        child.stdin.unref();
      }
      return server;
    } finally {
      closeSync(output);
    }
  }

  /** Whether the server has ended, by itself or by {@link stop}. */
  get ended(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Kills the server, without a chance to save anything, and resolves when it is gone. May be called again. */
  async stop(): Promise<void> {
    if (!this.ended) {
      this.#child.ref();
      this.#child.stdin?.end("stop\n");
      await this.#gone;
    }
  }

  /** The last lines of the server's output. */
  async lastLines(count: number): Promise<string> {
    const text = await readFile(this.log, "utf8");
    return text.trimEnd().split("\n").slice(-count).join("\n");
  }
}
