/**
 * Token authentication webhooks: a TokenReview comes in, and an authenticator says whose token it is. Uses `../review` and `object/`.
 * Read endpoint.ts.
 */
export * from "./endpoint.ts";
