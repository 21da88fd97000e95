/**
 * A project on the disk: its PROJECT file, the files that templates make of it, and the shared files in which single places
 * are edited. May use `changes/` (to read and to stage files; it never writes to the disk itself) and `model/`.
 * Read file.ts first.
 */
export { ProjectFile, sameResource, type License, type ProjectAnswers, type Resource } from "./file.ts";
export { addListEntry, removeListEntry, type KustomizationList } from "./kustomization.ts";
export * from "./names.ts";
export { controllerPaths, layoutOf, type ApiLayout } from "./layout.ts";
export { initialFiles, apiFiles, controllerFiles, type Dependencies } from "./scaffolds.ts";
export { NODE_FLAGS, START_ENVIRONMENT, BASE_IMAGE } from "./start.ts";
export { checkDescriptionLength, checkOutputPath, checkWebhookCertificates, type Outputs } from "./outputs.ts";
export { Project } from "./project.ts";
export { addController, addWebhook, type WebhookWiring, type Wiring, type WiringResult } from "./wiring.ts";
export { sameKind, webhookTypes, type WebhookEntry, type WebhookType } from "./webhook-entry.ts";
export { handlerOf, webhookFiles, webhookMethods, type SpokeTarget, type WebhookTarget } from "./webhook-scaffolds.ts";
