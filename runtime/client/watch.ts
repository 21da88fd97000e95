import type { Readable } from "node:stream";
import { parseJson } from "../object/index.ts";
import { ApiError, InvalidResponseError, type Status } from "./errors.ts";

/** One line of a watch. */
export interface WatchEvent<T> {
  type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK";
  object: T;
}

const NEWLINE = 10;

/**
 * Splits a stream into lines, without the newline, as many at a time as a chunk completes. A line that spans many chunks is
 * joined once, not once a chunk. Throws when the stream breaks; an unfinished last line is dropped, for it is not whole.
 */
export async function* readLines(body: Readable): AsyncGenerator<string[]> {
  let pending: Buffer[] = [];
  for await (const chunk of body as AsyncIterable<Buffer>) {
    const lines: string[] = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      if (pending.length > 0) {
        lines.push(Buffer.concat([...pending, chunk.subarray(start, end)]).toString("utf8"));
        pending = [];
      } else if (end > start) lines.push(chunk.toString("utf8", start, end));
      start = end + 1;
    }
    if (start < chunk.length) pending.push(chunk.subarray(start));
    yield lines;
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
