import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { digestOf, MEDIA, type Descriptor } from "./oci.ts";

/** More costs twice the time for a third of a percent (measured with Node's own binary). */
const LEVEL = 6;

/** Where blobs are kept between builds: `~/.cache/kubescaffold/blobs`, or below `XDG_CACHE_HOME`. */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  return join(environment["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "kubescaffold", "blobs");
}

/** Blobs in a folder, by digest. What is damaged there counts as absent; two builds may use one folder at once. */
export class BlobCache {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  find(digest: string): Uint8Array | undefined {
    const bytes = this.#text(this.#blob(digest));
    return bytes !== undefined && digestOf(bytes) === digest ? bytes : undefined;
  }

  /** A blob that was put there before. */
  read({ digest }: Descriptor): Promise<Uint8Array> {
    const bytes = this.find(digest);
    if (bytes) return Promise.resolve(bytes);
    return Promise.reject(new Error(`the blob ${digest} is gone from ${this.#folder}: something else empties it while images are built`));
  }

  put(digest: string, bytes: Uint8Array): void {
    this.#write(this.#blob(digest), bytes);
  }

  /** The digest of what an archive is when compressed, so that a large one is compressed once. */
  compressed(diffId: string): string | undefined {
    return this.#text(this.#compressed(diffId))?.toString();
  }

  setCompressed(diffId: string, digest: string): void {
    this.#write(this.#compressed(diffId), Buffer.from(digest));
  }

  #blob(digest: string): string {
    return join(this.#folder, ...digest.split(":"));
  }

  /** Another zlib may compress otherwise. */
  #compressed(diffId: string): string {
    return join(this.#folder, `gzip-${LEVEL}-${process.arch}-${process.versions.zlib}`, ...diffId.split(":"));
  }

  #text(path: string): Buffer | undefined {
    try {
      return readFileSync(path);
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
      throw error;
    }
  }

  /** In one step, so that nobody reads half of it. */
  #write(path: string, bytes: Uint8Array): void {
    mkdirSync(dirname(path), { recursive: true });
    const unfinished = `${path}.${process.pid}`;
    try {
      writeFileSync(unfinished, bytes);
      renameSync(unfinished, path);
    } finally {
      rmSync(unfinished, { force: true });
    }
  }
}

/** Compresses an archive, and puts it into the cache. The header says nothing of the time and the system. */
export async function compress(tar: Uint8Array, diffId: string, cache: BlobCache): Promise<Descriptor> {
  const known = cache.compressed(diffId);
  const found = known === undefined ? undefined : cache.find(known);
  if (known !== undefined && found) return { mediaType: MEDIA.layer, digest: known, size: found.length };
  const bytes = await promisify(gzip)(tar, { level: LEVEL });
  bytes.writeUInt32LE(0, 4); // the time
  bytes.writeUInt8(255, 9); // the system: unknown
  const digest = digestOf(bytes);
  cache.put(digest, bytes);
  cache.setCompressed(diffId, digest);
  return { mediaType: MEDIA.layer, digest, size: bytes.length };
}
