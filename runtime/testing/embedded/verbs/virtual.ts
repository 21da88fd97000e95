import type { Api } from "../api.ts";
import { review } from "../auth/index.ts";
import { methodNotAllowed, notFound } from "../errors.ts";
import { type Answer, type ApiRequest, json } from "../http/index.ts";
import type { Resource } from "../resources/index.ts";
import { bindPod } from "./binding.ts";

/** True for resources that are questions or commands rather than objects: reviews, bindings, component statuses. */
export function isVirtual(resource: Resource): boolean {
  return !resource.verbs.includes("delete");
}

export async function serveVirtual(api: Api, resource: Resource, request: ApiRequest): Promise<Answer> {
  const { verb, name } = request.info;
  if (!resource.verbs.includes(verb)) throw methodNotAllowed();
  if (resource.kind === "ComponentStatus") {
    if (verb === "get") throw notFound(resource, name);
    request.warnings.push("v1 ComponentStatus is deprecated in v1.19+");
    return json({ kind: "ComponentStatusList", apiVersion: "v1", metadata: {}, items: [] });
  }
  if (resource.kind === "Binding") return bindPod(api, request);
  return review(api, resource, request);
}
