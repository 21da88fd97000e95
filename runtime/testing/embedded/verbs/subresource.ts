import { timestamp, type Api } from "../api.ts";
import { labelNamespace } from "../admission/index.ts";
import { keepTimestamps, managerFromUserAgent, trackUpdate } from "../apply/index.ts";
import { requestToken } from "../auth/index.ts";
import { badRequest, failure, methodNotAllowed, notFound, pathNotFound } from "../errors.ts";
import { type Answer, type ApiRequest, decodeBody, type Form, json, readValue, writeOptions } from "../http/index.ts";
import { metadataOf, type Resource } from "../resources/index.ts";
import { cloneJson, isObject, stringAt } from "../../../schema/index.ts";
import type { Entry } from "../store/index.ts";
import { checkName, commitUpdate } from "../write.ts";
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
  if (STREAMS.has(name))
    throw failure(501, "NotImplemented", `the embedded API server has no containers: ${resource.plural}/${name} is not served`);
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
      return log(storedEntry(api, resource, request.info.namespace, request.info.name));
  }
  if (verb === "get") return get(api, resource, request, form);
  return verb === "update" ? update(api, resource, request, form) : patch(api, resource, request, form);
}

async function token(api: Api, resource: Resource, request: ApiRequest): Promise<Answer> {
  const body = await readValue(request);
  if (!isObject(body)) throw badRequest("the body is not a TokenRequest");
  const account = storedEntry(api, resource, request.info.namespace, request.info.name);
  return json(requestToken(api, account.object, body, managerFromUserAgent(request.headers["user-agent"])), 201);
}

/** There are no containers that could have written anything: nothing before a pod has a node, then what the real server says of a node it cannot ask. */
function log(pod: Entry): Answer {
  const node = stringAt(pod.object, "spec", "nodeName") ?? "";
  if (node !== "") throw notFound({ group: "", plural: "pods" }, node);
  return { code: 200, body: "", contentType: "text/plain" };
}

/** PUT of a namespace's `finalize`: replaces its metadata and `spec.finalizers`; without any, a namespace that is being deleted goes. */
async function finalize(api: Api, resource: Resource, request: ApiRequest, form: Form): Promise<Answer> {
  const options = writeOptions(request.query, "UpdateOptions");
  const { object } = await decodeBody(request, resource.strategy(), options.fieldValidation);
  const entry = storedEntry(api, resource, "", request.info.name);
  checkName(object, entry.name);
  labelNamespace(resource, object);
  const metadata = metadataOf(object);
  const before = metadataOf(entry.object);
  for (const field of ["uid", "creationTimestamp", "deletionTimestamp", "resourceVersion"]) {
    if (before[field] !== undefined) metadata[field] = before[field];
  }
  if (entry.object["status"] !== undefined) object["status"] = cloneJson(entry.object["status"]);
  const manager = options.fieldManager === "" ? managerFromUserAgent(request.headers["user-agent"]) : options.fieldManager;
  trackUpdate(resource.strategy(), entry.object, object, { manager, subresource: "finalize", now: timestamp(api.clock.now()) });
  if (keepTimestamps(entry.object, object) || options.dryRun) return entryAnswer(api, entry, resource, request, form);
  return entryAnswer(api, commitUpdate(api, api.store.collection("namespaces"), entry, object), resource, request, form);
}
