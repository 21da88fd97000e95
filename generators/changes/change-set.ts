import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { projectPath } from "./paths.ts";

/** Text, or bytes for the few files that are not text. */
export type Content = string | Uint8Array;

/** One file that would be different after {@link flush}. `before` is absent for a new file, `after` for a deleted one. */
export interface Change {
  readonly path: string;
  readonly kind: "create" | "update" | "delete";
  readonly before?: Content;
  readonly after?: Content;
  /** Of a new file; an existing file keeps its mode. */
  readonly executable: boolean;
}

interface Staged {
  readonly content: Content | undefined;
  readonly executable: boolean;
}

/**
 * The files of one folder as they will be: what is on the disk with what has been written and deleted here on top.
 * Nothing reaches the disk before {@link flush}. Paths are relative to the root and use `/` on every system.
 */
export class ChangeSet {
  readonly root: string;
  readonly #staged = new Map<string, Staged>();

  constructor(root: string) {
    this.root = root;
  }

  /** The content as it will be, or undefined when there is no such file. Throws for a path that leaves the root. */
  read(path: string): string | undefined {
    const content = this.#now(projectPath(path));
    return content === undefined || typeof content === "string" ? content : Buffer.from(content).toString("utf8");
  }

  exists(path: string): boolean {
    return this.#now(projectPath(path)) !== undefined;
  }

  /** What is on the disk, whatever has been staged here. */
  original(path: string): string | undefined {
    return this.#onDisk(projectPath(path))?.toString("utf8");
  }

  /** The text files that have been written or deleted here, as they will be; for readers that look at the disk by themselves. */
  staged(): Map<string, string | undefined> {
    const files = new Map<string, string | undefined>();
    for (const [path, { content }] of this.#staged) if (content === undefined || typeof content === "string") files.set(path, content);
    return files;
  }

  write(path: string, content: Content, options: { executable?: boolean } = {}): void {
    this.#staged.set(projectPath(path), { content, executable: options.executable ?? false });
  }

  delete(path: string): void {
    this.#staged.set(projectPath(path), { content: undefined, executable: false });
  }

  /** What {@link flush} would do, sorted by path; a write of what is there already is no change. */
  changes(): Change[] {
    const changes: Change[] = [];
    for (const [path, { content, executable }] of [...this.#staged].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const disk = this.#onDisk(path);
      const before = disk === undefined ? undefined : typeof content === "string" ? disk.toString("utf8") : disk;
      if (content === undefined) {
        if (disk !== undefined) changes.push({ path, kind: "delete", before: disk.toString("utf8"), executable });
      } else if (before === undefined || disk === undefined) {
        changes.push({ path, kind: "create", after: content, executable });
      } else if (!disk.equals(Buffer.from(content))) {
        changes.push({ path, kind: "update", before, after: content, executable });
      }
    }
    return changes;
  }

  #now(path: string): Content | undefined {
    const staged = this.#staged.get(path);
    return staged ? staged.content : this.#onDisk(path);
  }

  #onDisk(path: string): Buffer | undefined {
    const absolute = join(this.root, path);
    return statSync(absolute, { throwIfNoEntry: false })?.isFile() ? readFileSync(absolute) : undefined;
  }
}
