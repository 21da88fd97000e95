import type { IncomingMessage } from "node:http";
import { failure } from "../errors.ts";

const LIMIT = 3 * 1024 * 1024;

/**
 * Reads a whole body. Rejects with a StatusFailure 413 when it has more than 3 MiB; the rest is read all the same and dropped, since the client may look at
 * the answer only when all of it is sent.
 */
export function readBody(incoming: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] = [];
    let size = 0;
    incoming.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= LIMIT) chunks.push(chunk);
      else {
        chunks = [];
        reject(failure(413, "RequestEntityTooLarge", `Request entity too large: limit is ${LIMIT}`));
      }
    });
    incoming.on("end", () => resolve(Buffer.concat(chunks)));
    incoming.on("error", reject);
  });
}
