import type { Resource, ResourceVersion } from "../model/index.ts";
import type { Tree } from "./yaml.ts";

/** What the schemas of an object and of a list are called. */
interface SchemaNames {
  readonly item: string;
  readonly list: string;
}

/** The paths of a version with their operations, by URL. The scale subresource is left to the clients of its own kind. */
export function emitPaths(resource: Resource, version: ResourceVersion, names: SchemaNames): Record<string, Tree> {
  const { group, plural, scope, kind } = resource;
  const root = `/apis/${group}/${version.name}`;
  const isNamespaced = scope === "Namespaced";
  const collection = `${root}${isNamespaced ? "/namespaces/{namespace}" : ""}/${plural}`;
  const within = isNamespaced ? [pathParameter("namespace", "The namespace of the object.")] : [];
  const one = [...within, pathParameter("name", "The name of the object.")];
  const operation = operations(resource, version);
  const paths: Record<string, Tree> = {
    [collection]: {
      ...(within.length === 0 ? {} : { parameters: within }),
      get: operation("list", `List ${kind} objects.`, { answer: names.list, query: listQuery }),
      post: operation("create", `Create a ${kind}.`, {
        answer: names.item,
        body: objectBody(names.item),
        query: writeQuery,
        created: true,
      }),
    },
    [`${collection}/{name}`]: {
      parameters: one,
      ...item(kind, names, operation, ""),
      delete: operation("delete", `Delete a ${kind}.`, {}),
    },
  };
  if (isNamespaced)
    paths[`${root}/${plural}`] = {
      get: operation("listForAllNamespaces", `List ${kind} objects of all namespaces.`, { answer: names.list, query: listQuery }),
    };
  if (version.status) paths[`${collection}/{name}/status`] = { parameters: one, ...item(kind, names, operation, "Status") };
  return paths;
}

interface Details {
  /** The schema of the answer; the Status of API servers without it. */
  readonly answer?: string;
  readonly body?: Tree;
  readonly query?: readonly Tree[];
  /** It answers 201 for what is new. */
  readonly created?: true;
}

type Operation = (verb: string, summary: string, details: Details) => Tree;

/** Ids as API servers form them, so that generated clients look alike. */
function operations({ group, kind }: Resource, { name }: ResourceVersion): Operation {
  const parts = group.split(/[.-]/);
  const pascal = [...parts, name].map((part) => `${part.slice(0, 1).toUpperCase()}${part.slice(1)}`).join("");
  return (verb, summary, { answer, body, query, created }) => ({
    operationId: `${verb}${pascal}${kind}`,
    summary,
    tags: [`${group}/${name}`],
    ...(query === undefined ? {} : { parameters: query }),
    ...(body === undefined ? {} : { requestBody: { required: true, content: body } }),
    responses: {
      "200": response("Done.", answer),
      ...(created === true ? { "201": response("Created.", answer) } : {}),
      default: response("Why it failed.", undefined),
    },
  });
}

function item(kind: string, { item: name }: SchemaNames, operation: Operation, what: "" | "Status"): { readonly [method: string]: Tree } {
  const of = what === "" ? `a ${kind}` : `the status of a ${kind}`;
  return {
    get: operation(`read${what}`, `Read ${of}.`, { answer: name }),
    put: operation(`replace${what}`, `Replace ${of}.`, { answer: name, body: objectBody(name), query: writeQuery }),
    patch: operation(`patch${what}`, `Change a part of ${of}.`, { answer: name, body: patchBody, query: writeQuery }),
  };
}

function objectBody(name: string): Tree {
  return { "application/json": { schema: reference(name) } };
}

const patchBody: Tree = {
  "application/merge-patch+json": { schema: { type: "object" } },
  "application/apply-patch+yaml": { schema: { type: "object" } },
  "application/json-patch+json": { schema: { type: "array", items: { type: "object" } } },
};

function response(description: string, name: string | undefined): Tree {
  return { description, content: { "application/json": { schema: reference(name ?? "Status") } } };
}

function reference(name: string): Tree {
  return { $ref: `#/components/schemas/${name}` };
}

function pathParameter(name: string, description: string): Tree {
  return { name, in: "path", required: true, description, schema: { type: "string" } };
}

function queryParameter(name: string, description: string, type: "string" | "integer" | "boolean" = "string"): Tree {
  return { name, in: "query", description, schema: { type } };
}

const listQuery: readonly Tree[] = [
  queryParameter("labelSelector", "Only objects with these labels."),
  queryParameter("fieldSelector", "Only objects with these values in their selectable fields."),
  queryParameter("limit", "At most so many objects; the answer's metadata.continue leads to the rest.", "integer"),
  queryParameter("continue", "Where an earlier answer left off."),
];

const writeQuery: readonly Tree[] = [
  queryParameter("dryRun", "All: do everything but store the object."),
  queryParameter("fieldManager", "Who writes; needed for apply-patch+yaml."),
  queryParameter("fieldValidation", "What becomes of unknown fields: Strict, Warn or Ignore."),
  queryParameter("force", "Take fields over from other managers; for apply-patch+yaml only.", "boolean"),
];
