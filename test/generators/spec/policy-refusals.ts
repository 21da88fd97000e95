/** A member of a policy of ships, and what is said about it; line 1 is the member's. */
export const policyRefusals: readonly (readonly [name: string, members: string, line: string])[] = [
  ["an unknown field", `validation: [{ expression: "true" }],`, "1:3: the policy P: there is no field validation; write validations"],
  [
    "an unknown field inside",
    `validations: [{ expression: "true", mesage: "a" }],`,
    "1:39: the policy P: there is no field validations[0].mesage; write message",
  ],
  [
    "a value of another type",
    `validations: [{ expression: true }],`,
    "1:19: the policy P: validations[0].expression is true; write a string",
  ],
  [
    "a word that is none",
    `validations: [{ expression: "true" }], failurePolicy: "fail",`,
    '1:42: the policy P: failurePolicy is "fail"; write Fail',
  ],
  [
    "a reason that is none",
    `validations: [{ expression: "true", reason: "Forbiden" }],`,
    '1:39: the policy P: the reason "Forbiden" is none; write Forbidden',
  ],
  ["nothing to validate", `validations: [],`, "1:3: the policy P: it validates nothing; write validations, or auditAnnotations"],
  [
    "no CEL",
    `validations: [{ expression: "object.spec.crew >" }],`,
    "1:19: the policy P: validations[0].expression is no CEL: unexpected token: EOF at 19; mend the expression",
  ],
  [
    "an unknown variable of CEL",
    `validations: [{ expression: "objet.spec.crew > 1" }],`,
    "1:19: the policy P: validations[0].expression has no variable objet; write object",
  ],
  [
    "params without a kind",
    `validations: [{ expression: "params.a" }],`,
    "1:19: the policy P: validations[0].expression has no variable params; write one of object, oldObject, request, authorizer, namespaceObject, variables",
  ],
  [
    "a variable that is not there",
    `variables: [{ name: "crew", expression: "1" }], validations: [{ expression: "variables.cre > 1" }],`,
    "1:67: the policy P: validations[0].expression has no variables.cre; write crew",
  ],
  [
    "a variable before it is there",
    `variables: [{ name: "a", expression: "variables.b" }, { name: "b", expression: "1" }], validations: [{ expression: "true" }],`,
    "1:28: the policy P: variables[0].expression has no variables.b; write it in variables first",
  ],
  [
    "a variable with an odd name",
    `variables: [{ name: "a-b", expression: "1" }], validations: [{ expression: "true" }],`,
    '1:17: the policy P: the variable "a-b" has no name that CEL can say; write letters, digits and underscores',
  ],
  [
    "a result that is no yes or no",
    `validations: [{ expression: "'a'" }],`,
    "1:19: the policy P: validations[0].expression gives a string; write a comparison, or what else is true or false",
  ],
  [
    "a message of two lines",
    `validations: [{ expression: "true", message: "a\\nb" }],`,
    "1:39: the policy P: a message has a line break; write it on one line",
  ],
  [
    "a condition twice",
    `matchConditions: [{ name: "a", expression: "true" }, { name: "a", expression: "true" }], validations: [{ expression: "true" }],`,
    "1:3: the policy P: the match condition a is there twice; give one another name",
  ],
  [
    "resources beside a kind",
    `matchConstraints: { resourceRules: [] }, validations: [{ expression: "true" }],`,
    "1:23: the policy P: it is about Ship by its type already; take out the kind, or the resourceRules",
  ],
  [
    "an operation that is none",
    `operations: ["CREAT"], validations: [{ expression: "true" }],`,
    '1:16: the policy P: operations[0] is "CREAT"; write CREATE',
  ],
  [
    "a binding that denies and warns",
    `validations: [{ expression: "true" }], bindings: [{ validationActions: ["Deny", "Warn"] }],`,
    "1:55: the policy P: a binding denies and warns; write one of the two, as a request that is denied needs no warning",
  ],
  [
    "an action that is none",
    `validations: [{ expression: "true" }], bindings: [{ validationActions: ["Denied"] }],`,
    '1:75: the policy P: bindings[0].validationActions[0] is "Denied"; write Audit, Deny or Warn',
  ],
  [
    "no binding",
    `validations: [{ expression: "true" }], bindings: [],`,
    "1:42: the policy P: nothing puts it in force; leave bindings out for one that denies",
  ],
  [
    "params that no binding gives",
    `paramKind: { apiVersion: "v1", kind: "ConfigMap" }, validations: [{ expression: "true" }],`,
    "0:20: the policy P: a binding does not say which objects the params are; write bindings with a paramRef",
  ],
  [
    "a name that is none",
    `name: "A_b", validations: [{ expression: "true" }],`,
    '1:3: the policy P: the name "A_b" is none; write lower case letters, digits and hyphens',
  ],
  [
    "a field as it is",
    `validations: [{ expression: "object.metadata['name']" }],`,
    "1:19: the policy P: validations[0].expression gives a value of any type; write a comparison, or what else is true or false",
  ],
  [
    "an annotation that is no text",
    `auditAnnotations: [{ key: "a", valueExpression: "1" }],`,
    "1:34: the policy P: auditAnnotations[0].valueExpression gives a number; write a text",
  ],
  [
    "an annotation's key with a slash",
    `auditAnnotations: [{ key: "a/b", valueExpression: "'a'" }],`,
    '1:24: the policy P: the key "a/b" is none; write letters, digits and hyphens',
  ],
  [
    "an annotation's key twice",
    `auditAnnotations: [{ key: "a", valueExpression: "'a'" }, { key: "a", valueExpression: "null" }],`,
    "1:62: the policy P: the key a is there twice; give one another name",
  ],
  [
    "a kind of params that is none",
    `paramKind: { apiVersion: "1", kind: "ConfigMap" }, validations: [{ expression: "true" }], bindings: [{ paramRef: { name: "a", parameterNotFoundAction: "Deny" } }],`,
    '1:3: the policy P: paramKind has the apiVersion "1"; write it like v1 or apps/v1',
  ],
  [
    "a value that is not known",
    `validations: [{ expression: String(1) }],`,
    "1:31: a part of the policy P is not known before the program runs; write a literal, or a const that is made of literals",
  ],
];

/** What the API server takes all the same, as only the policy and its bindings together make no sense, or none exists. */
export const policiesTakenByServer: readonly string[] = [
  "no binding",
  "params that no binding gives",
  "resources beside a kind",
  "a value that is not known",
];

/** A file for each: the policy number n is named pn. */
export const refusedPolicies: Readonly<Record<string, string>> = Object.fromEntries(
  policyRefusals.map(([, members], index): [string, string] => [
    `policies/case${index}.policy.ts`,
    `import type { AdmissionPolicy } from "@kubescaffold/runtime/api";
import type { IDeployment } from "kubernetes-models/apps/v1/Deployment";
import type { Ship } from "../api/v1/ship.types.ts";
export const P${index} = {
  ${members}
} as unknown as object satisfies AdmissionPolicy<Ship>;
`,
  ]),
);
