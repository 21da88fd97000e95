import { createHash } from "node:crypto";
import { notAcceptable } from "../errors.ts";
import type { Api } from "../api.ts";
import { type Answer, type ApiRequest, clauses, json } from "../http/index.ts";
import type { Resource } from "../resources/index.ts";
import { stringAt, type JsonObject } from "../../../schema/index.ts";
import { customDocument, swaggerDefinitions } from "./custom.ts";
import { discoveryData, documentHashes, openapiDocument } from "./data.ts";

/** Answers `/openapi/v2` and `/openapi/v3/…`; `undefined` for what there is not. */
export async function serveOpenApi(api: Api, request: ApiRequest, parts: readonly string[]): Promise<Answer | undefined> {
  await Promise.resolve();
  if (parts[0] === "v2" && parts.length === 1) return swagger(api, request);
  if (parts[0] !== "v3") return undefined;
  const path = parts.slice(1).join("/");
  const custom = customVersions(api);
  if (path === "") return index(custom);
  const resources = custom.get(path);
  const document = resources === undefined ? openapiDocument(path) : customDocument(resources);
  return document === undefined ? undefined : json(document);
}

/** Custom resources by the path of their document. */
function customVersions(api: Api): Map<string, Resource[]> {
  const versions = new Map<string, Resource[]>();
  for (const resource of api.registry.all()) {
    if (!resource.custom) continue;
    const path = `apis/${resource.apiVersion}`;
    versions.set(path, [...(versions.get(path) ?? []), resource]);
  }
  return versions;
}

function index(custom: ReadonlyMap<string, readonly Resource[]>): Answer {
  const hashes = documentHashes();
  for (const [path, resources] of custom) {
    // The definition's own revision stands for its contents.
    const state = resources.map((resource) => JSON.stringify(resource.custom?.definition["metadata"])).join();
    hashes.set(path, createHash("sha512").update(state).digest("hex").toUpperCase());
  }
  const paths = Object.fromEntries(
    [...hashes].sort(([left], [right]) => (left < right ? -1 : 1)).map(([path, hash]) => [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` }]),
  );
  return { ...json({ paths }), contentType: "text/plain; charset=utf-8" };
}

/** The older document, without paths: its definitions are what clients look at. Not served as protobuf. */
function swagger(api: Api, request: ApiRequest): Answer {
  const accept = request.headers.accept ?? "*/*";
  if (!clauses(accept).some(({ type }) => type === "*/*" || type === "application/json")) throw notAcceptable();
  const custom = [...customVersions(api).values()].map(customDocument);
  const document: JsonObject = {
    swagger: "2.0",
    info: { title: "Kubernetes", version: stringAt(discoveryData(), "version", "gitVersion") ?? "" },
    paths: {},
    definitions: swaggerDefinitions(custom),
  };
  return json(document);
}
