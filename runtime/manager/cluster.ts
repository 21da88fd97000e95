import { Cache } from "../cache/index.ts";
import { ApiClient, DEFAULT_FIELD_MANAGER, loadConnection, RestMapper, Transport, type ConnectionConfig } from "../client/index.ts";
import type { Clock, Logger } from "../object/index.ts";
import type { Metrics } from "./metrics.ts";
import type { ManagerOptions } from "./options.ts";

/** One API server as all controllers share it. Nothing is read or sent until the first request. */
export class Cluster {
  readonly transport: Transport;
  readonly mapper: RestMapper;
  readonly cache: Cache;
  /** Reads declared kinds from the cache. */
  readonly client: ApiClient;
  readonly #options: ManagerOptions;
  #connection: Promise<ConnectionConfig> | undefined;

  constructor(options: ManagerOptions, parts: { clock: Clock; random: () => number; log: Logger; metrics: Metrics }) {
    const { clock, random, log, metrics } = parts;
    this.#options = options;
    this.transport = new Transport(() => this.connect(), {
      clock,
      random,
      userAgent: options.leaderElection ? options.leaderElection.id : "kubescaffold",
      onRequest: options.metrics ? (request) => metrics.requested(request) : undefined,
      onWarning: (text) => log.warn("the API server warns", { warning: text }),
    });
    this.mapper = new RestMapper(this.transport);
    const { namespaces, references } = options;
    this.cache = new Cache({ transport: this.transport, mapper: this.mapper, log, namespaces, references, clock, random });
    this.cache.keepFieldsOf(DEFAULT_FIELD_MANAGER);
    metrics.ofCaches(() => this.cache.states, clock);
    this.client = new ApiClient({ transport: this.transport, mapper: this.mapper, reader: this.cache });
  }

  /** Finds the API server, once. @throws KubeconfigError */
  connect(): Promise<ConnectionConfig> {
    const { kubeconfig, context } = this.#options;
    return (this.#connection ??= loadConnection({ kubeconfig, context }));
  }
}
