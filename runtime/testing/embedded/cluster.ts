import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock, type Clock } from "../../object/clock.ts";
import { newUid, timestamp, type Api } from "./api.ts";
import { initialObjects } from "./openapi/index.ts";
import { Aggregation } from "./aggregation/index.ts";
import type { ServiceResolver } from "./callout/index.ts";
import { startControllers } from "./controllers/index.ts";
import { readDefinitions } from "./definitions.ts";
import { ACCESS_LOG_VARIABLE, AccessLog, ADMIN, Rbac, ServiceAccountTokens } from "./auth/index.ts";
import { createObject } from "./write.ts";
import { requestInfo, writeOptions } from "./http/index.ts";
import { handle } from "./pipeline.ts";
import { metadataOf, ResourceRegistry } from "./resources/index.ts";
import { stringAt } from "../../schema/index.ts";
import { Store } from "./store/index.ts";

/** How an embedded cluster is started. */
export interface EmbeddedClusterOptions {
  /** Files or folders of CustomResourceDefinitions in YAML; all are Established when `start` resolves. */
  readonly crds?: readonly string[];
  /** Port on 127.0.0.1; default: any that is free. */
  readonly port?: number;
  /** Time for objects' timestamps, watch bookmarks and timeouts; default: the machine's. */
  readonly clock?: Clock;
  /** How many changes each resource remembers for watches and paged lists, default 20,000; what is older gets 410. */
  readonly history?: number;
  /**
   * Where webhooks with a `service` in their `clientConfig`, and the API servers of APIServices, listen, as `host:port`; default: nowhere, but for APIServices
   * with a Service of the type ExternalName. TLS is verified for `NAME.NAMESPACE.svc`.
   */
  readonly serviceResolver?: ServiceResolver;
}

/** As much as Go's server takes for a request's line and headers (bytes): selectors can be long. */
const MAX_HEADER = 1024 * 1024;

/**
 * A Kubernetes API server in this process: real HTTP on a loopback port, all data in memory.
 *
 * ```ts
 * await using cluster = await EmbeddedCluster.start({ crds: ["config/crd/bases"] });
 * // kubectl --kubeconfig ${cluster.kubeconfig} get namespaces
 * ```
 */
export class EmbeddedCluster {
  /** Path of a kubeconfig file for a user who may do everything; removed on `stop`. */
  readonly kubeconfig: string;
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly #server: Server;
  readonly #folder: string;
  readonly #stopping: AbortController;
  readonly #api: Api;

  private constructor(server: Server, folder: string, url: string, stopping: AbortController, api: Api) {
    this.#server = server;
    this.#folder = folder;
    this.#stopping = stopping;
    this.#api = api;
    this.url = url;
    this.kubeconfig = join(folder, "kubeconfig");
  }

  static async start(options: EmbeddedClusterOptions = {}): Promise<EmbeddedCluster> {
    const stopping = new AbortController();
    const clock = options.clock ?? systemClock;
    const store = new Store(options.history === undefined ? {} : { history: options.history });
    const api: Api = {
      store,
      registry: new ResourceRegistry(),
      aggregation: new Aggregation(store),
      clock,
      rbac: new Rbac(store),
      accessLog: process.env[ACCESS_LOG_VARIABLE] === undefined ? undefined : new AccessLog(),
      tokens: new ServiceAccountTokens(store, () => clock.now()),
      resolveService: options.serviceResolver,
      signal: stopping.signal,
    };
    createInitialObjects(api);
    startControllers(api);
    api.aggregation.start(api);
    await createDefinitions(api, options.crds ?? []);
    const server = createServer({ maxHeaderSize: MAX_HEADER }, (incoming, response) => void handle(api, incoming, response));
    server.keepAliveTimeout = 120_000;
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(options.port ?? 0, "127.0.0.1", resolve);
    });
    const { port } = server.address() as AddressInfo;
    const folder = await mkdtemp(join(tmpdir(), "kubescaffold-embedded-"));
    const url = `http://127.0.0.1:${port}`;
    const cluster = new EmbeddedCluster(server, folder, url, stopping, api);
    await writeFile(cluster.kubeconfig, kubeconfigText(url), { mode: 0o600 });
    return cluster;
  }

  /** Forgets all history: older watches and continue tokens get 410, as after etcd's compaction. */
  compact(): void {
    this.#api.store.compact();
  }

  /** Ends all watches and connections, frees the port, removes the kubeconfig. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error("the embedded cluster was stopped"));
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
    await this.#api.accessLog?.write(process.env[ACCESS_LOG_VARIABLE] ?? "");
    await rm(this.#folder, { recursive: true, force: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

/** The text of a kubeconfig without credentials: this server takes a request without any as coming from its administrator. */
function kubeconfigText(url: string): string {
  return `apiVersion: v1
kind: Config
clusters:
- name: embedded
  cluster:
    server: ${url}
users:
- name: admin
  user: {}
contexts:
- name: embedded
  context:
    cluster: embedded
    user: admin
current-context: embedded
`;
}

function createInitialObjects({ store, registry, clock }: Api): void {
  const now = timestamp(clock.now());
  for (const object of initialObjects()) {
    const resource = registry.ofKind(stringAt(object, "apiVersion") ?? "", stringAt(object, "kind") ?? "");
    if (resource === undefined) continue;
    const metadata = metadataOf(object);
    metadata["uid"] = newUid();
    metadata["creationTimestamp"] = now;
    store.create(store.collection(resource.collection), stringAt(metadata, "namespace") ?? "", stringAt(metadata, "name") ?? "", object);
  }
}

/** Creates definitions as a client would; they are served when this resolves. */
async function createDefinitions(api: Api, paths: readonly string[]): Promise<void> {
  const resource = api.registry.find("apiextensions.k8s.io", "v1", "customresourcedefinitions");
  if (resource === undefined) throw new Error("apiextensions.k8s.io/v1 is not served");
  for (const definition of await readDefinitions(paths)) {
    const query = new URLSearchParams({ fieldManager: "kubescaffold" });
    const { object } = resource.strategy().decodeValue(definition, "Ignore");
    const request = {
      method: "POST",
      info: requestInfo("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", query),
      query,
      headers: {},
      user: ADMIN,
      signal: api.signal,
      body: () => Promise.resolve(Buffer.alloc(0)),
      warnings: [],
    };
    await createObject(api, { resource, namespace: "", subresource: "", request, options: writeOptions(query, "CreateOptions") }, object);
  }
}
