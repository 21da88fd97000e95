import { timestamp, type Api } from "../api.ts";
import { applyJsonPatch, applyMergePatch, applyServerSide, applyStrategicMergePatch } from "../apply/index.ts";
import { badRequest, unsupportedMediaType, unsupportedPatchType } from "../errors.ts";
import { type Answer, type ApiRequest, type Form, goJsonError, mediaType, parseYaml, writeOptions } from "../http/index.ts";
import type { Resource } from "../resources/index.ts";
import { isObject, stringAt, type JsonObject, type JsonValue } from "../../../schema/index.ts";
import { checkName, managerOf, updateObject, type Build, type Write } from "../write.ts";
import { entryAnswer } from "./read.ts";

const APPLY = "application/apply-patch+yaml";
const JSON_PATCH = "application/json-patch+json";
const MERGE_PATCH = "application/merge-patch+json";
const STRATEGIC_MERGE_PATCH = "application/strategic-merge-patch+json";

/** PATCH in its four kinds, of an object or of a subresource that has the object's own kind (status). */
export async function patch(api: Api, resource: Resource, request: ApiRequest, form: Form): Promise<Answer> {
  const type = mediaType(request);
  const isApply = type === APPLY;
  const options = writeOptions(request.query, "PatchOptions", isApply);
  const text = (await request.body()).toString();
  const { name, subresource } = request.info;
  const namespace = resource.namespaced ? request.info.namespace : "";
  const write: Write = { resource, namespace, subresource, request, options };
  const build = isApply
    ? applying(api, write, name, await parseYaml(text))
    : patching(resource, write, patchFunction(type, parsePatch(type, text), resource));
  const { entry, created } = await updateObject(api, write, name, build, isApply && subresource === "");
  return entryAnswer(api, entry, resource, request, form, created ? 201 : 200);
}

/** Reads the body of one of the three older kinds of patch. Throws StatusFailure 400 or 415. */
export function parsePatch(type: string, text: string): JsonValue {
  if (type !== JSON_PATCH && type !== MERGE_PATCH && type !== STRATEGIC_MERGE_PATCH) throw unsupportedPatchType();
  try {
    return JSON.parse(text) as JsonValue;
  } catch (error) {
    throw badRequest(`error decoding patch: ${goJsonError(text, error)}`);
  }
}

/** The change that a patch of one of the three older kinds is. */
export function patchFunction(type: string, patch: JsonValue, resource: Resource): (document: JsonObject) => JsonValue {
  switch (type) {
    case JSON_PATCH:
      return (document) => applyJsonPatch(document, patch);
    case MERGE_PATCH:
      return (document) => applyMergePatch(document, patch);
    case STRATEGIC_MERGE_PATCH: {
      const fieldType = resource.strategy().fieldType(resource.apiVersion);
      if (resource.custom || fieldType === undefined) break;
      return (document) => applyStrategicMergePatch(document, patch, fieldType);
    }
  }
  throw resource.custom ? unsupportedMediaType([JSON_PATCH, MERGE_PATCH, APPLY]) : unsupportedPatchType();
}

function patching(resource: Resource, { options }: Write, change: (document: JsonObject) => JsonValue): Build {
  return (current) => {
    if (current === undefined) return undefined;
    const patched = change(current);
    return resource.strategy().decodeValue(patched, options.fieldValidation, { patched: true });
  };
}

function applying(api: Api, write: Write, name: string, value: JsonValue): Build {
  const { resource, options, subresource } = write;
  if (!isObject(value)) throw badRequest("error decoding YAML: the configuration is not an object");
  const strategy = resource.strategy();
  return (current) => {
    // What is applied to an object that is there gets its name from it.
    if (current === undefined || stringAt(value, "metadata", "name") !== undefined) checkName(value, name);
    const now = timestamp(api.clock.now());
    const merged = applyServerSide(strategy, current, value, {
      manager: managerOf(write),
      subresource,
      now,
      force: options.force === true,
    });
    if (merged === current) return undefined;
    const { object, warnings } = strategy.decodeValue(merged, "Ignore", { applied: true });
    return { object, warnings, tracked: true };
  };
}
