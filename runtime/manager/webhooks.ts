import { systemClock, type Clock, type Logger } from "../object/index.ts";
import { certificateFiles, WebhookServer, type CertificateSource, type WebhookMetrics } from "../webhook/index.ts";
import type { ManagerOptions, WebhookSettings } from "./options.ts";

/** What {@link Manager} serves webhooks with, as its options say. */
export function webhookServer(options: ManagerOptions, parts: { log: Logger; metrics: WebhookMetrics }): WebhookServer {
  const settings: WebhookSettings = options.webhook || { port: 9443 };
  const { port, host, http2 = false } = settings;
  const { clock = systemClock } = options;
  const certificates = certificatesOf(settings, clock, parts.log);
  return new WebhookServer({ ...parts, port, ...(host !== undefined && { host }), clock, certificates, http2 });
}

function certificatesOf(settings: WebhookSettings, clock: Clock, log: Logger): CertificateSource {
  const { certificates, certPath: path, certName, certKey: keyName } = settings;
  if (certificates !== undefined) return certificates;
  if (path !== undefined) return certificateFiles({ path, certName, keyName, clock, log });
  return {
    load: () => Promise.reject(new Error("the webhook server has no certificate; say where it is with --webhook-cert-path")),
    watch: () => undefined,
  };
}
