import type { Request } from "./transport.ts";

/** Told of every call that a client sends; cached reads send nothing, and watches are not told of. */
export interface CallObserver {
  began(request: Request): ObservedCall;
}

export interface ObservedCall {
  /** Sent along, such as the `traceparent` of W3C Trace Context. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The HTTP status of each answer: there are several when the call is tried again. */
  answered?(status: number): void;
  /** What the call is about to reject with, if it does. */
  ended(error?: unknown): void;
}
