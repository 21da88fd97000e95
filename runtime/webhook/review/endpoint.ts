import type { Call } from "./call.ts";

/** What answers the reviews that come to one path. */
export interface ReviewEndpoint {
  /** The whole answer as JSON. Whatever the body is, and whatever handlers do, it is an answer: a rejection is a fault of the endpoint itself. */
  answer(body: Buffer, call: Call): Promise<string>;
}
