import { attributesOf, type Attributes } from "../admission/index.ts";
import type { Api } from "../api.ts";
import { badRequest, internal, invalid, pathNotFound } from "../errors.ts";
import { type Answer, type ApiRequest, json, mediaType, readValue, type WriteOptions, writeOptions } from "../http/index.ts";
import { entryAtVersion, objectAtVersion, type Resource, type ScalePaths } from "../resources/index.ts";
import { formatSelector } from "../../../object/selector.ts";
import { cloneJson, isObject, numberAt, objectAt, stringAt, valueAt, type JsonObject, type JsonValue } from "../../../schema/index.ts";
import { updateObject } from "../write.ts";
import type { Entry } from "../store/index.ts";
import { parsePatch, patchFunction } from "./patch.ts";
import { storedEntry } from "./read.ts";

/** Answers the scale subresource (`autoscaling/v1 Scale`) of built-in workloads and of custom resources that have one. */
export async function getScale(api: Api, resource: Resource, request: ApiRequest): Promise<Answer> {
  const entry = await entryAtVersion(api, storedEntry(api, resource, request.info.namespace, request.info.name), resource);
  const path = pathsOf(resource).specReplicas;
  if (resource.custom && numberAt(objectAtVersion(entry, resource), ...path) === undefined) {
    throw internal(`the spec replicas field ${JSON.stringify(`.${path.join(".")}`)} does not exist`);
  }
  return json(scaleOf(entry, resource));
}

export async function updateScale(api: Api, resource: Resource, request: ApiRequest): Promise<Answer> {
  const options = writeOptions(request.query, "UpdateOptions");
  const body = await readValue(request);
  if (!isObject(body)) throw badRequest("the body is not a Scale");
  return write(api, resource, request, options, () => body);
}

export async function patchScale(api: Api, resource: Resource, request: ApiRequest): Promise<Answer> {
  const options = writeOptions(request.query, "PatchOptions");
  const type = mediaType(request).replace("strategic-merge-patch", "merge-patch");
  const change = patchFunction(type, parsePatch(type, (await request.body()).toString()), resource);
  return write(api, resource, request, options, change);
}

async function write(
  api: Api,
  resource: Resource,
  request: ApiRequest,
  options: WriteOptions,
  change: (scale: JsonObject) => JsonValue,
): Promise<Answer> {
  const { name } = request.info;
  const paths = pathsOf(resource);
  const namespace = resource.namespaced ? request.info.namespace : "";
  // Admission sees, and may change, the Scale instead of the object.
  const attributes = (object: JsonObject, current: JsonObject): Attributes => {
    const shown = (each: JsonObject): JsonObject => scaleOfObject(each, resource);
    const base = attributesOf({ resource, namespace, subresource: "scale", request, options }, "UPDATE", object, current, name);
    return { ...base, object: shown(object), oldObject: shown(current) };
  };
  const takeBack = (object: JsonObject, scale: JsonObject) => put(object, paths.specReplicas, numberAt(scale, "spec", "replicas") ?? 0);
  const { entry } = await updateObject(
    api,
    { resource, namespace, subresource: "scale", request, options, attributes, takeBack },
    name,
    (current, stored) => {
      if (current === undefined || stored === undefined) return undefined;
      const scale = change(scaleOf(stored, resource));
      if (!isObject(scale)) throw badRequest("the patched value is not a Scale");
      const object = cloneJson(current);
      const replicas = numberAt(scale, "spec", "replicas") ?? 0;
      if (replicas < 0) {
        throw invalid({ group: "autoscaling", kind: "Scale" }, name, [
          { type: "FieldValueInvalid", field: "spec.replicas", message: `Invalid value: ${replicas}: must be greater than or equal to 0` },
        ]);
      }
      put(object, paths.specReplicas, replicas);
      const metadata = objectAt(object, "metadata");
      const revision = stringAt(scale, "metadata", "resourceVersion");
      const uid = stringAt(scale, "metadata", "uid");
      if (metadata !== undefined && revision !== undefined && revision !== "") metadata["resourceVersion"] = revision;
      if (metadata !== undefined && uid !== undefined && uid !== "") metadata["uid"] = uid;
      return { object, warnings: [] };
    },
  );
  return json(scaleOf(await entryAtVersion(api, entry, resource), resource));
}

function pathsOf(resource: Resource): ScalePaths {
  if (resource.scale === undefined) throw pathNotFound();
  return resource.scale;
}

function scaleOf(entry: Entry, resource: Resource): JsonObject {
  return scaleOfObject(objectAtVersion(entry, resource), resource);
}

function scaleOfObject(object: JsonObject, resource: Resource): JsonObject {
  const paths = pathsOf(resource);
  const metadata: JsonObject = {};
  for (const field of ["name", "namespace", "uid", "resourceVersion", "creationTimestamp"]) {
    const value = valueAt(object, "metadata", field);
    if (value !== undefined) metadata[field] = value;
  }
  const specReplicas = numberAt(object, ...paths.specReplicas);
  const selector = paths.selector === undefined ? "" : selectorText(valueAt(object, ...paths.selector), resource);
  return {
    kind: "Scale",
    apiVersion: "autoscaling/v1",
    metadata,
    spec: specReplicas === undefined || specReplicas === 0 ? {} : { replicas: specReplicas },
    status: { replicas: numberAt(object, ...paths.statusReplicas) ?? 0, ...(selector === "" ? {} : { selector }) },
  };
}

/** Text of a selector: custom resources keep it as text, replication controllers as labels, the others as a LabelSelector. */
function selectorText(selector: JsonValue | undefined, resource: Resource): string {
  if (typeof selector === "string") return selector;
  if (!isObject(selector)) return "";
  return formatSelector(resource.plural === "replicationcontrollers" ? { matchLabels: selector } : selector);
}

function put(object: JsonObject, path: readonly string[], value: JsonValue): void {
  let parent = object;
  for (const field of path.slice(0, -1)) {
    const next = parent[field];
    const child: JsonObject = isObject(next) ? next : {};
    parent[field] = child;
    parent = child;
  }
  parent[path.at(-1) ?? ""] = value;
}
