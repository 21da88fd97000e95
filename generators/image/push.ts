import type { Image } from "./image.ts";
import { MEDIA } from "./oci.ts";
import type { Reference } from "./reference.ts";
import { Registry, type RegistryOptions } from "./registry.ts";

/** How many blobs were sent, and how many the registry had. */
export interface Pushed {
  readonly sent: number;
  readonly there: number;
}

/**
 * Sends an image to the registry of its name: blobs first, then what names them, so that nobody ever finds an image with parts missing. What
 * the registry has is not sent again, and what another of its repositories has is taken from there.
 */
export async function push(image: Image, reference: Reference, options: RegistryOptions = {}): Promise<Pushed> {
  const { registry, repository } = reference;
  const client = new Registry(registry, options);
  const done = new Map<string, "there" | "mounted" | "sent">();
  for (const { config, layers } of image.manifests) {
    const blobs = [...layers, { ...config, bytes: () => Promise.resolve(config.bytes), from: undefined }];
    for (const { descriptor, bytes, from } of blobs) {
      if (done.has(descriptor.digest)) continue;
      const source = from?.registry === registry && from.repository !== repository ? from.repository : undefined;
      done.set(descriptor.digest, await client.putBlob(repository, descriptor, bytes, source));
    }
  }
  const { root, manifests } = image;
  if (root.descriptor.mediaType === MEDIA.index) {
    for (const { descriptor, bytes } of manifests) await client.putManifest(repository, descriptor.digest, descriptor.mediaType, bytes);
  }
  await client.putManifest(repository, reference.tag ?? root.descriptor.digest, root.descriptor.mediaType, root.bytes);
  const sent = [...done.values()].filter((how) => how === "sent").length;
  return { sent, there: done.size - sent };
}
