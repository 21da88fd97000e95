/**
 * What a change of an API means for its objects and its clients: two generations of the model are compared, and every difference
 * is called breaking, to be checked by hand, or compatible. Pure, and may use only `model/`. Read apis.ts first, then schema.ts.
 *
 * The judge is the API server: a change is breaking when an object that it took is refused, loses data or behaves otherwise, or when
 * a request that it answered fails.
 */
export { compareApis } from "./apis.ts";
export { findingLine, type ChangeCode, type Finding, type Severity } from "./finding.ts";
