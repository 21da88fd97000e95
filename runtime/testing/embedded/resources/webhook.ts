import { randomUUID } from "node:crypto";
import { callWebhook, checkReview, type ServiceResolver } from "../callout/index.ts";
import {
  annotationErrors,
  arrayAt,
  cloneJson,
  equalJson,
  isObject,
  labelErrors,
  objectAt,
  stringAt,
  type JsonObject,
  type JsonValue,
} from "../../../schema/index.ts";
import type { Resource } from "./resource.ts";

/** What a call of a conversion webhook needs of the server. */
export interface Callout {
  /** Finds the webhooks of services; undefined: there are none. */
  readonly resolveService: ServiceResolver | undefined;
  /** Aborted when the server stops. */
  readonly signal: AbortSignal;
}

/** In milliseconds; the same for all. */
const TIMEOUT = 30_000;

/** Whether versions of a custom resource are converted by a webhook (`spec.conversion.strategy: Webhook`). */
export function convertsByWebhook({ custom }: Resource): boolean {
  return stringAt(custom?.definition, "spec", "conversion", "strategy") === "Webhook";
}

/**
 * Asks the webhook of a definition for an object at another version. Throws an Error with the server's words when it cannot be asked, or
 * its answer is not what was asked for. Of the metadata, labels and annotations are the webhook's; all else stays as it was.
 */
export async function convertByWebhook(
  callout: Callout,
  definition: JsonObject,
  object: JsonObject,
  apiVersion: string,
): Promise<JsonObject> {
  const [given, kind] = [stringAt(object, "apiVersion") ?? "", stringAt(object, "kind") ?? ""];
  const from = `${given}, Kind=${kind}`;
  const group = stringAt(definition, "spec", "group") ?? "";
  const isKnown = arrayAt(definition, "spec", "versions").some((version) => `${group}/${stringAt(version, "name") ?? ""}` === given);
  if (!isKnown) throw new Error(`request to convert CR from an invalid group/version: ${given}`);
  const webhook = objectAt(definition, "spec", "conversion", "webhook") ?? {};
  const version = arrayAt(webhook, "conversionReviewVersions").find((each) => each === "v1" || each === "v1beta1");
  if (version !== "v1" && version !== "v1beta1") throw new Error("no supported conversion review versions");
  const uid = randomUUID();
  let objects: readonly (JsonValue | undefined)[];
  try {
    objects = await ask(callout, webhook, version, { uid, desiredAPIVersion: apiVersion, objects: [object] });
  } catch (error) {
    throw new Error(`conversion webhook for ${from} failed: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  if (objects.length !== 1) throw new Error(`conversion webhook for ${from} returned ${objects.length} objects, expected 1`);
  const converted = readObject(objects[0]);
  const returned = `conversion webhook for ${from} returned invalid`;
  if (converted["apiVersion"] !== apiVersion)
    throw new Error(
      `${returned} object at index 0: invalid groupVersion (expected ${apiVersion}, received ${stringAt(converted, "apiVersion") ?? ""})`,
    );
  if (converted["kind"] !== kind)
    throw new Error(`${returned} object at index 0: invalid kind (expected ${kind}, received ${stringAt(converted, "kind") ?? ""})`);
  for (const [field, shown] of [
    ["name", "name"],
    ["namespace", "namespace"],
    ["uid", "UID"],
  ] as const) {
    const [was, is] = [stringAt(object, "metadata", field) ?? "", stringAt(converted, "metadata", field) ?? ""];
    if (was !== is) throw new Error(`${returned} object: must have the same ${shown}: ${was} != ${is}`);
  }
  try {
    return { ...converted, metadata: metadataAfter(objectAt(object, "metadata") ?? {}, converted["metadata"]) };
  } catch (error) {
    throw new Error(`${returned} metadata: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

/** Posts the review. Throws an Error. */
async function ask(
  { resolveService, signal }: Callout,
  webhook: JsonObject,
  version: "v1" | "v1beta1",
  request: JsonObject,
): Promise<readonly (JsonValue | undefined)[]> {
  const review = { group: "apiextensions.k8s.io", version, kind: "ConversionReview" };
  const answer = await callWebhook({
    clientConfig: objectAt(webhook, "clientConfig") ?? {},
    body: {
      kind: review.kind,
      apiVersion: `${review.group}/${version}`,
      request,
      response: { uid: "", convertedObjects: null, result: { metadata: {} } },
    },
    timeout: TIMEOUT,
    resolveService,
    signal,
  });
  checkReview(answer, review);
  const [apiVersion, kind] = [stringAt(answer, "apiVersion") ?? "", stringAt(answer, "kind") ?? ""];
  // The older version is not looked at, nor its uid.
  if (version === "v1" && (apiVersion === "" || kind === "")) {
    const given = apiVersion === "" ? "/" : apiVersion;
    throw new Error(`expected webhook response of ${review.group}/v1, Kind=${review.kind}, got ${given}, Kind=${kind}`);
  }
  const response = objectAt(answer, "response");
  if (response === undefined) throw new Error("no response provided");
  const uid = stringAt(response, "uid") ?? "";
  if (version === "v1" && uid !== request["uid"]) {
    throw new Error(`expected response.uid=${JSON.stringify(request["uid"])}, got ${JSON.stringify(uid)}`);
  }
  const status = stringAt(response, "result", "status") ?? "";
  if (status !== "Success") {
    const message = stringAt(response, "result", "message") ?? "";
    throw new Error(message === "" ? `response.result.status was '${status}', not 'Success'` : message);
  }
  return arrayAt(response, "convertedObjects");
}

function readObject(value: JsonValue | undefined): JsonObject {
  const shown = `'${JSON.stringify(value ?? null)}'`;
  if (!isObject(value)) throw new Error(`unable to decode ${shown}`);
  if ((stringAt(value, "kind") ?? "") === "") throw new Error(`Object 'Kind' is missing in ${shown}`);
  return value;
}

/** The metadata of the object that was sent, with labels and annotations of the one that came back. Throws an Error. */
function metadataAfter(original: JsonObject, given: JsonValue | undefined): JsonObject {
  if (given === undefined) throw new Error("missing metadata in converted object");
  if (!isObject(given)) throw new Error(`invalid metadata of type ${goType(given)} in converted object`);
  const metadata = cloneJson(original);
  for (const field of ["labels", "annotations"] as const) {
    const value = given[field];
    if (value === undefined || value === null) {
      Reflect.deleteProperty(metadata, field);
      continue;
    }
    if (!isObject(value)) throw new Error(`invalid metadata.${field} of type ${goType(value)} in converted object`);
    for (const [key, item] of Object.entries(value)) {
      if (typeof item !== "string")
        throw new Error(`metadata.${field}[${key}] must be a string, but is ${goType(item ?? null)} in converted object`);
    }
    if (!equalJson(value, metadata[field] ?? {})) {
      const errors = field === "labels" ? labelErrors(value, "metadata.labels") : annotationErrors(value, "metadata.annotation");
      const texts = errors.map(({ field: at, message }) => `${at}: ${message}`);
      if (texts.length > 0) throw new Error(texts.length === 1 ? texts[0] : `[${texts.join(", ")}]`);
    }
    metadata[field] = value;
  }
  return metadata;
}

/** What Go calls the type of a JSON value. */
function goType(value: JsonValue): string {
  if (value === null) return "<nil>";
  if (Array.isArray(value)) return "[]interface {}";
  if (typeof value === "number") return Number.isInteger(value) ? "int64" : "float64";
  return typeof value === "boolean" ? "bool" : typeof value === "string" ? "string" : "map[string]interface {}";
}
