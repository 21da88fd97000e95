import { packTar } from "modern-tar";
import { compress, type BlobCache } from "./blob-cache.ts";
import { digestOf, MEDIA, type Layer } from "./oci.ts";

/** A file, a folder or a symbolic link as an image has it. */
export interface ImageFile {
  /** Absolute, with forward slashes. */
  readonly path: string;
  /** Left out for folders and links. */
  readonly content?: Uint8Array | string;
  /** Where a symbolic link leads. */
  readonly link?: string;
  /** Permissions [default: 0o444 for files, 0o755 for folders]. */
  readonly mode?: number;
  /** User and group [default: 0, so that the operator's own user cannot change it]. */
  readonly owner?: number;
}

/**
 * Files as a layer of an image. The same files give the same bytes, whatever the order, the clock, the umask and the folder: entries are sorted
 * and of one time, folders that lead to them are there once, and nothing of the machine's users and modes comes along.
 *
 * @param seconds the time of all entries, in seconds since 1970
 */
export async function layerOf(files: readonly ImageFile[], seconds: number, cache: BlobCache): Promise<Layer> {
  const tar = await tarOf(files, seconds);
  const diffId = digestOf(tar);
  const descriptor = await compress(tar, diffId, cache);
  return { descriptor: { ...descriptor, mediaType: MEDIA.layer }, diffId, bytes: () => cache.read(descriptor) };
}

function tarOf(files: readonly ImageFile[], seconds: number): Promise<Uint8Array> {
  const mtime = new Date(seconds * 1000);
  const byPath = new Map(files.flatMap(({ path }) => parentsOf(path)).map((path) => [path, { path }] as const));
  const all = new Map<string, ImageFile>([...byPath, ...files.map((file) => [file.path, file] as const)]);
  const sorted = [...all.values()].sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
  return packTar(
    sorted.map(({ path, content, link, mode, owner = 0 }) => {
      const name = path.slice(1);
      const common = { uid: owner, gid: owner, mtime };
      if (link !== undefined) return { header: { ...common, name, size: 0, mode: 0o777, type: "symlink", linkname: link } };
      if (content === undefined) return { header: { ...common, name: `${name}/`, size: 0, mode: mode ?? 0o755, type: "directory" } };
      const body = typeof content === "string" ? new TextEncoder().encode(content) : content;
      return { header: { ...common, name, size: body.length, mode: mode ?? 0o444, type: "file" }, body };
    }),
  );
}

function parentsOf(path: string): string[] {
  const parts = path.split("/").slice(1, -1);
  return parts.map((_, at) => `/${parts.slice(0, at + 1).join("/")}`);
}
