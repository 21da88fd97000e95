import { hostname } from "node:os";
import type { Clock, Logger } from "../object/index.ts";
import { certificateFiles, servingCertificate, type CertificateSource } from "../webhook/index.ts";
import type { Metrics } from "./metrics.ts";
import type { MetricsSettings } from "./options.ts";

const HOUR = 3_600_000;
const YEAR = 365 * 24 * HOUR;

/**
 * The certificate of the metrics server: from its folder, whose files are read again when they change, or made here and signed by itself,
 * which encrypts but proves nothing; scrapers then have to skip its verification.
 */
export function metricsCertificate(settings: MetricsSettings, parts: { clock: Clock; log: Logger; metrics: Metrics }): CertificateSource {
  const { certPath: path, certName, certKey: keyName } = settings;
  const { clock, log } = parts;
  const { reads, errors } = parts.metrics.certificates;
  if (path === undefined) return selfSigned(clock);
  return certificateFiles({
    ...{ path, certName, keyName, clock, log, user: "the metrics server", advice: "correct --metrics-cert-path or leave it out" },
    onRead: (succeeded) => (succeeded ? reads.inc() : errors.inc()),
  });
}

function selfSigned(clock: Clock): CertificateSource {
  return {
    load() {
      const notBefore = clock.now() - HOUR; // other machines' clocks may be behind
      const names = [...new Set([hostname(), "localhost", "127.0.0.1", "::1"])];
      return servingCertificate({ commonName: "kubescaffold metrics", names, notBefore, notAfter: notBefore + YEAR });
    },
    watch: () => undefined,
  };
}
