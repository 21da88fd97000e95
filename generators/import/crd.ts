import { ScaffoldError } from "../errors.ts";
import {
  compareVersions,
  type PrintColumn,
  type Resource,
  type ResourceVersion,
  type ScaleSubresource,
  type Schema,
} from "../model/index.ts";
import { isRecord, type CrdDocument } from "./documents.ts";
import { readSchema } from "./schema.ts";

/** What every object has: generated kinds carry the same words everywhere, so foreign ones are not kept. */
const apiVersion = "The group and version of this object's schema, such as apps/v1.";
const kind = "The kind of this object, in UpperCamelCase; it cannot be changed.";

/**
 * A CustomResourceDefinition as the model.
 *
 * @param typesFile where the types of a version go
 * @throws ScaffoldError `bad-crd` for what an API server would not accept
 */
export function readCrd(crd: CrdDocument, typesFile: (group: string, version: string, kind: string) => string): Resource {
  const label = nameOf(crd);
  const fail = (what: string): never => {
    throw new ScaffoldError("bad-crd", `The CRD ${label} ${what}: it cannot be imported.`);
  };
  const spec = isRecord(crd["spec"]) ? crd["spec"] : fail("has no spec");
  const names = isRecord(spec["names"]) ? spec["names"] : fail("has no names");
  const group =
    matching(spec["group"], /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/) ??
    fail("has no DNS name as its group");
  const kindName = matching(names["kind"], /^[A-Z][A-Za-z0-9]{0,62}$/) ?? fail("has a kind that is not UpperCamelCase");
  const plural = matching(names["plural"], dnsLabel) ?? fail("has no plural that is a DNS label");
  const scope = spec["scope"] === "Cluster" || spec["scope"] === "Namespaced" ? spec["scope"] : fail("has no scope, Namespaced or Cluster");
  const versions = (Array.isArray(spec["versions"]) ? (spec["versions"] as readonly unknown[]) : []).map((each) =>
    isRecord(each) ? readVersion(each, fail, label, (name) => typesFile(group, name, kindName)) : fail("has a version that is no map"),
  );
  if (versions.length === 0) fail("has no versions");
  return {
    group,
    kind: kindName,
    listKind: matching(names["listKind"], /./) ?? `${kindName}List`,
    singular: matching(names["singular"], dnsLabel) ?? kindName.toLowerCase(),
    plural,
    shortNames: texts(names["shortNames"]),
    categories: texts(names["categories"]),
    scope,
    versions: versions.sort((a, b) => compareVersions(a.name, b.name)),
    ...metadataOf(crd["metadata"]),
  };
}

const dnsLabel = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;

/** How messages call a CRD. */
export function nameOf(crd: CrdDocument): string {
  const metadata = crd["metadata"];
  return isRecord(metadata) && typeof metadata["name"] === "string" ? metadata["name"] : "without a name";
}

function readVersion(
  version: Readonly<Record<string, unknown>>,
  fail: (what: string) => never,
  label: string,
  typesFile: (name: string) => string,
): ResourceVersion {
  const name =
    matching(version["name"], /^v[1-9][0-9]*(?:(?:alpha|beta)[1-9][0-9]*)?$/) ??
    fail(`has a version ${JSON.stringify(version["name"])}, which cannot be a folder of api/`);
  const schema = isRecord(version["schema"]) ? version["schema"]["openAPIV3Schema"] : undefined;
  if (schema === undefined) fail(`has no schema in ${name}`);
  const taken = methods.find((each) => isRecord(schema) && isRecord(schema["properties"]) && Object.hasOwn(schema["properties"], each));
  if (taken !== undefined) fail(`has a field ${taken} in ${name} beside spec, which is a method of every class`);
  const subresources = isRecord(version["subresources"]) ? version["subresources"] : {};
  const scale = readScale(subresources["scale"]);
  const warning = version["deprecationWarning"];
  const file = typesFile(name);
  return {
    name,
    served: version["served"] === true,
    storage: version["storage"] === true,
    ...(version["deprecated"] === true ? { deprecated: typeof warning === "string" ? { warning } : {} } : {}),
    schema: withOwnWords(readSchema(schema, `${label} ${name}`)),
    printColumns: records(version["additionalPrinterColumns"]).map((column) => readColumn(column, fail)),
    selectableFields: records(version["selectableFields"]).flatMap(({ jsonPath }) => (typeof jsonPath === "string" ? [jsonPath] : [])),
    status: isRecord(subresources["status"]),
    ...(scale === undefined ? {} : { scale }),
    typesFile: file,
    place: { file, line: 1, column: 1 },
  };
}

/** What the classes of kinds have for something else. */
const methods = ["setDefinedProps", "toJSON", "validate", "validateUpdate"];

function withOwnWords(schema: Schema): Schema {
  const { properties = {} } = schema;
  return {
    ...schema,
    properties: {
      ...properties,
      apiVersion: { type: "string", ...properties["apiVersion"], description: apiVersion },
      kind: { type: "string", ...properties["kind"], description: kind },
      metadata: { type: "object", ...properties["metadata"] },
    },
  };
}

function readColumn(column: Readonly<Record<string, unknown>>, fail: (what: string) => never): PrintColumn {
  const { name, type, jsonPath, description, format, priority } = column;
  const types = ["integer", "number", "string", "boolean", "date"] as const;
  return {
    name: typeof name === "string" ? name : fail("has a column without a name"),
    type: types.find((each) => each === type) ?? fail(`has a column of type ${JSON.stringify(type)}`),
    jsonPath: typeof jsonPath === "string" ? jsonPath : fail("has a column without a jsonPath"),
    ...(typeof description === "string" && description !== "" ? { description } : {}),
    ...(typeof format === "string" && format !== "" ? { format } : {}),
    ...(typeof priority === "number" && priority !== 0 ? { priority } : {}),
  };
}

function readScale(scale: unknown): ScaleSubresource | undefined {
  if (!isRecord(scale)) return undefined;
  const { specReplicasPath, statusReplicasPath, labelSelectorPath } = scale;
  if (typeof specReplicasPath !== "string" || typeof statusReplicasPath !== "string") return undefined;
  return {
    specReplicasPath,
    statusReplicasPath,
    ...(typeof labelSelectorPath === "string" && labelSelectorPath !== "" ? { labelSelectorPath } : {}),
  };
}

/** Labels and annotations but those that kubectl and servers write. */
function metadataOf(metadata: unknown): Pick<Resource, "labels" | "annotations"> {
  if (!isRecord(metadata)) return {};
  const entries = (value: unknown): Record<string, string> =>
    Object.fromEntries(
      Object.entries(isRecord(value) ? value : {})
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .flatMap(([key, each]) =>
          typeof each === "string" && key !== "kubectl.kubernetes.io/last-applied-configuration" ? [[key, each]] : [],
        ),
    );
  const [labels, annotations] = [entries(metadata["labels"]), entries(metadata["annotations"])];
  return {
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  };
}

function matching(value: unknown, shape: RegExp): string | undefined {
  return typeof value === "string" && shape.test(value) ? value : undefined;
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
}

function records(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}
