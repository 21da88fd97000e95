/**
 * One file for each command: it parses options, calls one use case and prints the outcome. May use everything of the
 * generators; commands that talk to a cluster use `@kubescaffold/runtime`. Read options.ts and generate.ts first.
 */
export { buildCommand } from "./build.ts";
export { bundleCommand } from "./bundle.ts";
export { checkApiCommand } from "./check-api.ts";
export { type Console } from "./console.ts";
export { checkRbacCommand } from "./check-rbac.ts";
export { createWebhookCommand } from "./create-webhook.ts";
export { createApiCommand } from "./create-api.ts";
export { deployCommand, installCommand } from "./deploy.ts";
export { devCommand } from "./dev.ts";
export { generateCommand } from "./generate.ts";
export { importCrdCommand } from "./import-crd.ts";
export { initCommand } from "./init.ts";
export { type CommandFactory, type Run } from "./options.ts";
export { undeployCommand, uninstallCommand } from "./undeploy.ts";
