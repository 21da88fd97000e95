import { definitionErrors } from "@kubescaffold/runtime/validation/definition";
import type { Diagnostic, Resource } from "../model/index.ts";
import { customResourceDefinition } from "./crd.ts";

/**
 * What an API server would hold against the CRD of a resource, at the place of the kind. What a marker says wrong was told at the marker
 * before; this is for what follows from several of them, and for CEL rules.
 */
export async function refusals(resource: Resource): Promise<Diagnostic[]> {
  const definition = JSON.parse(JSON.stringify(customResourceDefinition(resource))) as Parameters<typeof definitionErrors>[0];
  const errors = await definitionErrors(definition);
  const fallback = resource.versions.find(({ storage }) => storage) ?? resource.versions[0];
  return errors.flatMap(({ field, message }) => {
    const [, index] = /^spec\.versions\[(\d+)\]/.exec(field) ?? [];
    const version = index === undefined ? fallback : resource.versions[Number(index)];
    if (version === undefined) return [];
    const problem = `API servers refuse this kind: ${shortened(field) || "the whole schema"}: ${inShort(message)}`;
    return [{ code: "bad-schema" as const, place: version.place, message: problem }];
  });
}

/** Of a rule that does not compile the server shows everything; the rule itself and what is wrong with it do. */
function inShort(message: string): string {
  const [first = ""] = message.split("\n");
  const [, shown = "", column = "", wrong = ""] =
    /^Invalid value: (\{"Rule":.*\}): compilation failed: ERROR: <input>:\d+:(\d+): (.*)$/.exec(first) ?? [];
  if (wrong === "") return first;
  const { Rule: rule, MessageExpression: expression } = JSON.parse(shown) as { Rule: string; MessageExpression: string };
  return `${JSON.stringify(rule)}${expression === "" ? "" : ` with the message ${JSON.stringify(expression)}`} does not compile, at ${column}: ${wrong}`;
}

/** `spec.size.x-kubernetes-validations[0].rule` for a path through the schema. */
export function shortened(field: string): string {
  const path = field.replace(/^spec\.(?:versions\[\d+\]\.schema|validation)\.openAPIV3Schema\.?/, "");
  return path
    .replaceAll(/\.?properties\[([^\]]*)\]/g, ".$1")
    .replaceAll(".items", "[]")
    .replaceAll(".additionalProperties", ".*")
    .replace(/^\./, "");
}
