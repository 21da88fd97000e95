/**
 * Where the webhooks' certificates come from. certificate.ts makes X.509 certificates in the process (der.ts is their encoding); kept.ts keeps
 * them in a Secret that all replicas share, contents.ts says of what it holds, own-authority.ts and signing-request.ts what is to become of
 * it and when; injector.ts makes their CA known to those who call. Uses `cache/`, `client/` and `object/`. Read kept.ts first.
 */
export * from "./certificate.ts";
export { KeptCertificates, type KeptCertificatesOptions } from "./kept.ts";
export { ownAuthority, type CertificateLifetimes } from "./own-authority.ts";
export type { InjectionTarget } from "./injector.ts";
export { SigningRequests, type SigningRequestOptions } from "./signing-request.ts";
