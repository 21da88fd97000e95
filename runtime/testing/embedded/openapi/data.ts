import { readFileSync } from "node:fs";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { arrayAt, isObject, objectAt, stringAt, type JsonObject, type JsonValue, type JsonSchema } from "../../../schema/index.ts";

/** What `take.ts` recorded of a real kube-apiserver. Each file is read on first use, since starting must be quick. */

function bytes(name: string): Buffer {
  return readFileSync(new URL(`./data/${name}`, import.meta.url));
}

function lazy<T>(read: () => T): () => T {
  let value: T | undefined;
  return () => (value ??= read());
}

function gunzipped(name: string): JsonObject {
  return JSON.parse(gunzipSync(bytes(name)).toString()) as JsonObject;
}

/** `{ version, core, groups, hashes }`: the answer of `/version`, discovery of `/api` and `/apis`, storage version hashes by `group/version/resource`. */
export const discoveryData = lazy(() => gunzipped("discovery.json.gz"));

/** Column definitions by `group/version/resource`. */
export const tableData = lazy(() => gunzipped("tables.json.gz"));

/** The objects that a kube-apiserver creates by itself, without uid, versions and times. A new copy on each call. */
export function initialObjects(): JsonObject[] {
  const objects: unknown = JSON.parse(gunzipSync(bytes("objects.json.gz")).toString());
  return Array.isArray(objects) ? (objects as JsonObject[]) : [];
}

/** Every OpenAPI v3 schema by name, without descriptions. */
const schemaPool = lazy(() => gunzipped("schemas.json.gz") as unknown as Readonly<Record<string, JsonSchema>>);

/** The same with descriptions. */
export const describedPool = lazy(() => JSON.parse(brotliDecompressSync(bytes("described.json.br")).toString()) as JsonObject);

/** Resolves `#/components/schemas/NAME` in the pool of built-in schemas. */
export function resolveSchema(ref: string): JsonSchema | undefined {
  return schemaPool()[ref.slice(ref.lastIndexOf("/") + 1)];
}

/** Schema names by `group/version/kind` (`/v1/Pod` for the core group). */
const schemaNames = lazy(() => {
  const names = new Map<string, string>();
  for (const [name, schema] of Object.entries(schemaPool() as unknown as JsonObject)) {
    for (const kind of arrayAt(schema, "x-kubernetes-group-version-kind")) {
      const key = `${stringAt(kind, "group") ?? ""}/${stringAt(kind, "version") ?? ""}/${stringAt(kind, "kind") ?? ""}`;
      if (!names.has(key)) names.set(key, name);
    }
  }
  return names;
});

/** Schema of a built-in kind, `undefined` when there is none. */
export function schemaOfKind(group: string, version: string, kind: string): JsonSchema | undefined {
  const name = schemaNames().get(`${group}/${version}/${kind}`);
  return name === undefined ? undefined : schemaPool()[name];
}

/** OpenAPI v3 documents of custom resources, by scope, as templates. */
export const customDocuments = lazy(() => gunzipped("custom.json.gz"));

/** Lines of `documents.ndjson.br` by path (`apis/apps/v1`), each parsed only when it is asked for. */
const documentLines = lazy(() => {
  const lines = new Map<string, string>();
  for (const line of brotliDecompressSync(bytes("documents.ndjson.br")).toString().split("\n")) {
    const path = /^\{"path":"([^"]*)"/.exec(line)?.[1];
    if (path !== undefined) lines.set(path, line);
  }
  return lines;
});

/** Paths of the OpenAPI v3 documents that the server has by itself, with their hashes. */
export function documentHashes(): Map<string, string> {
  return new Map([...documentLines()].map(([path, line]) => [path, /^\{"path":"[^"]*","hash":"([^"]*)"/.exec(line)?.[1] ?? ""]));
}

/** A whole OpenAPI v3 document with descriptions, or `undefined`. */
export function openapiDocument(path: string): JsonObject | undefined {
  const line = documentLines().get(path);
  if (line === undefined) return undefined;
  const document = objectAt(JSON.parse(line) as JsonObject, "document") ?? {};
  const components = objectAt(document, "components") ?? {};
  const pool = describedPool();
  const schemas: JsonObject = {};
  for (const name of arrayAt(components, "schemas")) {
    const schema: JsonValue | undefined = typeof name === "string" ? pool[name] : undefined;
    if (typeof name === "string" && isObject(schema)) schemas[name] = schema;
  }
  return { ...document, components: { ...components, schemas } };
}
