import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { certificateAuthority, servingCertificate, systemClock, type KeyPair } from "@kubescaffold/runtime";

/** What one run of `scaffold dev` serves webhooks with. */
export interface DevCertificates {
  /** The authority's certificate in PEM; its key is nowhere any more. */
  readonly ca: string;
  readonly serving: KeyPair;
  /** A folder of this user's with `tls.crt` and `tls.key`, for the operator. */
  readonly folder: string;
  remove(): void;
}

const hour = 3_600_000;
const lifetime = 30 * 24 * hour;

/** @param host by which the API server reaches this machine */
export async function makeCertificates(host: string): Promise<DevCertificates> {
  // The clocks of cluster and laptop need not agree.
  const notBefore = systemClock.now() - hour;
  const validity = { notBefore, notAfter: notBefore + lifetime };
  const authority = await certificateAuthority({ commonName: "scaffold dev", ...validity });
  const names = [...new Set([host, "localhost", "127.0.0.1"])];
  const serving = await servingCertificate({ commonName: "scaffold dev webhooks", names, ...validity }, authority);
  const folder = mkdtempSync(join(tmpdir(), "kubescaffold-dev-"));
  writeFileSync(join(folder, "tls.crt"), serving.cert);
  writeFileSync(join(folder, "tls.key"), serving.key, { mode: 0o600 });
  return { ca: authority.cert, serving, folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
