/**
 * The label webhook of the `webhook` bench, as a user of the SDK writes it: `/mutate` adds the recommended labels that are missing,
 * `/validate` refuses an object without them. Prints READY when it serves.
 */
import { parseArgs } from "node:util";
import { basename, dirname } from "node:path";
import { Deployment } from "kubernetes-models/apps/v1/Deployment";
import { Service } from "kubernetes-models/v1/Service";
import { jsonLogger, systemClock, type KubernetesObject } from "@kubescaffold/runtime";
import { certificateFiles, denied, WebhookServer, type Defaulter, type Validator, type Verdict } from "../../../runtime/webhook/index.ts";

const LABELS = ["name", "instance", "version", "component", "part-of", "managed-by"].map((name) => `app.kubernetes.io/${name}`);

class Labeler implements Defaulter<KubernetesObject> {
  default(object: KubernetesObject): void {
    object.metadata ??= {};
    const labels = (object.metadata.labels ??= {});
    for (const label of LABELS) labels[label] ??= "not_available";
  }
}

class LabelGuard implements Validator<KubernetesObject> {
  validateCreate({ metadata }: KubernetesObject): Verdict {
    const missing = LABELS.filter((label) => metadata?.labels?.[label] === undefined);
    return missing.length === 0 ? [] : denied(`missing ${missing.join(", ")}`, { reason: "required labels are not set" });
  }
}

const { values } = parseArgs({
  options: {
    cert: { type: "string", default: "tls.crt" },
    key: { type: "string", default: "tls.key" },
    port: { type: "string", default: "9443" },
  },
});
const log = jsonLogger("warn");
const certificates = certificateFiles({
  path: dirname(values.cert),
  certName: basename(values.cert),
  keyName: basename(values.key),
  clock: systemClock,
  log,
});
const server = new WebhookServer({ port: Number(values.port), host: "127.0.0.1", certificates, log });
for (const kind of [Deployment, Service]) server.mutate("/mutate", kind, new Labeler()).validate("/validate", kind, new LabelGuard());
await server.start();
process.stdout.write("READY\n");
process.on("SIGTERM", () => void server.stop());
