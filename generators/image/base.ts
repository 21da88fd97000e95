import { unpackTar } from "modern-tar";
import { promisify } from "node:util";
import { gunzip, zstdDecompress } from "node:zlib";
import { ScaffoldError } from "../errors.ts";
import { compress, type BlobCache } from "./blob-cache.ts";
import { objectAt, objectsAt, parseObject, textAt, type Json } from "./json.ts";
import {
  digestOf,
  fits,
  MEDIA,
  platformText,
  readConfig,
  readDescriptor,
  readPlatform,
  type Descriptor,
  type ImageConfig,
  type Layer,
  type Platform,
} from "./oci.ts";

/** What an operator's image is put on. */
export interface Base {
  /** Name and digest as labels tell them; left out for what is no image. */
  readonly name?: string;
  readonly digest?: string;
  /** One for each platform that was asked for. */
  readonly images: readonly BaseImage[];
  /** What is in it, as far as it was made here. */
  readonly parts?: readonly BasePart[];
}

export interface BasePart {
  readonly name: string;
  readonly version?: string;
  readonly license?: string;
  readonly content: Uint8Array;
}

export interface BaseImage {
  readonly platform: Platform;
  readonly config: ImageConfig;
  readonly layers: readonly Layer[];
  /** Where Node is in it. */
  readonly node: string;
}

/** Where the manifests and blobs of an image are: in a registry or in an archive. */
export interface Store {
  /** For messages: the name of the image or of the file. */
  readonly name: string;
  readonly manifest: (descriptor: Descriptor) => Promise<Uint8Array>;
  readonly blob: (descriptor: Descriptor) => Promise<Uint8Array>;
  readonly from?: Layer["from"];
}

/**
 * The images of a manifest or an index, one for each platform.
 *
 * @throws ScaffoldError `bad-image` when there is none for a platform, or it has no Node
 */
export async function imagesOf(
  root: { readonly mediaType: string; readonly bytes: Uint8Array },
  store: Store,
  platforms: readonly Platform[],
  cache: BlobCache,
): Promise<BaseImage[]> {
  const offered = await manifestsOf(root, store);
  return Promise.all(
    platforms.map(async (wanted) => {
      const found = offered.find(({ platform }) => fits(platform, wanted));
      if (!found) {
        const there = offered.map(({ platform }) => platformText(platform)).join(", ");
        throw new ScaffoldError(
          "bad-image",
          `${store.name} has no image for ${platformText(wanted)}, only for ${there || "nothing at all"}: choose with --platform.`,
        );
      }
      const { platform, config, manifest } = found;
      const layers = await layersOf(manifest, config, store, cache);
      return { platform, config, layers, node: await nodeIn(config, layers, store.name) };
    }),
  );
}

interface Offered {
  readonly platform: Platform;
  readonly config: ImageConfig;
  readonly manifest: Json;
}

async function manifestsOf(root: { readonly mediaType: string; readonly bytes: Uint8Array }, store: Store): Promise<Offered[]> {
  const parsed = parseObject(root.bytes);
  if (!("manifests" in parsed)) {
    const config = parseObject(await store.blob(readDescriptor(parsed["config"])));
    return [{ platform: readPlatform(config), config: readConfig(config), manifest: parsed }];
  }
  const below = objectsAt(parsed, "manifests")
    // Attestations are in the list as images of no platform.
    .filter((entry) => textAt(objectAt(entry, "platform"), "os") !== "unknown")
    .map(readDescriptor);
  const all = await Promise.all(
    below.map(async (descriptor) => manifestsOf({ mediaType: descriptor.mediaType, bytes: await store.manifest(descriptor) }, store)),
  );
  return all.flat();
}

async function layersOf(manifest: Json, { diffIds }: ImageConfig, store: Store, cache: BlobCache): Promise<Layer[]> {
  const layers = objectsAt(manifest, "layers").map(readDescriptor);
  if (layers.length !== diffIds.length) {
    throw new ScaffoldError("bad-image", `${store.name} has ${layers.length} layers but names ${diffIds.length}: it is damaged.`);
  }
  return Promise.all(
    layers.map(async (descriptor, at) => {
      const diffId = diffIds[at] ?? "";
      if (descriptor.mediaType === MEDIA.plainLayer) return compressed(await store.blob(descriptor), diffId, cache);
      if (descriptor.mediaType !== MEDIA.layer && descriptor.mediaType !== MEDIA.zstdLayer) {
        throw new ScaffoldError("bad-image", `${store.name} has a layer of a kind that is not known: ${descriptor.mediaType}.`);
      }
      const bytes = (): Promise<Uint8Array> => store.blob(descriptor);
      return { descriptor, diffId, bytes, ...(store.from ? { from: store.from } : {}) };
    }),
  );
}

/** A layer as archives of Docker have it, which nobody wants to send so. */
export async function compressed(tar: Uint8Array, diffId: string, cache: BlobCache): Promise<Layer> {
  if (digestOf(tar) !== diffId) throw new ScaffoldError("bad-image", `The layer ${diffId} is damaged: its digest is ${digestOf(tar)}.`);
  const descriptor = await compress(tar, diffId, cache);
  return { descriptor, diffId, bytes: () => cache.read(descriptor) };
}

/**
 * Where Node is in an image. Images that start it say so; else it is where the image's PATH finds it, and the last layer that has it counts.
 */
export async function nodeIn({ entrypoint, env }: ImageConfig, layers: readonly Layer[], name: string): Promise<string> {
  const [first = ""] = entrypoint;
  if (/^\/.*\/node$/.test(first)) return first;
  const path = env.find((entry) => entry.startsWith("PATH="))?.slice("PATH=".length) ?? "/usr/local/bin:/usr/bin:/bin";
  const places = [...path.split(":"), "/nodejs/bin"].map((folder) => `${folder.replace(/\/$/, "")}/node`);
  for (const layer of layers.toReversed()) {
    const entries = await unpackTar(await decompressed(layer), { filter: (header) => places.includes(absolute(header.name)) });
    const found = entries.map(({ header }) => absolute(header.name));
    const place = places.find((candidate) => found.includes(candidate));
    if (place !== undefined) return place;
  }
  throw new ScaffoldError(
    "bad-image",
    `${name} has no Node in ${path}: take a base image that has one, such as node:24-slim, or pass --node PATH.`,
  );
}

function absolute(name: string): string {
  return `/${name.replace(/^\.?\//, "")}`;
}

export async function decompressed({ descriptor, bytes }: Layer): Promise<Uint8Array> {
  const packed = await bytes();
  return descriptor.mediaType === MEDIA.zstdLayer ? promisify(zstdDecompress)(packed) : promisify(gunzip)(packed);
}
