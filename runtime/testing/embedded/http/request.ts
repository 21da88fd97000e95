import type { IncomingHttpHeaders } from "node:http";

/** Who asks. */
export interface User {
  readonly name: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/** What a request asks for, read from its method and path as the API server's RequestInfo is. */
export interface RequestInfo {
  readonly isResource: boolean;
  readonly path: string;
  /** `get list watch create update patch delete deletecollection`, or the method in lower case for other paths. */
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  readonly namespace: string;
  /** Plural name as the path has it. */
  readonly plural: string;
  readonly subresource: string;
  readonly name: string;
  /** What follows the subresource (proxy paths). */
  readonly rest: readonly string[];
}

/** One request on its way through the pipeline. */
export interface ApiRequest {
  readonly method: string;
  readonly info: RequestInfo;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly user: User;
  /** Aborted when the client goes away or the server stops. */
  readonly signal: AbortSignal;
  /** Reads the whole body, once; throws StatusFailure 413 when it is larger than 3 MiB. */
  body(): Promise<Buffer>;
  /** Texts that the answer carries as `Warning` headers. */
  readonly warnings: string[];
}

const VERBS: Readonly<Record<string, string>> = {
  GET: "get",
  HEAD: "get",
  POST: "create",
  PUT: "update",
  PATCH: "patch",
  DELETE: "delete",
};

/** Subresources of a namespace; any other second segment under `namespaces/NAME` is a resource in it. */
const NAMESPACE_SUBRESOURCES = new Set(["status", "finalize"]);

/** Reads method and path. Segments are percent-decoded. */
export function requestInfo(method: string, path: string, query: URLSearchParams): RequestInfo {
  const parts = path
    .split("/")
    .filter((part) => part !== "")
    .map(decodeSegment);
  const other: RequestInfo = {
    isResource: false,
    path,
    verb: method.toLowerCase(),
    group: "",
    version: "",
    namespace: "",
    plural: "",
    subresource: "",
    name: "",
    rest: [],
  };
  let rest: string[];
  let group = "";
  let version: string;
  if (parts[0] === "api" && parts.length >= 3) {
    version = parts[1] ?? "";
    rest = parts.slice(2);
  } else if (parts[0] === "apis" && parts.length >= 4) {
    group = parts[1] ?? "";
    version = parts[2] ?? "";
    rest = parts.slice(3);
  } else {
    return other;
  }
  let verb = VERBS[method] ?? method.toLowerCase();
  if (rest[0] === "watch" && rest.length > 1) {
    verb = "watch";
    rest = rest.slice(1);
  }
  let namespace = "";
  if (rest[0] === "namespaces") {
    namespace = rest[1] ?? "";
    if (rest.length > 2 && !NAMESPACE_SUBRESOURCES.has(rest[2] ?? "")) rest = rest.slice(2);
  }
  const [plural = "", name = "", subresource = "", ...more] = rest;
  const info = { ...other, isResource: true, group, version, namespace, plural, name, subresource, rest: more };
  if (name === "") {
    if (verb === "get") verb = isTrue(query.get("watch")) ? "watch" : "list";
    else if (verb === "delete") verb = "deletecollection";
    const only = verb === "create" ? undefined : singleName(query.get("fieldSelector"));
    return { ...info, verb, name: only ?? "" };
  }
  return { ...info, verb };
}

/** A boolean query parameter, as Go's conversion reads it: present and not `false` or `0`. */
export function isTrue(value: string | null): boolean {
  return value !== null && value !== "false" && value !== "0" && value.toLowerCase() !== "false";
}

/** The name when a field selector asks for exactly one: the authorizer then sees that name. */
function singleName(selector: string | null): string | undefined {
  return selector === null ? undefined : /^metadata\.name==?([^,=!]+)$/.exec(selector)?.[1];
}

function decodeSegment(segment: string): string {
  try {
    return segment.includes("%") ? decodeURIComponent(segment) : segment;
  } catch {
    return segment;
  }
}
