import { milliseconds, type Clock, type Logger, type Timer } from "../../object/index.ts";

/** The caller waits no longer. */
export class CallEndedError extends Error {
  override readonly name = "CallEndedError";
}

/** The API server's own default for `timeoutSeconds`. */
const DEFAULT_TIMEOUT = 10_000;

/**
 * Calls of webhooks, and the time in which each has to be answered. One timer is enough for all of them: nearly every call is answered long
 * before, and a timer of its own would cost a tenth of a small one.
 */
export class Calls {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #open = new Set<Call>();
  #timer: Timer | undefined;
  /** When the timer fires. */
  #next = Infinity;

  constructor(settings: { clock: Clock; log: Logger }) {
    this.#clock = settings.clock;
    this.#log = settings.log;
  }

  /** @param timeout what the caller says how long it waits (`10s`), from the query parameter `timeout` */
  begin(path: string, timeout: string | undefined): Call {
    const limit = answerTime(timeout);
    return new Call({ calls: this, log: this.#log, path, limit, deadline: this.#clock.monotonic() + limit });
  }

  /** Ends a call when its time is over, unless it is forgotten before. */
  watch(call: Call): void {
    this.#open.add(call);
    if (call.deadline < this.#next) this.#wake(call.deadline);
  }

  forget(call: Call): void {
    this.#open.delete(call);
  }

  /** No call is open any more. */
  close(): void {
    this.#timer?.cancel();
  }

  #wake(at: number): void {
    this.#timer?.cancel();
    this.#next = at;
    this.#timer = this.#clock.setTimeout(() => this.#sweep(), at - this.#clock.monotonic());
  }

  #sweep(): void {
    const now = this.#clock.monotonic();
    this.#next = Infinity;
    let next = Infinity;
    for (const call of this.#open) {
      if (call.deadline <= now) call.end(`no answer within ${Math.round(call.limit)} ms`);
      else next = Math.min(next, call.deadline);
    }
    if (next < Infinity) this.#wake(next);
  }
}

/** One call of a webhook: how long the caller waits, and a signal that aborts when it waits no longer. */
export class Call {
  /** Milliseconds to answer in. */
  readonly limit: number;
  /** When they are over, by the clock's {@link Clock.monotonic}. */
  readonly deadline: number;
  readonly #calls: Calls;
  readonly #parentLog: Logger;
  readonly #path: string;
  #log: Logger | undefined;
  #controller: AbortController | undefined;
  #ended: CallEndedError | undefined;
  #giveUp: ((error: CallEndedError) => void) | undefined;

  /** Made by {@link Calls.begin}. */
  constructor(settings: { calls: Calls; log: Logger; path: string; limit: number; deadline: number }) {
    this.limit = settings.limit;
    this.deadline = settings.deadline;
    this.#calls = settings.calls;
    this.#parentLog = settings.log;
    this.#path = settings.path;
  }

  get log(): Logger {
    return (this.#log ??= this.#parentLog.child({ webhook: this.#path }));
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#ended !== undefined) this.#controller.abort(this.#ended);
    }
    return this.#controller.signal;
  }

  /** An answer is of no use any more: whoever holds the signal is told, and {@link within} rejects. */
  end(reason: string): void {
    if (this.#ended !== undefined) return;
    this.#ended = new CallEndedError(reason);
    this.#controller?.abort(this.#ended);
    this.#giveUp?.(this.#ended);
  }

  /** Settles as the work does, or rejects when the call ends before; the work goes on then, and is told by the signal. */
  within<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const settle = <V>(settled: (value: V) => void, value: V): void => {
        this.#calls.forget(this);
        settled(value);
      };
      this.#giveUp = (error) => settle(reject, error);
      work.then(
        (value) => settle(resolve, value),
        (error: unknown) => settle(reject, error),
      );
      if (this.#ended !== undefined) this.#giveUp(this.#ended);
      else this.#calls.watch(this);
    });
  }
}

/** The caller's time less what the answer needs to travel: a tenth, half a second at most. */
function answerTime(timeout: string | undefined): number {
  const total = timeoutOf(timeout);
  return total - Math.min(total / 10, 500);
}

function timeoutOf(timeout: string | undefined): number {
  // The API server always says it, nearly always in these words.
  if (timeout === undefined || timeout === "10s") return DEFAULT_TIMEOUT;
  try {
    return milliseconds(timeout) || DEFAULT_TIMEOUT;
  } catch {
    return DEFAULT_TIMEOUT; // what cannot be understood is no reason to refuse an object
  }
}
