// shared: `scaffold create api` adds an import and a controller here; all the rest is yours.
// Copyright the authors of memcached-operator, SPDX-License-Identifier: Apache-2.0
import { Deployment } from "kubernetes-models/apps/v1/Deployment";
import { Pod } from "kubernetes-models/v1/Pod";
import { enqueueByLabel, Manager, managerOptions } from "@kubescaffold/runtime";
import { Memcached } from "./api/v1alpha1/memcached.ts";
import { INSTANCE_LABEL, MemcachedReconciler } from "./controllers/memcached.controller.ts";

// The flags (--leader-elect, --metrics-bind-address, …) are listed by `node main.ts --help`.
const manager = await Manager.create(managerOptions(process.argv.slice(2), { leaderElection: { id: "memcached-operator.example.com" } }));

manager.controller(Memcached).owns(Deployment).watches(Pod, enqueueByLabel(INSTANCE_LABEL)).reconcileWith(new MemcachedReconciler());
await manager.run(); // until SIGTERM or SIGINT, then a graceful stop
