import { stripTypeScriptTypes } from "node:module";
import { emitSchemaModule } from "../../../generators/emit/index.ts";
import type { Resource } from "../../../generators/model/index.ts";
import { objectSchema, type ObjectSchema } from "../../../runtime/validation/index.ts";
import { celRules } from "../../../runtime/validation/cel.ts";

/** What the schema module of a resource's first version exports, without writing it anywhere. */
export function compile(resource: Resource): ObjectSchema {
  const version = resource.versions[0];
  if (version === undefined) throw new Error(`${resource.kind} has no version`);
  const source = stripTypeScriptTypes(emitSchemaModule(resource, version))
    .replaceAll(/^import .*$/gm, "")
    .replace(/^export const \w+ *=/m, "return");
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the module's own text is what is tried
  const module = new Function("objectSchema", "celRules", source) as (...names: unknown[]) => ObjectSchema;
  return module(objectSchema, celRules);
}

/** One line for each error of an object, as the class's own message has it. */
export function messagesOf(schema: ObjectSchema, object: unknown, old?: unknown): string[] {
  return schema.errors(object, old).map(({ field, message }) => `${field}: ${message}`);
}
