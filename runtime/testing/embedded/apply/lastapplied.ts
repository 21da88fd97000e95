/**
 * What remains of client-side apply: its annotation lets `kubectl apply --server-side` take over fields that `kubectl apply` set.
 */
import type { JsonObject } from "../../../schema/index.ts";
import { goJson, goValue, isObject, objectAt, omit, stringAt } from "../../../schema/index.ts";
import type { FieldSet } from "./fieldset.ts";
import { compared } from "./merge.ts";
import { fieldSetOf, typeErrors } from "./typed.ts";
import type { FieldType } from "./types.ts";

const annotation = "kubectl.kubernetes.io/last-applied-configuration";
const annotationsLimit = 256 * 1024;

/** Fields of the live object that still are as client-side apply set them; `undefined` when it was never used, or by another version. */
export function allowedByLastApplied(type: FieldType, apiVersion: string, live: JsonObject): FieldSet | undefined {
  const last = parseObject(stringAt(live, "metadata", "annotations", annotation));
  if (!last || last["apiVersion"] !== apiVersion || typeErrors(type, last, false).length > 0) return undefined;
  const { modified, added, removed } = compared(type, last, live);
  return fieldSetOf(type, last).difference(modified).difference(added).difference(removed);
}

function parseObject(text: string | undefined): JsonObject | undefined {
  if (text === undefined || text === "") return undefined;
  try {
    const value: unknown = JSON.parse(text);
    const object = value as JsonObject;
    return isObject(object) ? object : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Keeps the annotation, where there is one, in step with what was applied. In place; drops it when it has become too long. */
export function renewLastApplied(object: JsonObject, applied: JsonObject): void {
  const annotations = objectAt(object, "metadata", "annotations");
  if (!annotations || (stringAt(annotations, annotation) ?? "") === "") return;
  const metadata = { ...objectAt(applied, "metadata") };
  const own = objectAt(metadata, "annotations");
  if (own) {
    const rest = omit(own, annotation);
    metadata["annotations"] = rest;
    if (Object.keys(rest).length === 0) delete metadata["annotations"];
  }
  annotations[annotation] = `${goJson({ ...applied, metadata })}\n`;
  const size = Object.entries(annotations).reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(goValue(value)),
    0,
  );
  if (size > annotationsLimit) Reflect.deleteProperty(annotations, annotation);
}
