import { timestamp, type Api } from "../api.ts";
import { customResources, metadataOf, strings } from "../resources/index.ts";
import { arrayAt, cloneJson, numberAt, objectAt, stringAt, valueAt, type JsonObject } from "../../../schema/index.ts";
import type { Entry } from "../store/index.ts";
import { putCondition } from "./conditions.ts";
import { storeStatus } from "./status.ts";
import type { Work } from "./work.ts";

const COLLECTION = "customresourcedefinitions.apiextensions.k8s.io";
const CLEANUP = "customresourcecleanup.apiextensions.k8s.io";

/**
 * Serves what CustomResourceDefinitions define: accepts their names, establishes them, and deletes their instances with them.
 * The steps are those of apiextensions' naming, establishing and finalizing controllers, without their delays.
 */
export function runCustomResourceDefinitions(api: Api, work: Work): void {
  const collection = api.store.collection(COLLECTION);
  collection.observe((change) => {
    if (change.type === "DELETED") {
      api.registry.setCustom(change.entry.name, []);
      // Its names are free now; another definition may have waited for them.
      work.add("crds", () => {
        for (const entry of collection.list()) sync(api, entry);
      });
      return;
    }
    serve(api, change.entry);
    work.add(`crd ${change.entry.key}`, () => {
      const entry = collection.get(change.entry.key);
      if (entry !== undefined) sync(api, entry);
    });
  });
}

/** Puts what an established definition serves into the registry. */
function serve(api: Api, { name, object }: Entry): void {
  api.registry.setCustom(name, isTrue(object, "Established") ? customResources(object) : []);
}

function isTrue(object: JsonObject, type: string): boolean {
  return arrayAt(object, "status", "conditions").some((each) => stringAt(each, "type") === type && stringAt(each, "status") === "True");
}

function sync(api: Api, entry: Entry): void {
  if (metadataOf(entry.object)["deletionTimestamp"] !== undefined) {
    deleteInstances(api, entry);
    return;
  }
  const object = cloneJson(entry.object);
  const now = timestamp(api.clock.now());
  const status = objectAt(object, "status") ?? {};
  object["status"] = status;
  status["conditions"] ??= [];
  status["acceptedNames"] = acceptNames(api, entry);
  const conflict = nameConflict(api, entry);
  if (conflict === undefined) {
    putCondition(object, { type: "NamesAccepted", status: "True", reason: "NoConflicts", message: "no conflicts found" }, now);
    if (!isTrue(object, "Established")) {
      putCondition(
        object,
        { type: "Established", status: "True", reason: "InitialNamesAccepted", message: "the initial names have been accepted" },
        now,
      );
    }
  } else {
    putCondition(object, { type: "NamesAccepted", status: "False", ...conflict }, now);
    if (!isTrue(object, "Established")) {
      putCondition(object, { type: "Established", status: "False", reason: "NotAccepted", message: "not all names are accepted" }, now);
    }
  }
  const stored = arrayAt(status, "storedVersions").map(String);
  const storage = arrayAt(object, "spec", "versions").find((version) => valueAt(version, "storage") === true);
  const storageName = stringAt(storage, "name");
  if (storageName !== undefined && !stored.includes(storageName)) status["storedVersions"] = [...stored, storageName];
  storeStatus(api, COLLECTION, entry, object);
}

/** The names that this definition asks for and no other has. */
function acceptNames(api: Api, entry: Entry): JsonObject {
  const wanted = objectAt(entry.object, "spec", "names") ?? {};
  const before = objectAt(entry.object, "status", "acceptedNames") ?? {};
  const taken = takenNames(api, entry);
  const accepted: JsonObject = {};
  for (const field of ["plural", "singular", "kind", "listKind"]) {
    const name = stringAt(wanted, field);
    const among = field === "kind" || field === "listKind" ? taken.kinds : taken.resources;
    const value = name !== undefined && !among.has(name) ? name : stringAt(before, field);
    if (value !== undefined) accepted[field] = value;
  }
  const shortNames = strings(wanted, "shortNames").filter((each) => !taken.resources.has(each));
  if (shortNames.length > 0) accepted["shortNames"] = shortNames;
  const categories = arrayAt(wanted, "categories");
  if (categories.length > 0) accepted["categories"] = categories;
  return accepted;
}

function nameConflict(api: Api, entry: Entry): { reason: string; message: string } | undefined {
  const wanted = objectAt(entry.object, "spec", "names") ?? {};
  const taken = takenNames(api, entry);
  const check = (field: string, among: ReadonlySet<string>): { reason: string; message: string } | undefined => {
    const name = stringAt(wanted, field);
    if (name === undefined || name === "" || !among.has(name)) return undefined;
    return { reason: `${field[0]?.toUpperCase() ?? ""}${field.slice(1)}Conflict`, message: `${JSON.stringify(name)} is already in use` };
  };
  const shortName = strings(wanted, "shortNames").find((each) => taken.resources.has(each));
  return (
    check("listKind", taken.kinds) ??
    check("kind", taken.kinds) ??
    (shortName === undefined ? undefined : { reason: "ShortNamesConflict", message: `${JSON.stringify(shortName)} is already in use` }) ??
    check("singular", taken.resources) ??
    check("plural", taken.resources)
  );
}

/** Names that other definitions of the same group have got. */
function takenNames(api: Api, entry: Entry): { resources: Set<string>; kinds: Set<string> } {
  const resources = new Set<string>();
  const kinds = new Set<string>();
  for (const other of api.store.collection(COLLECTION).list()) {
    if (other.key === entry.key || stringAt(other.object, "spec", "group") !== stringAt(entry.object, "spec", "group")) continue;
    const names = objectAt(other.object, "status", "acceptedNames");
    for (const name of [stringAt(names, "plural"), stringAt(names, "singular"), ...arrayAt(names, "shortNames")]) {
      if (typeof name === "string" && name !== "") resources.add(name);
    }
    for (const name of [stringAt(names, "kind"), stringAt(names, "listKind")]) if (name !== undefined && name !== "") kinds.add(name);
  }
  return { resources, kinds };
}

/** All instances go first; those with finalizers hold the definition. */
function deleteInstances(api: Api, entry: Entry): void {
  const finalizers = arrayAt(entry.object, "metadata", "finalizers");
  if (!finalizers.includes(CLEANUP)) return;
  const group = stringAt(entry.object, "spec", "group") ?? "";
  const plural = stringAt(entry.object, "spec", "names", "plural") ?? "";
  const instances = api.store.collection(`${plural}.${group}`);
  const now = timestamp(api.clock.now());
  for (const instance of instances.list()) {
    const metadata = metadataOf(instance.object);
    if (arrayAt(metadata, "finalizers").length === 0) api.store.delete(instances, instance);
    else if (metadata["deletionTimestamp"] === undefined) {
      const object = cloneJson(instance.object);
      const generation = numberAt(metadata, "generation") ?? 0;
      Object.assign(metadataOf(object), { deletionTimestamp: now, deletionGracePeriodSeconds: 0, generation: generation + 1 });
      api.store.update(instances, instance, object);
    }
  }
  const object = cloneJson(entry.object);
  if (instances.size > 0) {
    const message = "CustomResource deletion is in progress";
    putCondition(object, { type: "Terminating", status: "True", reason: "InstanceDeletionInProgress", message }, now);
    storeStatus(api, COLLECTION, entry, object);
    const stop = instances.observe(() => {
      if (instances.size > 0) return;
      stop();
      const current = api.store.collection(COLLECTION).get(entry.key);
      if (current !== undefined) deleteInstances(api, current);
    });
    return;
  }
  putCondition(
    object,
    { type: "Terminating", status: "False", reason: "InstanceDeletionCompleted", message: "removed all instances" },
    now,
  );
  const rest = finalizers.filter((each) => each !== CLEANUP);
  const metadata = metadataOf(object);
  if (rest.length > 0) metadata["finalizers"] = rest;
  else delete metadata["finalizers"];
  storeStatus(api, COLLECTION, entry, object);
}
