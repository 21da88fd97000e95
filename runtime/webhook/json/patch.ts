import { alignment } from "./alignment.ts";
import { isObject, type JsonValue } from "./value.ts";
import { asWritten, isOmitted } from "./written.ts";

/** One operation of a JSON patch (RFC 6902). */
export type PatchOperation =
  | { op: "add" | "replace" | "test"; path: string; value: unknown }
  | { op: "remove"; path: string }
  | { op: "move" | "copy"; from: string; path: string };

/**
 * The patch that turns one JSON value into another: nothing for what is the same, operations in an order that applies, and never more
 * bytes than a replacement of the whole would take. `after` counts as `JSON.stringify` would write it: fields that are undefined are
 * absent, `toJSON` is called.
 *
 * @throws TypeError for a BigInt, RangeError for a value that contains itself
 * @see RFC 6902, RFC 6901
 */
export function createPatch(before: JsonValue, after: unknown): PatchOperation[] {
  const patch = new Patch();
  patch.compare(before, after);
  return patch.operations;
}

class Patch {
  readonly operations: PatchOperation[] = [];
  /** Bytes of the operations so far, each with a comma. */
  #size = 0;
  /** Where the comparison is; a pointer is made of it only for what differs. */
  readonly #path: (string | number)[] = [];

  compare(before: JsonValue, given: unknown): void {
    if (before === given) return;
    const after = asWritten(given);
    if (before === after) return;
    const mark = this.operations.length;
    const sizeBefore = this.#size;
    if (Array.isArray(before) && Array.isArray(after)) this.#compareLists(before, after);
    else if (isObject(before) && isObject(after)) this.#compareObjects(before, after);
    else {
      this.#emit("replace", after ?? null);
      return;
    }
    // Nothing, or one operation deeper down, is never larger than a replacement of all of it... but one added value may be.
    if (this.#size === sizeBefore) return;
    const limit = this.#size - sizeBefore;
    const replacement: PatchOperation = { op: "replace", path: pointer(this.#path), value: after };
    const frame = byteLength({ ...replacement, value: 0 });
    if (frame + sizeUpTo(after, limit - frame) < limit) {
      this.operations.length = mark;
      this.#size = sizeBefore;
      this.#push(replacement);
    }
  }

  #compareObjects(before: Record<string, JsonValue>, after: Record<string, unknown>): void {
    let common = 0;
    for (const key of Object.keys(before)) {
      const field = Object.hasOwn(after, key) ? after[key] : undefined;
      common += field === undefined ? 0 : 1;
      this.#path.push(key);
      if (isOmitted(field)) this.#push({ op: "remove", path: pointer(this.#path) });
      else this.compare(before[key] ?? null, field);
      this.#path.pop();
    }
    const keys = Object.keys(after);
    if (keys.length === common) return;
    for (const key of keys) {
      if (Object.hasOwn(before, key) || isOmitted(after[key])) continue;
      this.#path.push(key);
      this.#emit("add", after[key]);
      this.#path.pop();
    }
  }

  /** From the end to the beginning, so that an index still means what it meant in the list before. */
  #compareLists(before: readonly JsonValue[], after: readonly unknown[]): void {
    let [endBefore, endAfter] = [before.length, after.length];
    for (const [keptBefore, keptAfter] of alignment(before, after).toReversed()) {
      this.#compareRange(before, after, [keptBefore + 1, endBefore], [keptAfter + 1, endAfter]);
      this.#compareItem(before, after, keptBefore, keptAfter);
      [endBefore, endAfter] = [keptBefore, keptAfter];
    }
    this.#compareRange(before, after, [0, endBefore], [0, endAfter]);
  }

  /** Between two items that stay: the first of what was becomes the first of what is, and so on; then the rest goes, or comes. */
  #compareRange(before: readonly JsonValue[], after: readonly unknown[], was: [number, number], is: [number, number]): void {
    const changed = Math.min(was[1] - was[0], is[1] - is[0]);
    for (let index = was[1] - 1; index >= was[0] + changed; index--) {
      this.#path.push(index);
      this.#push({ op: "remove", path: pointer(this.#path) });
      this.#path.pop();
    }
    for (let index = is[0] + changed; index < is[1]; index++) {
      this.#path.push(was[0] + index - is[0]);
      this.#emit("add", after[index]);
      this.#path.pop();
    }
    for (let offset = changed - 1; offset >= 0; offset--) this.#compareItem(before, after, was[0] + offset, is[0] + offset);
  }

  #compareItem(before: readonly JsonValue[], after: readonly unknown[], was: number, is: number): void {
    this.#path.push(was);
    this.compare(before[was] ?? null, after[is] ?? null);
    this.#path.pop();
  }

  #emit(op: "add" | "replace", value: unknown): void {
    // Lists have null where an item cannot be written.
    this.#push({ op, path: pointer(this.#path), value: isOmitted(value) ? null : value });
  }

  #push(operation: PatchOperation): void {
    this.operations.push(operation);
    this.#size += byteLength(operation) + 1;
  }
}

/** RFC 6901. */
function pointer(path: readonly (string | number)[]): string {
  let text = "";
  for (const key of path) {
    const step = typeof key === "number" ? String(key) : key;
    text += `/${/[~/]/.test(step) ? step.replaceAll("~", "~0").replaceAll("/", "~1") : step}`;
  }
  return text;
}

function byteLength(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/** Bytes of a value as JSON, or some number above the limit once it is known to be more. */
function sizeUpTo(given: unknown, limit: number): number {
  const value = asWritten(given);
  if (typeof value !== "object" || value === null) return value === undefined ? 4 : byteLength(value);
  const list = Array.isArray(value);
  let size = 2;
  let first = true;
  for (const [key, field] of Object.entries(value) as [string, unknown][]) {
    if (size > limit) return size;
    if (!list && isOmitted(field)) continue;
    size += (first ? 0 : 1) + (list ? 0 : byteLength(key) + 1) + sizeUpTo(field, limit - size);
    first = false;
  }
  return size;
}
