import { randomUUID } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Attributes } from "./authorize.ts";

/** The variable that names a folder for what service accounts asked for, one file of JSON lines for each embedded cluster. */
export const ACCESS_LOG_VARIABLE = "KUBESCAFFOLD_ACCESS_LOG";

/** Remembers what service accounts were allowed and refused, each once, so that access rules can be compared with what tests needed. */
export class AccessLog {
  readonly #lines = new Set<string>();

  note({ user, verb, isResource, path, group, plural, subresource, namespace, name }: Attributes, allowed: boolean): void {
    if (!user.name.startsWith("system:serviceaccount:")) return;
    const resource = subresource === "" ? plural : `${plural}/${subresource}`;
    const about = isResource ? { group, resource, namespace, name } : { url: path };
    this.#lines.add(JSON.stringify({ user: user.name, verb, ...about, allowed }));
  }

  /** Writes a new file into the folder. */
  async write(folder: string): Promise<void> {
    if (this.#lines.size === 0) return;
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, `${randomUUID()}.jsonl`), `${[...this.#lines].join("\n")}\n`);
  }
}
