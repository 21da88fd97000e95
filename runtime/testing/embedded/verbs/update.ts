import type { Api } from "../api.ts";
import { type Answer, type ApiRequest, decodeBody, type Form, writeOptions } from "../http/index.ts";
import { type Resource, traitsOf } from "../resources/index.ts";
import { cloneJson } from "../../../schema/index.ts";
import { checkName, updateObject } from "../write.ts";
import { entryAnswer } from "./read.ts";

/** PUT of an object or of a subresource that has the object's own kind (status). */
export async function update(api: Api, resource: Resource, request: ApiRequest, form: Form): Promise<Answer> {
  const options = writeOptions(request.query, "UpdateOptions");
  const { name, subresource } = request.info;
  const decoded = await decodeBody(request, resource.strategy(), options.fieldValidation);
  checkName(decoded.object, name);
  const namespace = resource.namespaced ? request.info.namespace : "";
  let isFirst = true;
  const { entry, created } = await updateObject(
    api,
    { resource, namespace, subresource, request, options },
    name,
    () => {
      const again = { object: cloneJson(decoded.object), warnings: isFirst ? decoded.warnings : [] };
      isFirst = false;
      return again;
    },
    subresource === "" && traitsOf(resource).createOnUpdate === true,
  );
  return entryAnswer(api, entry, resource, request, form, created ? 201 : 200);
}
