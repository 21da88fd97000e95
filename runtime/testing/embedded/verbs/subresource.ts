import type { Api } from "../api.ts";
import { requestToken } from "../auth/reviews.ts";
import { badRequest, failure, methodNotAllowed, notFound, pathNotFound } from "../errors.ts";
import { json, type Answer } from "../http/answer.ts";
import { readValue } from "../http/decode.ts";
import type { Form } from "../http/negotiate.ts";
import type { ApiRequest } from "../http/request.ts";
import type { Resource } from "../resources/resource.ts";
import { cloneJson, isObject, objectAt } from "../schema/index.ts";
import { commitUpdate } from "../write.ts";
import { bindPod } from "./binding.ts";
import { evict } from "./eviction.ts";
import { patch } from "./patch.ts";
import { entryAnswer, get, storedEntry } from "./read.ts";
import { getScale, patchScale, updateScale } from "./scale.ts";
import { update } from "./update.ts";

/** Streams to and from containers: there are no containers here. */
const STREAMS = new Set(["attach", "exec", "portforward", "proxy"]);

/** Serves what is below one object: status, scale and so on. */
export async function serveSubresource(api: Api, resource: Resource, request: ApiRequest, form: Form): Promise<Answer> {
  const { verb, subresource: name } = request.info;
  const subresource = resource.subresources.get(name);
  if (subresource === undefined) throw pathNotFound();
  if (STREAMS.has(name)) throw failure(501, "NotImplemented", `the embedded API server has no containers: ${resource.plural}/${name} is not served`);
  if (!subresource.verbs.includes(verb)) throw methodNotAllowed();
  switch (name) {
    case "scale":
      if (verb === "get") return getScale(api, resource, request);
      return verb === "update" ? updateScale(api, resource, request) : patchScale(api, resource, request);
    case "token":
      return token(api, resource, request);
    case "binding":
      return bindPod(api, request);
    case "eviction":
      return evict(api, resource, request);
    case "finalize":
      return finalize(api, resource, request, form);
    case "log":
      storedEntry(api, resource, request.info.namespace, request.info.name);
      throw notFound({ group: "", plural: "pods/log" }, request.info.name);
  }
  if (verb === "get") return get(api, resource, request, form);
  return verb === "update" ? update(api, resource, request, form) : patch(api, resource, request, form);
}

async function token(api: Api, resource: Resource, request: ApiRequest): Promise<Answer> {
  const body = await readValue(request);
  if (!isObject(body)) throw badRequest("the body is not a TokenRequest");
  const account = storedEntry(api, resource, request.info.namespace, request.info.name);
  return json(requestToken(api, account.object, body), 201);
}

/** PUT of a namespace's `finalize`: sets its `spec.finalizers`; without any, a namespace that is being deleted goes. */
async function finalize(api: Api, resource: Resource, request: ApiRequest, form: Form): Promise<Answer> {
  const body = await readValue(request);
  if (!isObject(body)) throw badRequest("the body is not a Namespace");
  const entry = storedEntry(api, resource, "", request.info.name);
  const object = cloneJson(entry.object);
  const finalizers = objectAt(body, "spec")?.["finalizers"];
  const spec = { ...objectAt(object, "spec") };
  if (Array.isArray(finalizers) && finalizers.length > 0) spec["finalizers"] = finalizers;
  else delete spec["finalizers"];
  object["spec"] = spec;
  if (JSON.stringify(object) === JSON.stringify(entry.object)) return entryAnswer(api, entry, resource, request, form);
  return entryAnswer(api, commitUpdate(api, api.store.collection("namespaces"), entry, object), resource, request, form);
}
