import { readPattern, type Json, type Resource, type ResourceVersion, type Schema } from "../model/index.ts";
import type { Artefact } from "./artefacts.ts";
import { sorted, type Tree } from "./yaml.ts";

/**
 * A JSON Schema of each version of each kind, for editors (yaml-language-server) and checkers of manifests (kubeconform), in files
 * called as those look for them: `<folder>/<group>/<kind>_<version>.json`. Derived.
 */
export function emitJsonSchemas(resources: readonly Resource[], folder: string): Artefact[] {
  return resources.flatMap((resource) =>
    resource.versions.map((version) => ({
      path: `${folder}/${resource.group}/${resource.kind.toLowerCase()}_${version.name}.json`,
      text: `${JSON.stringify(
        {
          $comment: `Derived from ${version.typesFile} by \`scaffold generate\`: change the types, not this file.`,
          ...objectOf(sorted(jsonSchema(resource, version))),
        },
        undefined,
        2,
      )}\n`,
    })),
  );
}

/**
 * What a manifest of a kind may say, in draft 2020-12. A field that the API server does not know is an error, as for its strict clients;
 * what the server fills in is not required, and null may stand where the server drops it. CEL rules and the keys of lists have no
 * counterpart and are left to the server.
 */
function jsonSchema({ group, kind }: Resource, { name, schema, example }: ResourceVersion): Tree {
  const { properties = {}, required = [] } = schema;
  const root = translated({
    ...schema,
    properties: { ...properties, metadata },
    required: [...new Set(["apiVersion", "kind", ...required])],
  });
  return {
    ...root,
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: schema.title ?? kind,
    ...(example === undefined ? {} : { examples: [example] }),
    properties: {
      ...objectOf(root["properties"] ?? {}),
      apiVersion: { ...objectOf(translated(properties["apiVersion"] ?? {})), const: `${group}/${name}` },
      kind: { ...objectOf(translated(properties["kind"] ?? {})), const: kind },
    },
  };
}

/** What people write of an object's metadata; all the rest of it is the server's, and no error where it is there. */
const metadata: Schema = {
  type: "object",
  properties: {
    name: { type: "string" },
    generateName: { type: "string" },
    namespace: { type: "string" },
    labels: { type: "object", additionalProperties: { type: "string" } },
    annotations: { type: "object", additionalProperties: { type: "string" } },
    finalizers: { type: "array", items: { type: "string" } },
  },
  "x-kubernetes-preserve-unknown-fields": true,
};

type Members = { readonly [key: string]: Tree | undefined };

/** One structural schema in the words of JSON Schema; `droppable` is a value of which the server drops a null. */
function translated(schema: Schema, droppable = false): Members {
  const { description, title, default: fallback, example, enum: values, maxLength, minItems, maxItems, multipleOf } = schema;
  const takesNull = schema.nullable === true || droppable;
  return {
    ...typeOf(schema, takesNull),
    description,
    title,
    default: fallback,
    examples: example === undefined ? undefined : [example],
    // API servers hold null against an enum, unless they drop it first.
    enum: values !== undefined && droppable && !values.includes(null) ? [...values, null] : values,
    ...limits(schema),
    multipleOf,
    maxLength,
    ...texts(schema),
    minItems,
    maxItems,
    uniqueItems: schema["x-kubernetes-list-type"] === "set" ? true : undefined,
    items: schema.items === undefined ? undefined : translated(schema.items),
    ...members(schema),
    ...combined(schema),
  };
}

function typeOf(schema: Schema, takesNull: boolean): Members {
  const { type } = schema;
  const types: string[] = schema["x-kubernetes-int-or-string"] === true ? ["integer", "string"] : type === undefined ? [] : [type];
  // A schema without a type takes null as it is.
  if (takesNull && types.length > 0) types.push("null");
  const [only, ...others] = types;
  return { type: others.length === 0 ? only : types };
}

/** In drafts since 6, an exclusive bound is a number of its own. */
function limits({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Schema): Members {
  return {
    [exclusiveMinimum === true ? "exclusiveMinimum" : "minimum"]: minimum,
    [exclusiveMaximum === true ? "exclusiveMaximum" : "maximum"]: maximum,
  };
}

/** Names that JSON Schema has too, for something else or something narrower. */
const otherFormats = new Set(["duration", "uuid", "regex", "time", "iri", "uri-reference"]);

/** As API servers take them, which is without hyphens too. */
const uuid = "^[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}$";

function texts({ format, pattern, minLength }: Schema): Members {
  const own = pattern === undefined ? undefined : javaScriptPattern(pattern);
  return {
    format: format === undefined || otherFormats.has(format) ? undefined : format,
    contentEncoding: format === "byte" ? "base64" : undefined,
    minLength: format === "byte" ? Math.max(minLength ?? 0, 1) : minLength,
    pattern: own ?? (format === "uuid" ? uuid : undefined),
  };
}

/** Patterns of JSON Schema are JavaScript's, with its flag u and no other; those that need more are left to the server. */
function javaScriptPattern(pattern: string): string | undefined {
  const read = readPattern(pattern);
  return !("problem" in read) && read.flags === "u" ? read.source : undefined;
}

function members(schema: Schema): Members {
  const { properties, required = [], additionalProperties, minProperties, maxProperties } = schema;
  const all: { readonly [name: string]: Schema } = {
    ...(schema["x-kubernetes-embedded-resource"] === true ? { apiVersion: { type: "string" }, kind: { type: "string" }, metadata } : {}),
    ...properties,
  };
  const needed = [...required, ...(schema["x-kubernetes-embedded-resource"] === true ? ["apiVersion", "kind"] : [])];
  const names = [...new Set(needed)].filter((name) => !Object.hasOwn(all, name) || all[name]?.default === undefined).sort();
  return {
    properties:
      Object.keys(all).length === 0
        ? undefined
        : Object.fromEntries(Object.entries(all).map(([name, each]): [string, Tree] => [name, translated(each, !names.includes(name))])),
    required: names.length === 0 ? undefined : names,
    additionalProperties:
      typeof additionalProperties === "object" ? translated(additionalProperties, true) : isClosed(schema) ? false : undefined,
    minProperties,
    maxProperties,
  };
}

/** API servers cut off what a structural object does not name; conditions inside `allOf` and its like name nothing. */
function isClosed(schema: Schema): boolean {
  return schema.type === "object" && schema.additionalProperties === undefined && schema["x-kubernetes-preserve-unknown-fields"] !== true;
}

function combined(schema: Schema): Members {
  const list = (schemas: readonly Schema[] | undefined): Tree | undefined => schemas?.map((each) => translated(each));
  return {
    allOf: list(schema.allOf),
    // Of text or number it is the type itself.
    anyOf: schema["x-kubernetes-int-or-string"] === true && isAlternative(schema.anyOf) ? undefined : list(schema.anyOf),
    oneOf: list(schema.oneOf),
    not: schema.not === undefined ? undefined : translated(schema.not),
  };
}

function isAlternative(schemas: readonly Schema[] | undefined): boolean {
  return JSON.stringify(schemas) === '[{"type":"integer"},{"type":"string"}]';
}

function objectOf(tree: Tree | Json): Members {
  return typeof tree === "object" && tree !== null && !isList(tree) ? tree : {};
}

function isList(tree: Tree | Json): tree is readonly Tree[] {
  return Array.isArray(tree);
}
