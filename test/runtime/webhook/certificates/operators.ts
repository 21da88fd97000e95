import { once } from "node:events";
import { get } from "node:http";
import { connect as connectTls } from "node:tls";
import { ConfigMap } from "kubernetes-models/v1/ConfigMap";
import { connect, type ApiClient, type Connection } from "../../../../runtime/client/index.ts";
import { Manager, type ManagerOptions, type WebhookSettings } from "../../../../runtime/manager/index.ts";
import { silentLogger, unstructured, type UnstructuredObject } from "../../../../runtime/object/index.ts";
import { ControlPlane } from "../../../../runtime/testing/controlplane/index.ts";
import { EmbeddedCluster } from "../../../../runtime/testing/embedded/index.ts";
import { eventually } from "../../../../runtime/testing/eventually.ts";
import { denied } from "../../../../runtime/webhook/index.ts";
import { careful, FrigateKind } from "../frigates.ts";
import { Balancer } from "./balancer.ts";

export const NAMESPACE = "default";
export const SERVICE = "webhook-service";
export const SECRET = unstructured({ apiVersion: "v1", kind: "Secret" });
export const MUTATING = unstructured({ apiVersion: "admissionregistration.k8s.io/v1", kind: "MutatingWebhookConfiguration" });
export const VALIDATING = unstructured({ apiVersion: "admissionregistration.k8s.io/v1", kind: "ValidatingWebhookConfiguration" });

export type Server = "embedded" | "kube-apiserver";

/** An API server that reaches the replicas of one operator by its Service. */
export interface Site extends AsyncDisposable {
  readonly client: ApiClient;
  readonly kubeconfig: string;
  readonly balancer: Balancer;
  /** What an API server calls the operator by, for clients of a test's own. */
  readonly servername: string;
}

export async function startSite(server: Server): Promise<Site> {
  const balancer = await Balancer.start();
  const serviceResolver = () => `127.0.0.1:${balancer.port}`;
  const cluster = server === "embedded" ? await EmbeddedCluster.start({ serviceResolver }) : await ControlPlane.start();
  const connection = await connect({ kubeconfig: cluster.kubeconfig });
  const { client } = connection;
  if (server === "kube-apiserver") {
    // There is no network of the cluster here, but an API server asks for such a Service at the name that it stands for.
    const spec = { type: "ExternalName", externalName: "localhost" };
    await client.create({ apiVersion: "v1", kind: "Service", metadata: { name: SERVICE, namespace: NAMESPACE }, spec });
  }
  return {
    ...{ client, kubeconfig: cluster.kubeconfig, balancer, servername: `${SERVICE}.${NAMESPACE}.svc` },
    async [Symbol.asyncDispose]() {
      connection.close();
      await cluster.stop();
      await balancer[Symbol.asyncDispose]();
    },
  };
}

/** The configurations of an operator that marks and checks ConfigMaps whose label says so, as its manifests would have them. */
function configurations({ balancer }: Site): UnstructuredObject[] {
  const entry = (name: string, path: string) => ({
    name: `${name}.example.com`,
    clientConfig: { service: { name: SERVICE, namespace: NAMESPACE, port: balancer.port, path } },
    rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["configmaps"] }],
    objectSelector: { matchLabels: { webhooks: "yes" } },
    sideEffects: "None",
    admissionReviewVersions: ["v1"],
    timeoutSeconds: 5,
  });
  const foreign = {
    ...entry("foreign", "/"),
    clientConfig: { url: "https://127.0.0.1:9/", caBundle: "" },
    objectSelector: { matchLabels: { webhooks: "foreign" } },
  };
  return [
    { ...MUTATING, metadata: { name: "mutating-webhook-configuration" }, webhooks: [foreign, entry("mutate", "/mutate--v1-configmap")] },
    { ...VALIDATING, metadata: { name: "validating-webhook-configuration" }, webhooks: [entry("validate", "/validate--v1-configmap")] },
  ];
}

export interface ReplicaOptions extends Omit<ManagerOptions, "webhook"> {
  webhook?: Partial<WebhookSettings>;
  /** Whether it converts frigates too. */
  converts?: boolean;
}

/** A replica of that operator, which is not started yet. */
export async function replica(site: Pick<Site, "kubeconfig">, options: ReplicaOptions = {}): Promise<Manager> {
  const { converts = false, ...others } = options;
  const manager = await Manager.create({
    kubeconfig: site.kubeconfig,
    healthProbe: { bindAddress: "127.0.0.1:0", blockedAfter: false },
    log: silentLogger,
    ...others,
    webhook: { port: 0, host: "127.0.0.1", propagation: 0, ...options.webhook },
  });
  manager
    .webhook(ConfigMap)
    .defaultWith({ default: (object) => void (((object.metadata ??= {}).annotations ??= {})["example.com/marked"] = "yes") })
    .validateWith({ validateCreate: ({ data }) => (data?.["wrong"] === "yes" ? denied("it says that it is wrong") : undefined) });
  if (converts) manager.webhook(FrigateKind).convertWith(careful);
  return manager;
}

/** Takes away all that replicas and tests leave behind. */
export async function clean({ client, balancer }: Site): Promise<void> {
  balancer.ports = [];
  await client.delete(SECRET, { namespace: NAMESPACE, name: "webhook-server-cert" });
  await client.delete(MUTATING, { name: "mutating-webhook-configuration" });
  await client.delete(VALIDATING, { name: "validating-webhook-configuration" });
}

/** Starts a replica, and lets it have calls once it is ready. */
export async function started(site: Site, options?: Parameters<typeof replica>[1]): Promise<Manager> {
  const manager = await replica(site, options);
  await manager.start();
  await eventually(() => readiness(manager));
  site.balancer.ports = [...site.balancer.ports, manager.ports.webhook ?? 0];
  return manager;
}

/** Throws with what is not ready. */
export async function readiness(manager: Manager): Promise<void> {
  const { code, text } = await new Promise<{ code: number; text: string }>((resolve, reject) => {
    get({ host: "127.0.0.1", port: manager.ports.health, path: "/readyz?verbose" }, (response) => {
      let text = "";
      response.on("data", (part: Buffer) => (text += part.toString())).on("end", () => resolve({ code: response.statusCode ?? 0, text }));
    }).on("error", reject);
  });
  if (code !== 200) throw new Error(text);
}

export async function install(site: Site): Promise<void> {
  for (const object of configurations(site)) await site.client.create(object);
}

/** Asks the API server for an object that both webhooks see. */
export async function ask(
  { client }: Pick<Connection, "client">,
  name: string,
  data: Record<string, string> = {},
): Promise<Record<string, string> | undefined> {
  const metadata = { name, namespace: NAMESPACE, labels: { webhooks: "yes" } };
  const answer = await client.dryRun().create({ apiVersion: "v1", kind: "ConfigMap", metadata, data });
  return (answer as { metadata: { annotations?: Record<string, string> } }).metadata.annotations;
}

/** The Secret's contents, decoded. */
export async function secretOf({ client }: Pick<Site, "client">): Promise<Record<string, string>> {
  const secret = await client.get(SECRET, { namespace: NAMESPACE, name: "webhook-server-cert" });
  const data = (secret?.["data"] ?? {}) as Record<string, string>;
  return Object.fromEntries(Object.entries(data).map(([key, text]) => [key, Buffer.from(text, "base64").toString()]));
}

/** The CA bundles in the configurations that exist, one for each of their webhooks, decoded. */
export async function bundlesOf({ client }: Pick<Site, "client">): Promise<string[]> {
  const objects = await Promise.all([
    client.get(MUTATING, { name: "mutating-webhook-configuration" }),
    client.get(VALIDATING, { name: "validating-webhook-configuration" }),
  ]);
  const webhooks = objects.flatMap((object) => (object?.["webhooks"] ?? []) as { clientConfig: { caBundle?: string } }[]);
  return webhooks.map(({ clientConfig }) => Buffer.from(clientConfig.caBundle ?? "", "base64").toString());
}

/** The fingerprint of the certificate that a replica shows. */
export async function shownBy(manager: Manager): Promise<string> {
  const socket = connectTls({ host: "127.0.0.1", port: manager.ports.webhook ?? 0, rejectUnauthorized: false });
  await once(socket, "secureConnect");
  const { fingerprint256 } = socket.getPeerCertificate();
  socket.destroy();
  return fingerprint256;
}

/** Asks again and again until it is stopped, and keeps what failed. */
export class Caller {
  readonly failures: unknown[] = [];
  count = 0;
  readonly #stop = new AbortController();
  readonly #done: Promise<unknown>;

  constructor(ask: () => Promise<unknown>, parallel = 4) {
    const one = async () => {
      while (!this.#stop.signal.aborted) {
        await ask().catch((error: unknown) => this.failures.push(error));
        this.count++;
      }
    };
    this.#done = Promise.all(Array.from({ length: parallel }, one));
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }
}
