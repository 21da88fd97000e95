/**
 * The data that was taken of a real kube-apiserver (`take.ts`, `data/`): discovery, schemas, table columns, first objects; and the OpenAPI
 * documents that are made of it, custom resources included. Each file is read on first use. Read `data.ts` first.
 */
export { discoveryData, initialObjects, resolveSchema, schemaOfKind, tableData } from "./data.ts";
export { serveOpenApi } from "./serve.ts";
