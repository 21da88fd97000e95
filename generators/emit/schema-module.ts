import { anySchema, mapSchemas, type Resource, type ResourceVersion, type Schema } from "../model/index.ts";
import { literal } from "./code.ts";
import { sorted } from "./yaml.ts";

/** The name that the schema module exports: `memcachedSchema`; `objectSchema` is what makes it. */
export function schemaName(kind: string): string {
  return kind === "Object" ? "objectKindSchema" : `${kind.charAt(0).toLowerCase()}${kind.slice(1)}Schema`;
}

/**
 * The text of `api/<version>/<kind>.schema.ts`: the schema as data, with what checks and completes objects by it. CEL rules are
 * checked only where there are any, as their evaluator is the larger part. Derived.
 */
export function emitSchemaModule({ group, kind }: Resource, version: ResourceVersion): string {
  const { typesFile, schema } = version;
  const rules = hasRules(version);
  return `// Derived from ${typesFile.slice(typesFile.lastIndexOf("/") + 1)} by \`scaffold generate\`: change the types, not this file.
import { objectSchema, type ObjectSchema } from "@kubescaffold/runtime/validation";
${rules ? 'import { celRules } from "@kubescaffold/runtime/validation/cel";\n' : ""}
/** The schema of ${kind} without its texts, and what checks and completes an object by it. */
export const ${schemaName(kind)}: ObjectSchema = objectSchema({
  group: ${literal(group)},
  kind: ${literal(kind)},
${rules ? "  rules: celRules,\n" : ""}  schema: ${literal(sorted(withoutTexts(schema)), "  ")},
});
`;
}

/** Whether the objects of a version have defaults to fill in. */
export function hasDefaults({ schema }: ResourceVersion): boolean {
  return anySchema(schema, (each) => each.default !== undefined);
}

/** Whether there are CEL rules to check the objects of a version by. */
export function hasRules({ schema }: ResourceVersion): boolean {
  return anySchema(schema, (each) => each["x-kubernetes-validations"] !== undefined);
}

/** Without what is only for people to read. */
function withoutTexts(schema: Schema): Schema {
  const {
    description: _description,
    title: _title,
    example: _example,
    externalDocs: _externalDocs,
    ...rest
  } = mapSchemas(schema, withoutTexts);
  return rest;
}
