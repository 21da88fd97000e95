/**
 * Takes the data that the embedded API server is built on from a running, freshly started kube-apiserver:
 *
 *     node runtime/testing/embedded/openapi/take.ts --kubeconfig FILE
 *
 * Needs a client of the group system:masters (bearer token or nothing) and writes `openapi/data/`:
 * - `discovery.json.gz`: aggregated discovery with the storage version hashes, and `/version`
 * - `schemas.json.gz`: every OpenAPI v3 schema by name, without descriptions (what validation and defaulting use)
 * - `described.json.br`: the same with descriptions (what `kubectl explain` reads)
 * - `documents.ndjson.br`: a line for each OpenAPI v3 document, with the names of its schemas instead of the schemas
 * - `custom.json.gz`: the documents of a namespaced and of a cluster-scoped custom resource, as templates (names as in `TEMPLATE`)
 * - `tables.json.gz`: the column definitions of every kind that can be listed
 * - `objects.json.gz`: what the server creates by itself: namespaces, roles, bindings, priority levels and so on
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { setTimeout } from "node:timers/promises";
import { parseArgs } from "node:util";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { parse } from "yaml";
import { arrayAt, isObject, objectAt, stringAt, type JsonObject, type JsonValue } from "../../../schema/json.ts";

const DISCOVERY = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
const TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io";

/** Written by the server for itself and different on every machine. */
const OWN_OBJECTS = new Set(["leases", "endpoints", "endpointslices", "events", "configmaps", "ipaddresses", "componentstatuses"]);

interface Source {
  get(path: string, accept?: string): Promise<JsonObject>;
  send(method: "POST" | "DELETE", path: string, body?: JsonObject): Promise<JsonObject>;
}

function connect(kubeconfig: string): Source {
  const config = parse(readFileSync(kubeconfig, "utf8")) as JsonObject;
  const cluster = objectAt(arrayAt(config, "clusters")[0], "cluster");
  const token = stringAt(arrayAt(config, "users")[0], "user", "token");
  const server = stringAt(cluster, "server");
  if (server === undefined) throw new Error(`${kubeconfig}: the first cluster has no server`);
  const send = (method: string, path: string, accept: string, body?: JsonObject) =>
    new Promise<JsonObject>((resolve, reject) => {
      const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
      const headers = { accept, "content-type": "application/json", ...authorization };
      // Only public data is read, from a server on this machine.
      const outgoing = request(new URL(path, server), { method, rejectUnauthorized: false, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString();
          if ((response.statusCode ?? 500) < 300) resolve(JSON.parse(text) as JsonObject);
          else reject(new Error(`${path}: ${response.statusCode ?? 0} ${text}`));
        });
      });
      outgoing.on("error", reject).end(body === undefined ? undefined : JSON.stringify(body));
    });
  return {
    get: (path, accept = "application/json") => send("GET", path, accept),
    send: (method, path, body) => send(method, path, "application/json", body),
  };
}

/** A copy of a schema without descriptions; a property that is called "description" stays. */
function withoutDescriptions(value: JsonValue | undefined, isPropertyMap = false): JsonValue | undefined {
  if (Array.isArray(value)) return value.map((item) => withoutDescriptions(item) ?? null);
  if (!isObject(value)) return value;
  const copy: JsonObject = {};
  for (const [key, field] of Object.entries(value)) {
    if (key === "description" && !isPropertyMap) continue;
    copy[key] = withoutDescriptions(field, key === "properties" && !isPropertyMap);
  }
  return copy;
}

async function takeDiscovery(source: Source): Promise<JsonObject> {
  const core = arrayAt(await source.get("/api", DISCOVERY), "items");
  const groups = arrayAt(await source.get("/apis", DISCOVERY), "items");
  const hashes: JsonObject = {};
  for (const group of [...core, ...groups]) {
    const name = stringAt(group, "metadata", "name");
    for (const version of arrayAt(group, "versions")) {
      const groupVersion = name === undefined ? "v1" : `${name}/${stringAt(version, "version") ?? ""}`;
      const list = await source.get(name === undefined ? "/api/v1" : `/apis/${groupVersion}`);
      for (const resource of arrayAt(list, "resources")) {
        const hash = stringAt(resource, "storageVersionHash");
        if (hash !== undefined) hashes[`${groupVersion}/${stringAt(resource, "name") ?? ""}`] = hash;
      }
    }
  }
  return { version: await source.get("/version"), core, groups, hashes };
}

interface Listed {
  groupVersion: string;
  resource: string;
  path: string;
  kind: string;
}

function listedResources(discovery: JsonObject): Listed[] {
  return [...arrayAt(discovery, "core"), ...arrayAt(discovery, "groups")].flatMap((group) => {
    const name = stringAt(group, "metadata", "name");
    return arrayAt(group, "versions").flatMap((version) => {
      const groupVersion = name === undefined ? "v1" : `${name}/${stringAt(version, "version") ?? ""}`;
      return arrayAt(version, "resources").flatMap((entry) => {
        const resource = stringAt(entry, "resource") ?? "";
        if (!arrayAt(entry, "verbs").includes("list")) return [];
        const path = `${name === undefined ? "/api/v1" : `/apis/${groupVersion}`}/${resource}`;
        return [{ groupVersion, resource, path, kind: stringAt(entry, "responseKind", "kind") ?? "" }];
      });
    });
  });
}

async function takeTables(source: Source, listed: Listed[]): Promise<JsonObject> {
  const tables: JsonObject = {};
  for (const { groupVersion, resource, path } of listed) {
    const table = await source.get(`${path}?limit=1`, TABLE);
    tables[`${groupVersion}/${resource}`] = arrayAt(table, "columnDefinitions");
  }
  return tables;
}

async function takeObjects(source: Source, listed: Listed[]): Promise<JsonObject[]> {
  const seen = new Set<string>();
  const objects: JsonObject[] = [];
  for (const { groupVersion, resource, path, kind } of listed) {
    if (OWN_OBJECTS.has(resource)) continue;
    for (const item of arrayAt(await source.get(path), "items")) {
      const metadata = objectAt(item, "metadata");
      if (!isObject(item) || metadata === undefined) continue;
      const uid = stringAt(metadata, "uid") ?? "";
      if (seen.has(uid)) continue;
      seen.add(uid);
      for (const field of ["uid", "resourceVersion", "creationTimestamp"]) Reflect.deleteProperty(metadata, field);
      for (const entry of arrayAt(metadata, "managedFields")) if (isObject(entry)) delete entry["time"];
      for (const condition of arrayAt(item, "status", "conditions")) if (isObject(condition)) delete condition["lastTransitionTime"];
      objects.push({ ...item, apiVersion: groupVersion, kind });
    }
  }
  return objects;
}

async function takeDocuments(source: Source): Promise<{ documents: JsonObject[]; schemas: JsonObject }> {
  const index = await source.get("/openapi/v3");
  const documents: JsonObject[] = [];
  const schemas: JsonObject = {};
  for (const [path, entry] of Object.entries(objectAt(index, "paths") ?? {})) {
    const document = await source.get(stringAt(entry, "serverRelativeURL") ?? "");
    const components = objectAt(document, "components") ?? {};
    const own = objectAt(components, "schemas") ?? {};
    for (const [name, schema] of Object.entries(own)) {
      if (schemas[name] !== undefined && JSON.stringify(schemas[name]) !== JSON.stringify(schema)) {
        throw new Error(`${path}: schema ${name} differs from the one of the same name in another document`);
      }
      schemas[name] = schema;
    }
    const hash = new URL(stringAt(entry, "serverRelativeURL") ?? "", "http://localhost").searchParams.get("hash") ?? "";
    documents.push({ path, hash, document: { ...document, components: { ...components, schemas: Object.keys(own) } } });
  }
  return { documents, schemas };
}

/** Names that openapi/custom.ts replaces by those of a custom resource. */
const TEMPLATE = { group: "tpl.kubescaffold.dev", version: "v1", kind: "Tplkind", plural: "tplplurals" };

/** The documents of a custom resource with status and scale, once in namespaces and once in the cluster. */
async function takeCustom(source: Source): Promise<JsonObject> {
  const { group, version, kind, plural } = TEMPLATE;
  const definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
  const documents: JsonObject = {};
  for (const scope of ["Namespaced", "Cluster"]) {
    const subresources = { status: {}, scale: { specReplicasPath: ".spec.replicas", statusReplicasPath: ".status.replicas" } };
    const schema = { openAPIV3Schema: { type: "object", properties: { spec: { type: "object", properties: { replicas: { type: "integer" } } } } } };
    await source.send("POST", definitions, {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: `${plural}.${group}` },
      spec: { group, scope, names: { kind, plural }, versions: [{ name: version, served: true, storage: true, subresources, schema }] },
    });
    const path = `/openapi/v3/apis/${group}/${version}`;
    documents[scope] = await until(() => source.get(path));
    await source.send("DELETE", `${definitions}/${plural}.${group}`);
    await until(async () => {
      const index = await source.get("/openapi/v3");
      if (objectAt(index, "paths")?.[path.slice("/openapi/v3/".length)] !== undefined) throw new Error(`${path} is still there`);
    });
  }
  return documents;
}

/** Tries again, for half a minute, what the server does a while after a write. */
async function until<T>(attempt: () => Promise<T>): Promise<T> {
  for (let left = 300; ; left--) {
    try {
      return await attempt();
    } catch (error) {
      if (left === 0) throw error;
      await setTimeout(100);
    }
  }
}

function gzip(name: string, value: JsonValue | undefined): void {
  write(`${name}.json.gz`, gzipSync(JSON.stringify(value), { level: 9 }));
}

function brotli(name: string, text: string): void {
  const params = { [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_SIZE_HINT]: text.length };
  write(name, brotliCompressSync(text, { params }));
}

function write(name: string, bytes: Buffer): void {
  writeFileSync(new URL(`./data/${name}`, import.meta.url), bytes);
  console.log(`${name}: ${bytes.length} bytes`);
}

const { values } = parseArgs({ options: { kubeconfig: { type: "string" } } });
if (values.kubeconfig === undefined) throw new Error("give --kubeconfig FILE of a freshly started kube-apiserver");
const source = connect(values.kubeconfig);
mkdirSync(new URL("./data/", import.meta.url), { recursive: true });
const discovery = await takeDiscovery(source);
gzip("discovery", discovery);
const { documents, schemas } = await takeDocuments(source);
gzip("schemas", withoutDescriptions(schemas, true));
brotli("described.json.br", JSON.stringify(schemas));
brotli("documents.ndjson.br", documents.map((document) => JSON.stringify(document)).join("\n"));
const listed = listedResources(discovery);
gzip("objects", await takeObjects(source, listed));
gzip("custom", await takeCustom(source));
gzip("tables", await takeTables(source, listed));
