import type * as fs from "node:fs";
import type * as http from "node:http";
import type * as threads from "node:worker_threads";

/** What the thread is given. */
export interface WatchdogData {
  /** Two 32-bit integers, the heartbeats so far and the length of what follows: what the main thread was doing, in UTF-8. */
  shared: SharedArrayBuffer;
  host: string | undefined;
  port: number;
  /** Milliseconds between two looks at the heartbeats. */
  interval: number;
  /** Milliseconds without a heartbeat after which the loop is called blocked. */
  blockedAfter: number;
}

/** From the thread: it listens, or cannot, or somebody asks how the process is. */
export type FromWatchdog = { port: number } | { error: string } | { id: number; url: string };

/** To the thread: what somebody is answered. */
export interface ToWatchdog {
  id: number;
  status: number;
  body: string;
}

/**
 * The whole of the watchdog's thread. It is handed to the thread as text, so that it is there in every bundle: it may use nothing but its
 * parameter and what every Node has without an import. Its functions are methods, for a bundler that keeps names would wrap others in a call
 * of something outside.
 */
export function watchdogThread(node: { threads: typeof threads; http: typeof http; fs: typeof fs }): void {
  const { parentPort } = node.threads;
  const { shared, host, port, interval, blockedAfter } = node.threads.workerData as WatchdogData;
  const numbers = new Int32Array(shared, 0, 2);
  const doing = new Uint8Array(shared, 8);
  const waiting = new Map<number, http.ServerResponse>();
  let seen = -1;
  let silent = 0;
  let told = false;
  let lookedAt = performance.now();
  let asked = 0;

  const watchdog = {
    words() {
      const during = Buffer.from(doing.slice(0, Atomics.load(numbers, 1))).toString();
      return `event-loop failed: blocked for ${Math.round(silent / 1000)} s${during === "" ? "" : `, ${during}`}`;
    },

    look() {
      const now = performance.now();
      // A process that was stopped as a whole, or starved, has had no more time than this.
      const passed = Math.min(now - lookedAt, 2 * interval);
      lookedAt = now;
      const beats = Atomics.load(numbers, 0);
      silent = beats === seen ? silent + passed : 0;
      seen = beats;
      if (silent < blockedAfter) {
        told = false;
        return;
      }
      for (const id of [...waiting.keys()]) this.refuse(id);
      if (!told) this.tell();
      told = true;
    },

    tell() {
      try {
        node.fs.writeSync(2, `${JSON.stringify({ level: "error", ts: new Date().toISOString(), msg: this.words() })}\n`);
      } catch {
        // Nobody reads the log any more; the probe still says it.
      }
    },

    take(response: http.ServerResponse) {
      const id = ++asked;
      waiting.set(id, response);
      response.on("close", () => waiting.delete(id));
      if (silent < blockedAfter) parentPort?.postMessage({ id, url: response.req.url ?? "/" } satisfies FromWatchdog);
      else this.refuse(id);
    },

    refuse(id: number) {
      const [, endpoint = ""] = (waiting.get(id)?.req.url ?? "").split(/[/?]/);
      this.answer({ id, status: 500, body: `[-]${this.words()}\n${endpoint} check failed\n` });
    },

    answer({ id, status, body }: ToWatchdog) {
      const headers = { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" };
      waiting.get(id)?.writeHead(status, headers).end(body);
      waiting.delete(id);
    },
  };

  const server = node.http.createServer((_request, response) => watchdog.take(response));
  server.on("error", ({ message }) => parentPort?.postMessage({ error: message } satisfies FromWatchdog));
  server.listen({ port, ...(host !== undefined && { host }) }, () => {
    const address = server.address();
    parentPort?.postMessage({ port: typeof address === "object" ? (address?.port ?? 0) : 0 } satisfies FromWatchdog);
  });
  parentPort?.on("message", (message: ToWatchdog) => watchdog.answer(message));
  setInterval(() => watchdog.look(), interval);
}
