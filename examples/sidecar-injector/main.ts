// shared: `scaffold create` adds imports, controllers and webhooks here; all the rest is yours.
// Copyright the authors of sidecar-injector, SPDX-License-Identifier: Apache-2.0
import { Manager, managerOptions } from "@kubescaffold/runtime";
import { ConfigMap } from "kubernetes-models/v1/ConfigMap";
import { Pod } from "kubernetes-models/v1/Pod";
import { injectCommand } from "./webhooks/command.ts";
import { ANNOTATED, IN_LABELLED_NAMESPACES, PodDefaulter } from "./webhooks/pod.defaulter.ts";
import { fromConfigMap, fromFile, TEMPLATE, Templates } from "./webhooks/template.ts";

// `node main.ts inject -f pod.yaml` prints what the webhook would make of it, and needs no cluster.
if (process.argv[2] === "inject") process.exitCode = await injectCommand(process.argv.slice(3));
else await serve();

async function serve(): Promise<void> {
  // The flags (--template, --webhook-port, --webhook-cert-path, …) are listed by `node main.ts --help`.
  const { flags, ...options } = managerOptions(process.argv.slice(2), {
    leaderElection: { id: "sidecar-injector.example.com" },
    flags: { template: { type: "string", help: "file with the template (default: the ConfigMap of the cluster, which is followed)" } },
  });
  const manager = await Manager.create(options);
  if (flags.template === undefined)
    manager.cache(ConfigMap, { namespaces: [TEMPLATE.namespace], fieldSelector: `metadata.name=${TEMPLATE.name}` });
  const text = flags.template === undefined ? fromConfigMap(manager.client) : fromFile(flags.template);
  const templates = new Templates(text, manager.log);
  manager.addReadyCheck("template", async () => {
    await templates.current();
  });

  manager.webhook(Pod, { mutate: "/mutate" }).defaultWith(new PodDefaulter(templates, { byDefault: true }), IN_LABELLED_NAMESPACES);
  manager.webhook(Pod, { mutate: "/mutate-annotated" }).defaultWith(new PodDefaulter(templates, { byDefault: false }), ANNOTATED);
  await manager.run(); // until SIGTERM or SIGINT, then a graceful stop
}
