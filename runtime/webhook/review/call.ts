import { milliseconds, type Clock, type Logger } from "../../object/index.ts";

/** The caller waits no longer. */
export class CallEndedError extends Error {
  override readonly name = "CallEndedError";
}

/** The API server's own default for `timeoutSeconds`. */
const DEFAULT_TIMEOUT = 10_000;

/** One call of a webhook: how long the caller waits, and a signal that aborts when it waits no longer. */
export class Call {
  readonly #clock: Clock;
  readonly #deadline: number;
  readonly #parentLog: Logger;
  readonly #path: string;
  #log: Logger | undefined;
  #controller: AbortController | undefined;
  #ended: CallEndedError | undefined;
  #giveUp: ((error: CallEndedError) => void) | undefined;

  /** @param timeout what the caller says how long it waits (`10s`), from the query parameter `timeout` */
  constructor(settings: { clock: Clock; log: Logger; path: string; timeout: string | undefined }) {
    this.#clock = settings.clock;
    this.#parentLog = settings.log;
    this.#path = settings.path;
    this.#deadline = settings.clock.now() + answerTime(settings.timeout);
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

  /** Milliseconds that are left to answer in. */
  get remaining(): number {
    return Math.max(this.#deadline - this.#clock.now(), 0);
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
      const limit = this.remaining;
      const timer = this.#clock.setTimeout(() => this.end(`no answer within ${Math.round(limit)} ms`), limit);
      this.#giveUp = (error) => {
        timer.cancel();
        reject(error);
      };
      if (this.#ended !== undefined) this.#giveUp(this.#ended);
      const settled = () => timer.cancel();
      work.then(settled, settled);
      work.then(resolve, reject);
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
