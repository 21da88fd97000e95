import { unpackTar } from "modern-tar";
import { posix } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { ScaffoldError } from "../errors.ts";
import { compressed, imagesOf, nodeIn, type Base } from "./base.ts";
import type { BlobCache } from "./blob-cache.ts";
import { isObject, objectsAt, parseObject, textAt, textsAt } from "./json.ts";
import {
  digestOf,
  fits,
  MEDIA,
  platformText,
  readConfig,
  readDescriptor,
  readPlatform,
  verify,
  type Descriptor,
  type Platform,
} from "./oci.ts";

/**
 * A base image from an archive: an OCI layout in a tar, or what `docker save` and `podman save` write; gzip around it is fine.
 *
 * @param name for messages: the file, or the image that an engine has saved
 * @throws ScaffoldError `bad-image` for what is no such archive
 */
export async function baseFromArchive(archive: Uint8Array, name: string, platforms: readonly Platform[], cache: BlobCache): Promise<Base> {
  const files = await filesIn(archive, name);
  const index = files.get("index.json");
  const saved = files.get("manifest.json");
  if (index) return fromLayout(index, files, name, platforms, cache);
  if (saved) return fromDocker(saved, files, name, platforms, cache);
  throw new ScaffoldError(
    "bad-image",
    `${name} is no archive of an image: it has neither index.json (OCI) nor manifest.json (docker save).`,
  );
}

async function filesIn(archive: Uint8Array, name: string): Promise<Map<string, Uint8Array>> {
  try {
    const entries = await unpackTar(await unzipped(archive), { strict: true });
    const paths = entries.map(({ header, data }) => ({ path: posix.normalize(header.name), link: header, data }));
    const files = new Map(paths.flatMap(({ path, data }) => (data ? [[path, data] as const] : [])));
    // Old versions of Docker have a layer that two images share once, and links to it.
    for (const { path, link } of paths) {
      if (link.linkname === undefined || (link.type !== "symlink" && link.type !== "link")) continue;
      const target = link.type === "link" ? link.linkname : posix.join(posix.dirname(path), link.linkname);
      const data = files.get(posix.normalize(target));
      if (data) files.set(path, data);
    }
    return files;
  } catch (error) {
    throw new ScaffoldError("bad-image", `${name} is no archive of an image: it is no tar, or one that is cut off.`, { cause: error });
  }
}

/** What is in gzip, which begins with two bytes of its own; what is not stays as it is. */
async function unzipped(bytes: Uint8Array): Promise<Uint8Array> {
  return bytes[0] === 0x1f && bytes[1] === 0x8b ? promisify(gunzip)(bytes) : bytes;
}

async function fromLayout(
  index: Uint8Array,
  files: ReadonlyMap<string, Uint8Array>,
  name: string,
  platforms: readonly Platform[],
  cache: BlobCache,
): Promise<Base> {
  const blob = ({ digest }: Descriptor): Promise<Uint8Array> => {
    const bytes = files.get(`blobs/${digest.replace(":", "/")}`);
    if (!bytes) return Promise.reject(new ScaffoldError("bad-image", `${name} has no blob ${digest}: it is not complete.`));
    verify(bytes, digest, `The blob ${digest} of ${name}`);
    return Promise.resolve(bytes);
  };
  const roots = objectsAt(parseObject(index), "manifests");
  const distinct = new Set(roots.map((root) => textAt(root, "digest")));
  const [root] = roots;
  if (root === undefined || (distinct.size > 1 && roots.some((one) => !isObject(one["platform"])))) {
    throw new ScaffoldError("bad-image", `${name} has ${distinct.size} images: a base is one.`);
  }
  const descriptor = readDescriptor(root);
  const start =
    distinct.size === 1 ? { mediaType: descriptor.mediaType, bytes: await blob(descriptor) } : { mediaType: MEDIA.index, bytes: index };
  const images = await imagesOf(start, { name, manifest: blob, blob }, platforms, cache);
  return { digest: digestOf(start.bytes), images };
}

async function fromDocker(
  saved: Uint8Array,
  files: ReadonlyMap<string, Uint8Array>,
  name: string,
  platforms: readonly Platform[],
  cache: BlobCache,
): Promise<Base> {
  const parsed: unknown = JSON.parse(Buffer.from(saved).toString());
  const entries = Array.isArray(parsed) ? parsed.filter(isObject) : [];
  const [entry] = entries;
  if (!entry || entries.length > 1) throw new ScaffoldError("bad-image", `${name} has ${entries.length} images: a base is one.`);
  const file = (path: string): Uint8Array => {
    const bytes = files.get(posix.normalize(path));
    if (!bytes) throw new ScaffoldError("bad-image", `${name} has no ${path}: it is not complete.`);
    return bytes;
  };
  const parsedConfig = parseObject(file(textAt(entry, "Config") ?? ""));
  const platform = readPlatform(parsedConfig);
  const [wanted] = platforms;
  if (!wanted || platforms.length > 1 || !fits(platform, wanted)) {
    throw new ScaffoldError("bad-image", `${name} is an image for ${platformText(platform)} alone: choose with --platform.`);
  }
  const config = readConfig(parsedConfig);
  const layers = await Promise.all(
    textsAt(entry, "Layers").map(async (path, at) => compressed(await unzipped(file(path)), config.diffIds[at] ?? "", cache)),
  );
  return { images: [{ platform, config, layers, node: await nodeIn(config, layers, name) }] };
}
