import { readFile, stat } from "node:fs/promises";

/** PEM files that others may replace while the process runs: kubelet rotates the CA and client certificates of pods and nodes. */
export class PemFiles {
  /** Path and time of the last change when it was read. */
  readonly #read = new Map<string, number>();

  /** Reads a file, and from now on {@link haveChanged} looks at it. Rejects as `readFile` does. */
  async read(path: string): Promise<string> {
    const { mtimeMs } = await stat(path);
    const text = await readFile(path, "utf8");
    this.#read.set(path, mtimeMs);
    return text;
  }

  /** True when one of the files is newer, or older, than what was read. A file that is not there just now is on its way. */
  async haveChanged(): Promise<boolean> {
    for (const [path, readAt] of this.#read) {
      const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: readAt }));
      if (mtimeMs !== readAt) return true;
    }
    return false;
  }
}
