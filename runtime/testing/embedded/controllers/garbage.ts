import { collectionOf, type Api } from "../api.ts";
import { commitUpdate } from "../write.ts";
import { deleteEntry, type DeleteOptions } from "../verbs/index.ts";
import { metadataOf, type Resource } from "../resources/index.ts";
import { arrayAt, cloneJson, isObject, stringAt, type JsonObject } from "../../../schema/index.ts";
import type { Collection, Entry } from "../store/index.ts";
import type { Work } from "./work.ts";

/** Where an object is. */
interface Place {
  readonly collection: Collection;
  readonly key: string;
}

const FOREGROUND = "foregroundDeletion";
const ORPHAN = "orphan";

/**
 * Deletes objects whose owners are gone, and does what the two finalizers of deletion policies ask for: `foregroundDeletion` waits for
 * the dependents that block, `orphan` takes the owner out of its dependents. The rules are those of kube-controller-manager's
 * garbage collector; the graph is kept up to date with every write instead of by watches.
 */
export function runGarbageCollector(api: Api, work: Work): void {
  const objects = new Map<string, Place>();
  const dependents = new Map<string, Map<string, Place>>();

  const entryAt = (place: Place | undefined) => (place === undefined ? undefined : place.collection.get(place.key));
  const later = (task: string, place: Place, run: (place: Place) => void) =>
    work.add(`${task} ${place.collection.name} ${place.key}`, () => run(place));

  const link = (place: Place, object: JsonObject, add: boolean) => {
    for (const reference of ownersOf(object)) {
      const uid = stringAt(reference, "uid") ?? "";
      let own = dependents.get(uid);
      if (add) {
        if (own === undefined) {
          own = new Map<string, Place>();
          dependents.set(uid, own);
        }
        own.set(`${place.collection.name} ${place.key}`, place);
      } else if (own !== undefined) {
        own.delete(`${place.collection.name} ${place.key}`);
        if (own.size === 0) dependents.delete(uid);
      }
    }
  };
  const dependentsOf = (uid: string): Place[] => [...(dependents.get(uid)?.values() ?? [])];

  /** An owner that is there; one of another namespace does not count. */
  const ownerOf = (reference: JsonObject, dependent: Entry): Entry | undefined => {
    const owner = entryAt(objects.get(stringAt(reference, "uid") ?? ""));
    return owner !== undefined && (owner.namespace === "" || owner.namespace === dependent.namespace) ? owner : undefined;
  };

  const collect = (place: Place): void => {
    const entry = entryAt(place);
    const resource = api.registry.ofCollection(place.collection.name);
    if (entry === undefined || resource === undefined) return;
    const metadata = metadataOf(entry.object);
    if (metadata["deletionTimestamp"] !== undefined) {
      if (hasFinalizer(metadata, FOREGROUND)) finishForeground(place);
      return;
    }
    const references = ownersOf(entry.object);
    if (references.length === 0) return;
    // An owner of a kind that nobody serves may be there or not: nothing is done, as long as that is so.
    if (references.some((reference) => !isServed(api, reference))) return;
    const absent: JsonObject[] = [];
    const waiting: JsonObject[] = [];
    const solid: JsonObject[] = [];
    for (const reference of references) {
      const owner = ownerOf(reference, entry);
      if (owner === undefined) absent.push(reference);
      else if (isWaiting(owner)) waiting.push(reference);
      else solid.push(reference);
    }
    if (solid.length > 0) {
      if (absent.length > 0 || waiting.length > 0) keepOwners(api, place.collection, entry, solid);
      return;
    }
    const uid = stringAt(metadata, "uid") ?? "";
    const policy =
      waiting.length > 0 && dependentsOf(uid).length > 0
        ? "Foreground"
        : hasFinalizer(metadata, ORPHAN)
          ? "Orphan"
          : hasFinalizer(metadata, FOREGROUND)
            ? "Foreground"
            : "Background";
    deleteEntry(api, resource, entry, { ...DELETE, propagationPolicy: policy });
  };

  /** Deletes what blocks a deletion in the foreground; when nothing does any more, lets the owner go. */
  const finishForeground = (place: Place): void => {
    const owner = entryAt(place);
    if (owner === undefined || !isWaiting(owner)) return;
    const uid = stringAt(owner.object, "metadata", "uid") ?? "";
    const blocking = dependentsOf(uid).filter((dependent) => {
      const references = ownersOf(entryAt(dependent)?.object);
      return references.some((reference) => reference["uid"] === uid && reference["blockOwnerDeletion"] === true);
    });
    if (blocking.length === 0) removeFinalizer(api, place.collection, owner, FOREGROUND);
    else for (const dependent of blocking) later("collect", dependent, collect);
  };

  const orphan = (place: Place): void => {
    const owner = entryAt(place);
    if (owner === undefined) return;
    const uid = stringAt(owner.object, "metadata", "uid") ?? "";
    for (const dependent of dependentsOf(uid)) {
      const entry = entryAt(dependent);
      if (entry !== undefined)
        keepOwners(
          api,
          dependent.collection,
          entry,
          ownersOf(entry.object).filter((each) => each["uid"] !== uid),
        );
    }
    removeFinalizer(api, place.collection, owner, ORPHAN);
  };

  const added = (place: Place, object: JsonObject): void => {
    const metadata = metadataOf(object);
    objects.set(stringAt(metadata, "uid") ?? "", place);
    if (metadata["deletionTimestamp"] !== undefined) {
      if (hasFinalizer(metadata, ORPHAN)) later("orphan", place, orphan);
      else if (hasFinalizer(metadata, FOREGROUND)) later("foreground", place, finishForeground);
    } else if (ownersOf(object).length > 0) {
      later("collect", place, collect);
    }
  };

  for (const collection of api.store.collections()) {
    for (const entry of collection.list()) {
      link({ collection, key: entry.key }, entry.object, true);
      added({ collection, key: entry.key }, entry.object);
    }
  }
  api.store.observe((collection, change) => {
    const place: Place = { collection, key: change.entry.key };
    if (change.previous !== undefined) link(place, change.previous.object, false);
    if (change.type !== "DELETED") {
      link(place, change.entry.object, true);
      added(place, change.entry.object);
      return;
    }
    const uid = stringAt(change.entry.object, "metadata", "uid") ?? "";
    objects.delete(uid);
    for (const dependent of dependentsOf(uid)) later("collect", dependent, collect);
    for (const reference of ownersOf(change.entry.object)) {
      const owner = objects.get(stringAt(reference, "uid") ?? "");
      if (owner !== undefined) later("foreground", owner, finishForeground);
    }
  });
}

const DELETE: DeleteOptions = {
  gracePeriodSeconds: undefined,
  propagationPolicy: undefined,
  uid: undefined,
  resourceVersion: undefined,
  dryRun: false,
};

const NO_OWNERS: readonly JsonObject[] = [];

function ownersOf(object: JsonObject | undefined): readonly JsonObject[] {
  const references = metadataOf(object)["ownerReferences"];
  return Array.isArray(references) ? references.filter(isObject) : NO_OWNERS;
}

function hasFinalizer(metadata: JsonObject, finalizer: string): boolean {
  return arrayAt(metadata, "finalizers").includes(finalizer);
}

function isWaiting(owner: Entry): boolean {
  const metadata = metadataOf(owner.object);
  return metadata["deletionTimestamp"] !== undefined && hasFinalizer(metadata, FOREGROUND);
}

function isServed(api: Api, reference: JsonObject): boolean {
  return api.registry.ofKind(stringAt(reference, "apiVersion") ?? "", stringAt(reference, "kind") ?? "") !== undefined;
}

function keepOwners(api: Api, collection: Collection, entry: Entry, references: readonly JsonObject[]): void {
  const object = cloneJson(entry.object);
  const metadata = metadataOf(object);
  if (references.length === 0) delete metadata["ownerReferences"];
  else metadata["ownerReferences"] = references.map((reference) => cloneJson(reference));
  commitUpdate(api, collection, entry, object);
}

function removeFinalizer(api: Api, collection: Collection, entry: Entry, finalizer: string): void {
  const object = cloneJson(entry.object);
  const metadata = metadataOf(object);
  const rest = arrayAt(metadata, "finalizers").filter((each) => each !== finalizer);
  if (rest.length === 0) delete metadata["finalizers"];
  else metadata["finalizers"] = rest;
  commitUpdate(api, collection, entry, object);
}

/** Used by others who delete on the server's behalf. */
export function deleteInBackground(api: Api, resource: Resource, entry: Entry): void {
  if (collectionOf(api, resource).get(entry.key) === entry)
    deleteEntry(api, resource, entry, { ...DELETE, propagationPolicy: "Background" });
}
