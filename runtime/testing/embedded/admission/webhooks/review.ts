import { randomUUID } from "node:crypto";
import type { Api } from "../../api.ts";
import { objectAtRequestVersion } from "./versions.ts";
import { failure, type StatusFailure } from "../../errors.ts";
import type { Resource } from "../../resources/index.ts";
import { arrayAt, isObject, numberAt, objectAt, stringAt, type JsonObject, type JsonValue } from "../../../../schema/index.ts";
import { kindOf, type Attributes } from "../attributes.ts";
import type { User } from "../../http/index.ts";

/** An AdmissionReview on its way to a webhook. */
export interface Review {
  readonly uid: string;
  readonly body: JsonObject;
}

/** The review of a request, with its objects at the version of `shown`, the resource that a webhook's rules are for. */
export async function reviewOf(api: Api, attributes: Attributes, shown: Resource, version: "v1" | "v1beta1"): Promise<Review> {
  const { resource, subresource, operation, name, namespace, user } = attributes;
  const uid = randomUUID();
  const kind = shown === resource ? attributes.kind : kindOf(shown, subresource);
  const request: JsonObject = {
    uid,
    kind: { ...kind },
    resource: resourceOf(shown),
    ...(subresource === "" ? {} : { subResource: subresource }),
    requestKind: { ...attributes.kind },
    requestResource: resourceOf(resource),
    ...(subresource === "" ? {} : { requestSubResource: subresource }),
    ...(name === "" ? {} : { name }),
    ...(namespace === "" ? {} : { namespace }),
    operation,
    userInfo: userInfo(user),
    object: (await objectAtRequestVersion(api, attributes, attributes.object, shown)) ?? null,
    oldObject: (await objectAtRequestVersion(api, attributes, attributes.oldObject, shown)) ?? null,
    dryRun: attributes.dryRun,
    options: attributes.options ?? null,
  };
  return { uid, body: { kind: "AdmissionReview", apiVersion: `admission.k8s.io/${version}`, request } };
}

function resourceOf({ group, version, plural }: Resource): JsonObject {
  return { group, version, resource: plural };
}

export function userInfo({ name, uid, groups, extra }: User): JsonObject {
  return {
    username: name,
    ...(uid === "" ? {} : { uid }),
    ...(groups.length === 0 ? {} : { groups: [...groups] }),
    ...(Object.keys(extra).length === 0
      ? {}
      : { extra: Object.fromEntries(Object.entries(extra).map(([key, values]) => [key, [...values]])) }),
  };
}

/** A webhook's answer, verified. */
export interface Verdict {
  readonly allowed: boolean;
  readonly status: JsonObject | undefined;
  /** Text of a JSON patch, `""` for none. */
  readonly patch: string;
  readonly patchType: string;
  readonly warnings: readonly string[];
}

/** Reads an answer. Throws an Error with the server's words for one that breaks the protocol. */
export function readVerdict(answer: JsonValue, uid: string, version: "v1" | "v1beta1", mutating: boolean): Verdict {
  const response = objectAt(answer, "response");
  if (response === undefined) throw new Error("webhook response was absent");
  const patch = stringAt(response, "patch") ?? "";
  const patchType = response["patchType"];
  if (version === "v1") {
    const given = stringAt(response, "uid") ?? "";
    if (given !== uid) throw new Error(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(given)}`);
    if (mutating) {
      if (patch !== "" && typeof patchType !== "string") throw new Error("webhook returned response.patch but not response.patchType");
      if (patch === "" && typeof patchType === "string") throw new Error("webhook returned response.patchType but not response.patch");
      if (patchType === "") throw new Error('webhook returned invalid response.patchType of ""');
    } else {
      if (patch !== "") throw new Error("validating webhook may not return response.patch");
      if (typeof patchType === "string") throw new Error("validating webhook may not return response.patchType");
    }
  }
  return {
    allowed: response["allowed"] === true,
    status: objectAt(response, "status"),
    patch: Buffer.from(patch, "base64").toString(),
    patchType: typeof patchType === "string" ? patchType : "JSONPatch",
    warnings: arrayAt(response, "warnings").filter((each) => typeof each === "string"),
  };
}

/** What the client is told when a webhook says no. */
export function denial(webhook: string, result: JsonObject | undefined): StatusFailure {
  const by = `admission webhook ${JSON.stringify(webhook)} denied the request`;
  const message = stringAt(result, "message") ?? "";
  const reason = stringAt(result, "reason") ?? "";
  const code = numberAt(result, "code") ?? 0;
  const text = message !== "" ? `${by}: ${message}` : reason !== "" ? `${by}: ${reason}` : `${by} without explanation`;
  const details = result?.["details"];
  return failure(code < 400 ? 400 : code, reason, text, isObject(details) ? details : undefined);
}
