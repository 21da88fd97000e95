/**
 * The label webhook of the `webhook` bench, as a user of the SDK writes it: `/mutate` adds the recommended labels that are missing,
 * `/validate` refuses an object without them. Prints READY when it serves.
 */
import { parseArgs } from "node:util";
import { basename, dirname } from "node:path";
import { Deployment } from "kubernetes-models/apps/v1/Deployment";
import { Pod } from "kubernetes-models/v1/Pod";
import { Service } from "kubernetes-models/v1/Service";
import { denied, jsonLogger, Manager, type Defaulter, type KubernetesObject, type Validator, type Verdict } from "@kubescaffold/runtime";

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
const [certPath, certName, certKey] = [dirname(values.cert), basename(values.cert), basename(values.key)];
const manager = await Manager.create({
  webhook: { port: Number(values.port), host: "127.0.0.1", certPath, certName, certKey },
  log: jsonLogger("warn"),
});
const paths = { mutate: "/mutate", validate: "/validate" };
for (const kind of [Deployment, Service, Pod]) manager.webhook(kind, paths).defaultWith(new Labeler()).validateWith(new LabelGuard());
manager.add({
  start() {
    process.stdout.write("READY\n");
    return Promise.resolve();
  },
});
await manager.run();
