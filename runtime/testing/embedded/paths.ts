import type { Api } from "./api.ts";
import { allGroups } from "./aggregation/index.ts";
import { ISSUER } from "./auth/index.ts";
import { failure, pathNotFound } from "./errors.ts";
import { type Answer, type ApiRequest, json } from "./http/index.ts";
import { discoveryData, serveOpenApi } from "./openapi/index.ts";
import { aggregatedDiscovery, groupAnswer, groupList, resourceList, wantsAggregated } from "./resources/index.ts";

const TEXT = "text/plain; charset=utf-8";
const NOT_FOUND: Answer = { code: 404, body: "404 page not found\n", contentType: TEXT };

/** Answers all paths that are not resources: health, version, discovery, OpenAPI. */
export async function servePath(api: Api, request: ApiRequest): Promise<Answer> {
  const { path } = request.info;
  if (path === "/") return json({ paths: allPaths(api) });
  if (path.includes("//")) return NOT_FOUND;
  const parts = path.split("/").filter((part) => part !== "");
  switch (parts[0]) {
    case "healthz":
    case "livez":
    case "readyz":
      return health(parts, request.query);
    case "version":
      return { code: 200, body: Buffer.from(JSON.stringify(discoveryData()["version"], undefined, 2)), contentType: "application/json" };
    case "api":
    case "apis":
      return discovery(api, request, parts) ?? NOT_FOUND;
    case "openapi":
      return (await serveOpenApi(api, request, parts.slice(1))) ?? { code: 404, body: "", contentType: TEXT };
    case "openid":
      return path === "/openid/v1/jwks" ? { ...json(api.tokens.jwks()), contentType: "application/jwk-set+json" } : NOT_FOUND;
    case ".well-known":
      return path === "/.well-known/openid-configuration" ? json(issuer()) : NOT_FOUND;
    case "metrics":
      throw failure(501, "NotImplemented", "the embedded API server has no metrics");
    default:
      return NOT_FOUND;
  }
}

function issuer(): object {
  return {
    issuer: ISSUER,
    jwks_uri: `${ISSUER}/openid/v1/jwks`,
    response_types_supported: ["id_token"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ["ES256"],
  };
}

const CHECKS = ["ping", "log", "etcd", "poststarthook/start-apiextensions-controllers", "poststarthook/rbac/bootstrap-roles"];

/** Health: whoever gets an answer finds everything in order. */
function health([kind = "", ...check]: readonly string[], query: URLSearchParams): Answer {
  const name = check.join("/");
  const checks = kind === "readyz" ? [...CHECKS, "etcd-readiness", "informer-sync", "shutdown"] : CHECKS;
  if (name !== "" && !checks.includes(name)) return NOT_FOUND;
  const verbose = [...checks.map((each) => `[+]${each} ok`), `${kind} check passed`, ""].join("\n");
  return { code: 200, body: query.has("verbose") ? verbose : "ok", contentType: TEXT };
}

function allPaths(api: Api): string[] {
  const groups = allGroups(api).filter(({ name }) => name !== "");
  const paths = groups.flatMap(({ name, versions }) => [`/apis/${name}`, ...versions.map(({ version }) => `/apis/${name}/${version}`)]);
  const fixed = [
    "/.well-known/openid-configuration",
    "/api",
    "/api/v1",
    "/apis",
    "/apis/",
    "/healthz",
    "/livez",
    "/openapi/v2",
    "/openapi/v3",
    "/openapi/v3/",
  ];
  return [...fixed, ...paths, "/openid/v1/jwks", "/readyz", "/version"].sort();
}

function discovery(api: Api, request: ApiRequest, parts: readonly string[]): Answer | undefined {
  const groups = allGroups(api);
  const isCore = parts[0] === "api";
  if (parts.length === 1) {
    if (wantsAggregated(request.headers.accept)) {
      const contentType = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
      return { ...json(aggregatedDiscovery(groups, isCore)), contentType };
    }
    if (!isCore) return json(groupList(groups));
    const serverAddress = request.headers.host ?? "";
    return json({ kind: "APIVersions", versions: ["v1"], serverAddressByClientCIDRs: [{ clientCIDR: "0.0.0.0/0", serverAddress }] });
  }
  const group = groups.find(({ name }) => name === (isCore ? "" : parts[1]));
  if (group === undefined) return undefined;
  const version = parts[isCore ? 1 : 2];
  if (version === undefined) return json(groupAnswer(group));
  const served = group.versions.find((each) => each.version === version)?.local;
  if (served === undefined) {
    // Where others serve all of a group, nobody here knows it.
    if (group.versions.every(({ local }) => local === undefined)) return undefined;
    throw pathNotFound();
  }
  return json(resourceList(group, served));
}
