import type { Resource, ResourceVersion, Schema } from "../model/index.ts";
import { emitPaths } from "./openapi-paths.ts";
import { sorted, toYaml, type Tree, type TreeMap } from "./yaml.ts";

/**
 * An OpenAPI 3.0 document of all kinds: their schemas, called as API servers call them, and the paths under which each served version is
 * read and written. For client generators and documentation. Derived.
 *
 * @param path decides the form: YAML for `.yaml` and `.yml`, else JSON
 */
export function emitOpenApi(resources: readonly Resource[], path: string): string {
  const files = resources.flatMap(({ versions }) => versions.map(({ typesFile }) => typesFile));
  const comment = `Derived from ${files.join(", ") || "api/"} by \`scaffold generate\`: change the types, not this file.`;
  const document = sorted(openApi(resources));
  if (/\.ya?ml$/.test(path)) return toYaml(document, comment);
  return `${JSON.stringify({ "x-comment": comment, ...document }, undefined, 2)}\n`;
}

/** The same as data. */
function openApi(resources: readonly Resource[]): TreeMap {
  const groups = [...new Set(resources.map(({ group }) => group))];
  const schemas: Record<string, Tree> = { ...common };
  const paths: Record<string, Tree> = {};
  for (const resource of resources) {
    for (const version of resource.versions) {
      Object.assign(schemas, kindSchemas(resource, version));
      if (version.served)
        Object.assign(paths, emitPaths(resource, version, { item: nameOf(resource, version), list: `${nameOf(resource, version)}List` }));
    }
  }
  return {
    openapi: "3.0.3",
    info: { title: groups.join(", ") || "no kinds", version: resources[0]?.versions[0]?.name ?? "v0" },
    paths,
    components: { schemas },
  };
}

/** `com.example.cache.v1.Memcached`: the group from its end, as Kubernetes has it. */
function nameOf({ group, kind }: Resource, { name }: ResourceVersion): string {
  return `${group.split(".").reverse().join(".")}.${name}.${kind}`;
}

function kindSchemas(resource: Resource, version: ResourceVersion): Record<string, Tree> {
  const { group, kind, listKind } = resource;
  const name = nameOf(resource, version);
  const known = (which: string): Tree => [{ group, version: version.name, kind: which }];
  const { properties = {}, ...rest } = version.schema;
  return {
    [name]: {
      ...objectSchema({ ...rest, properties }),
      properties: {
        ...Object.fromEntries(Object.entries(properties).map(([field, each]): [string, Tree] => [field, objectSchema(each)])),
        metadata: { allOf: [{ $ref: "#/components/schemas/ObjectMeta" }] },
      },
      "x-kubernetes-group-version-kind": known(kind),
    },
    [`${name}List`]: {
      type: "object",
      description: `A list of ${kind}.`,
      required: ["items"],
      properties: {
        apiVersion: { type: "string" },
        kind: { type: "string" },
        metadata: { allOf: [{ $ref: "#/components/schemas/ListMeta" }] },
        items: { type: "array", items: { $ref: `#/components/schemas/${name}` } },
      },
      "x-kubernetes-group-version-kind": known(listKind),
    },
  };
}

/** A structural schema is OpenAPI as it stands, but for documentation without an address. */
function objectSchema(schema: Schema): { readonly [key: string]: Tree | undefined } {
  const { properties, items, additionalProperties, allOf, anyOf, oneOf, not, externalDocs, required, ...rest } = schema;
  const url = externalDocs?.url ?? "";
  return {
    ...rest,
    ...(url === "" ? {} : { externalDocs: { ...externalDocs } }),
    required: required === undefined || required.length === 0 ? undefined : required.toSorted(),
    properties:
      properties === undefined
        ? undefined
        : Object.fromEntries(Object.entries(properties).map(([name, each]): [string, Tree] => [name, objectSchema(each)])),
    items: items === undefined ? undefined : objectSchema(items),
    additionalProperties: typeof additionalProperties === "object" ? objectSchema(additionalProperties) : additionalProperties,
    allOf: allOf?.map(objectSchema),
    anyOf: anyOf?.map(objectSchema),
    oneOf: oneOf?.map(objectSchema),
    not: not === undefined ? undefined : objectSchema(not),
  };
}

const text: Tree = { type: "string" };
const texts: Tree = { type: "object", additionalProperties: text };

/** What all kinds share; of metadata and answers the fields that clients use. */
const common: Record<string, Tree> = {
  ObjectMeta: {
    type: "object",
    description: "What every object carries.",
    properties: {
      name: text,
      generateName: text,
      namespace: text,
      labels: texts,
      annotations: texts,
      finalizers: { type: "array", items: text },
      uid: text,
      resourceVersion: text,
      generation: { type: "integer", format: "int64" },
      creationTimestamp: { type: "string", format: "date-time" },
      deletionTimestamp: { type: "string", format: "date-time" },
      ownerReferences: {
        type: "array",
        items: {
          type: "object",
          required: ["apiVersion", "kind", "name", "uid"],
          properties: {
            apiVersion: text,
            kind: text,
            name: text,
            uid: text,
            controller: { type: "boolean" },
            blockOwnerDeletion: { type: "boolean" },
          },
        },
      },
    },
  },
  ListMeta: {
    type: "object",
    description: "What every list carries.",
    properties: { resourceVersion: text, continue: text, remainingItemCount: { type: "integer", format: "int64" } },
  },
  Status: {
    type: "object",
    description: "What the API server answers to a request that failed, or that has no other answer.",
    properties: {
      apiVersion: text,
      kind: text,
      status: text,
      message: text,
      reason: text,
      code: { type: "integer", format: "int32" },
      details: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
    },
  },
};
