/**
 * Who asks and may they: service account tokens, impersonation, RBAC over the stored roles and bindings, and the review APIs. May use
 * the store and `../http`. Read `authenticate.ts` first, then `rbac.ts`.
 */
export { ACCESS_LOG_VARIABLE, AccessLog } from "./access-log.ts";
export { ADMIN, authenticate } from "./authenticate.ts";
export { authorize } from "./authorize.ts";
export { Rbac } from "./rbac.ts";
export { requestToken, review } from "./reviews.ts";
export { ISSUER, ServiceAccountTokens } from "./tokens.ts";
