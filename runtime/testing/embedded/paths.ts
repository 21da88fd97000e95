import type { Api } from "./api.ts";
import { json, type Answer } from "./http/answer.ts";
import type { ApiRequest } from "./http/request.ts";
import { discoveryData } from "./openapi/data.ts";
import { serveOpenApi } from "./openapi/serve.ts";
import { aggregatedDiscovery, aggregatedVersion, groupAnswer, groupList, resourceList } from "./resources/discovery.ts";

const NOT_FOUND: Answer = { code: 404, body: "404 page not found\n", contentType: "text/plain; charset=utf-8" };

/** Answers all paths that are not resources: health, version, discovery, OpenAPI. */
export async function servePath(api: Api, request: ApiRequest): Promise<Answer> {
  const { path } = request.info;
  const parts = path.split("/").filter((part) => part !== "");
  switch (parts[0]) {
    case "healthz":
    case "livez":
    case "readyz":
      return { code: 200, body: "ok", contentType: "text/plain; charset=utf-8" };
    case "version":
      return json(discoveryData()["version"]);
    case "api":
    case "apis":
      return discovery(api, request, parts) ?? NOT_FOUND;
    case "openapi":
      return (await serveOpenApi(api, request, parts.slice(1))) ?? NOT_FOUND;
    default:
      return NOT_FOUND;
  }
}

function discovery(api: Api, request: ApiRequest, parts: readonly string[]): Answer | undefined {
  const { registry } = api;
  const isCore = parts[0] === "api";
  if (parts.length === 1) {
    const version = aggregatedVersion(request.headers.accept);
    if (version !== undefined) {
      return {
        ...json(aggregatedDiscovery(registry, isCore, version)),
        contentType: `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`,
      };
    }
    if (!isCore) return json(groupList(registry));
    const address = request.headers.host ?? "";
    return json({ kind: "APIVersions", versions: ["v1"], serverAddressByClientCIDRs: [{ clientCIDR: "0.0.0.0/0", serverAddress: address }] });
  }
  const group = registry.groups().find(({ name }) => name === (isCore ? "" : parts[1]));
  if (group === undefined) return undefined;
  const version = parts[isCore ? 1 : 2];
  if (version === undefined) return json(groupAnswer(group));
  const served = group.versions.find((each) => each.version === version);
  return served === undefined ? undefined : json(resourceList(group, served));
}
