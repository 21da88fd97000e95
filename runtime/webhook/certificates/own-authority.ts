import type { X509Certificate } from "node:crypto";
import { milliseconds, type DurationLike } from "../../object/index.ts";
import { bundleOf, certificatesIn, isKeyOf, isSignedBy, isValidAt, timeOf } from "./bundle.ts";
import { certificateAuthority, servingCertificate, type KeyPair } from "./certificate.ts";
import { BUNDLE, CERT, KEY, renewalShare, servingFault, type Contents, type Renewal, type Situation, type Step } from "./contents.ts";

/** How long what the operator signs by itself is valid. */
export interface CertificateLifetimes {
  /**
   * Of the certificate authority. Default `8760h`, a year: nobody has to do anything when it is exchanged, so it need not last longer, and
   * whoever got hold of its key cannot use it for ever.
   */
  authority?: DurationLike;
  /**
   * Of the serving certificate. Default `2160h`, 90 days, as is usual where renewals need nobody: renewed after 60, it leaves a month in which
   * an operator that cannot write its Secret is noticed.
   */
  serving?: DurationLike;
}

/** Private key of the authority that signs, and of the one that is to sign next, as long as not everybody trusts it. */
const CA_KEY = "ca.key";
const NEXT_CA_KEY = "next-ca.key";

const HOUR = 3_600_000;

/** What the Secret needs to hold for each of its steps. */
interface State {
  /** The authority that signs, and its key. */
  signing: KeyPair;
  next: KeyPair | undefined;
  serving: KeyPair;
  /** Authorities that have signed what may still be served. */
  others: readonly X509Certificate[];
}

/**
 * Renews certificates that an authority of the operator's own signs. The authority is exchanged in three steps, so that there is always one
 * that everybody trusts: the next one joins the bundle; once the bundle is everywhere, it signs; and the one before it leaves the bundle when
 * it has expired, for then nothing is left that it has signed.
 *
 * @param random for the spread between replicas
 */
export function ownAuthority(lifetimes: CertificateLifetimes, random: () => number): Renewal {
  const authority = milliseconds(lifetimes.authority ?? "8760h");
  const serving = milliseconds(lifetimes.serving ?? "2160h");
  if (serving > authority) throw new TypeError("a serving certificate cannot be valid for longer than the authority that signs it");
  const share = renewalShare(random);
  return { next: (contents, situation) => nextStep(contents, situation, { authority, serving, share }) };
}

interface Times {
  authority: number;
  serving: number;
  share: number;
}

async function nextStep(contents: Contents | undefined, situation: Situation, times: Times): Promise<Step> {
  const { now, served } = situation;
  const { [BUNDLE]: bundle = "", [CA_KEY]: caKey = "", [NEXT_CA_KEY]: nextKey = "", [CERT]: cert = "", [KEY]: key = "" } = contents ?? {};
  const bundled = certificatesIn(bundle);
  const valid = bundled.filter((each) => each.ca && isValidAt(each, now));
  const signing = valid.find((each) => isKeyOf(each, caKey));
  const next = valid.find((each) => each !== signing && isKeyOf(each, nextKey));
  const [certificate] = certificatesIn(cert);
  const fault = servingFault(contents ?? {}, situation);
  if (signing === undefined) {
    // Whoever still trusts the one that signed what is served must be able to go on.
    const issuers = fault === undefined && certificate !== undefined ? valid.filter((each) => isSignedBy(certificate, each)) : [];
    const made = await newAuthority(now, times);
    return {
      write: written({ signing: made, next: undefined, serving: await sign(made, situation, times), others: [...served, ...issuers] }),
      done: "made a CA and a serving certificate",
      fault: contents === undefined ? undefined : authorityFault(contents, bundled),
    };
  }
  const state: State = {
    signing: { cert: signing.toString(), key: caKey },
    next: next && { cert: next.toString(), key: nextKey },
    serving: { cert, key },
    others: valid.filter((each) => each !== signing && each !== next),
  };
  const foreign = certificate !== undefined && !isSignedBy(certificate, signing) ? `${CERT} is not signed by the CA` : undefined;
  if (fault !== undefined || foreign !== undefined) {
    const write = written({ ...state, serving: await sign(state.signing, situation, times) });
    return { write, done: "made a serving certificate", fault: fault ?? foreign };
  }
  if (valid.length < bundled.length) return { write: written(state), done: "dropped an expired CA" };
  if (state.next !== undefined && situation.isTrusted) {
    const serving = await sign(state.next, situation, times);
    const write = written({ signing: state.next, next: undefined, serving, others: [signing, ...state.others] });
    return { write, done: "the new CA signs, which everybody trusts by now" };
  }
  const [authorityDue, servingDue] = [timeOf(signing, times.share), certificate === undefined ? now : timeOf(certificate, times.share)];
  if (state.next === undefined && now >= authorityDue) {
    return { write: written({ ...state, next: await newAuthority(now, times) }), done: "made a new CA beside the one that signs" };
  }
  if (now >= servingDue) {
    return { write: written({ ...state, serving: await sign(state.signing, situation, times) }), done: "renewed the serving certificate" };
  }
  const ends = [...state.others, signing].map((each) => each.validToDate.getTime());
  return { lookAgainAt: Math.min(servingDue, ...ends, ...(state.next === undefined ? [authorityDue] : [])) };
}

function authorityFault(contents: Contents, bundled: readonly X509Certificate[]): string {
  const { [CA_KEY]: key = "" } = contents;
  if (Object.values(contents).every((text) => text === "")) return "it is empty";
  if (key === "") return `it holds no ${CA_KEY}, so it was not made by an operator like this one`;
  if (bundled.some((each) => isKeyOf(each, key))) return "its CA has expired";
  return `${CA_KEY} is not the key of a CA in ${BUNDLE}`;
}

function written({ signing, next, serving, others }: State): Contents {
  const authorities = [signing, ...(next === undefined ? [] : [next])].flatMap(({ cert }) => certificatesIn(cert));
  return {
    [CERT]: serving.cert,
    [KEY]: serving.key,
    [BUNDLE]: bundleOf([...authorities, ...others]),
    [CA_KEY]: signing.key,
    ...(next !== undefined && { [NEXT_CA_KEY]: next.key }),
  };
}

function newAuthority(now: number, { authority }: Times): Promise<KeyPair> {
  const commonName = `kubescaffold webhooks ${new Date(now).toISOString().slice(0, 19)}Z`;
  return certificateAuthority({ commonName, notBefore: begin(now, authority), notAfter: now + authority });
}

function sign(authority: KeyPair, { now, names }: Situation, { serving }: Times): Promise<KeyPair> {
  // What outlives its authority is worth nothing.
  const [issuer] = certificatesIn(authority.cert);
  const notAfter = Math.min(now + serving, issuer?.validToDate.getTime() ?? Infinity);
  return servingCertificate({ commonName: "webhook server", names, notBefore: begin(now, serving), notAfter }, authority);
}

/** Other machines' clocks may be behind. */
function begin(now: number, lifetime: number): number {
  return now - Math.min(HOUR, lifetime / 10);
}
