/**
 * What the kinds do beyond their types: one {@link KindRules} per kind, found by group and kind.
 */
import type { FieldError, JsonObject } from "../../../schema/index.ts";
import type { NameRule } from "../../../schema/index.ts";

/** The rules of one kind; all parts are optional. */
export interface KindRules {
  /** Form of names; default: an RFC 1123 subdomain. */
  readonly name?: NameRule;
  /** `spec` and `status` are written apart: status is reset on the main resource, all but status on the other. */
  readonly status?: boolean;
  /** `metadata.generation` starts at 1 and counts changes of `spec`. */
  readonly generation?: boolean;
  /** An update is validated like a new object, metadata included, so that what is wrong with it is reported twice. */
  readonly revalidates?: boolean;
  /** Fields of `metadata` that the status resource does not change either. */
  readonly statusKeeps?: readonly string[];
  /** Fills defaults, in place; runs on every read of an object from outside. */
  readonly defaults?: (object: JsonObject) => void;
  /** After status is reset and generation set, in place. */
  readonly create?: (object: JsonObject) => void;
  /** The same for an update of the main resource. */
  readonly update?: (object: JsonObject, old: JsonObject) => void;
  /** Errors of an object in itself, without metadata. */
  readonly validate?: (object: JsonObject) => FieldError[];
  /** Errors of a change; without it {@link validate} is all. */
  readonly validateUpdate?: (object: JsonObject, old: JsonObject) => FieldError[];
  /** Errors of a change of status. */
  readonly validateStatus?: (object: JsonObject, old: JsonObject) => FieldError[];
  /** Texts of `Warning` headers. */
  readonly warnings?: (object: JsonObject) => string[];
}
