import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import type { Clock } from "../object/index.ts";
import { servingCertificate } from "../webhook/index.ts";
import type { TlsOptions } from "./endpoint.ts";

const HOUR = 3_600_000;
const YEAR = 365 * 24 * HOUR;

/**
 * The certificate of the metrics server: from its folder, or made here and signed by itself, which encrypts but proves nothing;
 * scrapers then have to skip its verification.
 *
 * @throws Error with one line that names the file that cannot be read
 */
export async function metricsCertificate(
  settings: { certPath?: string | undefined; certName?: string | undefined; certKey?: string | undefined },
  clock: Clock,
): Promise<TlsOptions> {
  const { certPath, certName = "tls.crt", certKey = "tls.key" } = settings;
  if (certPath !== undefined) return { cert: await read(join(certPath, certName)), key: await read(join(certPath, certKey)) };
  const notBefore = clock.now() - HOUR; // other machines' clocks may be behind
  const names = [...new Set([hostname(), "localhost", "127.0.0.1", "::1"])];
  return servingCertificate({ commonName: "kubescaffold metrics", names, notBefore, notAfter: notBefore + YEAR });
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    throw new Error(`the metrics server's certificate cannot be read from ${file}; correct --metrics-cert-path or leave it out`, { cause });
  }
}
