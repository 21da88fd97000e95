import type { X509Certificate } from "node:crypto";
import { certificatesIn, isKeyOf } from "./bundle.ts";

/** What the Secret of the certificates holds, as texts by their keys. */
export type Contents = Readonly<Record<string, string>>;

/** The keys: the first two are those of a Secret of type `kubernetes.io/tls`, the third is where cert-manager has it too. */
export const CERT = "tls.crt";
export const KEY = "tls.key";
/** The authorities that clients are to trust, all those that have signed, or soon will sign, what is served. */
export const BUNDLE = "ca.crt";

/** The world as whoever renews the contents finds it. */
export interface Situation {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** What clients call the server. */
  readonly names: readonly string[];
  /** Of the operator. */
  readonly namespace: string;
  /** The authorities of what this process serves, which must be trusted for as long as it does, whatever has become of the Secret. */
  readonly served: readonly X509Certificate[];
  /** Whether every API server trusts the bundle that the contents have now. */
  readonly isTrusted: boolean;
}

/** What is to be done about the contents: write others, or look again later. */
export type Step =
  | {
      readonly write: Contents;
      /** For the log. */
      readonly done: string;
      /** What was wrong with them, where something was. */
      readonly fault?: string | undefined;
    }
  | { readonly lookAgainAt: number };

/** Renews the contents of the Secret, one step at a time, each of which leaves them whole. */
export interface Renewal {
  /** @param contents `undefined` when there is no Secret */
  next(contents: Contents | undefined, situation: Situation): Promise<Step>;
}

/** From here on a certificate is renewed, as a share of its lifetime; each replica adds some, so that not all of them try. */
const RENEWED_AFTER = 2 / 3;
const SPREAD = 0.05;

/** @returns the share of its lifetime after which this replica renews a certificate @param random a number in [0, 1) */
export function renewalShare(random: () => number): number {
  return RENEWED_AFTER + SPREAD * random();
}

/** What is wrong with the certificate that is to be served, if something is. */
export function servingFault(contents: Contents, { names, now }: Pick<Situation, "names" | "now">): string | undefined {
  const { [CERT]: cert = "", [KEY]: key = "" } = contents;
  const [certificate] = certificatesIn(cert);
  if (cert === "" && key === "") return "it holds no certificate";
  if (certificate === undefined) return `${CERT} is no certificate`;
  if (!isKeyOf(certificate, key)) return `${KEY} is not the key of ${CERT}`;
  if (now >= certificate.validToDate.getTime()) return `${CERT} has expired`;
  if (now < certificate.validFromDate.getTime()) return `${CERT} is not valid yet`;
  const other = names.find((name) => certificate.checkHost(name) === undefined);
  return other === undefined ? undefined : `${CERT} is not for ${other}`;
}
