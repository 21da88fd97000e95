import { imagesOf, type Base } from "./base.ts";
import type { BlobCache } from "./blob-cache.ts";
import type { Platform } from "./oci.ts";
import { fullName, type Reference } from "./reference.ts";
import { Registry, type RegistryOptions } from "./registry.ts";

/**
 * A base image from a registry. What its digest names is read from there once, and then from the cache; a tag is looked up every time.
 */
export async function baseFromRegistry(
  reference: Reference,
  platforms: readonly Platform[],
  cache: BlobCache,
  options: RegistryOptions = {},
): Promise<Base> {
  const { registry, repository, tag, digest } = reference;
  const client = new Registry(registry, options);
  const kept = async (name: string, fetched: () => Promise<Uint8Array>): Promise<Uint8Array> => {
    const found = cache.find(name);
    if (found) return found;
    const bytes = await fetched();
    cache.put(name, bytes);
    return bytes;
  };
  const root =
    digest === undefined
      ? await client.manifest(repository, tag ?? "latest")
      : { mediaType: "", digest, bytes: await kept(digest, async () => (await client.manifest(repository, digest)).bytes) };
  const images = await imagesOf(
    root,
    {
      name: fullName(reference),
      manifest: (descriptor) => kept(descriptor.digest, async () => (await client.manifest(repository, descriptor.digest)).bytes),
      blob: (descriptor) => kept(descriptor.digest, () => client.blob(repository, descriptor)),
      from: { registry, repository },
    },
    platforms,
    cache,
  );
  const { digest: _, ...named } = reference;
  return { name: fullName(named), digest: root.digest, images };
}
