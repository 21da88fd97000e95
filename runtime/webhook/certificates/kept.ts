import type { X509Certificate } from "node:crypto";
import { Informers } from "../../cache/index.ts";
import { isAlreadyExists, isConflict, isNotFound, type Client, type RestMapper, type Transport } from "../../client/index.ts";
import {
  keyString,
  milliseconds,
  sleep,
  systemClock,
  reasonOf,
  type Clock,
  type DurationLike,
  type KubernetesObject,
  type Logger,
} from "../../object/index.ts";
import type { CertificateSource, ServingPair } from "../server/index.ts";
import { Attention } from "./attention.ts";
import { certificatesIn, isSignedBy, isValidAt } from "./bundle.ts";
import { BUNDLE, CERT, KEY, servingFault, type Contents, type Renewal } from "./contents.ts";
import type { ServiceName } from "./injection.ts";
import { CaInjector, type InjectionTarget } from "./injector.ts";

/** Where the certificates are kept, and who is to know of them. */
export interface KeptCertificatesOptions {
  /** The Service through which the API server calls the operator. */
  serviceName: string;
  secretName: string;
  /** Where both are. */
  namespace: () => Promise<string>;
  renewal: Renewal;
  /** Asked for once the certificate has been loaded. */
  targets: () => readonly InjectionTarget[];
  /**
   * How long the API servers are given to learn of a bundle that has been seen in all targets, before what only it proves is served.
   * Default `1m`.
   */
  propagation?: DurationLike | undefined;
  client: Client;
  transport: Transport;
  mapper: RestMapper;
  clock?: Clock;
  random?: () => number;
  log: Logger;
}

interface Secret extends KubernetesObject {
  type?: string;
  data?: Readonly<Record<string, string>>;
}

const SECRET = { apiVersion: "v1", kind: "Secret" } as const;

/** However quiet it is, the Secret is looked at so often (ms): somebody may have set the clock, or the machine may have slept. */
const LOOK_INTERVAL = 3_600_000;
/** So many tries in a row mean that somebody else writes the same Secret. Other replicas do, but only until it is as it should be. */
const MAX_TRIES = 50;

/**
 * Keeps the serving certificate in a Secret, which all replicas share: whoever finds that something has to be done writes it, on condition that
 * nobody else has written in the meantime, and all of them read it again whenever it changes. So there is no need for one of them to lead.
 *
 * A replica serves another certificate only once everybody trusts its authority; until then it goes on with the one it has.
 */
export class KeptCertificates implements CertificateSource {
  readonly #options: KeptCertificatesOptions;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #client: Client;
  readonly #informers: Informers;
  readonly #propagation: number;
  readonly #attention: Attention;
  /** Its namespace is known once it is loaded. */
  #service: ServiceName;
  #injector: CaInjector | undefined;
  #contents: Contents = {};
  #served: { pair: ServingPair; issuers: readonly X509Certificate[] } | undefined;
  #onServe: (pair: ServingPair) => void = () => undefined;
  /** Authorities, by fingerprint, that have been in a bundle which everybody had. */
  #trusted: ReadonlySet<string> = new Set();
  #isReady = false;
  #fault: string | undefined;

  constructor(options: KeptCertificatesOptions) {
    const { serviceName, client, transport, mapper, log, clock = systemClock, random = Math.random, propagation = "1m" } = options;
    this.#options = options;
    this.#clock = clock;
    this.#random = random;
    this.#client = client.live;
    this.#informers = new Informers({ transport, mapper, log, clock, random });
    this.#service = { name: serviceName, namespace: "" };
    this.#propagation = milliseconds(propagation) * (1 + 0.2 * random()); // replicas need not all try at once
    this.#attention = new Attention({ work: (signal) => this.#look(signal), onFault: (error) => this.#failed(error), clock, random });
  }

  async load(signal?: AbortSignal): Promise<ServingPair> {
    try {
      this.#service = { ...this.#service, namespace: await this.#options.namespace() };
      for (;;) {
        const lookAgainAt = await this.#keep(signal);
        if (this.#isUseful(this.#contents)) break;
        await sleep(this.#clock, Math.max(lookAgainAt - this.#clock.now(), 0), signal);
      }
    } catch (cause) {
      signal?.throwIfAborted();
      throw new Error(`${this.#text}: ${reasonOf(cause)}; or give the files of a certificate by --webhook-cert-path`, { cause });
    }
    return this.#take();
  }

  watch(onChange: (pair: ServingPair) => void, signal: AbortSignal): void {
    const { mapper, log, targets } = this.#options;
    const service = this.#service;
    this.#onServe = onChange;
    this.#injector = new CaInjector({
      ...{ targets: targets(), service, mapper, log, client: this.#client, informers: this.#informers },
      ...{ clock: this.#clock, random: this.#random },
      freshBundle: async (until) => bundleIn(await this.#read(until)),
      onChange: () => this.#attention.wake(),
    });
    const selection = { labels: "", fields: `metadata.name=${this.#options.secretName}` };
    const informer = this.#informers.make({ kind: SECRET, selection }, service.namespace, {});
    informer.addHandler(() => this.#attention.wake());
    void informer.run(signal);
    void this.#injector.run(signal);
    void this.#attention.run(signal);
  }

  /** @throws Error as long as the bundle has never been everywhere: API servers do not trust what is served */
  check(): void {
    if (this.#isReady) return;
    const lacking = this.#injector?.lacking ?? [];
    throw new Error(`the CA of the webhooks is not known yet to ${lacking.length === 0 ? "anybody" : lacking.join(", ")}`);
  }

  get #text(): string {
    return `the webhook server's certificate cannot be kept in Secret ${keyString(this.#key)}`;
  }

  /** @returns after how many milliseconds it has to be looked again */
  async #look(signal: AbortSignal): Promise<number> {
    const lookAgainAt = await this.#keep(signal);
    this.#fault = undefined;
    const { [BUNDLE]: bundle = "" } = this.#contents;
    this.#injector?.want(Buffer.from(bundle).toString("base64"));
    const { everywhereSince } = this.#injector ?? {};
    if (everywhereSince !== undefined) this.#isReady = true;
    const settled = everywhereSince === undefined ? Infinity : everywhereSince + this.#propagation - this.#clock.monotonic();
    if (settled <= 0) this.#trusted = new Set(certificatesIn(bundle).map(({ fingerprint256 }) => fingerprint256));
    if (this.#mayServe(everywhereSince !== undefined)) this.#onServe(this.#take());
    return Math.min(LOOK_INTERVAL, Math.max(lookAgainAt - this.#clock.now(), 0), settled > 0 ? settled : Infinity);
  }

  /** Sees to it that the Secret holds what it should, and remembers that. @returns when it has to be seen to again, in milliseconds since the epoch */
  async #keep(signal: AbortSignal | undefined): Promise<number> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const secret = await this.#read(signal);
      const contents = secret && decoded(secret);
      const step = await this.#options.renewal.next(contents, {
        now: this.#clock.now(),
        names: serviceNames(this.#service),
        namespace: this.#service.namespace,
        served: this.#served?.issuers.filter((each) => isValidAt(each, this.#clock.now())) ?? [],
        isTrusted: this.#isSettled(contents?.[BUNDLE]),
      });
      if ("lookAgainAt" in step) {
        this.#contents = contents ?? {};
        return step.lookAgainAt;
      }
      if (await this.#write(secret, step.write, signal)) this.#tell(step);
    }
    throw new Error("somebody else writes it again and again");
  }

  #isSettled(bundle: string | undefined): boolean {
    const { everywhereSince } = this.#injector ?? {};
    if (everywhereSince === undefined || bundle !== this.#contents[BUNDLE]) return false;
    return this.#clock.monotonic() - everywhereSince >= this.#propagation;
  }

  #isUseful(contents: Contents): boolean {
    return servingFault(contents, { names: serviceNames(this.#service), now: this.#clock.now() }) === undefined;
  }

  #mayServe(isEverywhere: boolean): boolean {
    const { [CERT]: cert = "", [KEY]: key = "", [BUNDLE]: bundle = "" } = this.#contents;
    const { pair, issuers } = this.#served ?? { issuers: [] };
    if (pair === undefined || (pair.cert === cert && pair.key === key)) return false;
    const [certificate] = certificatesIn(cert);
    if (certificate === undefined) return false;
    if (!this.#isUseful({ [CERT]: pair.cert, [KEY]: pair.key })) return true;
    const isIssuedBy = (each: X509Certificate) => isSignedBy(certificate, each);
    const bundled = certificatesIn(bundle);
    if (!bundled.some(isIssuedBy)) return true; // whom clients trust is not seen to here
    if (issuers.some(isIssuedBy) || bundled.some((each) => this.#trusted.has(each.fingerprint256) && isIssuedBy(each))) return true;
    // What is served is not trusted any more.
    const isStillTrusted =
      issuers.length === 0 || issuers.some((issuer) => bundled.some((each) => each.fingerprint256 === issuer.fingerprint256));
    return isEverywhere && !isStillTrusted;
  }

  #take(): ServingPair {
    const { [CERT]: cert = "", [KEY]: key = "", [BUNDLE]: bundle = "" } = this.#contents;
    const [certificate] = certificatesIn(cert);
    const issuers = certificatesIn(bundle).filter((each) => certificate !== undefined && isSignedBy(certificate, each));
    this.#served = { pair: { cert, key }, issuers };
    return this.#served.pair;
  }

  get #key(): { namespace: string; name: string } {
    return { namespace: this.#service.namespace, name: this.#options.secretName };
  }

  async #read(signal: AbortSignal | undefined): Promise<Secret | undefined> {
    return this.#client.get(SECRET, this.#key, signal && { signal });
  }

  /** False when somebody else was faster. */
  async #write(secret: Secret | undefined, contents: Contents, signal: AbortSignal | undefined): Promise<boolean> {
    const options = signal && { signal };
    const encoded = Object.entries(contents).map(([key, text]) => [key, Buffer.from(text).toString("base64")]);
    const data = Object.fromEntries(encoded) as Record<string, string>;
    try {
      if (secret === undefined) {
        await this.#client.create({ ...SECRET, metadata: this.#key, type: "kubernetes.io/tls", data }, options);
      } else {
        await this.#client.update({ ...secret, ...SECRET, data }, options);
      }
      return true;
    } catch (error) {
      const isOutrun = secret === undefined ? isAlreadyExists(error) : isConflict(error) || isNotFound(error);
      if (isOutrun) return false;
      throw error;
    }
  }

  #tell({ done, fault }: { done: string; fault?: string | undefined }): void {
    const { log } = this.#options;
    const fields = { secret: keyString(this.#key), done };
    if (fault === undefined) log.info("the webhook server's certificates were renewed", fields);
    else log.warn("the webhook server's certificates were of no use and have been mended", { ...fields, fault });
  }

  #failed(error: unknown): void {
    const { log } = this.#options;
    const fault = reasonOf(error);
    // Each cause once; the tries go on.
    if (this.#fault === fault) log.debug(this.#text, { error: fault });
    else log.warn(`${this.#text}; trying again`, { error: fault });
    this.#fault = fault;
  }
}

/** What clients inside of the cluster call a Service. */
function serviceNames({ name, namespace }: ServiceName): string[] {
  return [`${name}.${namespace}.svc`, `${name}.${namespace}`, `${name}.${namespace}.svc.cluster.local`, name];
}

function decoded(secret: Secret): Contents {
  const entries = Object.entries(secret.data ?? {}).map(([key, text]) => [key, Buffer.from(text, "base64").toString()]);
  return Object.fromEntries(entries) as Contents;
}

function bundleIn(secret: Secret | undefined): string | undefined {
  return secret?.data?.[BUNDLE];
}
