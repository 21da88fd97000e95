import { createHash } from "node:crypto";
import { packTar } from "modern-tar";
import { gzipSync } from "node:zlib";

/** Bytes with what names them. */
export interface Blob {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

export const sha256 = (bytes: Uint8Array): string => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

export const blob = (mediaType: string, bytes: Uint8Array): Blob => ({ mediaType, digest: sha256(bytes), size: bytes.length });

export const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

/** Files as a tar archive, as another tool than ours may have written it. */
export async function tar(files: Readonly<Record<string, string | Uint8Array>>): Promise<Uint8Array> {
  return packTar(
    Object.entries(files).map(([name, body]) => ({
      header: { name, size: Buffer.from(body).length, type: "file" },
      body: Buffer.from(body),
    })),
  );
}

/** A small base image as others make it: a layer with a Node in it, the configuration and the manifest. */
export interface SampleImage {
  readonly layer: Uint8Array;
  readonly packed: Uint8Array;
  readonly diffId: string;
  readonly config: Buffer;
  readonly manifest: Buffer;
}

export async function sampleImage(
  options: {
    architecture?: string;
    entrypoint?: readonly string[];
    files?: Readonly<Record<string, string>>;
    mediaType?: string;
    pack?: (layer: Uint8Array) => Uint8Array;
  } = {},
): Promise<SampleImage> {
  const {
    architecture = process.arch === "x64" ? "amd64" : process.arch,
    files = { "usr/local/bin/node": "a Node" },
    pack = gzipSync,
  } = options;
  const layer = await tar(files);
  const packed = pack(layer);
  const diffId = sha256(layer);
  const config = json({
    created: "2024-05-05T05:05:05Z",
    architecture,
    os: "linux",
    config: {
      Env: ["PATH=/usr/local/bin:/usr/bin", "NODE_ENV=development"],
      Entrypoint: options.entrypoint ?? ["docker-entrypoint.sh"],
      Cmd: ["node"],
    },
    rootfs: { type: "layers", diff_ids: [diffId] },
    history: [{ created_by: "somebody" }],
  });
  const manifest = json({
    schemaVersion: 2,
    mediaType: "application/vnd.docker.distribution.manifest.v2+json",
    config: blob("application/vnd.docker.container.image.v1+json", config),
    layers: [blob(options.mediaType ?? "application/vnd.docker.image.rootfs.diff.tar.gzip", packed)],
  });
  return { layer, packed, diffId, config, manifest };
}
