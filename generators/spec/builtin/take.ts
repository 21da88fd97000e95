/**
 * Makes `schemas.json.gz`, the structural schemas of Kubernetes' own types, from the OpenAPI v3 schemas of a kube-apiserver:
 *
 *     node generators/spec/builtin/take.ts runtime/testing/embedded/openapi/data/schemas.json.gz
 *
 * The input is a gzipped JSON map from names (`io.k8s.api.core.v1.PodSpec`) to schemas without descriptions.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { gunzipSync, gzipSync } from "node:zlib";
import { builtinFile } from "./data.ts";

type Tree = Readonly<Record<string, unknown>>;

const kept = "type format enum required x-kubernetes-list-type x-kubernetes-list-map-keys x-kubernetes-map-type".split(" ");

const intOrString: Tree = { anyOf: [{ type: "integer" }, { type: "string" }], "x-kubernetes-int-or-string": true };
const quantity = "^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))))?$";
const open: Tree = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
const anything: Tree = { "x-kubernetes-preserve-unknown-fields": true };

/** Types whose OpenAPI schema says less than the API server knows. */
const special: ReadonlyMap<string, Tree> = new Map([
  ["IntOrString", intOrString],
  ["Quantity", { ...intOrString, pattern: quantity }],
  ["RawExtension", open],
  ["FieldsV1", open],
  ["JSON", anything],
  ["JSONSchemaProps", open],
  ["JSONSchemaPropsOrArray", anything],
  ["JSONSchemaPropsOrBool", anything],
  ["JSONSchemaPropsOrStringArray", anything],
]);

/** All schemas in structural form, with `$ref` where one uses another. */
export function structuralSchemas(documents: Tree): Tree {
  const names = Object.keys(documents).filter((name) => /^io\.k8s\.(?:api|apimachinery)\./.test(name));
  return Object.fromEntries(
    names.sort().map((name) => [name, special.get(name.slice(name.lastIndexOf(".") + 1)) ?? structural(documents[name])]),
  );
}

function structural(value: unknown): Tree {
  if (!isTree(value)) throw new Error("a schema that is no map");
  const { allOf, $ref, properties, items, additionalProperties } = value;
  const reference = typeof $ref === "string" ? $ref : Array.isArray(allOf) && isTree(allOf[0]) ? allOf[0]["$ref"] : undefined;
  const fallback = isZero(value["default"]) ? {} : { default: value["default"] };
  if (typeof reference === "string") return { $ref: reference.slice(reference.lastIndexOf("/") + 1), ...fallback };
  return {
    ...Object.fromEntries(Object.entries(value).filter(([key]) => kept.includes(key))),
    ...fallback,
    ...(isTree(properties)
      ? { properties: Object.fromEntries(Object.entries(properties).map(([name, each]) => [name, structural(each)])) }
      : {}),
    ...(isTree(items) ? { items: structural(items) } : {}),
    ...(isTree(additionalProperties) ? { additionalProperties: structural(additionalProperties) } : {}),
  };
}

/** Go's zero values stand in the documents for every field that is no pointer: no default that anybody meant. */
function isZero(value: unknown): boolean {
  return value === undefined || value === "" || value === 0 || value === false || (isTree(value) && Object.keys(value).length === 0);
}

function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const from = process.argv[2];
  if (from === undefined) throw new Error("usage: node generators/spec/builtin/take.ts SCHEMAS.json.gz");
  const documents: unknown = JSON.parse(gunzipSync(readFileSync(from)).toString());
  if (!isTree(documents)) throw new Error(`${from} holds no map`);
  writeFileSync(builtinFile, gzipSync(JSON.stringify(structuralSchemas(documents)), { level: 9 }));
}
