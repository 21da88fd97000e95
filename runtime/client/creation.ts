import { hash } from "node:crypto";
import type { ManagedFieldsEntry } from "../api/index.ts";
import { isRecord, type KubernetesObject } from "../object/index.ts";
import { appliedBy, fieldsOfEntry, union } from "./managed-fields.ts";

/**
 * An object that is known to be absent is created by POST, which costs the API server two thirds of what a first apply does. The server
 * records a POST as an `Update`, in which what was sent and what it filled in look alike, and whose fields no later apply removes. So the
 * POST is made under a name of its own, `<field manager>/<shape>`, that says which fields were sent. As long as the same fields are
 * wanted, whatever their values, nothing can have been dropped. When they differ, the entry is turned into the one of an apply that owns all
 * of it, and the next apply removes what it leaves out.
 *
 * One thing such an entry does not tell: whether a map is owned as a whole, or only the map is still ours and all that is in it was taken over
 * by others. It is taken for the former, so that what was taken over is not taken back before its value is another than wanted.
 */

/** Bytes of a field manager's name, at most (the API server's limit is 128), that leave room for the shape. */
const LONGEST_MANAGER = 100;
const SHAPE_LENGTH = 16;

/** The field manager of a POST that creates `desired`; `undefined` when an apply has to do it. */
export function creatorOf(desired: KubernetesObject, manager: string): string | undefined {
  const { uid, resourceVersion } = desired.metadata ?? {};
  // Those are for an object that exists, and the server is to say that it does not.
  if (uid !== undefined || resourceVersion !== undefined || manager.length > LONGEST_MANAGER) return undefined;
  // The server leaves most of these out of the object and then out of a creation's entry too, so that a loss would look like the wanted state.
  if (hasEmptyValue(withoutIdentity(desired))) return undefined;
  return `${manager}/${shapeOf(desired)}`;
}

/** The manager for whose creations {@link creatorOf} makes this name; `undefined` when it is none of these names. */
export function creatorsManager(name: string): string | undefined {
  const manager = name.slice(0, -SHAPE_LENGTH - 1);
  return name[manager.length] === "/" ? manager : undefined;
}

/** The entry that our own POST left. */
export function createdBy(object: KubernetesObject, manager: string): ManagedFieldsEntry | undefined {
  return object.metadata?.managedFields?.find(
    (entry) => entry.operation === "Update" && (entry.subresource ?? "") === "" && creatorsManager(entry.manager ?? "") === manager,
  );
}

/** True when the object's creation by us has just the fields that are desired now, so that none is to be removed. */
export function isOfShape(created: ManagedFieldsEntry, desired: KubernetesObject): boolean {
  return created.manager?.slice(-SHAPE_LENGTH) === shapeOf(desired);
}

/**
 * What a merge patch has to make of an object's metadata so that the fields of its creation are those of an apply, in this very state of the object.
 *
 * @param object with all its `managedFields`, as the API server sends it
 */
export function turned(object: KubernetesObject, created: ManagedFieldsEntry, manager: string): KubernetesObject["metadata"] {
  const { managedFields = [], resourceVersion = "" } = object.metadata ?? {};
  const applied = appliedBy(object, manager, undefined);
  const { apiVersion } = created;
  const [own, sent] = [fieldsOfEntry(applied, apiVersion) ?? {}, fieldsOfEntry(created, apiVersion) ?? {}];
  const entry = { ...(applied ?? created), manager, operation: "Apply", fieldsV1: union(own, sent) };
  return { resourceVersion, managedFields: [...managedFields.filter((each) => each !== created && each !== applied), entry] };
}

/** What names an object, or is the server's to say, is not owned by anybody, so `managedFields` does not list it. */
export function withoutIdentity(desired: KubernetesObject): unknown {
  const { apiVersion, kind, metadata = {}, ...rest } = desired;
  const { name, namespace, uid, resourceVersion, generation, creationTimestamp, selfLink, managedFields, ...owned } = metadata;
  return Object.keys(owned).length === 0 ? rest : { metadata: owned, ...rest };
}

/** Which fields there are. Which items of a list are the same cannot be told without its schema, so any change within a list is one of shape. */
function shapeOf(desired: KubernetesObject): string {
  const text = `${desired.apiVersion ?? ""} ${outline(withoutIdentity(desired), false)}`;
  return hash("sha256", text, "base64url").slice(0, SHAPE_LENGTH);
}

function outline(value: unknown, isWithinList: boolean): string {
  if (!isRecord(value)) return !isWithinList ? "" : typeof value === "string" ? `${value.length}:${value}` : String(value);
  let text = "";
  if (Array.isArray(value)) {
    for (const item of value) text += `${outline(item, true)},`;
    return `[${text}]`;
  }
  // With its length a name cannot be taken for what follows it.
  for (const name of Object.keys(value).sort()) text += `${name.length}:${name}${outline(value[name], isWithinList)},`;
  return `{${text}}`;
}

function hasEmptyValue(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return !value;
  const parts = Object.values(value).filter((part) => part !== undefined);
  return parts.length === 0 || parts.some(hasEmptyValue);
}
