/**
 * Who asks and may they: service account tokens, impersonation, RBAC over the stored roles and bindings, and the review APIs. May use
 * the store and `../http`. Read `authenticate.ts` first, then `rbac.ts`.
 */
export { ADMIN, authenticate } from "./authenticate.ts";
export { authorize, forbiddenText, type Attributes } from "./authorize.ts";
export { Rbac, type Decision, type Rule } from "./rbac.ts";
export { ServiceAccountTokens } from "./tokens.ts";
