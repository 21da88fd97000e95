import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** How much of a request is recorded: who, what and the outcome; with the request's body; with the answer's too. */
export type AuditLevel = "Metadata" | "Request" | "RequestResponse";

/** One request (`audit.k8s.io/v1` Event), as far as tests need it. */
export interface AuditEvent {
  /** `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`, … */
  verb: string;
  requestURI: string;
  user: { username: string };
  userAgent?: string;
  objectRef?: { apiGroup?: string; apiVersion?: string; resource?: string; subresource?: string; namespace?: string; name?: string };
  responseStatus?: { code: number };
  /** With the levels `Request` and `RequestResponse`. */
  requestObject?: unknown;
  /** With the level `RequestResponse`. */
  responseObject?: unknown;
}

export const auditPolicyFile = "audit-policy.json";
const auditLogFile = "audit.log";

/** The arguments of kube-apiserver that write the log. Its default mode is the blocking one: first the log, then the answer. */
export function auditArguments(folder: string): string[] {
  return [
    `--audit-policy-file=${join(folder, auditPolicyFile)}`,
    `--audit-log-path=${join(folder, auditLogFile)}`,
    "--audit-log-mode=blocking",
    "--audit-log-maxsize=100000", // MB: rotation would hide the older events from the reader
  ];
}

/** A policy that leaves out what the control plane says to itself. */
export function auditPolicy(level: AuditLevel): string {
  return JSON.stringify({
    apiVersion: "audit.k8s.io/v1",
    kind: "Policy",
    omitStages: ["RequestReceived", "ResponseStarted"],
    rules: [
      { level: "None", users: ["system:apiserver", "system:kube-controller-manager", "system:anonymous"] },
      { level: "None", nonResourceURLs: ["/readyz"] },
      { level },
    ],
  });
}

export async function readAuditLog(folder: string): Promise<AuditEvent[]> {
  const text = await readFile(join(folder, auditLogFile), "utf8");
  // The last line may be half written; what follows the last line break is not yet an event.
  const lines = text.split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line) as AuditEvent);
}
