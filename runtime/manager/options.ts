import type { ReferencesSettings } from "../cache/index.ts";
import type { Clock, DurationLike, Logger } from "../object/index.ts";
import type { CertificateLifetimes, CertificateSource, SigningRequestOptions } from "../webhook/index.ts";
import type { LeaderElectionSettings } from "./leader-election.ts";
import type { TracingApi } from "./tracing.ts";

/** Anything with a life: started with the manager, and told by the signal when to end. */
export interface Runnable {
  /**
   * Resolves when it has ended; a rejection ends the manager. What it writes through the manager's client is refused from the moment on at
   * which the lease may be another's.
   */
  start(signal: AbortSignal): Promise<void>;
  /** True to run on followers too. Default false: only while this process leads. */
  readonly runsWithoutLeading?: boolean;
}

export interface MetricsSettings {
  /** For example `:8443`, or `127.0.0.1:0` for any free port. */
  bindAddress: string;
  /**
   * Serve HTTPS, and only to those whose bearer token may `get` `/metrics` (TokenReview and SubjectAccessReview, which the operator's
   * service account must be allowed to create). Default false.
   */
  secure?: boolean;
  /** Folder with the certificate, when `secure`. Default: one that is made at the start and signed by itself. */
  certPath?: string | undefined;
  /** Default `tls.crt`. */
  certName?: string | undefined;
  /** Default `tls.key`. */
  certKey?: string | undefined;
}

export interface HealthProbeSettings {
  /** Of `/healthz` and `/readyz`, for example `:8081`. */
  bindAddress: string;
  /**
   * How long the event loop may be blocked until health fails, says which reconcile was under way, and one line tells it on standard error.
   * For this, health is served from a thread of its own, which costs about 8 MiB; with `false` it is served without, and a probe of a
   * blocked process just gets no answer. Default `10s`; without a thread where the manager is given a clock.
   */
  blockedAfter?: DurationLike | false | undefined;
}

export interface WebhookSettings {
  /** 0 for any free port. */
  port: number;
  /** The address to listen on. Default: all of the machine's. */
  host?: string | undefined;
  /** Folder with the certificate, which is read again when it changes. Default: one that the operator keeps in a Secret, see {@link certSource}. */
  certPath?: string | undefined;
  /** Default `tls.crt`. */
  certName?: string | undefined;
  /** Default `tls.key`. */
  certKey?: string | undefined;
  /** Offer HTTP/2 as well. Default false. */
  http2?: boolean | undefined;
  /** Where the certificate comes from when it is neither from files nor kept by the operator. */
  certificates?: CertificateSource | undefined;
  /**
   * Who signs the certificate that the operator keeps: with `self`, the default, a CA of its own, which it makes known to the API server in the
   * configurations below, in the definitions of kinds that it converts, and in {@link apiServices}; with `csr:example.com/signer` that signer of the
   * cluster, which is asked by CertificateSigningRequests.
   */
  certSource?: "self" | `csr:${string}` | undefined;
  /** How the signer is asked, with a {@link certSource} of `csr:`. */
  signingRequest?: SigningRequestOptions | undefined;
  /** Name of the Secret in which all replicas share the certificate. Default `webhook-server-cert`. */
  secretName?: string | undefined;
  /** Name of the Service by which the API server calls the webhooks. Default `webhook-service`. */
  serviceName?: string | undefined;
  /** Namespace of Secret and Service. Default: `$POD_NAMESPACE`, else that of the pod or of the kubeconfig's context. */
  namespace?: string | undefined;
  /**
   * Name of the MutatingWebhookConfiguration that the CA is put into. Default `mutating-webhook-configuration`, and none where only the other is
   * named. It need not exist.
   */
  mutatingConfiguration?: string | undefined;
  /** Name of the ValidatingWebhookConfiguration that the CA is put into. Default `validating-webhook-configuration`, likewise. */
  validatingConfiguration?: string | undefined;
  /** Names of APIServices that the CA is put into. Default: none. */
  apiServices?: readonly string[] | undefined;
  /** How long what the operator signs is valid. */
  lifetimes?: CertificateLifetimes | undefined;
  /** How long API servers are given to learn of a new CA, once it is seen everywhere, until it signs. Default `1m`. */
  propagation?: DurationLike | undefined;
  /**
   * How long {@link Manager.run} goes on to answer webhooks when it ends, each answer closing its connection, since the API server may not
   * know yet that this process is going. Another replica may lead by then, so what a handler writes is refused where this process has led. Default `5s` in a pod, else `1s`.
   */
  drain?: DurationLike | undefined;
}

export interface ManagerOptions {
  /** Path of a kubeconfig file. Default: `$KUBECONFIG`, else the pod's service account, else `~/.kube/config`. */
  kubeconfig?: string | undefined;
  /** The kubeconfig's context. Default: its current one. */
  context?: string | undefined;
  /** The namespaces to watch. Default: all. */
  namespaces?: readonly string[] | undefined;
  /** How objects are watched that reconcilers track by `context.references`. */
  references?: ReferencesSettings | undefined;
  /** Lead before reconciling, so that one of several replicas works at a time. Default: off. */
  leaderElection?: LeaderElectionSettings | false | undefined;
  /** Default: off. */
  metrics?: MetricsSettings | false | undefined;
  /** Default: off. */
  healthProbe?: HealthProbeSettings | false | undefined;
  /** Where the webhook server listens, once there are webhooks. `false` leaves it out though there are. Default: port 9443. */
  webhook?: WebhookSettings | false | undefined;
  /** How long running reconciles may take to end on {@link Manager.stop}. Default `30s`. */
  gracefulShutdownTimeout?: DurationLike | undefined;
  /**
   * The module `@opentelemetry/api`: a span for every reconcile, one below it for each call to the API server, and the `traceparent` header
   * sent along. Default: none, at no cost.
   */
  tracing?: TracingApi | undefined;
  /** Default: JSON lines on standard error. */
  log?: Logger | undefined;
  clock?: Clock;
  /** A number in [0, 1), for jitter. Default `Math.random`. */
  random?: () => number;
}
