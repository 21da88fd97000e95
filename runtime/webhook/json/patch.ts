import { alignment } from "./alignment.ts";
import { equalJson } from "./equal.ts";
import { jsonSize, leastSize } from "./size.ts";
import { fieldOf, isObject, type JsonValue } from "./value.ts";
import { asWritten, isOmitted } from "./written.ts";

/** One operation of a JSON patch (RFC 6902). */
export type PatchOperation =
  | { op: "add" | "replace" | "test"; path: string; value: unknown }
  | { op: "remove"; path: string }
  | { op: "move" | "copy"; from: string; path: string };

/**
 * The patch that turns one JSON value into another: an operation for each place that differs and nothing for what is the same, in an order
 * that applies. Only where that would take more bytes than a replacement of the whole, smaller wholes are replaced instead. `after` counts
 * as `JSON.stringify` would write it: fields that are undefined are absent, `toJSON` is called.
 *
 * @throws TypeError for a BigInt, or a value that contains itself
 * @see RFC 6902, RFC 6901
 */
export function createPatch(before: JsonValue, after: unknown): PatchOperation[] {
  const exact = new Patch(false);
  exact.compare(before, after);
  if (exact.operations.length === 0) return exact.operations;
  const size = Buffer.byteLength(JSON.stringify(exact.operations)) - '[{"op":"replace","path":"","value":}]'.length;
  if (leastSize(after, size) >= size || jsonSize(after, size) >= size) return exact.operations;
  const compact = new Patch(true);
  compact.compare(before, after);
  return compact.operations;
}

type Change = Exclude<PatchOperation, { from: string }>;

class Patch {
  readonly operations: Change[] = [];
  /** Whether to replace a value as a whole where that is smaller than the operations inside of it. */
  readonly #compact: boolean;
  /** Where the comparison is; a pointer is made of it only for what differs. */
  readonly #path: (string | number)[] = [];

  constructor(compact: boolean) {
    this.#compact = compact;
  }

  compare(before: JsonValue, given: unknown): void {
    if (before === given) return;
    const after = asWritten(given);
    if (before === after) return;
    const mark = this.operations.length;
    if (Array.isArray(before) && Array.isArray(after)) this.#compareLists(before, after);
    else if (isObject(before) && isObject(after)) this.#compareObjects(before, after);
    else {
      this.#emit("replace", after ?? null);
      return;
    }
    if (!this.#compact || this.operations.length === mark) return;
    const inside = this.operations.slice(mark).reduce((sum, operation) => sum + operationSize(operation), 0);
    const replacement: Change = { op: "replace", path: pointer(this.#path), value: after };
    if (operationSize(replacement, inside) < inside) this.operations.splice(mark, Infinity, replacement);
  }

  #compareObjects(before: Record<string, JsonValue>, after: Record<string, unknown>): void {
    let common = 0;
    for (const key of Object.keys(before)) {
      const field = fieldOf(after, key);
      const stays = !isOmitted(field);
      if (stays) common++;
      if (before[key] === field) continue;
      this.#path.push(key);
      if (stays) this.compare(before[key] ?? null, field);
      else this.operations.push({ op: "remove", path: pointer(this.#path) });
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
  #compareLists(before: JsonValue[], after: readonly unknown[]): void {
    if (equalJson(before, after)) return; // as most lists of an object are; what follows is not cheap
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
      this.operations.push({ op: "remove", path: pointer(this.#path) });
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
    this.operations.push({ op, path: pointer(this.#path), value: isOmitted(value) ? null : value });
  }
}

/** RFC 6901. */
function pointer(path: readonly (string | number)[]): string {
  let text = "";
  for (const key of path) {
    let step = String(key);
    if (step.includes("~")) step = step.replaceAll("~", "~0");
    if (step.includes("/")) step = step.replaceAll("/", "~1");
    text += `/${step}`;
  }
  return text;
}

/** Bytes of an operation and the comma after it; some number above the limit once it is more than that. */
function operationSize(operation: Change, limit = Infinity): number {
  if (operation.op === "remove") return '{"op":"remove","path":},'.length + jsonSize(operation.path);
  const frame = operation.op === "add" ? '{"op":"add","path":,"value":},' : '{"op":"replace","path":,"value":},';
  const size = frame.length + jsonSize(operation.path);
  return size + jsonSize(operation.value, limit - size);
}
