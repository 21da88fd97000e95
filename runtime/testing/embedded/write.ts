import { collectionOf, nameSuffix, newUid, timestamp, type Api } from "./api.ts";
import { admitCreate, admitUpdate, labelNamespace, validateWrite, type Attributes } from "./admission/index.ts";
import { keepTimestamps, managerFromUserAgent, trackUpdate } from "./apply/index.ts";
import { authorize } from "./auth/index.ts";
import { beforeCreate, beforeUpdate, type Decoded } from "./defaults/index.ts";
import { alreadyExists, badRequest, conflict, invalid, modified, notFound, plainError } from "./errors.ts";
import type { ApiRequest, WriteOptions } from "./http/index.ts";
import { atStorageVersion, entryAtVersion, metadataOf, objectAtVersion, type Resource, traitsOf } from "./resources/index.ts";
import { arrayAt, isObject, numberAt, stringAt, type JsonObject } from "../../schema/index.ts";
import { type Collection, Entry, entryKey } from "./store/index.ts";

/** One write on its way to the store. */
export interface Write {
  readonly resource: Resource;
  /** `""` for cluster-scoped kinds. */
  readonly namespace: string;
  readonly subresource: string;
  readonly request: ApiRequest;
  readonly options: WriteOptions;
  /** What admission is told of a change whose body is of another kind than the object (scale); default: the object. */
  readonly attributes?: (object: JsonObject, current: JsonObject) => Attributes;
  /** Puts into the object what webhooks made of that body. */
  readonly takeBack?: (object: JsonObject, body: JsonObject) => void;
}

/** What became of a write. */
export interface Written {
  readonly entry: Entry;
  readonly created: boolean;
}

export function managerOf({ options, request }: Write): string {
  return options.fieldManager === "" ? managerFromUserAgent(request.headers["user-agent"]) : options.fieldManager;
}

/**
 * The second half of the pipeline for a new object, which is decoded and defaulted already:
 * mutate → validate → prune → store → watch. `object` belongs to this function from here on.
 *
 * @param tracked The managed fields are set already (server-side apply).
 */
export async function createObject(api: Api, write: Write, object: JsonObject, tracked = false): Promise<Written> {
  const { resource, namespace, request, options } = write;
  const strategy = resource.strategy();
  const now = timestamp(api.clock.now());
  const given = metadataOf(object);
  if (stringAt(given, "resourceVersion") !== undefined && stringAt(given, "resourceVersion") !== "") {
    throw plainError("resourceVersion should not be set on objects to be created");
  }
  labelNamespace(resource, object);
  if (!tracked) trackUpdate(strategy, undefined, object, { manager: managerOf(write), subresource: write.subresource, now });
  await admitCreate(api, write, object);
  beforeCreate(strategy, object, { namespace, now, uid: newUid(), suffix: nameSuffix() });
  request.warnings.push(...strategy.warnings(object));
  const name = stringAt(object, "metadata", "name") ?? "";
  // An update or an apply of what is not there was so far allowed as what it is.
  if (request.info.verb !== "create") authorize(api, { ...request.info, user: request.user, verb: "create" });
  await validateWrite(api, write, object, undefined);
  const stored = await atStorageVersion(api, object, resource);
  const collection = collectionOf(api, resource);
  if (collection.get(entryKey(namespace, name)) !== undefined) {
    throw alreadyExists(resource, name);
  }
  if (options.dryRun) return { entry: new Entry(namespace, name, stored, api.store.revision), created: true };
  checkSize(request, stored);
  return { entry: api.store.create(collection, namespace, name, stored), created: true };
}

/** How an update makes the new object from the current one, both at the request's version. `undefined`: nothing to write. */
export type Build = (current: JsonObject | undefined, entry: Entry | undefined) => Promise<Built | undefined> | Built | undefined;

interface Built extends Decoded {
  /** The managed fields are set already (server-side apply). */
  readonly tracked?: boolean;
}

/** How often a write that named no version starts over because the object changed while it was being prepared. */
const ATTEMPTS = 5;

/**
 * The same for a change of an object: build → mutate → validate → prune → store → watch. Starts over when the object was changed by
 * someone else meanwhile, unless the writer named a version.
 */
export async function updateObject(api: Api, write: Write, name: string, build: Build, createsAbsent = false): Promise<Written> {
  const { resource, namespace, request, subresource, options } = write;
  const collection = collectionOf(api, resource);
  const strategy = resource.strategy();
  for (let attempt = 1; ; attempt++) {
    const entry = collection.get(entryKey(namespace, name));
    if (entry === undefined && !createsAbsent) throw notFound(resource, name);
    const shown = entry && (await entryAtVersion(api, entry, resource));
    const current = shown && objectAtVersion(shown, resource);
    const built = await build(current, shown);
    if (built === undefined) {
      if (entry === undefined) throw notFound(resource, name);
      return { entry, created: false };
    }
    request.warnings.push(...built.warnings);
    const { object } = built;
    if (entry === undefined || current === undefined) return createObject(api, write, object, built.tracked);
    if (built.tracked !== true) checkName(object, name);
    const named = checkPreconditions(object, entry, resource);
    const now = timestamp(api.clock.now());
    labelNamespace(resource, object);
    if (built.tracked !== true) {
      trackUpdate(strategy, current, object, { manager: managerOf(write), subresource, now });
      if (subresource === "scale") markScaled(object, resource);
    }
    await admitUpdate(api, write, object, current);
    if (!named) metadataOf(object)["resourceVersion"] = String(entry.revision);
    beforeUpdate(strategy, object, current, { subresource });
    request.warnings.push(...strategy.warnings(object, current));
    await validateWrite(api, write, object, current);
    const stored = await atStorageVersion(api, object, resource);
    if (collection.get(entry.key) !== entry) {
      if (named || attempt >= ATTEMPTS) throw modified(resource, name);
      continue;
    }
    if (keepTimestamps(current, object) && isAtStorageVersion(entry, resource)) return { entry, created: false };
    if (options.dryRun) return { entry: new Entry(namespace, name, stored, entry.revision), created: false };
    checkSize(request, stored);
    return { entry: commitUpdate(api, collection, entry, stored), created: false };
  }
}

/** False of a custom resource that was stored in an older storage version: any write stores it anew. */
function isAtStorageVersion({ object }: Entry, { custom, storageApiVersion }: Resource): boolean {
  return custom === undefined || object["apiVersion"] === storageApiVersion;
}

/** What etcd takes, and what its client sends at all, in bytes. */
const MAX_STORED = 1.5 * 1024 * 1024;
const MAX_SENT = 2 * 1024 * 1024;

/** Objects are measured only when a large body was sent, since it costs time. */
const LARGE_BODY = 64 * 1024;

/** Throws StatusFailure 500, as the real server does, when an object is too large for etcd. */
function checkSize({ headers }: ApiRequest, object: JsonObject): void {
  if (Number(headers["content-length"] ?? 0) < LARGE_BODY) return;
  const size = Buffer.byteLength(JSON.stringify(object));
  if (size > MAX_SENT) {
    throw plainError(`rpc error: code = ResourceExhausted desc = trying to send message larger than max (${size} vs. ${MAX_SENT})`);
  }
  if (size > MAX_STORED) throw plainError("etcdserver: request is too large");
}

/** Stores a new state; an object that waits to be deleted goes with its last finalizer. */
export function commitUpdate(api: Api, collection: Collection, entry: Entry, object: JsonObject): Entry {
  return isFinished(object) ? api.store.delete(collection, entry, object) : api.store.update(collection, entry, object);
}

function isFinished(object: JsonObject): boolean {
  const metadata = metadataOf(object);
  if (typeof metadata["deletionTimestamp"] !== "string" || arrayAt(metadata, "finalizers").length > 0) return false;
  if (object["kind"] === "Namespace" && object["apiVersion"] === "v1" && arrayAt(object, "spec", "finalizers").length > 0) return false;
  return (numberAt(metadata, "deletionGracePeriodSeconds") ?? 0) === 0;
}

/** Writes of the scale subresource have no time, and what has none comes first; for custom resources they are not recorded at all. */
function markScaled(object: JsonObject, resource: Resource): void {
  const metadata = metadataOf(object);
  const entries = arrayAt(metadata, "managedFields").filter(isObject);
  const own = entries.filter((each) => each["subresource"] === "scale" && each["operation"] === "Update");
  for (const each of own) delete each["time"];
  metadata["managedFields"] = [...(resource.custom ? [] : own), ...entries.filter((each) => !own.includes(each))];
}

/** Throws StatusFailure 400 when an object is not of the name in the path. */
export function checkName(object: JsonObject, name: string): void {
  const own = stringAt(object, "metadata", "name") ?? "";
  if (own === "") throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`);
  if (own !== name) throw badRequest(`the name of the object (${own}) does not match the name on the URL (${name})`);
}

/**
 * True when the writer named the version that it replaces, which some kinds insist on. Throws StatusFailure 409 when the named version is not the current one.
 */
function checkPreconditions(object: JsonObject, entry: Entry, resource: Resource): boolean {
  const metadata = metadataOf(object);
  const revision = stringAt(metadata, "resourceVersion") ?? "";
  const uid = stringAt(metadata, "uid") ?? "";
  const current = stringAt(entry.object, "metadata", "uid") ?? "";
  if (!/^\d*$/.test(revision)) throw plainError(`strconv.ParseUint: parsing ${JSON.stringify(revision)}: invalid syntax`);
  if (uid !== "" && uid !== current) throw uidConflict(resource, entry, uid, current);
  if (revision === "" || revision === "0") {
    if (traitsOf(resource).conditionalUpdate) {
      throw invalid({ group: resource.group, kind: resource.plural }, entry.name, [
        { type: "FieldValueInvalid", field: "metadata.resourceVersion", message: "Invalid value: 0: must be specified for an update" },
      ]);
    }
    return false;
  }
  if (Number(revision) !== entry.revision) throw modified(resource, entry.name);
  return true;
}

/** 409 of a write to another object than the one that is stored under the name. */
function uidConflict(resource: Resource, entry: Entry, given: string, actual: string): Error {
  const path = `/registry/${resource.custom ? `${resource.group}/` : ""}${resource.plural}/${entry.key}`;
  return conflict(
    resource,
    entry.name,
    `StorageError: invalid object, Code: 4, Key: ${path}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${given}, UID in object meta: ${actual}`,
  );
}
