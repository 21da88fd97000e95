import { dirname, basename } from "node:path";
import { Deployment } from "kubernetes-models/apps/v1/Deployment";
import { Service } from "kubernetes-models/v1/Service";
import { jsonLogger, systemClock } from "@kubescaffold/runtime";
import { certificateFiles, denied, WebhookServer, type Defaulter, type Validator } from "/work/main/runtime/webhook/index.ts";
const [, , cert = "", key = "", port = ""] = process.argv;
const LABELS = ["name", "instance", "version", "component", "part-of", "managed-by"].map((name) => `app.kubernetes.io/${name}`);
interface Labelled { metadata?: { labels?: Record<string, string> } }
const labeler = { default(object: Labelled) {
  const metadata = (object.metadata ??= {});
  const labels = (metadata.labels ??= {});
  for (const label of LABELS) labels[label] ??= "not_available";
}};
const guard = { validateCreate({ metadata }: Labelled) {
  const missing = LABELS.filter((label) => metadata?.labels?.[label] === undefined);
  if (missing.length > 0) return denied(`missing ${missing.join(", ")}`, { reason: "required labels are not set" });
}};
const log = jsonLogger("warn");
const server = new WebhookServer({ port: Number(port), host: "127.0.0.1", log, certificates: certificateFiles({ path: dirname(cert), certName: basename(cert), keyName: basename(key), clock: systemClock, log }) });
for (const kind of [Deployment, Service]) server.mutate("/mutate", kind, labeler).validate("/validate", kind, guard);
await server.start();
console.log("READY");
process.on("SIGTERM", () => process.exit(0));
