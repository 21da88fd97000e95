import {
  conditionProblems,
  isQualifiedName,
  ruleProblems,
  selectorProblems,
  type AdmissionPolicy,
  type Json,
  type LabelSelector,
  type MatchCondition,
  type WebhookRule,
} from "../model/index.ts";
import { builtinSchema } from "./builtin/data.ts";
import { admissionVariables, celProblem, type CelType } from "./cel.ts";
import { fieldName, fieldProblems, isArray, isMap, type FieldProblem, type JsonMap, type Path } from "./fields.ts";
import { nearest } from "./markers/arguments.ts";

const domain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const reasons = ["Unauthorized", "Forbidden", "Invalid", "RequestEntityTooLarge"];

/** What an API server would refuse in a policy; paths are of the constant. */
export function* policyProblems({ name, spec }: AdmissionPolicy, said: JsonMap): Generator<FieldProblem> {
  if (name.length > 253 || !domain.test(name))
    yield { path: ["name"], message: `the name ${JSON.stringify(name)} is none`, instead: "write lower case letters, digits and hyphens" };
  const shape = [...fieldProblems(builtinSchema("IoK8sApiAdmissionregistrationV1ValidatingAdmissionPolicySpec") ?? {}, spec, false)];
  yield* shape;
  if (shape.length > 0) return;
  yield* matchProblems(spec["matchConstraints"], ["matchConstraints"]);
  if (rulesOf(spec["matchConstraints"], "resourceRules").length === 0)
    yield {
      path: [],
      message: "it does not say what it is about",
      instead: "write AdmissionPolicy<Kind>, or matchConstraints.resourceRules",
    };
  const [validations, annotations] = [itemsOf(spec["validations"]), itemsOf(spec["auditAnnotations"])];
  if (validations.length === 0 && annotations.length === 0)
    yield {
      path: said["validations"] === undefined ? [] : ["validations"],
      message: "it validates nothing",
      instead: "write validations, or auditAnnotations",
    };
  const variables = [...admissionVariables, ...(spec["paramKind"] === undefined ? [] : ["params"])];
  for (const { message, instead } of conditionProblems(itemsOf(spec["matchConditions"]) as unknown as readonly MatchCondition[]))
    yield { path: ["matchConditions"], message, instead };
  yield* expressions(itemsOf(spec["matchConditions"]), ["matchConditions"], "expression", ["bool"], variables);
  yield* variableProblems(itemsOf(spec["variables"]), variables);
  const all = [...variables, "variables"];
  const names = itemsOf(spec["variables"]).map((each) => textOf(each["name"]));
  yield* expressions(validations, ["validations"], "expression", ["bool"], all, names);
  yield* expressions(validations, ["validations"], "messageExpression", ["string"], all, names);
  for (const [index, validation] of validations.entries()) yield* validationProblems(validation, ["validations", index]);
  yield* expressions(annotations, ["auditAnnotations"], "valueExpression", ["string", "null"], all, names);
  yield* annotationProblems(annotations.map(({ key }) => textOf(key)));
  yield* kindProblems(spec["paramKind"]);
}

/** The policy's name and a slash are put before each key, so that it is a name without one. */
function* annotationProblems(keys: readonly string[]): Generator<FieldProblem> {
  for (const [index, key] of keys.entries()) {
    const path = ["auditAnnotations", index, "key"];
    if (key.includes("/") || !isQualifiedName(key))
      yield { path, message: `the key ${JSON.stringify(key)} is none`, instead: "write letters, digits and hyphens" };
    else if (keys.indexOf(key) < index) yield { path, message: `the key ${key} is there twice`, instead: "give one another name" };
  }
  if (keys.length > 20)
    yield { path: ["auditAnnotations"], message: `there are ${keys.length} audit annotations`, instead: "write 20 at most" };
}

function* kindProblems(paramKind: Json | undefined): Generator<FieldProblem> {
  if (!isMap(paramKind)) return;
  const [apiVersion, kind] = [textOf(paramKind["apiVersion"]), textOf(paramKind["kind"])];
  if (!/^([a-z0-9.-]+\/)?v[a-z0-9]+$/.test(apiVersion))
    yield {
      path: ["paramKind"],
      message: `paramKind has the apiVersion ${JSON.stringify(apiVersion)}`,
      instead: "write it like v1 or apps/v1",
    };
  if (!/^[A-Za-z][A-Za-z0-9]*$/.test(kind))
    yield { path: ["paramKind"], message: `paramKind has the kind ${JSON.stringify(kind)}`, instead: "write it like ConfigMap" };
}

/** What an API server would refuse in the bindings of a policy. */
export function* bindingProblems({ name, spec, bindings }: AdmissionPolicy): Generator<FieldProblem> {
  if (bindings.length === 0)
    yield { path: ["bindings"], message: "nothing puts it in force", instead: "leave bindings out for one that denies" };
  const schema = builtinSchema("IoK8sApiAdmissionregistrationV1ValidatingAdmissionPolicyBindingSpec") ?? {};
  for (const [index, binding] of bindings.entries()) {
    const at = (path: Path): Path => ["bindings", index, ...path];
    const shape = [...fieldProblems(schema, binding.spec, false)];
    for (const { path, message, instead } of shape)
      yield { path: at(path), message: message.replace(fieldName(path), fieldName(at(path))), instead };
    if (shape.length > 0) continue;
    // One that has no name of its own is called by the policy's, of which the same was said.
    if (!binding.name.startsWith(name) && (binding.name.length > 253 || !domain.test(binding.name)))
      yield {
        path: at(["name"]),
        message: `the binding's name ${JSON.stringify(binding.name)} is none`,
        instead: "write lower case letters, digits and hyphens",
      };
    const { validationActions: actions, matchResources, paramRef } = binding.spec;
    const words = isArray(actions) ? actions : [];
    if (words.length === 0)
      yield { path: at(["validationActions"]), message: "a binding has no validationActions", instead: "write Deny, Warn or Audit" };
    if (new Set(words).size < words.length)
      yield { path: at(["validationActions"]), message: "a validation action is there twice", instead: "keep one" };
    if (words.includes("Deny") && words.includes("Warn"))
      yield {
        path: at(["validationActions"]),
        message: "a binding denies and warns",
        instead: "write one of the two, as a request that is denied needs no warning",
      };
    yield* matchProblems(matchResources, at(["matchResources"]));
    yield* paramProblems(spec["paramKind"], paramRef, at([]));
  }
}

function* paramProblems(kind: Json | undefined, reference: Json | undefined, path: Path): Generator<FieldProblem> {
  if (kind === undefined && reference !== undefined)
    yield {
      path: [...path, "paramRef"],
      message: "a binding has a paramRef, and the policy no paramKind",
      instead: "write paramKind, or take it out",
    };
  if (kind !== undefined && reference === undefined)
    yield { path, message: "a binding does not say which objects the params are", instead: "write bindings with a paramRef" };
  if (!isMap(reference)) return;
  const { name, selector, parameterNotFoundAction: action } = reference;
  if ((name === undefined) === (selector === undefined))
    yield { path: [...path, "paramRef"], message: "a paramRef needs a name or a selector", instead: "write one of the two" };
  if (action !== "Allow" && action !== "Deny")
    yield {
      path: [...path, "paramRef"],
      message: `parameterNotFoundAction is ${action === undefined ? "missing" : JSON.stringify(action)}`,
      instead: "write Allow or Deny",
    };
}

function* matchProblems(match: Json | undefined, path: Path): Generator<FieldProblem> {
  if (!isMap(match)) return;
  for (const list of ["resourceRules", "excludeResourceRules"]) {
    for (const [index, rule] of rulesOf(match, list).entries()) {
      for (const { field, message, instead } of ruleProblems(rule)) yield { path: [...path, list, index, field], message, instead };
    }
  }
  for (const field of ["namespaceSelector", "objectSelector"]) {
    const selector = match[field];
    // The boundary: its names and types have been compared with the API's.
    for (const { message, instead } of selectorProblems(field, selector as unknown as LabelSelector | undefined))
      yield { path: [...path, field], message, instead };
  }
}

function rulesOf(match: Json | undefined, list: string): WebhookRule[] {
  const rules = isMap(match) ? itemsOf(match[list]) : [];
  const none = { apiGroups: [], apiVersions: [], resources: [], operations: [] };
  return rules.map((rule) => ({ ...none, ...(rule as Partial<WebhookRule>) }));
}

function* variableProblems(list: readonly JsonMap[], variables: readonly string[]): Generator<FieldProblem> {
  const known: string[] = [];
  for (const [index, { name, expression }] of list.entries()) {
    const text = textOf(name);
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(text))
      yield {
        path: ["variables", index, "name"],
        message: `the variable ${JSON.stringify(text)} has no name that CEL can say`,
        instead: "write letters, digits and underscores",
      };
    if (known.includes(text))
      yield { path: ["variables", index, "name"], message: `the variable ${text} is there twice`, instead: "give one another name" };
    yield* expressionProblems(textOf(expression), ["variables", index, "expression"], [], [...variables, "variables"], known);
    known.push(text);
  }
}

function* validationProblems(validation: JsonMap, path: Path): Generator<FieldProblem> {
  const { message, reason } = validation;
  if (typeof message === "string" && message.includes("\n"))
    yield { path: [...path, "message"], message: "a message has a line break", instead: "write it on one line" };
  if (typeof message === "string" && message.trim() === "")
    yield { path: [...path, "message"], message: "a message is empty", instead: "write it, or leave it out" };
  if (typeof reason === "string" && !reasons.includes(reason))
    yield {
      path: [...path, "reason"],
      message: `the reason ${JSON.stringify(reason)} is none`,
      instead: `write ${nearest(reason, reasons) ?? reasons.join(", ")}`,
    };
}

function* expressions(
  list: readonly JsonMap[],
  path: Path,
  field: string,
  results: readonly CelType[],
  variables: readonly string[],
  names: readonly string[] = [],
): Generator<FieldProblem> {
  for (const [index, item] of list.entries()) {
    const expression = item[field];
    if (typeof expression === "string") yield* expressionProblems(expression, [...path, index, field], results, variables, names);
  }
}

function* expressionProblems(
  expression: string,
  path: Path,
  results: readonly CelType[],
  variables: readonly string[],
  names: readonly string[],
): Generator<FieldProblem> {
  if (expression.trim() === "") {
    yield { path, message: `${fieldName(path)} is empty`, instead: "write an expression of CEL" };
    return;
  }
  const problem = celProblem(expression, variables, results);
  if (problem !== undefined) yield { path, message: `${fieldName(path)} ${problem.message}`, instead: problem.instead };
  for (const [, used = ""] of expression.matchAll(/\bvariables\.([A-Za-z_][A-Za-z0-9_]*)/g)) {
    if (names.includes(used)) continue;
    yield {
      path,
      message: `${fieldName(path)} has no variables.${used}`,
      instead: `write ${nearest(used, names) ?? (names.length === 0 ? "it in variables first" : `one of ${names.join(", ")}`)}`,
    };
    return;
  }
}

function itemsOf(list: Json | undefined): JsonMap[] {
  return isArray(list) ? list.filter(isMap) : [];
}

function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}
