import { writeSync } from "node:fs";
import type { DestinationStream } from "pino";

/** How long a line may wait for a reader that is slow, in milliseconds. */
const PATIENCE = 1000;
const PAUSE = 10;

/**
 * Standard error, written to before `write` returns, so that nothing is lost when the process ends. What cannot be written is lost: no
 * process shall end because nobody reads its log any more, nor wait for ever for a reader that has stopped.
 *
 * @param write writes bytes and says how many it took; default: to file descriptor 2
 */
export function standardError(write: (bytes: Buffer) => number = (bytes) => writeSync(2, bytes)): DestinationStream {
  let stalled = false;
  return {
    write(line) {
      let left = Buffer.from(line);
      for (let waited = 0; left.length > 0;) {
        try {
          left = left.subarray(write(left));
          stalled = false;
        } catch (error) {
          // A pipe that does not block is full; whoever has had no patience once has none until something is read.
          if (stalled || waited >= PATIENCE || !isFull(error)) {
            stalled = isFull(error);
            return;
          }
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE);
          waited += PAUSE;
        }
      }
    },
  };
}

function isFull(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EAGAIN";
}
