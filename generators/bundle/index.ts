/**
 * A project's program as the few files that run in production. Uses nothing of the other folders. Read bundle.ts.
 */
export { bundle, type Bundle } from "./bundle.ts";
