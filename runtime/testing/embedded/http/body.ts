import type { IncomingMessage } from "node:http";
import { failure } from "../errors.ts";

const LIMIT = 3 * 1024 * 1024;

/** Reads a whole body Throws StatusFailure 413 when it has more than 3 MiB. */
export async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LIMIT) {
      throw failure(413, "RequestEntityTooLarge", `Request entity too large: limit is ${LIMIT}`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
