import { collectionOf, timestamp, type Api } from "../api.ts";
import { admitDelete, admitRequest, kindOf, namespaceOf } from "../admission/index.ts";
import { putCondition } from "../controllers/index.ts";
import { badRequest, conflict, invalid, notFound } from "../errors.ts";
import { type Answer, type ApiRequest, dryRunErrors, type Form, isTrue, json, listOptions, readValue } from "../http/index.ts";
import { entryAtVersion, itemText, metadataOf, objectAtVersion, type Resource, traitsOf } from "../resources/index.ts";
import { arrayAt, cloneJson, isObject, numberAt, objectAt, stringAt, type FieldError, type JsonObject } from "../../../schema/index.ts";
import { Entry, entryKey } from "../store/index.ts";
import { entryAnswer, selectPage } from "./read.ts";

/** `metav1.DeleteOptions`. */
export interface DeleteOptions {
  readonly gracePeriodSeconds: number | undefined;
  readonly propagationPolicy: "Orphan" | "Background" | "Foreground" | undefined;
  readonly uid: string | undefined;
  readonly resourceVersion: string | undefined;
  readonly dryRun: boolean;
}

/** What became of an object that was to be deleted. */
export interface Deleted {
  /** Its last or present state. */
  readonly entry: Entry;
  /** False: it still exists, waiting for finalizers or its grace period. */
  readonly gone: boolean;
}

const DEFINITIONS = "customresourcedefinitions.apiextensions.k8s.io";
/** The finalizer of definitions, see controllers/crds.ts. */
const CLEANUP = "customresourcecleanup.apiextensions.k8s.io";

const JOBS_KEEP_PODS =
  "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning";

export async function remove(api: Api, resource: Resource, request: ApiRequest, form: Form): Promise<Answer> {
  const options = await deleteOptions(request);
  const { name } = request.info;
  const namespace = resource.namespaced ? request.info.namespace : "";
  const collection = collectionOf(api, resource);
  await admitDelete(resource, name);
  const entry = collection.get(entryKey(namespace, name));
  if (entry === undefined) throw notFound(resource, name);
  checkPreconditions(resource, entry, options);
  await admitDeletion(api, resource, request, entry, options);
  const latest = collection.get(entry.key);
  if (latest === undefined) throw notFound(resource, name);
  if (resource.collection === "jobs.batch" && options.propagationPolicy === undefined) request.warnings.push(JOBS_KEEP_PODS);
  const deleted = deleteEntry(api, resource, latest, options);
  if (deleted.gone && traitsOf(resource).returnsDeleted !== true) {
    return json({
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Success",
      details: {
        name,
        ...(resource.group === "" ? {} : { group: resource.group }),
        kind: resource.plural,
        uid: stringAt(entry.object, "metadata", "uid"),
      },
    });
  }
  return entryAnswer(api, deleted.entry, resource, request, form);
}

/** Deletes everything that a list with the same parameters shows, and answers with that list. */
export async function removeCollection(api: Api, resource: Resource, request: ApiRequest): Promise<Answer> {
  const options = await deleteOptions(request);
  const page = await selectPage(api, resource, request.info.namespace, listOptions(request.query, false), request.signal);
  const collection = collectionOf(api, resource);
  const items: string[] = [];
  for (const listed of page.entries) {
    await admitDelete(resource, listed.name);
    await admitDeletion(api, resource, request, listed, options);
    const entry = collection.get(listed.key);
    if (entry === undefined) continue;
    const deleted = deleteEntry(api, resource, entry, options);
    items.push(itemText(await entryAtVersion(api, deleted.entry, resource), resource));
  }
  const metadata = { ...(resource.custom ? { continue: "" } : {}), resourceVersion: String(page.revision) };
  const head = JSON.stringify({ kind: resource.listKind, apiVersion: resource.apiVersion, metadata });
  return { code: 200, body: `${head.slice(0, -1)},"items":[${items.join(",")}]}` };
}

/** Has webhooks and policies judge a deletion. Throws StatusFailure. */
async function admitDeletion(api: Api, resource: Resource, request: ApiRequest, entry: Entry, options: DeleteOptions): Promise<void> {
  const given: JsonObject = { kind: "DeleteOptions", apiVersion: "meta.k8s.io/v1" };
  if (options.gracePeriodSeconds !== undefined) given["gracePeriodSeconds"] = options.gracePeriodSeconds;
  if (options.propagationPolicy !== undefined) given["propagationPolicy"] = options.propagationPolicy;
  if (options.dryRun) given["dryRun"] = ["All"];
  const preconditions: JsonObject = {};
  if (options.uid !== undefined) preconditions["uid"] = options.uid;
  if (options.resourceVersion !== undefined) preconditions["resourceVersion"] = options.resourceVersion;
  if (Object.keys(preconditions).length > 0) given["preconditions"] = preconditions;
  await admitRequest(api, {
    operation: "DELETE",
    resource,
    subresource: "",
    kind: kindOf(resource, ""),
    // A deletion of a collection is one request, which names nothing.
    name: request.info.name,
    namespace: namespaceOf(resource, entry.namespace, entry.name),
    object: undefined,
    oldObject: objectAtVersion(await entryAtVersion(api, entry, resource), resource),
    options: given,
    dryRun: options.dryRun,
    user: request.user,
    warnings: request.warnings,
    signal: request.signal,
  });
}

/**
 * Deletes an object, or marks it as being deleted when finalizers or a grace period hold it.
 *
 * @throws StatusFailure 409 when a precondition does not hold.
 */
export function deleteEntry(api: Api, resource: Resource, entry: Entry, options: DeleteOptions): Deleted {
  checkPreconditions(resource, entry, options);
  const collection = collectionOf(api, resource);
  const object = cloneJson(entry.object);
  const metadata = metadataOf(object);
  const wasDeleting = typeof metadata["deletionTimestamp"] === "string";
  const finalizers = finalizersFor(metadata, resource, options);
  const grace = gracePeriod(object, resource, options);
  const isNamespace = resource.collection === "namespaces";
  const isDefinition = resource.collection === DEFINITIONS;
  const isGraceful = resource.collection === "pods";
  if (isNamespace) setTerminating(object);
  if (isDefinition && !wasDeleting) holdForInstances(object, finalizers, timestamp(api.clock.now()));
  const held = finalizers.length > 0 || grace > 0 || (isNamespace && arrayAt(object, "spec", "finalizers").length > 0);
  if (!held && !isGraceful) {
    if (options.dryRun) return { entry, gone: true };
    return { entry: api.store.delete(collection, entry), gone: true };
  }
  if (finalizers.length > 0) metadata["finalizers"] = finalizers;
  else delete metadata["finalizers"];
  const currentGrace = numberAt(metadata, "deletionGracePeriodSeconds") ?? 0;
  if (!wasDeleting) {
    metadata["deletionTimestamp"] = timestamp(api.clock.now() + grace * 1000);
    if (!isNamespace && !isDefinition) metadata["deletionGracePeriodSeconds"] = grace;
    if (!isDefinition && typeof metadata["generation"] === "number" && metadata["generation"] > 0) metadata["generation"]++;
  } else if (grace < currentGrace) {
    const requested = Date.parse(stringAt(metadata, "deletionTimestamp") ?? "") - currentGrace * 1000;
    metadata["deletionTimestamp"] = timestamp(requested + grace * 1000);
    metadata["deletionGracePeriodSeconds"] = grace;
  } else if (held && sameFinalizers(entry, finalizers)) {
    return { entry, gone: false };
  }
  if (options.dryRun) return { entry: new Entry(entry.namespace, entry.name, object, entry.revision), gone: !held };
  const marked = api.store.update(collection, entry, object);
  // What ends gracefully is first marked and then deleted, even when there is nothing to wait for.
  return held ? { entry: marked, gone: false } : { entry: api.store.delete(collection, marked), gone: true };
}

function sameFinalizers(entry: Entry, finalizers: readonly unknown[]): boolean {
  return JSON.stringify(arrayAt(entry.object, "metadata", "finalizers")) === JSON.stringify(finalizers);
}

/** The finalizers after a delete with this policy: the garbage collector takes its two off when it has done its part. */
function finalizersFor(metadata: JsonObject, resource: Resource, options: DeleteOptions): string[] {
  const before = arrayAt(metadata, "finalizers").filter((each) => typeof each === "string");
  const others = before.filter((each) => each !== "foregroundDeletion" && each !== "orphan");
  const policy =
    options.propagationPolicy ?? (before.includes("orphan") ? "Orphan" : before.includes("foregroundDeletion") ? "Foreground" : undefined);
  if (policy === "Foreground") return [...others, "foregroundDeletion"];
  if (policy === "Orphan" || (policy === undefined && traitsOf(resource).orphansByDefault)) return [...others, "orphan"];
  return others;
}

/** Only pods end gracefully: those that have a node, and have not ended yet. */
function gracePeriod(object: JsonObject, resource: Resource, options: DeleteOptions): number {
  if (resource.collection !== "pods") return 0;
  const phase = stringAt(object, "status", "phase");
  if ((stringAt(object, "spec", "nodeName") ?? "") === "" || phase === "Succeeded" || phase === "Failed") return 0;
  const asked = options.gracePeriodSeconds ?? numberAt(object, "spec", "terminationGracePeriodSeconds") ?? 30;
  return asked < 0 ? 1 : asked;
}

/** A definition waits until its instances are deleted. */
function holdForInstances(definition: JsonObject, finalizers: string[], now: string): void {
  if (!finalizers.includes(CLEANUP)) finalizers.push(CLEANUP);
  const message = "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon";
  putCondition(definition, { type: "Terminating", status: "True", reason: "InstanceDeletionPending", message }, now);
}

function setTerminating(namespace: JsonObject): void {
  namespace["status"] = { ...objectAt(namespace, "status"), phase: "Terminating" };
}

function checkPreconditions(resource: Resource, entry: Entry, { uid, resourceVersion }: DeleteOptions): void {
  const actual = stringAt(entry.object, "metadata", "uid") ?? "";
  // These two messages name the kind instead of the resource.
  const about = { group: resource.group, plural: resource.kind };
  if (uid !== undefined && uid !== actual) {
    const why = `the UID in the precondition (${uid}) does not match the UID in record (${actual}). The object might have been deleted and then recreated`;
    throw conflict(about, entry.name, why);
  }
  if (resourceVersion !== undefined && resourceVersion !== String(entry.revision)) {
    const why = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${entry.revision}). The object might have been modified`;
    throw conflict(about, entry.name, why);
  }
}

/** Options from the body, or from the query when there is no body. Throws StatusFailure 400 or 422. */
async function deleteOptions(request: ApiRequest): Promise<DeleteOptions> {
  const body = await readValue(request, "couldn't get version/kind; json parse error: ");
  if (body === undefined) return readDeleteOptions(fromQuery(request.query));
  if (!isObject(body)) throw badRequest("the body is not a DeleteOptions object");
  const kind = stringAt(body, "kind") ?? "DeleteOptions";
  if (kind !== "DeleteOptions") {
    throw badRequest(
      `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(stringAt(body, "apiVersion") ?? "")} in scheme "pkg/runtime/scheme.go:111"`,
    );
  }
  return readDeleteOptions(body);
}

/** The query's parameters as a body would have them. */
function fromQuery(query: URLSearchParams): JsonObject {
  const body: JsonObject = {};
  const grace = query.get("gracePeriodSeconds");
  const policy = query.get("propagationPolicy");
  const orphan = query.get("orphanDependents");
  if (grace !== null && grace !== "") body["gracePeriodSeconds"] = Number(grace);
  if (policy !== null) body["propagationPolicy"] = policy;
  if (orphan !== null) body["orphanDependents"] = isTrue(orphan);
  if (query.has("dryRun")) body["dryRun"] = query.getAll("dryRun");
  return body;
}

/** Reads a `metav1.DeleteOptions`. Throws StatusFailure 422. */
export function readDeleteOptions(body: JsonObject): DeleteOptions {
  const policy = stringAt(body, "propagationPolicy");
  const orphan = body["orphanDependents"];
  const dryRun = arrayAt(body, "dryRun").map(String);
  const errors: FieldError[] = [];
  if (policy !== undefined && typeof orphan === "boolean") {
    errors.push({
      type: "FieldValueInvalid",
      field: "propagationPolicy",
      message: `Invalid value: ${JSON.stringify(policy)}: orphanDependents and deletionPropagation cannot be both set`,
    });
  }
  const named = policy === "Orphan" || policy === "Background" || policy === "Foreground" ? policy : undefined;
  if (policy !== undefined && named === undefined && policy !== "") {
    errors.push({
      type: "FieldValueNotSupported",
      field: "propagationPolicy",
      message: `Unsupported value: ${JSON.stringify(policy)}: supported values: "Foreground", "Background", "Orphan", "nil"`,
    });
  }
  errors.push(...dryRunErrors(dryRun));
  if (errors.length > 0) throw invalid({ group: "meta.k8s.io", kind: "DeleteOptions" }, "", errors);
  const fromOrphan = typeof orphan === "boolean" ? (orphan ? "Orphan" : "Background") : undefined;
  return {
    gracePeriodSeconds: numberAt(body, "gracePeriodSeconds"),
    propagationPolicy: named ?? fromOrphan,
    uid: stringAt(body, "preconditions", "uid"),
    resourceVersion: stringAt(body, "preconditions", "resourceVersion"),
    dryRun: dryRun.includes("All"),
  };
}
