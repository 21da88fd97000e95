/**
 * Admission webhooks: what handlers implement (handlers.ts), what they are given (request.ts) and answer (response.ts, field-errors.ts), and
 * the endpoint that turns an AdmissionReview into its answer. Uses `../review`, `../json`, `client/` (types) and `object/`. Read
 * handlers.ts first, then endpoint.ts.
 */
export { type AdmissionHandler, type Defaulter, type Validator, type Verdict } from "./handlers.ts";
export { type AdmissionRequest } from "./request.ts";
export { allowed, denied, errored, invalid, patched, type AdmissionResponse, type DenialOptions } from "./response.ts";
export { fieldError, type FieldError, type FieldErrorType } from "./field-errors.ts";
export { AdmissionEndpoint } from "./endpoint.ts";
export { mutatePath, validatePath } from "./paths.ts";
export { type GroupVersionKind, type GroupVersionResource, type Operation, type UserInfo } from "./review.ts";
