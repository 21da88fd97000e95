/**
 * The module beside each generated class that is compiled from its schema: plain functions that check an object and fill in its
 * defaults, as a person would write them, with nothing to interpret at run time. It may use `model/` and code.ts.
 * Read checks.ts first; runtime.ts holds the functions that all compiled ones are written in terms of.
 */
import type { Resource, ResourceVersion, Schema } from "../../model/index.ts";
import { CheckCompiler } from "./checks.ts";
import { DefaultCompiler } from "./defaults.ts";
import { usedFunctions } from "./runtime.ts";

/** Whether the module has an `applyDefaults`: whether the schema has any default. */
export function hasDefaults({ schema }: ResourceVersion): boolean {
  return new DefaultCompiler("").fill(ownPart(schema), []) !== undefined;
}

/** The text of `api/<version>/<kind>.schema.ts`. Derived. It imports nothing. */
export function emitSchemaModule(resource: Resource, version: ResourceVersion): string {
  const types = version.typesFile.slice(version.typesFile.lastIndexOf("/") + 1);
  const root = ownPart(version.schema);
  const checks = new CheckCompiler(resource.kind);
  const check = checks.check(root, []);
  const defaults = new DefaultCompiler(resource.kind);
  const fill = defaults.fill(root, []);
  const compiled = [checks.source, defaults.source].filter((source) => source !== "").join("\n\n");
  const functions = usedFunctions(compiled);

  return `// Derived from ${types} by \`scaffold generate\`: change the types, not this file.

/** One way in which an object breaks its schema. */
export interface Violation {
  /** As the API server names it: \`spec.servers[0].port\`. */
  readonly field: string;
  /** The same as a JSON pointer: \`/spec/servers/0/port\`. */
  readonly instancePath: string;
  /** The word of the schema that is broken: \`maximum\`. */
  readonly keyword: string;
  readonly message: string;
}

${typesFor(`${compiled}\n${functions}`)}
/** All ways in which an object breaks the schema of ${resource.kind}; none when it is right. CEL rules are the API server's to check. */
export function findViolations(object: unknown): Violation[] {
  const errors: Violation[] = [];
  ${check ?? "void"}(object, [], errors);
  return errors;
}

${fill === undefined ? "" : `${applyDefaults(resource.kind, fill)}\n`}${compiled}

${functions}
`;
}

/** The types that a text uses, as settings for unused declarations are strict in generated projects. */
function typesFor(text: string): string {
  const types = [
    ["Path", "type Path = readonly (string | number)[];"],
    ["Fields", "type Fields = Record<string, unknown>;"],
    ["Check", "type Check = (value: unknown, at: Path, errors: Violation[]) => void;"],
  ] as const;
  return types.flatMap(([name, source]) => (new RegExp(`[:<] ?${name}\\b|is ${name}\\b`).test(text) ? [`${source}\n`] : [])).join("");
}

function applyDefaults(kind: string, fill: string): string {
  return `/** Fills in the defaults of ${kind}, in the object itself. */
export function applyDefaults(object: unknown): void {
  ${fill}(object);
}
`;
}

/** The fields of the kind itself: what every object carries is right by its class, or for the API server to say. */
function ownPart(schema: Schema): Schema {
  const { apiVersion: _apiVersion, kind: _kind, metadata: _metadata, ...properties } = schema.properties ?? {};
  return { ...schema, properties };
}
