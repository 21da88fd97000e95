import { timestamp, type Api } from "../api.ts";
import { badRequest, conflict, notFound, plainError } from "../errors.ts";
import { type Answer, type ApiRequest, json, readValue } from "../http/index.ts";
import { metadataOf } from "../resources/index.ts";
import { cloneJson, isObject, objectAt, stringAt, type JsonObject } from "../../../schema/index.ts";
import { putCondition } from "../controllers/index.ts";

const PODS = { group: "", plural: "pods" };

/** A `v1 Binding` gives a pod to a node: POST to `pods/NAME/binding`, or to `bindings`. Throws StatusFailure 400, 404, 409, 422. */
export async function bindPod(api: Api, request: ApiRequest): Promise<Answer> {
  const body = await readValue(request);
  if (!isObject(body)) throw badRequest("the body is not a Binding");
  const { namespace } = request.info;
  const given = stringAt(body, "metadata", "name") ?? "";
  const name = request.info.name === "" ? given : request.info.name;
  if (given !== "" && given !== name) throw badRequest(`name in URL does not match name in Binding object`);
  const node = stringAt(body, "target", "name") ?? "";
  if (node === "") {
    throw plainError("target.name: Required value");
  }
  const collection = api.store.collection("pods");
  const entry = collection.get(`${namespace}/${name}`);
  if (entry === undefined) throw notFound(PODS, name);
  const bound = stringAt(entry.object, "spec", "nodeName") ?? "";
  if (metadataOf(entry.object)["deletionTimestamp"] !== undefined) {
    throw conflict({ group: "", plural: "pods/binding" }, name, `pod ${name} is being deleted, cannot be assigned to a host`);
  }
  if (bound !== "") {
    throw conflict({ group: "", plural: "pods/binding" }, name, `pod ${name} is already assigned to node ${JSON.stringify(bound)}`);
  }
  const pod: JsonObject = cloneJson(entry.object);
  pod["spec"] = { ...objectAt(pod, "spec"), nodeName: node };
  const now = timestamp(api.clock.now());
  putCondition(pod, { type: "PodScheduled", status: "True", lastProbeTime: null }, now);
  api.store.update(collection, entry, pod);
  return json({ kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 }, 201);
}
