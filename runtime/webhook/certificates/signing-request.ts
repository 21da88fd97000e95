import type { ObjectMeta } from "../../api/index.ts";
import type { Client } from "../../client/index.ts";
import { milliseconds, type DurationLike, type KubernetesObject, type Logger } from "../../object/index.ts";
import { certificatesIn, timeOf } from "./bundle.ts";
import { certificateRequest } from "./certificate.ts";
import { BUNDLE, CERT, KEY, renewalShare, servingFault, type Contents, type Renewal, type Situation, type Step } from "./contents.ts";

/** How a signer of the cluster is asked for the serving certificate (`certificates.k8s.io/v1 CertificateSigningRequest`). */
export interface SigningRequestOptions {
  /** How long it is to be valid, which signers need not heed. At least `10m`; default `2160h`, 90 days. */
  expiration?: DurationLike;
  /** What it is to be good for. Default `["digital signature", "server auth"]`. */
  usages?: readonly string[];
  /** Approve one's own requests, which asks for the rights to do so. Default false: somebody else approves them. */
  approve?: boolean;
  /**
   * The CA of the signer, in PEM or as a key of a ConfigMap in the operator's namespace (default `ca.crt`), to be put into the configurations.
   * Default: none, as they have it already.
   */
  caBundle?: string | { configMap: string; key?: string };
}

interface SigningRequest extends KubernetesObject {
  spec: { request: string; signerName: string; usages: readonly string[]; expirationSeconds: number };
  status?: { certificate?: string; conditions?: readonly { type: string; status: string; reason?: string; message?: string }[] };
}

/** A request that was sent, and the key of the certificate that it asks for. */
interface Pending {
  name: string;
  key: string;
}

const REQUEST = { apiVersion: "certificates.k8s.io/v1", kind: "CertificateSigningRequest" } as const;
const CONFIG_MAP = { apiVersion: "v1", kind: "ConfigMap" } as const;

/** How often it is looked whether a request was answered, in milliseconds. */
const POLL_INTERVAL = 1000;
/** When one that was refused is followed by another (ms), and how often a bundle in a ConfigMap is read. */
const RETRY_INTERVAL = 600_000;

/** Renews certificates that a signer of the cluster signs. */
export class SigningRequests implements Renewal {
  readonly #options: SigningRequestOptions & { signerName: string; client: Client; random: () => number; log: Logger };
  readonly #client: Client;
  readonly #share: number;
  readonly #expiration: number;
  #pending: Pending | undefined;
  /** Why no certificate is to be had, and until when it is not asked for again. */
  #refusal: { reason: Error; until: number } | undefined;

  constructor(options: SigningRequestOptions & { signerName: string; client: Client; random: () => number; log: Logger }) {
    this.#options = options;
    this.#client = options.client.live;
    this.#share = renewalShare(options.random);
    this.#expiration = milliseconds(options.expiration ?? "2160h");
    if (this.#expiration < RETRY_INTERVAL) throw new TypeError("API servers sign for 10 minutes at least");
  }

  async next(contents: Contents | undefined, situation: Situation): Promise<Step> {
    const { now } = situation;
    const bundle = await this.#bundle(situation.namespace);
    const [certificate] = certificatesIn(contents?.[CERT] ?? "");
    const fault = servingFault(contents ?? {}, situation);
    const due = certificate === undefined || fault !== undefined ? now : timeOf(certificate, this.#share);
    if (contents !== undefined && now < due) {
      this.#pending = undefined; // another replica may have had its answer sooner
      if ((contents[BUNDLE] ?? "") === bundle) return { lookAgainAt: Math.min(due, now + RETRY_INTERVAL) };
      return { write: { ...contents, [BUNDLE]: bundle }, done: "took the CA bundle over" };
    }
    const pair = await this.#request(situation);
    if (pair === undefined) return { lookAgainAt: now + POLL_INTERVAL };
    const done = `has a certificate of ${this.#options.signerName}`;
    return { write: { ...pair, [BUNDLE]: bundle }, done, fault: contents === undefined || certificate === undefined ? undefined : fault };
  }

  /** The certificate and its key, once there is one; sends a request where none is under way. */
  async #request(situation: Situation): Promise<Contents | undefined> {
    const { now, names } = situation;
    if (this.#refusal !== undefined && now < this.#refusal.until) throw this.#refusal.reason;
    const pending = (this.#pending ??= await this.#send(names));
    const found = (await this.#client.get(REQUEST, { name: pending.name })) as SigningRequest | undefined;
    if (found === undefined) {
      this.#pending = undefined; // it waited for so long that somebody has taken it away
      return undefined;
    }
    const { certificate, conditions = [] } = found.status ?? {};
    const refused = conditions.find(({ type }) => type === "Denied" || type === "Failed");
    if (refused !== undefined) {
      const { type, reason = "", message = "" } = refused;
      throw this.#refuse(`was ${type === "Denied" ? "denied" : "not signed"} (${[reason, message].filter(Boolean).join(": ")})`, now);
    }
    if (certificate === undefined || certificate === "") return undefined;
    const pair = { [CERT]: Buffer.from(certificate, "base64").toString(), [KEY]: pending.key };
    const fault = servingFault(pair, situation);
    if (fault !== undefined) throw this.#refuse(`was answered by something of no use: ${fault}`, now);
    this.#pending = undefined;
    return pair;
  }

  async #send(names: readonly string[]): Promise<Pending> {
    const { signerName, usages = ["digital signature", "server auth"], approve = false, log } = this.#options;
    const [commonName = ""] = names;
    const { request, key } = await certificateRequest({ commonName: commonName.slice(0, 64), names });
    const spec = {
      request: Buffer.from(request).toString("base64"),
      signerName,
      usages,
      expirationSeconds: Math.round(this.#expiration / 1000),
    };
    const metadata: ObjectMeta = { generateName: "webhook-server-cert-" };
    const created = await this.#client.create({ ...REQUEST, metadata, spec });
    const { name = "" } = created.metadata;
    log.info("asked for a certificate of the webhook server", { request: name, signerName, approved: approve });
    if (approve) {
      const message = "The operator approves the requests for its own webhooks.";
      const condition = { type: "Approved", status: "True", reason: "OwnRequest", message };
      await this.#client.subresource("approval").update({ ...created, status: { conditions: [condition] } });
    }
    return { name, key };
  }

  #refuse(what: string, now: number): Error {
    const reason = new Error(`the CertificateSigningRequest ${this.#pending?.name ?? ""} to ${this.#options.signerName} ${what}`);
    this.#refusal = { reason, until: now + RETRY_INTERVAL };
    this.#pending = undefined;
    return reason;
  }

  async #bundle(namespace: string): Promise<string> {
    const { caBundle = "" } = this.#options;
    if (typeof caBundle === "string") return caBundle;
    const { configMap: name, key = "ca.crt" } = caBundle;
    const object = (await this.#client.get(CONFIG_MAP, { namespace, name })) as { data?: Record<string, string> } | undefined;
    const bundle = object?.data?.[key];
    if (bundle === undefined) throw new Error(`the CA bundle is not in the key ${key} of ConfigMap ${namespace}/${name}`);
    return bundle;
  }
}
