import { describe, expect, test } from "@jest/globals";
import * as errors from "../../../runtime/client/errors.ts";

const { ApiError } = errors;

/** An error of the API server with this reason, or of a proxy that sends a status code and nothing else. */
const refusal = (status: number, reason?: string, request = "GET /x") =>
  new ApiError(status, reason === undefined ? {} : { reason, message: "m" }, request);

type Predicate = Extract<keyof typeof errors, `is${string}`>;

const ALL = Object.keys(errors).filter((name): name is Predicate => name.startsWith("is"));

/** The predicates that hold for an error. */
const told = (error: unknown) => ALL.filter((name) => errors[name](error));

describe("what a refusal is called", () => {
  test.each<[number, string, Predicate]>([
    [400, "BadRequest", "isBadRequest"],
    [401, "Unauthorized", "isUnauthorized"],
    [403, "Forbidden", "isForbidden"],
    [404, "NotFound", "isNotFound"],
    [405, "MethodNotAllowed", "isMethodNotSupported"],
    [409, "AlreadyExists", "isAlreadyExists"],
    [409, "Conflict", "isConflict"],
    [410, "Expired", "isExpired"],
    [410, "Gone", "isExpired"],
    [413, "RequestEntityTooLarge", "isRequestEntityTooLarge"],
    [422, "Invalid", "isInvalid"],
    [429, "TooManyRequests", "isTooManyRequests"],
    [500, "InternalError", "isInternalError"],
    [500, "ServerTimeout", "isTimeout"],
    [503, "ServiceUnavailable", "isServiceUnavailable"],
    [504, "Timeout", "isTimeout"],
  ])("%i %s: %s, and nothing else", (status, reason, predicate) => {
    expect(told(refusal(status, reason))).toEqual([predicate]);
  });

  test.each<[number, string, Predicate]>([
    [400, "GET", "isBadRequest"],
    [403, "GET", "isForbidden"],
    [404, "GET", "isNotFound"],
    [405, "POST", "isMethodNotSupported"],
    [408, "GET", "isTimeout"],
    [409, "PUT", "isConflict"],
    [409, "POST", "isAlreadyExists"],
    [410, "GET", "isExpired"],
    [413, "POST", "isRequestEntityTooLarge"],
    [418, "GET", "isBadRequest"],
    [429, "GET", "isTooManyRequests"],
    [502, "GET", "isInternalError"],
    [503, "GET", "isServiceUnavailable"],
    [504, "GET", "isTimeout"],
  ])("a bare %i in answer to a %s: %s", (status, method, predicate) => {
    expect(told(refusal(status, undefined, `${method} /x`))).toEqual([predicate]);
  });

  test("what is no refusal has its own name, and what is no error of the client has none", () => {
    expect(told(new errors.ConnectionError("gone", undefined))).toEqual(["isConnectionError"]);
    expect(told(new errors.NoKindMatchError("v1", "Frigate"))).toEqual(["isNoKindMatch"]);
    for (const other of [new Error("no"), undefined, "NotFound", { reason: "NotFound" }]) expect(told(other)).toEqual([]);
  });

  test("holds between two copies of the package", async () => {
    const address = "../../../runtime/client/errors.ts?copy";
    const copy = (await import(address)) as typeof errors;
    const error = new copy.ApiError(404, {}, "GET /x");
    expect(error).not.toBeInstanceOf(ApiError);
    expect(errors.isNotFound(error)).toBe(true);
    expect(errors.isConnectionError(new copy.ConnectionError("gone", undefined))).toBe(true);
  });
});

test("an object that is refused says which of its fields are wrong", () => {
  const causes = [{ reason: "FieldValueInvalid", message: "Invalid value: -1", field: "spec.replicas" }];
  expect(new ApiError(422, { reason: "Invalid", details: { causes } }, "POST /x").causes).toEqual(causes);
  expect(refusal(422, "Invalid").causes).toEqual([]);
});

test("a server that asks to wait says how long, in milliseconds", () => {
  expect(new ApiError(429, { details: { retryAfterSeconds: 10 } }, "POST /x").retryAfter).toBe(10_000);
  expect(refusal(429).retryAfter).toBeUndefined();
});

describe("a refusal for want of rights tells the rule that is missing:", () => {
  test.each([
    [
      'pods is forbidden: User "u" cannot list resource "pods" in API group "" at the cluster scope',
      '{ apiGroups: [""], resources: ["pods"], verbs: ["list", "watch"] } in a ClusterRole',
      { apiGroups: [""], resources: ["pods"], verbs: ["list", "watch"] },
    ],
    [
      'deployments.apps "a" is forbidden: User "u" cannot patch resource "deployments/status" in API group "apps" in the namespace "web"',
      '{ apiGroups: ["apps"], resources: ["deployments/status"], verbs: ["patch"] } in a Role in web or a ClusterRole',
      { apiGroups: ["apps"], resources: ["deployments/status"], verbs: ["patch"], namespace: "web" },
    ],
    [
      'users "joe" is forbidden: User "u" cannot impersonate resource "users" in API group "" at the cluster scope',
      '{ apiGroups: [""], resources: ["users"], resourceNames: ["joe"], verbs: ["impersonate"] } in a ClusterRole',
      { apiGroups: [""], resources: ["users"], resourceNames: ["joe"], verbs: ["impersonate"] },
    ],
    [
      'forbidden: User "u" cannot get path "/metrics"',
      '{ nonResourceURLs: ["/metrics"], verbs: ["get"] } in a ClusterRole',
      { nonResourceURLs: ["/metrics"], verbs: ["get"] },
    ],
  ])("%s", (message, text, rule) => {
    const details = message.startsWith("users") ? { name: "joe" } : { name: "a" };
    const error = new ApiError(403, { message, reason: "Forbidden", details }, "GET /x");
    expect(error.message).toBe(`GET /x: ${message}; add the access rule ${text}`);
    expect(error.missingRule).toEqual(rule);
  });

  test("but not when a rule would not help", () => {
    const error = new ApiError(403, { message: 'pods "a" is forbidden: exceeded quota: q', reason: "Forbidden" }, "POST /x");
    expect(error.message).toBe('POST /x: pods "a" is forbidden: exceeded quota: q');
    expect(error.missingRule).toBeUndefined();
  });
});
