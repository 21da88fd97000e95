import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import type { InformerState } from "../cache/index.ts";
import { describeKind, groupOf, type Clock, type KindToken } from "../object/index.ts";
import type { ControllerMetrics, Failure, ReconcileOutcome } from "../controller/index.ts";
import type { WebhookMetrics } from "../webhook/index.ts";
import type { RequestHandler } from "./endpoint.ts";

const RECONCILE_BUCKETS = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.25, 1.5, 1.75, 2, 2.5, 3, 3.5, 4, 4.5,
  5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 60,
];
const QUEUE_BUCKETS = [1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1, 10, 100, 1000];
/** Prometheus' own default. */
const WEBHOOK_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** `requeue` is never counted here, but alerts may name it. */
const OUTCOMES: readonly (ReconcileOutcome | "requeue")[] = ["success", "error", "requeue_after", "requeue"];
/** Milliseconds between two looks at how late the event loop is. */
const LOOP_RESOLUTION = 20;

/** Prometheus metrics with controller-runtime's names and labels, so that existing dashboards and alerts work. */
export class Metrics {
  readonly registry = new Registry();
  readonly #reconciles = this.#counter(
    "controller_runtime_reconcile_total",
    "Total number of reconciliations per controller",
    "controller",
    "result",
  );
  readonly #errors = this.#counter(
    "controller_runtime_reconcile_errors_total",
    "Total number of reconciliation errors per controller",
    "controller",
  );
  readonly #failures: Readonly<Record<Failure, Counter>> = {
    terminal: this.#counter(
      "controller_runtime_terminal_reconcile_errors_total",
      "Total number of terminal reconciliation errors per controller",
      "controller",
    ),
    timeout: this.#counter(
      "controller_runtime_reconcile_timeouts_total",
      "Total number of reconciliation timeouts per controller",
      "controller",
    ),
    panic: this.#counter("controller_runtime_reconcile_panics_total", "Total number of reconciliation panics per controller", "controller"),
  };
  readonly #times = this.#histogram(
    "controller_runtime_reconcile_time_seconds",
    "Length of time per reconciliation per controller",
    RECONCILE_BUCKETS,
    "controller",
  );
  readonly #limit = this.#gauge(
    "controller_runtime_max_concurrent_reconciles",
    "Maximum number of concurrent reconciles per controller",
    "controller",
  );
  readonly #active = this.#gauge("controller_runtime_active_workers", "Number of currently used workers per controller", "controller");
  readonly #depth = this.#gauge("workqueue_depth", "Current depth of workqueue", "name", "controller");
  readonly #adds = this.#counter("workqueue_adds_total", "Total number of adds handled by workqueue", "name", "controller");
  readonly #retries = this.#counter("workqueue_retries_total", "Total number of retries handled by workqueue", "name", "controller");
  readonly #waits = this.#histogram(
    "workqueue_queue_duration_seconds",
    "How long in seconds an item stays in workqueue before being requested",
    QUEUE_BUCKETS,
    "name",
    "controller",
  );
  readonly #works = this.#histogram(
    "workqueue_work_duration_seconds",
    "How long in seconds processing an item from workqueue takes",
    QUEUE_BUCKETS,
    "name",
    "controller",
  );
  /** How to learn, at a scrape, how long each run of a controller has taken so far, in milliseconds. */
  readonly #workTimes = new Map<string, () => readonly number[]>();
  readonly #leader = this.#gauge(
    "leader_election_master_status",
    "Gauge of if the reporting system is master of the relevant lease, 0 indicates backup, 1 indicates master",
    "name",
  );

  readonly #slowPath = this.#counter(
    "leader_election_slowpath_total",
    "Total number of slow path exercised in renewing leader leases",
    "name",
  );
  readonly #requests = this.#counter(
    "rest_client_requests_total",
    "Number of HTTP requests, partitioned by status code, method, and host.",
    "code",
    "method",
    "host",
  );

  readonly #webhookRequests = this.#counter(
    "controller_runtime_webhook_requests_total",
    "Total number of admission requests by HTTP status code.",
    "webhook",
    "code",
  );
  readonly #webhookLatency = this.#histogram(
    "controller_runtime_webhook_latency_seconds",
    "Histogram of the latency of processing admission requests",
    WEBHOOK_BUCKETS,
    "webhook",
  );
  readonly #webhooksInFlight = this.#gauge(
    "controller_runtime_webhook_requests_in_flight",
    "Current number of admission requests being served.",
    "webhook",
  );
  readonly #webhookPanics = this.#counter("controller_runtime_webhook_panics_total", "Total number of webhook panics");
  readonly #conversionPanics = this.#counter(
    "controller_runtime_conversion_webhook_panics_total",
    "Total number of conversion webhook panics",
  );

  /** The metrics of the webhook server. */
  readonly webhooks: WebhookMetrics = {
    served: (webhook) => {
      // The most likely answers are there with 0 from the start, as controller-runtime has them.
      for (const code of [200, 500]) this.#webhookRequests.inc({ webhook, code }, 0);
      this.#webhookLatency.zero({ webhook });
      this.#webhooksInFlight.inc({ webhook }, 0);
    },
    started: (webhook) => this.#webhooksInFlight.inc({ webhook }),
    answered: (webhook, code, seconds) => {
      this.#webhookRequests.inc({ webhook, code });
      this.#webhookLatency.observe({ webhook }, seconds);
    },
    ended: (webhook) => this.#webhooksInFlight.dec({ webhook }),
    panicked: () => this.#webhookPanics.inc(),
    conversionPanicked: () => this.#conversionPanics.inc(),
  };

  /** The metrics of one controller, all of them present with 0 from the start. */
  forController(controller: string, concurrency: number): ControllerMetrics {
    const queue = { name: controller, controller };
    for (const result of OUTCOMES) this.#reconciles.inc({ controller, result }, 0);
    this.#errors.inc({ controller }, 0);
    for (const failure of Object.values(this.#failures)) failure.inc({ controller }, 0);
    this.#times.zero({ controller });
    this.#waits.zero(queue);
    this.#works.zero(queue);
    this.#adds.inc(queue, 0);
    this.#retries.inc(queue, 0);
    this.#limit.set({ controller }, concurrency);
    this.#active.set({ controller }, 0);
    this.#depth.set(queue, 0);
    return {
      queue: {
        added: () => this.#adds.inc(queue),
        taken: (waited) => this.#waits.observe(queue, waited / 1000),
        done: (worked) => this.#works.observe(queue, worked / 1000),
      },
      depth: (keys) => this.#depth.set(queue, keys),
      active: (workers) => this.#active.set({ controller }, workers),
      runs: (workTimes) => this.#workTimes.set(controller, workTimes),
      retried: () => this.#retries.inc(queue),
      failed: (how) => this.#failures[how].inc({ controller }),
      reconciled: (result, seconds) => {
        this.#reconciles.inc({ controller, result });
        if (result === "error") this.#errors.inc({ controller });
        this.#times.observe({ controller }, seconds);
      },
    };
  }

  /** What controller-runtime has no names for: how large the caches are, and how well they follow the API server. Asked for at each scrape. */
  ofCaches(states: () => readonly InformerState[], clock: Clock): void {
    const gauges: readonly [name: string, help: string, value: (state: InformerState) => number | undefined][] = [
      ["kubescaffold_cache_objects", "Objects in the cache", ({ objects }) => objects],
      ["kubescaffold_cache_bytes", "Size of the cached objects as JSON", ({ bytes }) => bytes],
      [
        "kubescaffold_cache_last_event_age_seconds",
        "Time since the watch last reported anything, bookmarks included; these come every minute",
        ({ lastEventAt }) => lastEventAt && (clock.monotonic() - lastEventAt) / 1000,
      ],
      [
        "kubescaffold_cache_waiting",
        "Caches whose kind the API server does not serve any more, and which wait for it",
        ({ phase }) => Number(phase === "waiting"),
      ],
      ["kubescaffold_cache_relists_total", "Lists after the first one", ({ relists }) => relists],
      ["kubescaffold_cache_watch_restarts_total", "Watches opened after the first one had ended", ({ watchRestarts }) => watchRestarts],
    ];
    for (const [name, help, valueOf] of gauges) {
      const labelNames = ["group", "version", "kind", "namespace"];
      const options = { name, help, labelNames, registers: [this.registry] };
      const metric = name.endsWith("_total") ? new Counter({ ...options, collect }) : new Gauge({ ...options, collect });
      function collect(this: Counter | Gauge): void {
        metric.reset();
        for (const { kind, namespace = "", states: all } of byCollection(states())) {
          const version = kind.apiVersion.slice(kind.apiVersion.indexOf("/") + 1);
          const values = all.map(valueOf).filter((value) => value !== undefined);
          if (values.length === 0) continue; // nothing has been heard yet, which is no age
          // Several caches of one kind, or watches of single objects: the one that lags most tells how old the last event is.
          const value = name.endsWith("_age_seconds") ? Math.max(...values) : values.reduce((sum, each) => sum + each, 0);
          metric.inc({ group: groupOf(kind.apiVersion), version, kind: kind.kind, namespace }, value);
        }
      }
    }
  }

  renewedSlowly(id: string): void {
    this.#slowPath.inc({ name: id });
  }

  /** One request to the API server. */
  requested(request: { method: string; host: string; code: string }): void {
    this.#requests.inc(request);
  }

  /** What of the machine and of Node is known at each scrape: processor, memory, heap, collections, how late the event loop is; and work under way. */
  ofProcess(): void {
    collectDefaultMetrics({ register: this.registry, eventLoopMonitoringPrecision: LOOP_RESOLUTION });
    this.#ofRuns(
      "workqueue_unfinished_work_seconds",
      "How many seconds of work has been done that is in progress and hasn't been observed by work_duration",
      (times) => times.reduce((sum, time) => sum + time, 0),
    );
    this.#ofRuns(
      "workqueue_longest_running_processor_seconds",
      "How many seconds has the longest running processor for workqueue been running",
      (times) => Math.max(0, ...times),
    );
  }

  /** How often certificates were read from files, and until when that of the webhooks is valid. */
  readonly certificates = {
    reads: this.#counter("certwatcher_read_certificate_total", "Total number of certificate reads"),
    errors: this.#counter("certwatcher_read_certificate_errors_total", "Total number of certificate read errors"),
    expiry: this.#gauge(
      "kubescaffold_certificate_expiration_timestamp_seconds",
      "Until when the certificate that a server shows is valid",
      "server",
    ),
  };

  leading(id: string, leads: boolean): void {
    this.#slowPath.inc({ name: id }, 0);
    this.#leader.set({ name: id }, leads ? 1 : 0);
  }

  /** Serves `/metrics` in Prometheus' text format. */
  readonly handler: RequestHandler = async (request, response) => {
    if (request.url?.split("?")[0] !== "/metrics") {
      response.writeHead(404, { "content-type": "text/plain" }).end("404 page not found\n");
      return;
    }
    response.writeHead(200, { "content-type": this.registry.contentType }).end(await this.registry.metrics());
  };

  #ofRuns(name: string, help: string, sum: (times: readonly number[]) => number): void {
    const gauge: Gauge = new Gauge({
      ...{ name, help, labelNames: ["name", "controller"], registers: [this.registry] },
      collect: () => {
        for (const [controller, times] of this.#workTimes) gauge.set({ name: controller, controller }, sum(times()) / 1000);
      },
    });
  }

  #counter(name: string, help: string, ...labelNames: string[]) {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  #gauge(name: string, help: string, ...labelNames: string[]) {
    return new Gauge({ name, help, labelNames, registers: [this.registry] });
  }

  #histogram(name: string, help: string, buckets: number[], ...labelNames: string[]) {
    return new Histogram({ name, help, buckets, labelNames, registers: [this.registry] });
  }
}

function byCollection(states: readonly InformerState[]): { kind: KindToken; namespace: string | undefined; states: InformerState[] }[] {
  const byKey = new Map<string, { kind: KindToken; namespace: string | undefined; states: InformerState[] }>();
  for (const state of states) {
    const { kind, namespace } = state;
    const key = `${describeKind(kind)} ${namespace ?? ""}`;
    const known = byKey.get(key) ?? { kind, namespace, states: [] };
    known.states.push(state);
    byKey.set(key, known);
  }
  return [...byKey.values()];
}
