import { X509Certificate } from "node:crypto";
import { systemClock, type Clock, type DurationLike, type KindToken, type Logger } from "../object/index.ts";
import {
  certificateFiles,
  KeptCertificates,
  ownAuthority,
  SigningRequests,
  WebhookServer,
  type CertificateSource,
  type InjectionTarget,
  type ServingPair,
} from "../webhook/index.ts";
import type { Cluster } from "./cluster.ts";
import type { Metrics } from "./metrics.ts";
import type { ManagerOptions, WebhookSettings } from "./options.ts";

/** The names of Kubebuilder's manifests, before kustomize gives them their prefix. */
export const DEFAULT_SERVICE = "webhook-service";
export const DEFAULT_SECRET = "webhook-server-cert";
const DEFAULT_MUTATING = "mutating-webhook-configuration";
const DEFAULT_VALIDATING = "validating-webhook-configuration";

/**
 * How long (ms) requests still come to a pod that goes: a node may hold back what it has learned of a Service for a second, kube-proxy does so by
 * default, and a busy one takes longer.
 */
const DRAIN_OF_A_POD = 5000;
const DRAIN = 1000;

interface Parts {
  cluster: Cluster;
  log: Logger;
  metrics: Metrics;
  clock: Clock;
  random: () => number;
}

/** What {@link Manager} serves webhooks with, as its options say. */
export function webhookServer(options: ManagerOptions, parts: Omit<Parts, "clock" | "random">): WebhookServer {
  const settings: WebhookSettings = options.webhook || { port: 9443 };
  const { clock = systemClock, random = Math.random } = options;
  const { port, host, http2 = false } = settings;
  const { log, metrics } = parts;
  const source = certificatesOf(settings, { ...parts, clock, random }, () => server.convertedKinds);
  const certificates = observed(source, (expiry) => metrics.certificates.expiry.set({ server: "webhook" }, expiry / 1000));
  const server = new WebhookServer({
    log,
    metrics: metrics.webhooks,
    port,
    ...(host !== undefined && { host }),
    clock,
    certificates,
    http2,
  });
  return server;
}

/** How long webhooks are still answered by a process that ends. */
export function drainOf({ webhook }: ManagerOptions): DurationLike {
  const isPod = process.env["KUBERNETES_SERVICE_HOST"] !== undefined;
  return (webhook || {}).drain ?? (isPod ? DRAIN_OF_A_POD : DRAIN);
}

function certificatesOf(settings: WebhookSettings, parts: Parts, convertedKinds: () => readonly KindToken[]): CertificateSource {
  const { certificates, certPath: path, certName, certKey: keyName } = settings;
  const { clock, random, log } = parts;
  if (certificates !== undefined) return certificates;
  if (path !== undefined) {
    const { reads, errors } = parts.metrics.certificates;
    return certificateFiles({ path, certName, keyName, clock, log, onRead: (succeeded) => (succeeded ? reads.inc() : errors.inc()) });
  }
  const { serviceName = DEFAULT_SERVICE, secretName = DEFAULT_SECRET, lifetimes = {}, propagation } = settings;
  const { certSource = "self", signingRequest } = settings;
  const signerName = certSource === "self" ? undefined : certSource.slice("csr:".length);
  const { client, transport, mapper } = parts.cluster;
  return new KeptCertificates({
    ...{ client, transport, mapper, clock, random, log, serviceName, secretName, propagation },
    namespace: async () => settings.namespace ?? (process.env["POD_NAMESPACE"] || (await parts.cluster.connect()).namespace),
    renewal:
      signerName === undefined
        ? ownAuthority(lifetimes, random)
        : new SigningRequests({ ...signingRequest, signerName, client, random, log }),
    targets: () => targetsOf(settings, convertedKinds()),
  });
}

function targetsOf(settings: WebhookSettings, convertedKinds: readonly KindToken[]): InjectionTarget[] {
  const { mutatingConfiguration, validatingConfiguration, apiServices = [], certSource = "self", signingRequest } = settings;
  if (certSource !== "self" && signingRequest?.caBundle === undefined) return []; // they have the CA already
  // Whoever names one of them has no other, and no right to look for it.
  const isNamed = mutatingConfiguration !== undefined || validatingConfiguration !== undefined;
  const configurations = [
    ["MutatingWebhookConfiguration", mutatingConfiguration ?? (isNamed ? undefined : DEFAULT_MUTATING)],
    ["ValidatingWebhookConfiguration", validatingConfiguration ?? (isNamed ? undefined : DEFAULT_VALIDATING)],
  ] as const;
  return [
    ...configurations.flatMap(([kind, name]) =>
      name === undefined ? [] : [{ kind: { apiVersion: "admissionregistration.k8s.io/v1", kind }, name }],
    ),
    ...convertedKinds.map((definitionOf) => ({ definitionOf })),
    ...apiServices.map((name) => ({ kind: { apiVersion: "apiregistration.k8s.io/v1", kind: "APIService" }, name })),
  ];
}

/** The same certificates; tells of each until when it is valid, in milliseconds since the epoch. */
function observed(source: CertificateSource, onServe: (expiry: number) => void): CertificateSource {
  const told = (pair: ServingPair): ServingPair => {
    onServe(new X509Certificate(pair.cert).validToDate.getTime());
    return pair;
  };
  return {
    load: async (signal) => told(await source.load(signal)),
    watch: (onChange, signal) => source.watch((pair) => onChange(told(pair)), signal),
    check: () => source.check?.(),
  };
}
