/**
 * A real etcd and kube-apiserver for tests: the judge of everything that the embedded API server and the runtime do.
 * Uses nothing else of the runtime. Read `control-plane.ts` first; then `start.ts` (the servers and their arguments),
 * `server-process.ts` (a process that never outlives us), `binaries.ts` and `build.ts` (where the programs come from).
 */
export { ControlPlane, type ControlPlaneOptions } from "./control-plane.ts";
export type { AuditEvent, AuditLevel } from "./audit.ts";
export { type Binaries, findBinaries } from "./binaries.ts";
