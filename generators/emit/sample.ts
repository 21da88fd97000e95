import { readPattern, violations, type Json, type Resource, type ResourceVersion, type Schema } from "../model/index.ts";
import { toYaml } from "./yaml.ts";

/** `config/samples/<group>_<version>_<kind lower>.yaml`, group being its first label, as Kubebuilder names it. */
export function samplePath(resource: Resource, version: ResourceVersion): string {
  return `config/samples/${resource.group.split(".")[0] ?? resource.group}_${version.name}_${resource.kind.toLowerCase()}.yaml`;
}

/**
 * A custom resource that the schema accepts, as YAML: examples first, then defaults, then the least value of every required field.
 * It is the user's file: write it once.
 */
export function emitSample(resource: Resource, version: ResourceVersion): string {
  return toYaml(sampleObject(resource, version), `yours: an example of a ${resource.kind}, as the types gave it; change it as you like.`);
}

/** The same as data. */
export function sampleObject(resource: Resource, version: ResourceVersion): { readonly [key: string]: Json } {
  const head = { apiVersion: `${resource.group}/${version.name}`, kind: resource.kind };
  const metadata = { name: `${resource.kind.toLowerCase()}-sample` };
  if (isObject(version.example)) {
    const { apiVersion: _apiVersion, kind: _kind, metadata: given, ...rest } = version.example;
    return { ...head, metadata: isObject(given) ? { ...metadata, ...given } : metadata, ...rest };
  }
  const fields: Record<string, Json> = {};
  for (const [name, property] of Object.entries(version.schema.properties ?? {})) {
    if (name in head || name === "metadata" || name === "status") continue;
    if (name === "spec" || version.schema.required?.includes(name) === true) fields[name] = sampleOf(property, 0);
  }
  return { ...head, metadata, ...fields };
}

function sampleOf(schema: Schema, depth: number): Json {
  if (schema.example !== undefined) return schema.example;
  if (schema.default !== undefined)
    return schema.type === "object" && isObject(schema.default) ? { ...sampleFields(schema, depth), ...schema.default } : schema.default;
  const [first] = schema.enum ?? [];
  if (first !== undefined) return first;
  if (schema["x-kubernetes-int-or-string"] === true) return schema.pattern === undefined ? 1 : sampleText(schema);
  switch (schema.type) {
    case "string":
      return sampleText(schema);
    case "integer":
    case "number":
      return sampleNumber(schema);
    case "boolean":
      return false;
    case "array":
      return Array.from({ length: schema.minItems ?? 0 }, () => sampleOf(schema.items ?? {}, depth + 1));
    default:
      return sampleFields(schema, depth);
  }
}

/** Required fields, and those with an example or a default. */
function sampleFields(schema: Schema, depth: number): { readonly [key: string]: Json } {
  const entries = Object.entries(schema.properties ?? {}).filter(
    ([name, property]) => schema.required?.includes(name) === true || isTelling(property),
  );
  const told = Object.fromEntries(entries.map(([name, property]) => [name, sampleOf(property, depth + 1)]));
  const needed = neededByBranch(schema, told).map((name): [string, Json] => [name, sampleOf(schema.properties?.[name] ?? {}, depth + 1)]);
  const fields = { ...told, ...Object.fromEntries(needed) };
  const embedded = schema["x-kubernetes-embedded-resource"] === true ? { apiVersion: "v1", kind: "ConfigMap", metadata: {} } : {};
  const missing = (schema.minProperties ?? 0) - Object.keys(fields).length;
  const values = typeof schema.additionalProperties === "object" ? schema.additionalProperties : undefined;
  const extra =
    values === undefined
      ? []
      : Array.from({ length: Math.max(0, missing) }, (_each, index): [string, Json] => [`key${index + 1}`, sampleOf(values, depth + 1)]);
  return { ...embedded, ...fields, ...Object.fromEntries(extra) };
}

/** The rules of a discriminated union say which fields go with the value that the sample has: `self.type != "a" || has(self.b)`. */
function neededByBranch(schema: Schema, fields: Readonly<Record<string, Json>>): string[] {
  return (schema["x-kubernetes-validations"] ?? []).flatMap(({ rule }) => {
    const match = /^(?:self\.(\w+) != ("[^"]*")|!\(self\.(\w+) in (\["[^\]]*\])\)) \|\| (has\(self\.\w+\)(?: && has\(self\.\w+\))*)$/.exec(
      rule,
    );
    const value = fields[match?.[1] ?? match?.[3] ?? ""];
    if (match === null || value === undefined) return [];
    const values: unknown = JSON.parse(match[4] ?? `[${match[2] ?? ""}]`);
    if (!Array.isArray(values) || !values.includes(value)) return [];
    return [...(match[5] ?? "").matchAll(/has\(self\.(\w+)\)/g)].flatMap(([, name = ""]) => (name in fields ? [] : [name]));
  });
}

function isTelling({ example, default: fallback }: Schema): boolean {
  return example !== undefined || fallback !== undefined;
}

function sampleNumber(schema: Schema): number {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf = 1 } = schema;
  const low = minimum === undefined ? undefined : exclusiveMinimum === true ? minimum + multipleOf : minimum;
  const high = maximum === undefined ? undefined : exclusiveMaximum === true ? maximum - multipleOf : maximum;
  const candidates = [
    low === undefined ? undefined : Math.ceil(low / multipleOf) * multipleOf,
    high === undefined || low !== undefined ? undefined : Math.min(multipleOf, Math.floor(high / multipleOf) * multipleOf),
    low !== undefined && high !== undefined ? (low + high) / 2 : undefined,
    multipleOf,
  ];
  return candidates.find((each) => each !== undefined && violations(schema, each).length === 0) ?? low ?? multipleOf;
}

const formatSamples: ReadonlyMap<string, string> = new Map([
  ["byte", "c2FtcGxl"],
  ["date", "2026-01-31"],
  ["date-time", "2026-01-31T12:00:00Z"],
  ["duration", "30s"],
  ["email", "user@example.com"],
  ["hostname", "example.com"],
  ["ipv4", "192.0.2.1"],
  ["ipv6", "2001:db8::1"],
  ["cidr", "192.0.2.0/24"],
  ["mac", "00:00:5e:00:53:01"],
  ["uri", "https://example.com"],
  ["uuid", "00000000-0000-4000-8000-000000000000"],
]);

/** The first of some ordinary texts that the schema accepts. */
function sampleText(schema: Schema): string {
  const read = schema.pattern === undefined ? undefined : readPattern(schema.pattern);
  const matching = read !== undefined && "sample" in read ? read.sample : "";
  const length = Math.max(schema.minLength ?? 0, 1);
  const candidates = [
    formatSamples.get(schema.format ?? "") ?? "",
    "sample",
    "s",
    "1",
    matching,
    "sample".padEnd(length, "-sample"),
    matching.padEnd(length, matching === "" ? "a" : matching.slice(-1)),
    "30s",
    "a".repeat(length),
    "",
  ];
  return candidates.find((each) => (each !== "" || schema.minLength === undefined) && violations(schema, each).length === 0) ?? matching;
}

function isObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
