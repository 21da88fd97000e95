/**
 * X.509 certificates made in the process: an authority of our own, and serving certificates signed by it or by themselves. Uses nothing
 * but `node:crypto`. Read certificate.ts first; der.ts is the encoding.
 */
export * from "./certificate.ts";
