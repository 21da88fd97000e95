import type { Api } from "../../api.ts";
import { convertBetween, type Resource } from "../../resources/index.ts";
import { internal } from "../../errors.ts";
import type { JsonObject } from "../../../../schema/index.ts";
import type { Attributes } from "../attributes.ts";

/** An object of the request at the version of `shown`; itself when that is the request's own. Throws StatusFailure 500. */
export async function objectAtRequestVersion(
  api: Api,
  { resource, subresource, kind }: Attributes,
  object: JsonObject | undefined,
  shown: Resource,
): Promise<JsonObject | undefined> {
  // Bodies of subresources such as Scale are of the same kind in all versions of their resource.
  if (object === undefined || shown === resource || (subresource !== "" && kind.kind !== resource.kind)) return object;
  try {
    return await convertBetween(api, object, resource, shown.apiVersion);
  } catch (error) {
    // Wrapped where it is made, and once more where it is met.
    throw internal(internal(error instanceof Error ? error.message : String(error)).message);
  }
}
