import { createHash } from "node:crypto";
import { ScaffoldError } from "../errors.ts";
import { isObject, objectAt, objectsAt, textAt, textsAt, type Json } from "./json.ts";

/** The parts of the OCI image specification 1.1 (github.com/opencontainers/image-spec) that an image of one program needs. */
export const MEDIA = {
  index: "application/vnd.oci.image.index.v1+json",
  manifest: "application/vnd.oci.image.manifest.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
  layer: "application/vnd.oci.image.layer.v1.tar+gzip",
  plainLayer: "application/vnd.oci.image.layer.v1.tar",
  zstdLayer: "application/vnd.oci.image.layer.v1.tar+zstd",
  dockerIndex: "application/vnd.docker.distribution.manifest.list.v2+json",
  dockerManifest: "application/vnd.docker.distribution.manifest.v2+json",
} as const;

/** Docker's own names for the same bytes. */
const LAYERS: Readonly<Record<string, string>> = {
  "application/vnd.docker.image.rootfs.diff.tar.gzip": MEDIA.layer,
  "application/vnd.docker.image.rootfs.diff.tar.zstd": MEDIA.zstdLayer,
  "application/vnd.docker.image.rootfs.diff.tar": MEDIA.plainLayer,
  "application/vnd.docker.container.image.rootfs.diff.tar.gzip": MEDIA.layer,
};

export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
}

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
  readonly platform?: Platform;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A layer whose bytes are read only when they are asked for. */
export interface Layer {
  readonly descriptor: Descriptor;
  /** The digest of its tar archive before compression. */
  readonly diffId: string;
  readonly bytes: () => Promise<Uint8Array>;
  /** The repository that has it already, as far as it came from a registry: there it need not be sent again. */
  readonly from?: { readonly registry: string; readonly repository: string };
}

/** What we keep of the configuration of an image that others made. */
export interface ImageConfig {
  readonly env: readonly string[];
  readonly entrypoint: readonly string[];
  readonly diffIds: readonly string[];
  readonly history: readonly Json[];
}

export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

export function described(mediaType: string, bytes: Uint8Array): Descriptor {
  return { mediaType, digest: digestOf(bytes), size: bytes.length };
}

/** @throws ScaffoldError `bad-image` when the bytes are not what the digest promises */
export function verify(bytes: Uint8Array, digest: string, what: string): void {
  const actual = digestOf(bytes);
  if (actual !== digest) {
    throw new ScaffoldError("bad-image", `${what} is damaged: its digest is ${actual} instead of ${digest}.`);
  }
}

/** @throws ScaffoldError `bad-option` for what is not os/architecture or os/architecture/variant */
export function parsePlatform(text: string): Platform {
  const [os = "", architecture = "", variant, ...more] = text.split("/");
  if (os !== "linux" || !/^[a-z0-9_]+$/.test(architecture) || more.length > 0) {
    throw new ScaffoldError("bad-option", `--platform ${text} is not a platform of Linux: use one such as linux/amd64 or linux/arm64.`);
  }
  return { os, architecture, ...(variant === undefined ? {} : { variant }) };
}

export function platformText({ os, architecture, variant }: Platform): string {
  return [os, architecture, ...(variant === undefined ? [] : [variant])].join("/");
}

/** Whether an image for one platform runs on another: a variant that is not asked for does not matter. */
export function fits(offered: Platform, wanted: Platform): boolean {
  const same = offered.os === wanted.os && offered.architecture === wanted.architecture;
  return same && (wanted.variant === undefined || wanted.variant === offered.variant);
}

export function readDescriptor(value: unknown): Descriptor {
  if (!isObject(value)) throw new ScaffoldError("bad-image", "The image has a descriptor that is no object.");
  const mediaType = textAt(value, "mediaType") ?? MEDIA.manifest;
  const digest = textAt(value, "digest") ?? "";
  const { size } = value;
  if (!/^sha256:[0-9a-f]{64}$/.test(digest) || typeof size !== "number") {
    throw new ScaffoldError(
      "bad-image",
      `The image has a descriptor with no SHA-256 digest or no size: ${JSON.stringify(value).slice(0, 200)}`,
    );
  }
  const platform = isObject(value["platform"]) ? { platform: readPlatform(value["platform"]) } : {};
  return { mediaType: LAYERS[mediaType] ?? mediaType, digest, size, ...platform };
}

export function readPlatform(value: Json): Platform {
  const variant = textAt(value, "variant");
  const platform = { os: textAt(value, "os") ?? "", architecture: textAt(value, "architecture") ?? "" };
  return variant === undefined ? platform : { ...platform, variant };
}

export function readConfig(value: Json): ImageConfig {
  const config = objectAt(value, "config");
  return {
    env: textsAt(config, "Env"),
    entrypoint: textsAt(config, "Entrypoint"),
    diffIds: textsAt(objectAt(value, "rootfs"), "diff_ids"),
    history: objectsAt(value, "history"),
  };
}

/** A time as images and SPDX write it, to the second. @param seconds since 1970 */
export function timeText(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(".000", "");
}
