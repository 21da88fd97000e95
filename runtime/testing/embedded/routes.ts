import type { ServerResponse } from "node:http";
import type { Api } from "./api.ts";
import { methodNotAllowed, pathNotFound } from "./errors.ts";
import { type Answer, type ApiRequest, type Form, negotiate } from "./http/index.ts";
import { servePath } from "./paths.ts";
import type { Resource } from "./resources/index.ts";
import {
  create,
  get,
  isVirtual,
  list,
  patch,
  remove,
  removeCollection,
  serveSubresource,
  serveVirtual,
  update,
  watch,
} from "./verbs/index.ts";

/** An answer that is written while it is made. */
export interface Stream {
  readonly stream: (response: ServerResponse) => Promise<void>;
}

const ENDPOINTS_ARE_OLD = "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice";

/** Finds what an authorised request is for, and does it. */
export async function route(api: Api, request: ApiRequest): Promise<Answer | Stream> {
  const { info } = request;
  if (!info.isResource) return servePath(api, request);
  const resource = api.registry.find(info.group, info.version, info.plural);
  if (resource === undefined) return unknownResource(api, request);
  if (info.subresource !== "") return serveSubresource(api, resource, request, negotiate(request.headers.accept, { kind: resource.kind }));
  // A namespace in the path of a cluster-scoped resource, or none for one object of a namespaced one, names nothing.
  const isWatch = info.verb === "watch";
  const form = negotiate(request.headers.accept, { streaming: isWatch, isList: info.verb === "list", kind: resource.kind });
  if (resource.collection === "endpoints") request.warnings.push(ENDPOINTS_ARE_OLD);
  if (isVirtual(resource)) return serveVirtual(api, resource, request);
  if (!hasRightScope(resource, request)) return wrongScope(resource, request);
  if (!resource.verbs.includes(info.verb) || !fitsPath(request)) throw methodNotAllowed();
  return isWatch ? { stream: watch(api, resource, request, form) } : serveResource(api, resource, request, form);
}

function serveResource(api: Api, resource: Resource, request: ApiRequest, form: Form): Promise<Answer> {
  switch (request.info.verb) {
    case "get":
      return get(api, resource, request, form);
    case "list":
      return list(api, resource, request, form);
    case "create":
      return create(api, resource, request, form);
    case "update":
      return update(api, resource, request, form);
    case "patch":
      return patch(api, resource, request, form);
    case "delete":
      return remove(api, resource, request, form);
    case "deletecollection":
      return removeCollection(api, resource, request);
    default:
      throw methodNotAllowed();
  }
}

/** Objects are created at the collection and updated at their own path; HEAD is not offered. */
function fitsPath({ info, method }: ApiRequest): boolean {
  if (method === "HEAD") return false;
  if (info.verb === "create") return info.name === "";
  return info.name !== "" || (info.verb !== "update" && info.verb !== "patch");
}

function hasRightScope(resource: Resource, { info }: ApiRequest): boolean {
  if (!resource.namespaced) return info.namespace === "" || info.plural === "namespaces";
  return info.namespace !== "" || info.verb === "list" || info.verb === "watch";
}

function wrongScope(resource: Resource, { info }: ApiRequest): Answer {
  if (resource.namespaced && info.name === "") throw methodNotAllowed();
  if (resource.custom) return NO_PAGE;
  throw pathNotFound();
}

const NO_PAGE: Answer = { code: 404, body: "404 page not found\n", contentType: "text/plain; charset=utf-8" };

/** A path below a group and version that are not served, or a resource that they do not have. */
function unknownResource(api: Api, { info }: ApiRequest): Answer {
  if (api.registry.isBuiltin(info.group)) throw pathNotFound();
  return NO_PAGE;
}
