import type { Readable } from "node:stream";
import { parseJson } from "../object/index.ts";
import { ApiError, InvalidResponseError, type Status } from "./errors.ts";

/** One line of a watch. */
export interface WatchEvent<T> {
  type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK";
  object: T;
}

const NEWLINE = 10;
/** Bytes kept for lines that span chunks: at first, and at most between two of them. */
const FIRST_ROOM = 1 << 14;
const LARGEST_ROOM = 1 << 18;

/**
 * Splits a stream into lines, without the newline. A line is valid, and its reader's to overwrite, until the next one is asked for: it stands in
 * the chunk that arrived, or, when it spans several, in one buffer that serves all such lines. Throws when the stream breaks; an
 * unfinished last line is dropped, for it is not whole.
 */
export async function* readLines(body: Readable): AsyncGenerator<Iterable<Buffer>> {
  const pending = new Pending();
  for await (const chunk of body as AsyncIterable<Buffer>) yield linesOf(chunk, pending);
}

function* linesOf(chunk: Buffer, pending: Pending): Generator<Buffer> {
  let start = 0;
  for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
    const line = chunk.subarray(start, end);
    start = end + 1;
    if (pending.length > 0) yield pending.take(line);
    else if (line.length > 0) yield line;
  }
  if (start < chunk.length) pending.add(chunk.subarray(start));
}

/** The beginning of a line that has not arrived as a whole. */
class Pending {
  #buffer = Buffer.allocUnsafeSlow(FIRST_ROOM);
  length = 0;

  add(part: Buffer): void {
    if (this.length + part.length > this.#buffer.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(this.#buffer.length * 2, this.length + part.length));
      this.#buffer.copy(larger, 0, 0, this.length);
      this.#buffer = larger;
    }
    part.copy(this.#buffer, this.length);
    this.length += part.length;
  }

  /** The line that this part completes. */
  take(part: Buffer): Buffer {
    this.add(part);
    const line = this.#buffer.subarray(0, this.length);
    this.length = 0;
    // One large line among many small ones must not hold its memory for the life of the watch.
    if (this.#buffer.length > LARGEST_ROOM) this.#buffer = Buffer.allocUnsafeSlow(FIRST_ROOM);
    return line;
  }
}

/**
 * Reads one line of a watch.
 *
 * @throws ApiError when the line is an `ERROR` event (410 when the resource version is too old), InvalidResponseError when it is no event
 */
export function parseWatchEvent<T>(line: string): WatchEvent<T> {
  let event: { type?: unknown; object?: unknown };
  try {
    event = parseJson(line) as typeof event;
  } catch {
    throw new InvalidResponseError(notAnEvent(line));
  }
  const { type, object } = event;
  if (type === "ERROR") {
    const status = (object ?? {}) as Status;
    throw new ApiError(status.code ?? 500, status, "watch");
  }
  if (
    (type !== "ADDED" && type !== "MODIFIED" && type !== "DELETED" && type !== "BOOKMARK") ||
    typeof object !== "object" ||
    object === null
  ) {
    throw new InvalidResponseError(notAnEvent(line));
  }
  return { type, object: object as T };
}

/** Without the line itself, or the parser's message, which quotes it: it may be part of a Secret. */
function notAnEvent(line: string): string {
  return `watch: a line of ${line.length} characters is not an event`;
}
