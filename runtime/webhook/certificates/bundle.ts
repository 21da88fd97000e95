import { createPrivateKey, X509Certificate } from "node:crypto";

/** The certificates in a PEM text, in their order. What is none is left out. */
export function certificatesIn(pem: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.flatMap((block) => {
    try {
      return [new X509Certificate(block)];
    } catch {
      return [];
    }
  });
}

/** The certificates as one PEM text, each once, the latest first: it is the same text whichever of them signs. */
export function bundleOf(certificates: readonly X509Certificate[]): string {
  const sorted = certificates.toSorted((a, b) => b.validFromDate.getTime() - a.validFromDate.getTime());
  return [...new Set(sorted.map((certificate) => certificate.toString()))].join("");
}

export function isValidAt(certificate: X509Certificate, now: number): boolean {
  return certificate.validFromDate.getTime() <= now && now < certificate.validToDate.getTime();
}

/** When a share of the certificate's lifetime is over, in milliseconds since the epoch. */
export function timeOf(certificate: X509Certificate, share: number): number {
  const [from, to] = [certificate.validFromDate.getTime(), certificate.validToDate.getTime()];
  return from + share * (to - from);
}

export function isSignedBy(certificate: X509Certificate, authority: X509Certificate): boolean {
  return certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
}

/** Whether the key, in PEM, is the certificate's. A text that is no key is nobody's. */
export function isKeyOf(certificate: X509Certificate, key: string): boolean {
  try {
    return certificate.checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}
