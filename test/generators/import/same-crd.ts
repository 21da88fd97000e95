/** Plain data, as a YAML reader gives it. */
type Data = Readonly<Record<string, unknown>>;

/**
 * A published CRD or a generated one, brought to a form in which both are equal: what is dropped, filled in or put in order here is
 * all that importing a CRD and generating it again may change.
 *
 * - The order of versions, of `required`, and of keys; the same value spelt as its absence (`deprecated: false`, `priority: 0`, an empty
 *   list, `subresources: {}`); names that the API server fills in (`listKind`, `singular`); `anyOf` of an int-or-string, which is implied.
 * - White space at the ends of a description and of its lines.
 * - What is said of `apiVersion` and `kind`, for every kind of a project has the same words there.
 * - `conversion`: an imported kind is served by its owner's webhook, and a test server has none. `preserveUnknownFields: false`, the default.
 * - `status` and what servers and kubectl write into `metadata`.
 */
export function comparable(crd: unknown): Data {
  const { metadata, spec } = data(crd);
  const { name, labels, annotations } = data(metadata);
  const { group, names, scope, versions, preserveUnknownFields } = data(spec);
  const { kind, ...others } = data(names);
  const { "kubectl.kubernetes.io/last-applied-configuration": _applied, ...kept } = data(annotations);
  return dropEmpty({
    name,
    labels,
    annotations: kept,
    group,
    scope,
    preserveUnknownFields: preserveUnknownFields === true ? true : undefined,
    names: dropEmpty({ listKind: `${String(kind)}List`, singular: String(kind).toLowerCase(), ...others, kind }),
    versions: Object.fromEntries(list(versions).map((each) => [String(data(each)["name"]), version(data(each))])),
  });
}

function version({ schema, additionalPrinterColumns, deprecated, subresources, ...others }: Data): Data {
  return dropEmpty({
    ...others,
    deprecated: deprecated === true ? true : undefined,
    columns: list(additionalPrinterColumns).map((column) => ({ priority: 0, ...data(column) })),
    subresources: { ...data(subresources), ...("status" in data(subresources) ? { status: "there" } : {}) },
    schema: root(data(data(schema)["openAPIV3Schema"])),
  });
}

function root(whole: Data): Data {
  const read = schemaOf(whole);
  const { apiVersion, kind, metadata, ...fields } = data(read["properties"]);
  const own = (value: unknown): Data => ({ type: "string", ...data(value), description: undefined });
  return {
    ...read,
    properties: { ...fields, apiVersion: own(apiVersion), kind: own(kind), metadata: { type: "object", ...data(metadata) } },
  };
}

function schemaOf(schema: Data): Data {
  const found = dropEmpty(Object.fromEntries(Object.entries(schema).map(([keyword, value]) => [keyword, keywordOf(keyword, value)])));
  const isChoice = found["x-kubernetes-int-or-string"] === true && !("anyOf" in found);
  if (!isChoice || list(found["allOf"]).some((each) => "anyOf" in data(each))) return found;
  return { ...found, anyOf: [{ type: "integer" }, { type: "string" }] };
}

function keywordOf(keyword: string, value: unknown): unknown {
  switch (keyword) {
    case "description":
      return withoutEnds(String(value)) || undefined;
    case "required":
      return list(value).toSorted();
    case "properties":
      return Object.fromEntries(Object.entries(data(value)).map(([name, each]) => [name, schemaOf(data(each))]));
    case "allOf":
    case "anyOf":
    case "oneOf":
      return list(value).map((each) => schemaOf(data(each)));
    case "items":
    case "not":
      return { ...schemaOf(data(value)), "": "there" };
    case "additionalProperties":
      return typeof value === "boolean" ? { "": value } : { ...schemaOf(data(value)), "": "there" };
    case "default":
    case "example":
      return { value };
    default:
      return value === false ? undefined : value;
  }
}

function withoutEnds(text: string): string {
  const lines = text.split(/\r\n|\r|\n/).map((line) => line.trimEnd());
  return lines.join("\n").trim();
}

function dropEmpty(map: Data): Data {
  const isEmpty = (value: unknown): boolean =>
    value === undefined || value === null || (typeof value === "object" && Object.keys(value).length === 0);
  return Object.fromEntries(Object.entries(map).filter(([, value]) => !isEmpty(value)));
}

function data(value: unknown): Data {
  return typeof value === "object" && value !== null ? (value as Data) : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}
