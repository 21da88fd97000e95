/**
 * From foreign CRDs to the model and to TypeScript: `scaffold import crd`. A text becomes CRDs (documents.ts), each becomes the model
 * that specs become too (crd.ts, schema.ts), and from it the interfaces with their markers (types.ts); class and schema module are
 * `emit/`'s. It may use `model/` and `emit/`. Read types.ts first.
 */
export { externalFolder, importedArtefacts, importedFiles, type Imported } from "./artefacts.ts";
export { findCrds, type CrdDocument, type Documents } from "./documents.ts";
export { nameOf, readCrd } from "./crd.ts";
