import type { Base, BaseImage } from "./base.ts";
import { described, MEDIA, timeText, type Descriptor, type Layer, type Platform } from "./oci.ts";

export interface ImageInput {
  readonly base: Base;
  /** What is put on the base, for every platform. */
  readonly layer: Layer;
  /** The program and its arguments, after Node itself. */
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly folder: string;
  readonly user: string;
  /** For the history: what has made the layer. */
  readonly createdBy: string;
  /** In seconds since 1970. */
  readonly seconds: number;
}

/** An image as it is written to an archive or a registry. */
export interface Image {
  /** What the name of the image stands for: a manifest, or the index of several. */
  readonly root: { readonly descriptor: Descriptor; readonly bytes: Uint8Array };
  readonly manifests: readonly PlatformImage[];
}

export interface PlatformImage {
  readonly platform: Platform;
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
  readonly config: { readonly descriptor: Descriptor; readonly bytes: Uint8Array };
  readonly layers: readonly Layer[];
}

/** Puts a layer on a base, for all of its platforms. */
export function imageOf(input: ImageInput): Image {
  const manifests = input.base.images.map((image) => platformImage(image, input));
  const [only] = manifests;
  if (manifests.length === 1 && only) return { root: only, manifests };
  const list = manifests.map(({ descriptor, platform }) => ({ ...descriptor, platform }));
  const bytes = encode({ schemaVersion: 2, mediaType: MEDIA.index, manifests: list });
  return { root: { descriptor: described(MEDIA.index, bytes), bytes }, manifests };
}

/** Compressed, as a registry keeps it and a node pulls it. */
export function sizeOf({ config, layers, bytes }: PlatformImage): number {
  return layers.reduce((sum, { descriptor }) => sum + descriptor.size, config.bytes.length + bytes.length);
}

function platformImage(base: BaseImage, input: ImageInput): PlatformImage {
  const { base: whole, layer, seconds } = input;
  const layers = [...base.layers, layer];
  const created = timeText(seconds);
  const names = Object.keys(input.environment);
  const inherited = base.config.env.filter((entry) => !names.includes(entry.split("=")[0] ?? ""));
  // It tells of layers, so a base without it leaves nothing that ours could be added to.
  const history = base.config.history.length === 0 ? {} : { history: [...base.config.history, { created, created_by: input.createdBy }] };
  const config = encode({
    created,
    ...base.platform,
    config: {
      User: input.user,
      Env: [...inherited, ...Object.entries(input.environment).map(([name, value]) => `${name}=${value}`)],
      Entrypoint: [base.node, ...input.command],
      WorkingDir: input.folder,
      Labels: sorted({
        ...input.labels,
        ...(whole.name === undefined ? {} : { "org.opencontainers.image.base.name": whole.name }),
        ...(whole.digest === undefined ? {} : { "org.opencontainers.image.base.digest": whole.digest }),
      }),
    },
    rootfs: { type: "layers", diff_ids: layers.map(({ diffId }) => diffId) },
    ...history,
  });
  const configDescriptor = described(MEDIA.config, config);
  const manifest = {
    schemaVersion: 2,
    mediaType: MEDIA.manifest,
    config: configDescriptor,
    layers: layers.map(({ descriptor }) => bare(descriptor)),
  };
  const bytes = encode(manifest);
  return {
    platform: base.platform,
    descriptor: described(MEDIA.manifest, bytes),
    bytes,
    config: { descriptor: configDescriptor, bytes: config },
    layers,
  };
}

function bare({ mediaType, digest, size }: Descriptor): Descriptor {
  return { mediaType, digest, size };
}

function sorted(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function encode(value: object): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}
