import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, relative, resolve, sep } from "node:path";
import { ScaffoldError } from "../errors.ts";
import { archiveOf } from "./archive.ts";
import { baseFromArchive } from "./archive-base.ts";
import type { Base } from "./base.ts";
import { BlobCache } from "./blob-cache.ts";
import { save } from "./engine.ts";
import { imageOf, type Image } from "./image.ts";
import { layerOf } from "./layer.ts";
import { lockedPackages } from "./lock.ts";
import { baseFromNode } from "./node-base.ts";
import { timeText, type Platform } from "./oci.ts";
import { fullName, parseReference, type Reference } from "./reference.ts";
import { baseFromRegistry } from "./registry-base.ts";
import { sbomOf } from "./sbom.ts";

export interface BuildOptions {
  /** The project's folder. */
  readonly root: string;
  readonly name: string;
  readonly version: string;
  readonly license?: string | undefined;
  /** The bundle: its files and the sources that it is made of, absolute. */
  readonly bundle: { readonly main: string; readonly files: readonly string[]; readonly sources: readonly string[] };
  /** What the image is called. */
  readonly reference: Reference;
  readonly base: Base;
  /** Options of Node. */
  readonly nodeFlags: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** The time of everything in the image, in seconds since 1970; left out for 1970 itself, and no label tells it. */
  readonly epoch?: number | undefined;
  /** What builds: name and version. */
  readonly tool: string;
  /** Where blobs are kept. */
  readonly cache: string;
}

export interface BaseOptions {
  /** The folder that paths are relative to. */
  readonly root: string;
  /** A Node and the options that it is to be started with, or an image: its name, an archive, or what an engine has. */
  readonly from: { readonly node: string; readonly flags: readonly string[] } | { readonly image: string };
  /** [default: Linux on the processor of this machine] */
  readonly platforms?: readonly Platform[] | undefined;
  /** Where blobs are kept. */
  readonly cache: string;
}

export interface BuiltImage {
  readonly image: Image;
  readonly sbom: string;
  /** The image as one file. */
  readonly archive: () => Promise<Uint8Array>;
}

/** Who the operator is in its image; `runAsNonRoot` of a pod wants a number. */
const USER = "65532:65532";
const FOLDER = "/app";
/** This machine's, as images name it. */
const ARCHITECTURE = process.arch === "x64" ? "amd64" : process.arch;

/**
 * Makes the image of a bundled operator. The same bundle, base, name and options give the same bytes: no clock, no random number, and nothing
 * of the machine's users and folders is in it.
 *
 * @throws ScaffoldError `not-locked`
 */
export async function buildImage(options: BuildOptions): Promise<BuiltImage> {
  const { name, version, license, base, bundle, reference, tool, epoch } = options;
  const packages = lockedPackages(options.root, bundle.sources);
  const cache = new BlobCache(options.cache);
  const seconds = epoch ?? 0;
  const sbom = sbomOf({ name, version, license, packages, base, seconds, tool });
  const folder = dirname(bundle.main);
  const files = bundle.files
    // The maps of chunks are four times as large as all the rest, for files that are seldom read.
    .filter((file) => !file.endsWith(".map") || file === `${bundle.main}.map`)
    .map((file) => ({ path: `${FOLDER}/${relative(folder, file).split(sep).join("/")}`, content: readFileSync(file) }));
  const layer = await layerOf([...files, { path: `/usr/share/sbom/${name}.spdx.json`, content: sbom }], seconds, cache);
  const image = imageOf({
    base,
    layer,
    command: [...options.nodeFlags, basename(bundle.main)],
    environment: options.environment,
    labels: {
      ...options.labels,
      ...(epoch === undefined ? {} : { "org.opencontainers.image.created": timeText(epoch) }),
    },
    folder: FOLDER,
    user: USER,
    createdBy: tool,
    seconds,
  });
  return { image, sbom, archive: () => archiveOf(image, reference, ARCHITECTURE) };
}

const ENGINES: Readonly<Record<string, "docker" | "podman">> = { "docker-daemon:": "docker", "containers-storage:": "podman" };

/**
 * What the image is put on.
 *
 * @throws ScaffoldError `bad-image`, `bad-node`, `registry-failed`, `engine-failed`, `bad-option`
 */
export async function readBase({
  root,
  from,
  platforms = [{ os: "linux", architecture: ARCHITECTURE }],
  ...options
}: BaseOptions): Promise<Base> {
  const cache = new BlobCache(options.cache);
  if ("node" in from) return baseFromNode(resolve(root, from.node), from.flags, platforms, cache);
  const { image } = from;
  for (const [transport, engine] of Object.entries(ENGINES)) {
    if (!image.startsWith(transport)) continue;
    const reference = parseReference(image.slice(transport.length), "--base-image");
    const { digest, images } = await baseFromArchive(await save(engine, image.slice(transport.length)), image, platforms, cache);
    return { name: fullName(reference), images, ...(digest === undefined ? {} : { digest }) };
  }
  const file = resolve(root, image);
  if (existsSync(file)) return baseFromArchive(readFileSync(file), image, platforms, cache);
  if (/\.(?:tar|tgz|tar\.gz)$/.test(image)) throw new ScaffoldError("bad-image", `There is no file ${image}, which is the base image.`);
  return baseFromRegistry(parseReference(image, "--base-image"), platforms, cache);
}
