// shared: `scaffold create` adds imports, controllers and webhooks here; all the rest is yours.
// Copyright the authors of label-webhook, SPDX-License-Identifier: Apache-2.0
import { Manager, managerOptions } from "@kubescaffold/runtime";
import { Deployment } from "kubernetes-models/apps/v1/Deployment";
import { Service } from "kubernetes-models/v1/Service";
import { LabelDefaulter } from "./webhooks/label.defaulter.ts";
import { LabelValidator } from "./webhooks/label.validator.ts";
import { ASKED, FLAGS, Settings } from "./webhooks/settings.ts";

// The flags (--labels, --webhook-port, --webhook-cert-path, …) are listed by `node main.ts --help`.
const { flags, ...options } = managerOptions(process.argv.slice(2), { leaderElection: { id: "label-webhook.example.com" }, flags: FLAGS });
const manager = await Manager.create(options);
const settings = new Settings(flags);

for (const Kind of [Deployment, Service]) {
  manager
    .webhook(Kind, { mutate: "/mutate", validate: "/validate" })
    .defaultWith(new LabelDefaulter(settings), ASKED)
    .validateWith(new LabelValidator(settings), ASKED);
}
await manager.run(); // until SIGTERM or SIGINT, then a graceful stop
