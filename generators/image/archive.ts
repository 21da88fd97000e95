import { packTar, unpackTar } from "modern-tar";
import type { Image } from "./image.ts";
import { isObject, textsAt } from "./json.ts";
import { familiarName, fullName, type Reference } from "./reference.ts";

/**
 * An image as one file: an OCI layout, which containerd, podman, skopeo and crane read, with the `manifest.json` that `docker load` and kind
 * look for beside it. Both name the same blobs. Of several platforms Docker gets that of this machine, else the first.
 *
 * @param architecture what this machine is, as images name it
 */
export async function archiveOf(image: Image, reference: Reference, architecture: string): Promise<Uint8Array> {
  const { root, manifests } = image;
  const [first] = manifests;
  const shown = manifests.find(({ platform }) => platform.architecture === architecture) ?? first;
  const annotations = {
    "io.containerd.image.name": fullName(reference),
    ...(reference.tag === undefined ? {} : { "org.opencontainers.image.ref.name": reference.tag }),
  };
  const single = manifests.length === 1 && first ? { platform: first.platform } : {};
  const index = {
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.index.v1+json",
    manifests: [{ ...root.descriptor, ...single, annotations }],
  };
  const docker = shown && {
    Config: pathOf(shown.config.descriptor.digest),
    RepoTags: [familiarName(reference)],
    Layers: shown.layers.map(({ descriptor }) => pathOf(descriptor.digest)),
  };
  const blobs = new Map<string, Uint8Array>([[root.descriptor.digest, root.bytes]]);
  for (const { descriptor, bytes, config, layers } of manifests) {
    blobs.set(descriptor.digest, bytes);
    blobs.set(config.descriptor.digest, config.bytes);
    for (const layer of layers) {
      if (!blobs.has(layer.descriptor.digest)) blobs.set(layer.descriptor.digest, await layer.bytes());
    }
  }
  const files: [string, Uint8Array][] = [
    ["oci-layout", encode({ imageLayoutVersion: "1.0.0" })],
    ["index.json", encode(index)],
    ["manifest.json", encode(docker ? [docker] : [])],
    ...[...blobs].map(([digest, bytes]): [string, Uint8Array] => [pathOf(digest), bytes]).sort(([a], [b]) => (a < b ? -1 : 1)),
  ];
  const common = { mode: 0o644, uid: 0, gid: 0, mtime: new Date(0) };
  return packTar(files.map(([name, body]) => ({ header: { ...common, name, size: body.length, type: "file" }, body })));
}

/** What an archive calls its images, as Docker shows it; none for what names none, or is no archive. */
export async function namesInArchive(archive: Uint8Array): Promise<string[]> {
  try {
    const [entry] = await unpackTar(archive, { filter: ({ name }) => name === "manifest.json" });
    const images: unknown = JSON.parse(new TextDecoder().decode(entry?.data));
    return Array.isArray(images) ? images.filter(isObject).flatMap((image) => textsAt(image, "RepoTags")) : [];
  } catch {
    return []; // whoever loads it says what is wrong with it
  }
}

function pathOf(digest: string): string {
  return `blobs/${digest.replace(":", "/")}`;
}

function encode(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}
