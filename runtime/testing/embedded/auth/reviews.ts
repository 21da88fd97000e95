import { newUid, timestamp, type Api } from "../api.ts";
import { managerFromUserAgent, trackUpdate } from "../apply/index.ts";
import { badRequest, invalid } from "../errors.ts";
import { type Answer, type ApiRequest, decodeBody, json, type User, writeOptions } from "../http/index.ts";
import { type Resource, strings } from "../resources/index.ts";
import { objectAt, stringAt, type FieldError, type JsonObject } from "../../../schema/index.ts";
import type { Attributes } from "./authorize.ts";
import type { Rule } from "./rbac.ts";
import { ISSUER } from "./tokens.ts";

/** Answers the reviews of authentication.k8s.io and authorization.k8s.io, by kind. */
export async function review(api: Api, resource: Resource, request: ApiRequest): Promise<Answer> {
  const options = writeOptions(request.query, "CreateOptions");
  const { object, warnings } = await decodeBody(request, resource.strategy(), options.fieldValidation);
  request.warnings.push(...warnings);
  const now = timestamp(api.clock.now());
  const { namespace } = request.info;
  if (resource.kind === "SelfSubjectReview") {
    return json(
      {
        kind: resource.kind,
        apiVersion: resource.apiVersion,
        metadata: { creationTimestamp: now },
        status: { userInfo: userInfo(request.user) },
      },
      201,
    );
  }
  const manager = options.fieldManager === "" ? managerFromUserAgent(request.headers["user-agent"]) : options.fieldManager;
  if (resource.kind !== "SelfSubjectRulesReview") trackUpdate(resource.strategy(), undefined, object, { manager, subresource: "", now });
  const given = objectAt(object, "spec") ?? {};
  const metadata = { ...objectAt(object, "metadata"), ...(resource.namespaced ? { namespace } : {}) };
  const status = statusOf(api, resource, request, given);
  const spec = resource.kind === "SelfSubjectRulesReview" ? {} : given;
  return json({ kind: resource.kind, apiVersion: resource.apiVersion, metadata, spec, status }, 201);
}

function statusOf(api: Api, resource: Resource, request: ApiRequest, spec: JsonObject): JsonObject {
  switch (resource.kind) {
    case "TokenReview":
      return tokenStatus(api, spec);
    case "SelfSubjectAccessReview":
      return accessStatus(api, resource, spec, request.user, "");
    case "SubjectAccessReview":
      return accessStatus(api, resource, spec, subjectOf(resource, spec), "");
    case "LocalSubjectAccessReview":
      return accessStatus(api, resource, spec, subjectOf(resource, spec), request.info.namespace);
    case "SelfSubjectRulesReview":
      return rulesStatus(api, spec, request.user);
    default:
      throw badRequest(`${resource.kind} is not a review`);
  }
}

function userInfo(user: User): JsonObject {
  const extra: JsonObject = {};
  for (const [key, values] of Object.entries(user.extra)) extra[key] = [...values];
  return {
    username: user.name,
    ...(user.uid === "" ? {} : { uid: user.uid }),
    groups: [...user.groups],
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  };
}

function tokenStatus(api: Api, spec: JsonObject): JsonObject {
  const token = stringAt(spec, "token") ?? "";
  if (token === "") throw badRequest("token is required for TokenReview in authentication");
  const audiences = strings(spec, "audiences");
  const verified = api.tokens.verify(token, audiences.length === 0 ? [ISSUER] : audiences);
  if (verified === undefined) return { user: {}, error: "invalid bearer token" };
  return { authenticated: true, user: userInfo(verified.user), audiences: [...verified.audiences] };
}

function subjectOf(resource: Resource, spec: JsonObject): User {
  const name = stringAt(spec, "user") ?? "";
  const groups = strings(spec, "groups");
  if (name === "" && groups.length === 0) {
    const error: FieldError = {
      type: "FieldValueInvalid",
      field: "spec.user",
      message: 'Invalid value: "": at least one of user or group must be specified',
    };
    throw wrongReview(resource, error);
  }
  return { name, uid: stringAt(spec, "uid") ?? "", groups, extra: {} };
}

/** These errors do not say the kind. */
function wrongReview(resource: Resource, error: FieldError): Error {
  const failure = invalid({ group: resource.group, kind: "" }, "", [error]);
  if (failure.status.details !== undefined) delete failure.status.details.kind;
  return failure;
}

function accessStatus(api: Api, resource: Resource, spec: JsonObject, user: User, localNamespace: string): JsonObject {
  const wanted = objectAt(spec, "resourceAttributes");
  const other = objectAt(spec, "nonResourceAttributes");
  if ((wanted === undefined) === (other === undefined)) {
    const value = wanted === undefined ? "null" : JSON.stringify(wanted);
    const what =
      wanted === undefined
        ? "exactly one of nonResourceAttributes or resourceAttributes must be specified"
        : "cannot be specified in combination with resourceAttributes";
    throw wrongReview(resource, {
      type: "FieldValueInvalid",
      field: wanted === undefined ? "spec.resourceAttributes" : "spec.nonResourceAttributes",
      message: `Invalid value: ${value}: ${what}`,
    });
  }
  if (localNamespace !== "" && stringAt(wanted, "namespace") !== localNamespace) {
    const message = `Invalid value: ${JSON.stringify(stringAt(wanted, "namespace") ?? "")}: must match metadata.namespace`;
    throw wrongReview(resource, { type: "FieldValueInvalid", field: "spec.resourceAttributes.namespace", message });
  }
  const attributes: Attributes = {
    user,
    verb: stringAt(wanted ?? other, "verb") ?? "",
    isResource: wanted !== undefined,
    path: stringAt(other, "path") ?? "",
    group: stringAt(wanted, "group") ?? "",
    version: stringAt(wanted, "version") ?? "",
    plural: stringAt(wanted, "resource") ?? "",
    subresource: stringAt(wanted, "subresource") ?? "",
    namespace: stringAt(wanted, "namespace") ?? "",
    name: stringAt(wanted, "name") ?? "",
  };
  const { allowed, reason } = api.rbac.decide(attributes);
  return { allowed, ...(reason === "" ? {} : { reason }) };
}

function rulesStatus(api: Api, spec: JsonObject, user: User): JsonObject {
  const namespace = stringAt(spec, "namespace") ?? "";
  if (namespace === "") throw badRequest("no namespace on request");
  const { rules, errors } = api.rbac.rulesFor(user, namespace);
  const all = user.groups.includes("system:masters") ? [] : rules;
  return {
    resourceRules: all.filter((rule) => rule.resources.length > 0).map(resourceRule),
    nonResourceRules: all
      .filter((rule) => rule.nonResourceURLs.length > 0)
      .map(({ verbs, nonResourceURLs }) => ({ verbs: [...verbs], nonResourceURLs: [...nonResourceURLs] })),
    incomplete: false,
    ...(errors.length === 0 ? {} : { evaluationError: errors.join(", ") }),
  };
}

function resourceRule({ verbs, apiGroups, resources, resourceNames }: Rule): JsonObject {
  return {
    verbs: [...verbs],
    apiGroups: [...apiGroups],
    resources: [...resources],
    ...(resourceNames.length === 0 ? {} : { resourceNames: [...resourceNames] }),
  };
}

const SHORTEST = 600;
const DEFAULT_SECONDS = 3600;

/** Answers the token subresource of a service account (`authentication.k8s.io/v1 TokenRequest`). */
export function requestToken(api: Api, account: JsonObject, body: JsonObject, manager: string): JsonObject {
  const spec = objectAt(body, "spec") ?? {};
  const asked = spec["expirationSeconds"];
  const seconds = typeof asked === "number" ? asked : DEFAULT_SECONDS;
  const errors: FieldError[] = [];
  if (seconds < SHORTEST) {
    errors.push({
      type: "FieldValueInvalid",
      field: "spec.expirationSeconds",
      message: `Invalid value: ${seconds}: may not specify a duration less than 10 minutes`,
    });
  }
  if (errors.length > 0) throw invalid({ group: "authentication.k8s.io", kind: "TokenRequest" }, "", errors);
  const issued = Math.floor(api.clock.now() / 1000);
  const given = strings(spec, "audiences");
  const audiences = given.length === 0 ? [ISSUER] : given;
  const namespace = stringAt(account, "metadata", "namespace") ?? "";
  const name = stringAt(account, "metadata", "name") ?? "";
  const reference = objectAt(spec, "boundObjectRef");
  const now = timestamp(api.clock.now());
  const token = api.tokens.mint({
    namespace,
    name,
    uid: stringAt(account, "metadata", "uid") ?? "",
    audiences,
    issued,
    expires: issued + seconds,
    bound: reference === undefined ? undefined : boundObject(api, namespace, reference),
  });
  return {
    kind: "TokenRequest",
    apiVersion: "authentication.k8s.io/v1",
    metadata: {
      name,
      namespace,
      uid: newUid(),
      creationTimestamp: now,
      managedFields: [
        {
          manager: manager === "" ? "unknown" : manager,
          operation: "Update",
          apiVersion: "authentication.k8s.io/v1",
          time: now,
          fieldsType: "FieldsV1",
          fieldsV1: { "f:spec": Object.fromEntries(Object.keys(spec).map((field) => [`f:${field}`, {}])) },
          subresource: "token",
        },
      ],
    },
    spec: { audiences, expirationSeconds: seconds, boundObjectRef: reference ?? null },
    status: { token, expirationTimestamp: timestamp((issued + seconds) * 1000) },
  };
}

function boundObject(api: Api, namespace: string, reference: JsonObject): { kind: string; name: string; uid: string } {
  const kind = stringAt(reference, "kind") ?? "";
  const name = stringAt(reference, "name") ?? "";
  const collection = { Pod: "pods", Secret: "secrets" }[kind];
  if (collection === undefined)
    throw badRequest(`cannot bind token to object of type ${stringAt(reference, "apiVersion") ?? ""}, Kind=${kind}`);
  const entry = api.store.collection(collection).get(`${namespace}/${name}`);
  const uid = stringAt(entry?.object, "metadata", "uid");
  if (uid === undefined) throw badRequest(`${collection} "${name}" not found`);
  return { kind, name, uid };
}
