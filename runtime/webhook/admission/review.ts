import { isObject, type JsonObject } from "../json/index.ts";
import { BadReviewError, isAbsent, objectIn, shown, text } from "../review/index.ts";

/** A kind as requests name it; the core group is the empty string. */
export interface GroupVersionKind {
  group: string;
  version: string;
  kind: string;
}

export interface GroupVersionResource {
  group: string;
  version: string;
  resource: string;
}

/** Who made the request (`authentication.k8s.io/v1 UserInfo`). */
export interface UserInfo {
  username?: string;
  uid?: string;
  groups?: string[];
  extra?: Record<string, string[]>;
}

export type Operation = "CREATE" | "UPDATE" | "DELETE" | "CONNECT";

/** `request` of an `admission.k8s.io` AdmissionReview, complete and of the right types. */
export interface ReviewRequest {
  uid: string;
  kind: GroupVersionKind;
  resource: GroupVersionResource;
  subResource: string;
  requestKind: GroupVersionKind;
  requestResource: GroupVersionResource;
  requestSubResource: string;
  name: string;
  namespace: string | undefined;
  operation: Operation;
  userInfo: UserInfo;
  object: JsonObject | undefined;
  oldObject: JsonObject | undefined;
  dryRun: boolean;
  options: JsonObject | undefined;
}

const OPERATIONS: readonly string[] = ["CREATE", "UPDATE", "DELETE", "CONNECT"] satisfies Operation[];

/** @throws BadReviewError with the field that is wrong */
export function readRequest(review: Record<string, unknown>): ReviewRequest {
  const request = review["request"];
  if (!isObject(request)) throw new BadReviewError("the review has no request");
  const uid = text(request, "uid");
  if (uid === "") throw new BadReviewError("request.uid is missing");
  const operation = text(request, "operation");
  if (!isOperation(operation))
    throw new BadReviewError(`request.operation is ${shown(operation)}, expected one of ${OPERATIONS.join(", ")}`);
  const kind = readKind(request, "kind");
  const resource = readResource(request, "resource");
  const subResource = text(request, "subResource");
  return {
    uid,
    kind,
    resource,
    subResource,
    // Absent in v1beta1 of old servers: then the request is just what the webhook asked for.
    requestKind: isAbsent(request["requestKind"]) ? kind : readKind(request, "requestKind"),
    requestResource: isAbsent(request["requestResource"]) ? resource : readResource(request, "requestResource"),
    requestSubResource: isAbsent(request["requestSubResource"]) ? subResource : text(request, "requestSubResource"),
    name: text(request, "name"),
    namespace: text(request, "namespace") || undefined,
    operation,
    userInfo: objectIn(request, "userInfo") ?? {},
    object: objectIn(request, "object") as JsonObject | undefined,
    oldObject: objectIn(request, "oldObject") as JsonObject | undefined,
    dryRun: request["dryRun"] === true,
    options: objectIn(request, "options") as JsonObject | undefined,
  };
}

function readKind(request: Record<string, unknown>, field: string): GroupVersionKind {
  const value = objectIn(request, field) ?? {};
  const kind = text(value, "kind");
  if (kind === "") throw new BadReviewError(`request.${field}.kind is missing`);
  return { group: text(value, "group"), version: text(value, "version"), kind };
}

function readResource(request: Record<string, unknown>, field: string): GroupVersionResource {
  const value = objectIn(request, field) ?? {};
  return { group: text(value, "group"), version: text(value, "version"), resource: text(value, "resource") };
}

function isOperation(value: string): value is Operation {
  return OPERATIONS.includes(value);
}
