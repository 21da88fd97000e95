import type { StatusFailure } from "../../schema/status.ts";
import { failure } from "../../schema/status.ts";
import { qualifiedResource } from "./resources/index.ts";

export { badRequest, failure, invalid, StatusFailure, type Status } from "../../schema/status.ts";

/** What an error says it is about; `resource` is the plural name. */
export interface About {
  readonly group: string;
  readonly plural: string;
}

function details({ group, plural }: About, name: string): { name?: string; group?: string; kind: string } {
  return { ...(name === "" ? {} : { name }), ...(group === "" ? {} : { group }), kind: plural };
}

/** 404 for an object. */
export function notFound(resource: About, name: string): StatusFailure {
  return failure(404, "NotFound", `${qualifiedResource(resource)} "${name}" not found`, details(resource, name));
}

/** 404 for a path that nothing is served at. */
export function pathNotFound(): StatusFailure {
  return failure(404, "NotFound", "the server could not find the requested resource", {});
}

/** 409: the name is taken. */
export function alreadyExists(resource: About, name: string): StatusFailure {
  return failure(409, "AlreadyExists", `${qualifiedResource(resource)} "${name}" already exists`, details(resource, name));
}

/** 409: the object is not as the writer thinks. */
export function conflict(resource: About, name: string, why: string): StatusFailure {
  return failure(
    409,
    "Conflict",
    `Operation cannot be fulfilled on ${qualifiedResource(resource)} "${name}": ${why}`,
    details(resource, name),
  );
}

/** What a write with an old resourceVersion gets. */
export function modified(resource: About, name: string): StatusFailure {
  return conflict(resource, name, "the object has been modified; please apply your changes to the latest version and try again");
}

/** 403 of an admission rule or of the authorizer; `why` follows "forbidden: ". */
export function forbidden(resource: About, name: string, why: string): StatusFailure {
  const subject = name === "" ? qualifiedResource(resource) : `${qualifiedResource(resource)} "${name}"`;
  return failure(403, "Forbidden", `${subject} is forbidden: ${why}`, details(resource, name));
}

/** 405: the resource does not have this verb. */
export function methodNotAllowed(): StatusFailure {
  return failure(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", {});
}

/** 410: the history does not reach back to the revision asked for. */
export function expired(message: string): StatusFailure {
  return failure(410, "Expired", message);
}

/** 406: no media type of the Accept header can be served. */
export function notAcceptable(): StatusFailure {
  const types = ["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"];
  const available = [...types, "application/json;stream=watch", "application/vnd.kubernetes.protobuf;stream=watch"].join(", ");
  return failure(406, "NotAcceptable", `406: Not Acceptable\n\nAvailable representations: ${available}`, {});
}

/** 406: a media type can be served, but not in the form asked for. */
export function notAcceptableForm(streaming: boolean): StatusFailure {
  const types = streaming
    ? "application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch"
    : "application/json, application/yaml, application/vnd.kubernetes.protobuf";
  return failure(406, "NotAcceptable", `only the following media types are accepted: ${types}`);
}

/** 415: the body's media type is not understood. */
export function unsupportedMediaType(accepted: readonly string[]): StatusFailure {
  return failure(
    415,
    "UnsupportedMediaType",
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(", ")}`,
  );
}

/** 500: our own fault. */
export function internal(message: string): StatusFailure {
  return failure(500, "InternalError", `Internal error occurred: ${message}`, { causes: [{ message }] });
}

/** 401: the credentials are not known. */
export function unauthorized(): StatusFailure {
  return failure(401, "Unauthorized", "Unauthorized");
}

/** 415 of a PATCH. */
export function unsupportedPatchType(): StatusFailure {
  return failure(415, "UnsupportedMediaType", "415: Unsupported Media Type", {});
}

/** 500 with a text and no reason, as plain Go errors come out of the real server. */
export function plainError(message: string): StatusFailure {
  const error = failure(500, "", message);
  Reflect.deleteProperty(error.status, "reason");
  return error;
}
