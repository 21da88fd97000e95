import type { JsonSchema } from "../schema/index.ts";

/** Whether a rule's `fieldPath` (`.spec.name`, `['a-b']`) leads to a field of its schema. */
export function isFieldPath(path: string, schema: JsonSchema): boolean {
  let at = schema;
  let rest = path;
  while (rest !== "") {
    const step: RegExpExecArray | null = /^(?:\.([^.[\]']?[^.[\]]*)|\['((?:[^'\\]|\\.)*)'\])/.exec(rest);
    if (step === null) return false;
    rest = rest.slice(step[0].length);
    const name: string | undefined = step[1] ?? step[2]?.replaceAll(/\\(.)/g, "$1");
    if (name === undefined || name === "") return false;
    const field = fieldOf(at, name);
    if (field === undefined) return false;
    at = field;
  }
  return true;
}

function fieldOf({ properties, additionalProperties }: JsonSchema, name: string): JsonSchema | undefined {
  if (properties !== undefined) return Object.hasOwn(properties, name) ? properties[name] : undefined;
  return typeof additionalProperties === "object" ? additionalProperties : undefined;
}
