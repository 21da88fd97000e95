import { isConflict, isExpired, isNotFound, type Client } from "../../client/index.ts";
import { metadataOnly, unstructured, reasonOf, type KubernetesObject, type ObjectKey, type UnstructuredKind } from "../../object/index.ts";

export interface StorageMigrationOptions {
  /** Objects that are read at once. Default 500. */
  pageSize?: number;
  /** Objects that are written at the same time. Default 8. */
  concurrency?: number;
  /** Go on behind this object, the `last` of a run that was broken off. Default: begin with the first. */
  after?: ObjectKey;
  /** Told after each page: keep `last`, if a later run shall go on there. */
  onPage?: (progress: StorageMigrationProgress) => void | Promise<void>;
  signal?: AbortSignal;
}

export interface StorageMigrationProgress {
  /** The version in which objects are stored now: `v1`. */
  readonly storageVersion: string;
  /** Objects done so far: written again, or gone meanwhile. */
  readonly done: number;
  /** The last of them, in the order of namespace and name; absent when there are none. */
  readonly last?: ObjectKey;
}

/** Some objects are still stored in an older version; run the migration again when the reason is mended. */
export class StorageMigrationError extends Error {
  override readonly name = "StorageMigrationError";
}

interface Definition extends KubernetesObject {
  spec?: { group: string; names: { kind: string }; versions: { name: string; storage: boolean }[] };
  status?: { storedVersions?: string[] };
}

const DEFINITION = unstructured({ apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" });

/** How often a write is tried that others are faster with. */
const ATTEMPTS = 5;

/** How many objects an error names. */
const NAMED = 10;

/**
 * Has all objects of a custom resource stored in its present storage version, and then takes the other versions off the definition's
 * `status.storedVersions`, so that they may be removed from it. Each object is written without a change (an empty merge patch), which the
 * API server does only when the stored one is of another version; so nobody's change is lost, and running it again costs reads alone.
 *
 * Every API server must know of the new storage version before it starts: wait some seconds after the definition has changed.
 *
 * @param name of the definition: `frigates.ships.io`
 * @throws StorageMigrationError with the objects that could not be written, or when the storage version changed meanwhile; `storedVersions`
 * is as it was then. ApiError of the reads.
 * @see kubernetes-sigs/kube-storage-version-migrator, which does the same for a whole cluster
 */
export async function migrateStoredVersions(
  client: Client,
  name: string,
  options: StorageMigrationOptions = {},
): Promise<StorageMigrationProgress> {
  const { signal } = options;
  const before = await readDefinition(client, name, signal);
  const storageVersion = storageVersionOf(before);
  const { group, names } = before.spec ?? { group: "", names: { kind: "" } };
  const kind = unstructured({ apiVersion: `${group}/${storageVersion}`, kind: names.kind });
  const progress = await rewriteAll(client, kind, storageVersion, options);
  await trim(client, before, signal);
  return progress;
}

async function rewriteAll(
  client: Client,
  kind: UnstructuredKind,
  storageVersion: string,
  options: StorageMigrationOptions,
): Promise<StorageMigrationProgress> {
  const { pageSize = 500, concurrency = 8, onPage, signal } = options;
  const failures: string[] = [];
  let progress: StorageMigrationProgress = { storageVersion, done: 0, ...(options.after && { last: options.after }) };
  for (let finished = false; !finished;) {
    try {
      for await (const page of client.live.listPages(metadataOnly(kind), { pageSize, ...(signal && { signal }) })) {
        const { last } = progress;
        const rest = page.map(keyOf).filter((key) => last === undefined || position(key) > position(last));
        const waiting = [...rest];
        const work = async () => {
          for (let key = waiting.shift(); key !== undefined; key = waiting.shift()) {
            signal?.throwIfAborted();
            const failure = await rewrite(client, kind, key, signal);
            if (failure !== undefined) failures.push(`${position(key)}: ${failure}`);
          }
        };
        await Promise.all(Array.from({ length: Math.min(concurrency, rest.length) }, work));
        const end = rest.at(-1);
        if (end === undefined) continue;
        progress = { storageVersion, done: progress.done + rest.length, last: end };
        await onPage?.(progress);
      }
      finished = true;
    } catch (error) {
      // The state that the pages are of is compacted: go on with a newer one, behind what is done.
      if (!isExpired(error)) throw error;
    }
  }
  if (failures.length === 0) return progress;
  const more = failures.length > NAMED ? `, and ${failures.length - NAMED} more` : "";
  throw new StorageMigrationError(
    `${failures.length} objects of ${kind.kind} cannot be stored in ${storageVersion}: ${failures.slice(0, NAMED).join("; ")}${more}`,
  );
}

/** Why the object could not be written; `undefined` when it was, or is gone. */
async function rewrite(client: Client, kind: UnstructuredKind, key: ObjectKey, signal?: AbortSignal): Promise<string | undefined> {
  for (let attempt = 1; ; attempt++) {
    try {
      await client.patch(kind, key, "merge", {}, signal && { signal });
      return undefined;
    } catch (error) {
      signal?.throwIfAborted();
      if (isNotFound(error)) return undefined;
      if (!isConflict(error) || attempt === ATTEMPTS) return reasonOf(error);
    }
  }
}

/** Leaves only the storage version in `status.storedVersions`, unless something was stored in yet another one meanwhile. */
async function trim(client: Client, before: Definition, signal?: AbortSignal): Promise<void> {
  const name = before.metadata?.name ?? "";
  const storageVersion = storageVersionOf(before);
  for (let attempt = 1; ; attempt++) {
    const now = await readDefinition(client, name, signal);
    const stored = now.status?.storedVersions ?? [];
    const known = before.status?.storedVersions ?? [];
    if (
      now.metadata?.uid !== before.metadata?.uid ||
      storageVersionOf(now) !== storageVersion ||
      stored.some((each) => !known.includes(each))
    ) {
      throw new StorageMigrationError(`the storage version of ${name} was changed while its objects were written; migrate them again`);
    }
    if (stored.length === 1 && stored[0] === storageVersion) return;
    try {
      const resourceVersion = now.metadata?.resourceVersion;
      const change = { metadata: { resourceVersion }, status: { storedVersions: [storageVersion] } };
      await client.status.patch(DEFINITION, { name }, "merge", change, signal && { signal });
      return;
    } catch (error) {
      if (!isConflict(error) || attempt === ATTEMPTS) throw error;
    }
  }
}

async function readDefinition(client: Client, name: string, signal?: AbortSignal): Promise<Definition> {
  const definition = (await client.live.get(DEFINITION, { name }, signal && { signal })) as Definition | undefined;
  if (definition === undefined) throw new StorageMigrationError(`there is no CustomResourceDefinition ${name}; name it PLURAL.GROUP`);
  return definition;
}

function storageVersionOf({ spec }: Definition): string {
  return spec?.versions.find(({ storage }) => storage)?.name ?? "";
}

function keyOf({ metadata }: KubernetesObject): ObjectKey {
  return { ...(metadata?.namespace !== undefined && { namespace: metadata.namespace }), name: metadata?.name ?? "" };
}

/** Lists come in the order of this. */
function position({ namespace, name }: ObjectKey): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}
