import { readFile, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { parse } from "yaml";
import { KubeconfigError } from "./errors.ts";
import { PemFiles } from "./pem-files.ts";

export type Entry = Readonly<Record<string, unknown>>;

const isEntry = (value: unknown): value is Entry => typeof value === "object" && value !== null && !Array.isArray(value);

/** No kubeconfig is as large (bytes); what is was named by mistake. */
const LARGEST = 10 * 1024 * 1024;

/**
 * Kubeconfig files as one, as kubectl merges them: of entries with one name the first file's wins. Paths begin at the folder of the file that says them.
 */
export class KubeconfigFiles {
  /** The files, for messages. */
  readonly names: string;
  readonly pemFiles = new PemFiles();
  readonly #files: readonly { path: string; config: Entry }[];
  readonly #folders = new WeakMap<Entry, string>();

  private constructor(files: readonly { path: string; config: Entry }[]) {
    this.#files = files;
    this.names = files.map(({ path }) => path).join(" and ");
  }

  /** @throws KubeconfigError when one of them cannot be read, or is no kubeconfig */
  static async read(paths: readonly string[]): Promise<KubeconfigFiles> {
    return new KubeconfigFiles(await Promise.all(paths.map(async (path) => ({ path, config: await readConfig(path) }))));
  }

  /** The context that the first file chooses that chooses one. */
  get currentContext(): string | undefined {
    return this.#files.map(({ config }) => this.text(config, "current-context")).find((name) => name !== undefined);
  }

  text(entry: Entry, field: string): string | undefined {
    const value = entry[field];
    return typeof value === "string" && value !== "" ? value : undefined;
  }

  /** The named entry of one of the lists. Throws KubeconfigError when there is none. */
  entry(list: string, field: string, name: string | undefined): Entry {
    if (name === undefined) throw new KubeconfigError(`${this.names}: no ${field} is chosen; set current-context or name a context`);
    for (const { path, config } of this.#files) {
      const entries = config[list];
      const found = (Array.isArray(entries) ? entries : []).find((each) => isEntry(each) && each["name"] === name) as Entry | undefined;
      const value = found?.[field];
      if (!isEntry(value)) continue;
      this.#folders.set(value, dirname(path));
      return value;
    }
    throw new KubeconfigError(`${this.names}: there is no ${field} named ${name}`);
  }

  /** PEM that is given in place (`<field>-data`, base64) or by path. Throws KubeconfigError when it cannot be read. */
  async pem(entry: Entry, field: string): Promise<string | undefined> {
    const data = this.text(entry, `${field}-data`);
    if (data !== undefined) return Buffer.from(data, "base64").toString("utf8");
    return this.#readAt(entry, field, (path) => this.pemFiles.read(path));
  }

  /** The text of the file that a field names. Throws KubeconfigError when it cannot be read. */
  async fileText(entry: Entry, field: string): Promise<string | undefined> {
    return this.#readAt(entry, field, (path) => readFile(path, "utf8"));
  }

  async #readAt(entry: Entry, field: string, read: (path: string) => Promise<string>): Promise<string | undefined> {
    const path = this.text(entry, field);
    if (path === undefined) return undefined;
    try {
      return await read(resolve(this.#folders.get(entry) ?? ".", path));
    } catch (cause) {
      throw new KubeconfigError(`${this.names}: cannot read ${field} ${path}`, cause);
    }
  }
}

async function readConfig(path: string): Promise<Entry> {
  let text: string;
  try {
    const { size } = await stat(path);
    if (size > LARGEST) throw new Error(`it has ${Math.round(size / 1024 / 1024)} MiB`);
    text = await readFile(path, "utf8");
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new KubeconfigError(`no cluster: cannot read the kubeconfig ${path} (${why}); name one with --kubeconfig or KUBECONFIG`, cause);
  }
  if (text.trim() === "") throw new KubeconfigError(`${path} is not a kubeconfig: it is empty`);
  let config: unknown;
  try {
    config = parse(text);
  } catch (cause) {
    throw new KubeconfigError(`${path} is not a kubeconfig: ${String(cause).split("\n")[0] ?? ""}`, cause);
  }
  if (!isEntry(config)) throw new KubeconfigError(`${path} is not a kubeconfig: it holds no mapping`);
  return config;
}
