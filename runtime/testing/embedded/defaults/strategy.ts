import type { ManagedKind } from "../apply/index.ts";
import type { FieldError, JsonObject, JsonValue } from "../../../schema/index.ts";
import { badRequest, invalid, objectAt, stringAt } from "../../../schema/index.ts";
import { metadataErrors, metadataUpdateErrors } from "../../../schema/index.ts";
import { pathSegment } from "../../../schema/index.ts";

/** `fieldValidation` of the request; the server's default is Warn. */
export type FieldValidation = "Ignore" | "Warn" | "Strict";

/** A decoded body. */
export interface Decoded {
  /** The object, canonical (as Go would write it), with defaults. */
  readonly object: JsonObject;
  /** Texts for `Warning` headers. */
  readonly warnings: readonly string[];
}

/** Where a parsed value comes from, when it is not a body. */
export interface DecodeOptions {
  /** It is the outcome of a patch: what is wrong with it is 422 with the field `patch` instead of 400. */
  readonly patched?: boolean;
  /** It is the outcome of a server-side apply, in which nulls are not dropped from custom resources. */
  readonly applied?: boolean;
}

/** What one version of one kind does. All methods are pure but for the in-place changes they name. */
export interface Strategy extends ManagedKind {
  readonly namespaced: boolean;
  /**
   * Reads a JSON body: finds duplicate and unknown fields, drops the unknown, types and canonicalises the rest, applies defaults.
   * Throws StatusFailure 400 (syntax, wrong types, Strict).
   */
  decode(text: string, validation: FieldValidation): Decoded;
  /**
   * The same for a value that is parsed already. Does not change `value`. Throws StatusFailure 400, or 422 with the field `patch`.
   */
  decodeValue(value: JsonValue, validation: FieldValidation, options?: DecodeOptions): Decoded;
  /** Clears what a creator may not set (status), sets generation; in place. */
  prepareForCreate(object: JsonObject): void;
  /** Carries over what this (sub)resource may not change, bumps generation; in place. */
  prepareForUpdate(object: JsonObject, old: JsonObject, subresource: string): void;
  /** Errors of an object that is created, metadata included, in the server's order. */
  validate(object: JsonObject): FieldError[];
  /** Errors of an update, beyond those that any change of metadata can have. */
  validateUpdate(object: JsonObject, old: JsonObject, subresource: string): FieldError[];
  /** Texts for `Warning` headers that come from the object's contents, not its decoding (finalizer names, deprecated fields…). */
  warnings(object: JsonObject, old?: JsonObject): string[];
}

/** What a create needs from outside. */
export interface CreateContext {
  /** Namespace of the request's path, `""` for cluster-scoped kinds. */
  readonly namespace: string;
  /** RFC 3339 time in whole seconds. */
  readonly now: string;
  readonly uid: string;
  /** Random suffix for `generateName`: 5 characters of `bcdfghjklmnpqrstvwxz2456789`. */
  readonly suffix: string;
}

/** What an update needs from outside. */
export interface UpdateContext {
  /** `""` for the main resource. */
  readonly subresource: string;
}

const longestGeneratedPrefix = 58;

/**
 * Fills metadata (namespace, name from generateName, uid, creationTimestamp), runs `prepareForCreate` and validates. In place.
 * Throws StatusFailure 400 (another namespace than the path's) or 422.
 */
export function beforeCreate(strategy: Strategy, object: JsonObject, context: CreateContext): void {
  const metadata = metadataOf(object);
  for (const field of ["deletionTimestamp", "deletionGracePeriodSeconds", "selfLink", "resourceVersion"])
    Reflect.deleteProperty(metadata, field);
  metadata["creationTimestamp"] = context.now;
  metadata["uid"] = context.uid;
  const prefix = stringAt(metadata, "generateName") ?? "";
  if (prefix !== "" && (stringAt(metadata, "name") ?? "") === "") {
    metadata["name"] = `${prefix.slice(0, longestGeneratedPrefix)}${context.suffix}`;
  }
  matchNamespace(strategy, metadata, context.namespace);
  strategy.prepareForCreate(object);
  const name = stringAt(metadata, "name") ?? "";
  const errors = strategy.validate(object);
  const kind = { group: strategy.group, kind: stringAt(object, "kind") ?? strategy.kind };
  if (errors.length > 0) throw invalid(kind, name, errors);
  const general = metadataErrors(object, strategy.namespaced, pathSegment);
  if (general.length > 0) throw invalid(kind, name, general);
}

/**
 * Carries over system metadata from `old` (uid, creationTimestamp, deletionTimestamp, generation), runs `prepareForUpdate` and
 * validates. In place; `old` must be at the same version. Preconditions (resourceVersion and uid) are the caller's. Throws StatusFailure 400
 * (another namespace) or 422.
 */
export function beforeUpdate(strategy: Strategy, object: JsonObject, old: JsonObject, context: UpdateContext): void {
  const before = metadataOf(old);
  const given = metadataOf(object);
  matchNamespace(strategy, given, stringAt(before, "namespace") ?? "");
  carry(given, before, "generation");
  strategy.prepareForUpdate(object, old, context.subresource);
  const metadata = metadataOf(object);
  metadata["uid"] = before["uid"];
  if (before["creationTimestamp"] !== undefined) metadata["creationTimestamp"] = before["creationTimestamp"];
  if (before["deletionTimestamp"] !== undefined) metadata["deletionTimestamp"] = before["deletionTimestamp"];
  if (before["deletionGracePeriodSeconds"] !== undefined) metadata["deletionGracePeriodSeconds"] ??= before["deletionGracePeriodSeconds"];
  const errors = [
    ...metadataErrors(object, strategy.namespaced, pathSegment),
    ...metadataUpdateErrors(object, old),
    ...strategy.validateUpdate(object, old, context.subresource),
  ];
  if (errors.length > 0) throw invalid(strategy, stringAt(metadata, "name") ?? "", errors);
}

function metadataOf(object: JsonObject): JsonObject {
  let metadata = objectAt(object, "metadata");
  if (!metadata) {
    metadata = {};
    object["metadata"] = metadata;
  }
  return metadata;
}

function carry(to: JsonObject, from: JsonObject, field: string): void {
  if (from[field] === undefined) Reflect.deleteProperty(to, field);
  else to[field] = from[field];
}

function matchNamespace(strategy: Strategy, metadata: JsonObject, namespace: string): void {
  const own = stringAt(metadata, "namespace") ?? "";
  const expected = strategy.namespaced ? namespace : "";
  if (own === expected) return;
  if (own === "") metadata["namespace"] = expected;
  else if (expected === "") Reflect.deleteProperty(metadata, "namespace");
  else throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
}
