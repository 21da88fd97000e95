/**
 * What can be done to a resource: one file a verb or subresource, each turning a request into an answer. They decode, and leave writing to
 * `../write.ts`. May use everything but `../controllers`. Read `read.ts` first, then `create.ts`.
 */
export { create } from "./create.ts";
export { deleteEntry, remove, removeCollection } from "./delete.ts";
export type { DeleteOptions } from "./delete.ts";
export { patch } from "./patch.ts";
export { get, list } from "./read.ts";
export { serveSubresource } from "./subresource.ts";
export { update } from "./update.ts";
export { isVirtual, serveVirtual } from "./virtual.ts";
export { watch } from "./watch.ts";
