import type { Api } from "../api.ts";
import { badRequest } from "../errors.ts";
import { tableData } from "../openapi/index.ts";
import type { Resource } from "../resources/index.ts";
import { arrayAt, isObject, numberAt, stringAt, type JsonArray, type JsonObject, type JsonValue } from "../../../schema/index.ts";
import { since } from "./age.ts";
import { cellsOf } from "./cells.ts";
import { compileJsonPath } from "./jsonpath.ts";
import { podConditions } from "./pod.ts";

const INCLUDES = new Set(["", "Metadata", "Object", "None"]);

/**
 * A meta.k8s.io/v1 Table of objects, as `kubectl get` asks for it.
 *
 * @param withColumns False for all events of a watch but the first.
 */
export function tableOf(
  api: Api,
  objects: readonly JsonObject[],
  resource: Resource,
  query: URLSearchParams,
  metadata: JsonObject,
  withColumns = true,
): JsonObject {
  const include = query.get("includeObject") ?? "";
  if (!INCLUDES.has(include)) {
    const why = `includeObject: Invalid value: ${JSON.stringify(include)}: must be 'Metadata', 'Object', 'None', or empty`;
    throw badRequest(`Unable to convert to Table as requested: ${why}`);
  }
  const now = api.clock.now();
  const cells = rowsOf(resource, now);
  return {
    kind: "Table",
    apiVersion: "meta.k8s.io/v1",
    metadata,
    columnDefinitions: withColumns ? columnsOf(resource) : null,
    rows: objects.map((object) => {
      const conditions = resource.collection === "pods" ? podConditions(object) : undefined;
      return { cells: cells(object), ...(conditions === undefined ? {} : { conditions }), object: included(include, object) };
    }),
  };
}

function included(include: string, object: JsonObject): JsonValue {
  if (include === "None") return null;
  if (include === "Object") return object;
  return { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata: object["metadata"] };
}

function rowsOf(resource: Resource, now: number): (object: JsonObject) => JsonArray {
  if (resource.custom) {
    const columns = customColumns(resource.custom.version);
    return (object) => [stringAt(object, "metadata", "name") ?? "", ...columns.map((column) => customCell(column, object, now))];
  }
  const cells = cellsOf(resource);
  return (object) => cells(object, now);
}

function columnsOf(resource: Resource): JsonArray {
  if (!resource.custom) return arrayAt(tableData(), `${resource.apiVersion}/${resource.plural}`);
  const name = arrayAt(tableData(), "v1/configmaps")[0] ?? {};
  return [
    name,
    ...customColumns(resource.custom.version).map((column) => ({
      name: stringAt(column, "name") ?? "",
      type: stringAt(column, "type") ?? "",
      format: stringAt(column, "format") ?? "",
      description:
        stringAt(column, "description") ?? `Custom resource definition column (in JSONPath format): ${stringAt(column, "jsonPath") ?? ""}`,
      priority: numberAt(column, "priority") ?? 0,
    })),
  ];
}

const AGE: JsonObject = {
  name: "Age",
  type: "date",
  jsonPath: ".metadata.creationTimestamp",
  description:
    "CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata",
};

function customColumns(version: JsonObject): JsonObject[] {
  const columns = arrayAt(version, "additionalPrinterColumns").filter(isObject);
  return columns.length === 0 ? [AGE] : columns;
}

function customCell(column: JsonObject, object: JsonObject, now: number): JsonValue {
  const value = compileJsonPath(stringAt(column, "jsonPath") ?? "")(object)[0];
  if (value === undefined || value === null) return null;
  switch (column["type"]) {
    case "string":
      return typeof value === "string" ? value : JSON.stringify(value);
    case "integer":
      return typeof value === "number" ? Math.trunc(value) : null;
    case "number":
      return typeof value === "number" ? value : null;
    case "boolean":
      return typeof value === "boolean" ? value : null;
    case "date":
      if (typeof value !== "string") return null;
      return Number.isNaN(Date.parse(value)) ? "<invalid>" : since(value, now);
    default:
      return null;
  }
}
