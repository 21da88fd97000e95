import { createHash } from "node:crypto";
import type { Api } from "../api.ts";
import { json, type Answer } from "../http/answer.ts";
import type { ApiRequest } from "../http/request.ts";
import { documentPaths, openapiDocument } from "./data.ts";

/** Answers `/openapi/…`; `undefined` for what there is not. */
export async function serveOpenApi(api: Api, request: ApiRequest, parts: readonly string[]): Promise<Answer | undefined> {
  await Promise.resolve();
  void request;
  if (parts[0] !== "v3") return undefined;
  const path = parts.slice(1).join("/");
  if (path === "") return json({ paths: Object.fromEntries(documentPaths().map((each) => [each, { serverRelativeURL: `/openapi/v3/${each}?hash=${hash(api, each)}` }])) });
  const document = openapiDocument(path);
  return document === undefined ? undefined : json(document);
}

function hash(api: Api, path: string): string {
  void api;
  return createHash("sha512").update(path).digest("hex").toUpperCase();
}
