/**
 * The HTTPS server in front of all webhooks: certificates that are exchanged while it runs, limits, metrics, a graceful stop. Uses
 * `../admission`, `../authentication`, `../conversion`, `../review` and `object/`. Read server.ts first.
 */
export { WebhookServer, type StopOptions, type WebhookServerOptions } from "./server.ts";
export { certificateFiles, type CertificateFilesOptions, type CertificateSource, type ServingPair } from "./certificate-files.ts";
