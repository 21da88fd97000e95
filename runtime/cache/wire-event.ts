import { InvalidResponseError, parseWatchEvent, type WatchEvent } from "../client/index.ts";
import { parseJson, type KubernetesObject } from "../object/index.ts";

/** An event of a watch, and its object's JSON as it is to be kept; absent where that has to be written anew. */
export interface WireEvent extends WatchEvent<KubernetesObject> {
  json: Buffer | undefined;
}

/**
 * Reads one line of a watch. The `managedFields` of others, often half of an object, are cut out of the bytes before they are parsed, and what is
 * left is kept as it came: no object is written as JSON again. A line that is not written as Go writes JSON is parsed as a whole.
 *
 * @param line the bytes, which are overwritten
 * @param isOurs says which entries are kept
 * @throws ApiError when the line is an `ERROR` event, InvalidResponseError when it is no event
 */
export function readWireEvent(line: Buffer, isOurs: OwnEntry): WireEvent {
  const type = eventType(line);
  const start = type === undefined ? -1 : cutManagedFields(line, type.length + AROUND_TYPE, line.length - 1, isOurs);
  if (type === undefined || start < 0) return { ...parseWatchEvent<KubernetesObject>(line.toString("utf8")), json: undefined };
  const json = line.subarray(start, line.length - 1);
  let object: unknown;
  try {
    object = parseJson(json.toString("utf8"));
  } catch {
    throw new InvalidResponseError(`watch: an object of ${json.length} characters is not JSON`);
  }
  return { type, object: object as KubernetesObject, json };
}

/** The name of the object of a line; `undefined` for a bookmark, an error, and a line that is not written as Go writes JSON. */
export function wireName(line: Buffer): string | undefined {
  const type = eventType(line);
  if (type === undefined || type === "BOOKMARK") return undefined;
  const end = line.length - 1;
  const metadata = findMember(line, type.length + AROUND_TYPE, end, METADATA);
  return metadata < 0 ? undefined : textOf(line, metadata + METADATA.length, end, NAME) || undefined;
}

/** Whether an entry of `managedFields` is of a manager of ours, and needed. */
export type OwnEntry = (manager: string, operation: string) => boolean;

const TYPES = ["ADDED", "MODIFIED", "DELETED", "BOOKMARK"] as const;
const HEADS = TYPES.map((type) => ({ type, head: Buffer.from(`{"type":"${type}","object":`) }));
const AROUND_TYPE = `{"type":"","object":`.length;

function eventType(line: Buffer): (typeof TYPES)[number] | undefined {
  if (line[line.length - 1] !== CLOSE_BRACE) return undefined;
  return HEADS.find(({ head }) => startsWith(line, 0, head))?.type;
}

const [QUOTE, BACKSLASH, COMMA, COLON] = [34, 92, 44, 58];
const [OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET] = [123, 125, 91, 93];
const METADATA = Buffer.from(`"metadata":`);
const NAME = Buffer.from(`"name":"`);
const MANAGED_FIELDS = Buffer.from(`"managedFields":`);
const MANAGER = Buffer.from(`"manager":"`);
const OPERATION = Buffer.from(`"operation":"`);

/**
 * Moves the JSON of the object that stands from `start` to `end` together over what is cut out.
 *
 * @returns where it begins now, or a negative number when the bytes are not as expected; they are unchanged then
 */
function cutManagedFields(bytes: Buffer, start: number, end: number, isOurs: OwnEntry): number {
  const metadata = findMember(bytes, start, end, METADATA);
  if (metadata < 0) return metadata === ABSENT ? start : UNEXPECTED;
  const value = findMember(bytes, metadata + METADATA.length, end, MANAGED_FIELDS);
  if (value < 0) return value === ABSENT ? start : UNEXPECTED;
  const open = value + MANAGED_FIELDS.length;
  const after = afterValue(bytes, open, end);
  if (after < 0 || bytes[open] !== OPEN_BRACKET) return UNEXPECTED;
  const kept = entriesOf(bytes, open, after, isOurs);
  if (kept === undefined) return UNEXPECTED;
  if (kept.length > 0) return closeUp(bytes, start, open, after - 1, kept);
  // With the member goes the comma that parts it from its neighbour.
  const isFirst = bytes[value - 1] === OPEN_BRACE;
  const [from, to] = isFirst ? [value, bytes[after] === COMMA ? after + 1 : after] : [value - 1, after];
  bytes.copyWithin(to - (from - start), start, from);
  return to - (from - start);
}

type Range = readonly [from: number, to: number];

/** The entries of the list that are kept; `undefined` when it is not written as expected. */
function entriesOf(bytes: Buffer, open: number, after: number, isOurs: OwnEntry): Range[] | undefined {
  const kept: Range[] = [];
  let at = open + 1;
  while (at < after - 1) {
    const to = bytes[at] === OPEN_BRACE ? afterValue(bytes, at, after) : UNEXPECTED;
    if (to < 0) return undefined;
    const manager = textOf(bytes, at, to, MANAGER);
    const operation = textOf(bytes, at, to, OPERATION);
    if (manager === undefined || operation === undefined) return undefined;
    if (isOurs(manager, operation)) kept.push([at, to]);
    if (bytes[to] === COMMA) at = to + 1;
    else if (to === after - 1) at = to;
    else return undefined;
  }
  return kept;
}

/** The text that is the value of a member, empty when there is none; `undefined` when the object is not written as expected. */
function textOf(bytes: Buffer, at: number, end: number, member: Buffer): string | undefined {
  const found = findMember(bytes, at, end, member);
  if (found < 0) return found === ABSENT ? "" : undefined;
  const start = found + member.length;
  return bytes.toString("utf8", start, afterString(bytes, start - 1, end) - 1);
}

/** Leaves only these entries in the list that begins at `open`, whose end stays where it is at `close`. */
function closeUp(bytes: Buffer, start: number, open: number, close: number, kept: readonly Range[]): number {
  let target = close;
  for (const [index, [from, to]] of kept.toReversed().entries()) {
    if (index > 0) bytes[--target] = COMMA;
    target -= to - from;
    bytes.copyWithin(target, from, to);
  }
  target -= open + 1 - start;
  bytes.copyWithin(target, start, open + 1);
  return target;
}

const ABSENT = -1;
const UNEXPECTED = -2;

/** Where the member of the object at `at` that begins with these bytes (name, colon, perhaps more) stands. */
function findMember(bytes: Buffer, at: number, end: number, member: Buffer): number {
  if (bytes[at] !== OPEN_BRACE) return UNEXPECTED;
  let next = at + 1;
  if (bytes[next] === CLOSE_BRACE) return ABSENT;
  while (next < end) {
    if (bytes[next] !== QUOTE) return UNEXPECTED;
    if (startsWith(bytes, next, member)) return next;
    const colon = afterString(bytes, next, end);
    if (colon < 0 || bytes[colon] !== COLON) return UNEXPECTED;
    const after = afterValue(bytes, colon + 1, end);
    if (after < 0) return UNEXPECTED;
    if (bytes[after] === CLOSE_BRACE) return ABSENT;
    if (bytes[after] !== COMMA) return UNEXPECTED;
    next = after + 1;
  }
  return UNEXPECTED;
}

function startsWith(bytes: Buffer, at: number, wanted: Buffer): boolean {
  for (let index = 0; index < wanted.length; index++) if (bytes[at + index] !== wanted[index]) return false;
  return true;
}

/** Where the value that begins at `at` is over. White space is not expected. */
function afterValue(bytes: Buffer, at: number, end: number): number {
  const first = bytes[at];
  if (first === QUOTE) return afterString(bytes, at, end);
  if (first === OPEN_BRACE || first === OPEN_BRACKET) return afterNested(bytes, at, end);
  let next = at;
  while (next < end && bytes[next] !== COMMA && bytes[next] !== CLOSE_BRACE && bytes[next] !== CLOSE_BRACKET) next++;
  return next > at ? next : UNEXPECTED;
}

function afterNested(bytes: Buffer, at: number, end: number): number {
  let depth = 0;
  for (let next = at; next < end; next++) {
    const byte = bytes[next];
    if (byte === QUOTE) {
      next = afterString(bytes, next, end) - 1;
      if (next < 0) return UNEXPECTED;
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth++;
    else if ((byte === CLOSE_BRACE || byte === CLOSE_BRACKET) && --depth === 0) return next + 1;
  }
  return UNEXPECTED;
}

function afterString(bytes: Buffer, at: number, end: number): number {
  for (let next = at + 1; next < end; next++) {
    const byte = bytes[next];
    if (byte === QUOTE) return next + 1;
    if (byte === BACKSLASH) next++;
  }
  return UNEXPECTED;
}
