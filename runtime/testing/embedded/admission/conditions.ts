import type { Api } from "../api.ts";
import { celEnvironment, compile, plainCelValue, type Program } from "../../../cel/index.ts";
import type { Resource } from "../resources/index.ts";
import { stringAt, type JsonObject } from "../../../schema/index.ts";
import type { Attributes } from "./attributes.ts";
import { userInfo } from "./webhooks/review.ts";

/** The variables of admission expressions that every request has. */
export function requestVariables(api: Api, attributes: Attributes, shown: Resource): Record<string, unknown> {
  const { resource, subresource, name, namespace, operation, dryRun, options } = attributes;
  const request = {
    kind: { ...attributes.kind },
    resource: { group: shown.group, version: shown.version, resource: shown.plural },
    subResource: subresource,
    requestKind: { ...attributes.kind },
    requestResource: { group: resource.group, version: resource.version, resource: resource.plural },
    requestSubResource: subresource,
    name,
    namespace,
    operation,
    userInfo: userInfo(attributes.user),
    dryRun,
    options: options ?? null,
  };
  return {
    object: plainCelValue(attributes.object ?? null),
    oldObject: plainCelValue(attributes.oldObject ?? null),
    request: plainCelValue(request),
    namespaceObject: plainCelValue(namespace === "" ? null : (api.store.collection("namespaces").get(namespace)?.object ?? null)),
  };
}

const programs = new Map<string, Program | Error>();

/** An admission expression, compiled once. */
export function admissionProgram(expression: string): Program | Error {
  let program = programs.get(expression);
  if (program === undefined) {
    try {
      program = compile(celEnvironment("object", "oldObject", "request", "namespaceObject", "params", "variables"), expression);
    } catch (error) {
      program = error instanceof Error ? error : new Error(String(error));
    }
    programs.set(expression, program);
  }
  return program;
}

/** Whether all match conditions hold. One that is false decides; else those that cannot be evaluated are an Error with the server's words. */
export function conditionsHold(
  api: Api,
  conditions: readonly JsonObject[],
  attributes: Attributes,
  shown: Resource,
  extra: Readonly<Record<string, unknown>> = {},
): boolean | Error {
  const variables = { ...requestVariables(api, attributes, shown), ...extra };
  const failures: string[] = [];
  for (const condition of conditions) {
    const expression = stringAt(condition, "expression") ?? "";
    const program = admissionProgram(expression);
    try {
      if (program instanceof Error) throw program;
      if (program.evaluate(variables) !== true) return false;
    } catch (error) {
      failures.push(`expression '${expression}' resulted in error: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  if (failures.length === 0) return true;
  return new Error(failures.length === 1 ? failures[0] : `[${failures.join(", ")}]`);
}
