import { Worker } from "node:worker_threads";
import type { Clock, Timer } from "../object/index.ts";
import type { Activity } from "./activity.ts";
import type { BindAddress } from "./endpoint.ts";
import type { HealthAnswer } from "./health.ts";
import { watchdogThread, type FromWatchdog, type ToWatchdog, type WatchdogData } from "./watchdog-thread.ts";

/** The thread needs little; a flood of probes shall not make it large. Mebibytes. */
const LIMITS = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 1, stackSizeMb: 1 };
/** The longest time between two heartbeats, in milliseconds. */
const HEARTBEAT = 500;
/** Room for what the main thread is doing, in bytes. */
const TEXT = 1024;
/** The code of the thread, which no bundler has to find. */
const SOURCE = `(${watchdogThread.toString()})({
  threads: require("node:worker_threads"), http: require("node:http"), fs: require("node:fs"),
});`;

export interface WatchdogOptions {
  address: BindAddress;
  /** Milliseconds. */
  blockedAfter: number;
  activity: Activity;
  /** What is answered while the event loop turns. */
  answer: (url: string) => Promise<HealthAnswer>;
  clock: Clock;
  /** Told when the thread fails. */
  onFailure: (error: unknown) => void;
}

/**
 * Serves health from a thread of its own, which sees by a missing heartbeat that the event loop is blocked: then it fails every probe, says
 * why, and writes one line to standard error. Everything else is asked of the main thread.
 */
export class Watchdog {
  readonly port: number;
  readonly #worker: Worker;
  readonly #options: WatchdogOptions;
  readonly #beats: Int32Array;
  #timer: Timer | undefined;
  #closed = false;

  private constructor(worker: Worker, port: number, shared: SharedArrayBuffer, options: WatchdogOptions) {
    this.port = port;
    this.#worker = worker;
    this.#options = options;
    this.#beats = new Int32Array(shared, 0, 2);
    worker.on("message", (message: FromWatchdog) => {
      if ("id" in message) void this.#answer(message);
    });
    worker.on("error", (error) => {
      if (!this.#closed) options.onFailure(new Error("the watchdog of the event loop failed", { cause: error }));
    });
    worker.unref();
    const text = Buffer.from(shared, 8);
    options.activity.tell((doing) => Atomics.store(this.#beats, 1, text.write(doing)));
    this.#beat(intervalOf(options));
  }

  /** @throws the listen error (a port in use, say) with the address in its message */
  static async start(options: WatchdogOptions): Promise<Watchdog> {
    const shared = new SharedArrayBuffer(8 + TEXT);
    const { address, blockedAfter } = options;
    const workerData: WatchdogData = { shared, ...address, blockedAfter, interval: intervalOf(options) };
    const worker = new Worker(SOURCE, { eval: true, name: "watchdog", workerData, resourceLimits: LIMITS, execArgv: [], env: {} });
    try {
      const port = await new Promise<number>((resolve, reject) => {
        worker.once("error", reject).once("message", (message: FromWatchdog) => {
          if ("port" in message) resolve(message.port);
          else reject(new Error("error" in message ? message.error : "the watchdog does not listen"));
        });
      });
      return new Watchdog(worker, port, shared, options);
    } catch (error) {
      await worker.terminate();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    this.#options.activity.tell(undefined);
    await this.#worker.terminate();
  }

  #beat(interval: number): void {
    Atomics.add(this.#beats, 0, 1);
    this.#timer = this.#options.clock.setTimeout(() => this.#beat(interval), interval);
  }

  async #answer({ id, url }: { id: number; url: string }): Promise<void> {
    const answer = await this.#options.answer(url).catch((error: unknown) => ({ status: 500, body: `${String(error)}\n` }));
    if (!this.#closed) this.#worker.postMessage({ id, ...answer } satisfies ToWatchdog);
  }
}

function intervalOf({ blockedAfter }: WatchdogOptions): number {
  return Math.min(HEARTBEAT, blockedAfter / 4);
}
