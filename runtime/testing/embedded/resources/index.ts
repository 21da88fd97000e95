/**
 * What is served: resources, built-in and custom, by group, version and name; how discovery shows them; and their objects at each
 * version. May use `../schema`, `../defaults`, `../openapi`, `../store`, `../callout`. Read `resource.ts` first, then `registry.ts`.
 */
export { atStorageVersion, convertBetween, entryAtVersion, formName, metadataOf, objectAtVersion } from "./convert.ts";
export { convertsByWebhook } from "./webhook.ts";
export { customResources } from "./custom.ts";
export { aggregatedDiscovery, groupAnswer, groupList, resourceList, wantsAggregated } from "./discovery.ts";
export type { ServedGroup, ServedVersion } from "./discovery.ts";
export { compareVersions, ResourceRegistry, strings } from "./registry.ts";
export { qualifiedResource } from "./resource.ts";
export type { GroupVersion } from "./registry.ts";
export type { Resource, ScalePaths } from "./resource.ts";
export { traitsOf } from "./traits.ts";
export { itemText, objectText, partialText } from "./view.ts";
