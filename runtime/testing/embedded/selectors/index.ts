/**
 * Label and field selectors, compiled into tests of stored objects, with the server's words for those that are wrong. May use `../schema`
 * and `../resources`. Read `labels.ts` first.
 */
export { parseFieldSelector } from "./fields.ts";
export { labelsOf, parseLabelSelector } from "./labels.ts";
