import { equalJson } from "./equal.ts";
import { isObject, type JsonValue } from "./value.ts";

/** Fields that tell the items of a Kubernetes list apart: the merge keys of its list maps, the most usual first. */
const KEYS = ["name", "key", "type", "mountPath", "devicePath", "containerPort", "port", "topologyKey", "ip", "uid", "id"];

/** More differences than this are not sought: two lists that have so little in common are compared item by item. */
const MOST_DIFFERENCES = 400;

/**
 * Which items of a list are which in another: pairs of indices, rising in both. The paired items are equal, or are the same by their key
 * and may differ otherwise.
 */
export function alignment(before: readonly JsonValue[], after: readonly unknown[]): [number, number][] {
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && equalJson(before[head], after[head])) head++;
  let tail = 0;
  while (tail < shorter - head && equalJson(before[before.length - 1 - tail], after[after.length - 1 - tail])) tail++;
  const pairs: [number, number][] = [];
  for (let index = 0; index < head; index++) pairs.push([index, index]);
  const [middleBefore, middleAfter] = [before.slice(head, before.length - tail), after.slice(head, after.length - tail)];
  if (middleBefore.length > 0 && middleAfter.length > 0) {
    for (const [was, is] of commonSubsequence(...tokens(middleBefore, middleAfter))) pairs.push([was + head, is + head]);
  }
  for (let left = tail; left > 0; left--) pairs.push([before.length - left, after.length - left]);
  return pairs;
}

/** A number for each item, the same for items that are the same: by a key, where one tells all of them apart, else by all they hold. */
function tokens(before: readonly unknown[], after: readonly unknown[]): [number[], number[]] {
  const key = KEYS.find((each) => isKey(before, each) && isKey(after, each));
  const numbers = new Map<string, number>();
  const tokenOf = (item: unknown): number => {
    const text = JSON.stringify(key === undefined ? item : (item as Record<string, unknown>)[key]) as string | undefined;
    const known = numbers.get(text ?? "null");
    if (known !== undefined) return known;
    numbers.set(text ?? "null", numbers.size);
    return numbers.size - 1;
  };
  return [before.map(tokenOf), after.map(tokenOf)];
}

function isKey(items: readonly unknown[], key: string): boolean {
  const seen = new Set<unknown>();
  for (const item of items) {
    const value = isObject(item) && Object.hasOwn(item, key) ? item[key] : undefined;
    if ((typeof value !== "string" && typeof value !== "number") || seen.has(value)) return false;
    seen.add(value);
  }
  return true;
}

/**
 * A longest common subsequence, as pairs of indices; none when there are too many differences.
 *
 * @see E. W. Myers, "An O(ND) Difference Algorithm and Its Variations", 1986
 */
function commonSubsequence(before: readonly number[], after: readonly number[]): [number, number][] {
  const [length, height] = [before.length, after.length];
  const most = Math.min(length + height, MOST_DIFFERENCES);
  // furthest[diagonal + most + 1]: how far in `before` one gets on a diagonal (index in before minus index in after).
  const furthest = new Int32Array(2 * most + 3);
  const history: Int32Array[] = [];
  for (let differences = 0; differences <= most; differences++) {
    history.push(furthest.slice());
    for (let diagonal = -differences; diagonal <= differences; diagonal += 2) {
      let x = cameDown(furthest, diagonal, differences, most)
        ? at(furthest, diagonal + 1 + most + 1)
        : at(furthest, diagonal - 1 + most + 1) + 1;
      while (x < length && x - diagonal < height && before[x] === after[x - diagonal]) x++;
      furthest[diagonal + most + 1] = x;
      if (x >= length && x - diagonal >= height) return walkBack(history, length, height, most);
    }
  }
  return [];
}

/** Whether the furthest path on a diagonal comes from an insertion (down) rather than from a removal (right). */
function cameDown(furthest: Int32Array, diagonal: number, differences: number, most: number): boolean {
  const [below, above] = [at(furthest, diagonal - 1 + most + 1), at(furthest, diagonal + 1 + most + 1)];
  return diagonal === -differences || (diagonal !== differences && below < above);
}

function walkBack(history: readonly Int32Array[], length: number, height: number, most: number): [number, number][] {
  const pairs: [number, number][] = [];
  let [x, y] = [length, height];
  for (let differences = history.length - 1; differences >= 0; differences--) {
    const furthest = history[differences];
    if (furthest === undefined) break;
    const diagonal = x - y;
    const previous = cameDown(furthest, diagonal, differences, most) ? diagonal + 1 : diagonal - 1;
    const fromX = differences === 0 ? 0 : at(furthest, previous + most + 1);
    const fromY = differences === 0 ? 0 : fromX - previous;
    while (x > fromX && y > fromY) pairs.push([--x, --y]);
    [x, y] = [fromX, fromY];
  }
  return pairs.reverse();
}

function at(array: Int32Array, index: number): number {
  return array[index] ?? 0;
}
