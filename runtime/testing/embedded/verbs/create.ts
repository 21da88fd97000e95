import type { Api } from "../api.ts";
import { type Answer, type ApiRequest, decodeBody, type Form, writeOptions } from "../http/index.ts";
import type { Resource } from "../resources/index.ts";
import { createObject } from "../write.ts";
import { entryAnswer } from "./read.ts";

export async function create(api: Api, resource: Resource, request: ApiRequest, form: Form): Promise<Answer> {
  const options = writeOptions(request.query, "CreateOptions");
  const { object, warnings } = await decodeBody(request, resource.strategy(), options.fieldValidation);
  request.warnings.push(...warnings);
  const namespace = resource.namespaced ? request.info.namespace : "";
  const { entry } = await createObject(api, { resource, namespace, subresource: "", request, options }, object);
  return entryAnswer(api, entry, resource, request, form, 201);
}
