import type { Incoming } from "./listener.ts";

/** What the API server may send: its own limit of an object, twice (old and new), with room for the rest. */
export const BODY_LIMIT = 3 * 1024 * 1024;

/** A request that is answered without looking at what it asks. */
export interface Refusal {
  readonly code: number;
  readonly message: string;
}

/** Whether the headers promise a body that can be read. */
export function refuseHeaders(request: Incoming): Refusal | undefined {
  if (request.method !== "POST") return { code: 405, message: "use POST" };
  const { "content-type": type = "", "content-encoding": encoding = "identity" } = request.headers;
  if (type !== "application/json" && !isJson(type))
    return { code: 415, message: `content type ${JSON.stringify(type.slice(0, 80))} is not application/json` };
  if (encoding.toLowerCase() !== "identity") return { code: 415, message: "an encoded body is not understood" };
  return undefined;
}

/**
 * Reads a body. One that is too large is read on, and dropped, up to four times the limit, so that its sender gets to see the answer
 * rather than a broken connection. `done` is not called when the sender goes away.
 */
export function readBody(request: Incoming, limit: number, done: (body: Buffer | Refusal) => void): void {
  const tooLarge: Refusal = { code: 413, message: `the body is larger than ${limit} bytes` };
  let parts: Buffer[] = [];
  let size = 0;
  let over = false;
  const finish = (result: Buffer | Refusal) => {
    over = true;
    parts = [];
    done(result);
  };
  if (Number(request.headers["content-length"]) > 4 * limit) {
    finish(tooLarge);
    return;
  }
  request.on("data", (part: Buffer) => {
    if (over) return;
    size += part.length;
    if (size <= limit) parts.push(part);
    else if (size > 4 * limit) finish(tooLarge);
    else parts = [];
  });
  request.on("end", () => {
    if (over) return;
    const [first] = parts;
    if (size > limit) finish(tooLarge);
    else if (first === undefined) finish({ code: 400, message: "the body is empty" });
    else finish(parts.length === 1 ? first : Buffer.concat(parts, size));
  });
  // The sender went away in the middle; there is nobody to tell.
  request.on("error", () => undefined);
}

/** `application/json`, with parameters; JSON is UTF-8 always (RFC 8259), so no other charset can be meant. */
function isJson(contentType: string): boolean {
  const [type = "", ...parameters] = contentType.split(";").map((part) => part.trim().toLowerCase());
  return (
    type === "application/json" && parameters.every((each) => !each.startsWith("charset=") || /^charset="?(utf-?8|us-ascii)"?$/.test(each))
  );
}
