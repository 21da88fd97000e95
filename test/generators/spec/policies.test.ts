import { beforeAll, describe, expect, test } from "@jest/globals";
import { parseAllDocuments } from "yaml";
import { derivedArtefacts } from "../../../generators/emit/index.ts";
import { formatDiagnostic, type Diagnostic } from "../../../generators/model/index.ts";
import { readFiles, type FilesReading } from "./cases.ts";
import { policyRefusals, refusedPolicies } from "./policy-refusals.ts";

const types = `import type { CustomResource } from "@kubescaffold/runtime/api";
/** @resource plural=fleet */
export interface Ship extends CustomResource<{ crew?: number }> {}
`;
const imports = `import type { AdmissionPolicy } from "@kubescaffold/runtime/api";
import type { IDeployment } from "kubernetes-models/apps/v1/Deployment";
import type { Ship } from "../api/v1/ship.types.ts";
`;

function read(text: string, more: Readonly<Record<string, string>> = {}): Promise<FilesReading> {
  return readFiles({ "api/v1/ship.types.ts": types, "policies/ship.policy.ts": imports + text, ...more }, "fleet.io");
}

/** The objects of a reading, by the files that they are in. */
function objects(reading: FilesReading): Record<string, unknown[]> {
  const files = derivedArtefacts(reading).filter(({ path }) => path.startsWith("config/policies/"));
  return Object.fromEntries(files.map(({ path, text }) => [path, parseAllDocuments(text).map((document) => document.toJS() as unknown)]));
}

const apiVersion = "admissionregistration.k8s.io/v1";

test("a constant for a kind becomes a policy for its objects, and a binding that denies", async () => {
  const reading = await read(
    `export const crewedShips: AdmissionPolicy<Ship> = { validations: [{ expression: "object.spec.crew > 0", message: "a ship needs a crew" }] };`,
  );
  expect(reading.diagnostics).toEqual([]);
  expect(objects(reading)).toEqual({
    "config/policies/crewed-ships.yaml": [
      {
        apiVersion,
        kind: "ValidatingAdmissionPolicy",
        metadata: { name: "crewed-ships" },
        spec: {
          failurePolicy: "Fail",
          matchConstraints: {
            resourceRules: [{ apiGroups: ["fleet.io"], apiVersions: ["v1"], operations: ["CREATE", "UPDATE"], resources: ["fleet"] }],
          },
          validations: [{ expression: "object.spec.crew > 0", message: "a ship needs a crew" }],
        },
      },
      {
        apiVersion,
        kind: "ValidatingAdmissionPolicyBinding",
        metadata: { name: "crewed-ships" },
        spec: { policyName: "crewed-ships", validationActions: ["Deny"] },
      },
    ],
  });
});

test("constants are evaluated without running them, from other files too", async () => {
  const reading = await read(
    `import { most, teams } from "./limits.ts";
const labels = { team: teams.fleet };
export const HTTPLimits = {
  name: "limits",
  labels,
  annotations: { "fleet.io/why": "room" },
  operations: ["CREATE"],
  matchConstraints: { namespaceSelector: { matchLabels: labels }, matchPolicy: "Exact" },
  matchConditions: [{ name: "not-free", expression: "request.name != 'free'" }],
  failurePolicy: "Ignore",
  paramKind: { apiVersion: "v1", kind: "ConfigMap" },
  variables: [{ name: "replicas", expression: "object.spec.?replicas.orValue(1)" }],
  validations: [
    { expression: \`variables.replicas <= \${most}\`, messageExpression: "'at most ' + params.data.most", reason: "Forbidden" },
    ...[{ expression: "true" + " || " + "false" }],
  ],
  auditAnnotations: [{ key: "replicas", valueExpression: "string(variables.replicas)" }],
  bindings: [
    { paramRef: { name: "limits", namespace: "default", parameterNotFoundAction: "Deny" }, validationActions: ["Warn", "Audit"] },
    { name: "strict", paramRef: { selector: {}, parameterNotFoundAction: "Allow" }, matchResources: { objectSelector: { matchLabels: { strict: "yes" } } } },
  ],
} as const satisfies AdmissionPolicy<IDeployment>;`,
    { "policies/limits.ts": `export const most = 5;\nexport const teams = { fleet: "red" } as const;\n` },
  );
  expect(reading.diagnostics.map(formatDiagnostic)).toEqual([]);
  const [policy, first, second] = objects(reading)["config/policies/limits.yaml"] ?? [];
  expect(policy).toEqual({
    apiVersion,
    kind: "ValidatingAdmissionPolicy",
    metadata: { name: "limits", labels: { team: "red" }, annotations: { "fleet.io/why": "room" } },
    spec: {
      failurePolicy: "Ignore",
      matchConstraints: {
        matchPolicy: "Exact",
        namespaceSelector: { matchLabels: { team: "red" } },
        resourceRules: [{ apiGroups: ["apps"], apiVersions: ["v1"], operations: ["CREATE"], resources: ["deployments"] }],
      },
      matchConditions: [{ name: "not-free", expression: "request.name != 'free'" }],
      paramKind: { apiVersion: "v1", kind: "ConfigMap" },
      variables: [{ name: "replicas", expression: "object.spec.?replicas.orValue(1)" }],
      validations: [
        { expression: "variables.replicas <= 5", messageExpression: "'at most ' + params.data.most", reason: "Forbidden" },
        { expression: "true || false" },
      ],
      auditAnnotations: [{ key: "replicas", valueExpression: "string(variables.replicas)" }],
    },
  });
  expect([first, second]).toMatchObject([
    { metadata: { name: "limits" }, spec: { policyName: "limits", validationActions: ["Warn", "Audit"] } },
    { metadata: { name: "strict" }, spec: { policyName: "limits", validationActions: ["Deny"] } },
  ]);
});

test("a policy without a kind says itself what it is about", async () => {
  const reading = await read(
    `export const noPods: AdmissionPolicy = {
  matchConstraints: { resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["*"], resources: ["pods"] }] },
  validations: [{ expression: "false" }],
};`,
  );
  expect(reading.diagnostics).toEqual([]);
  expect(reading.policies).toMatchObject([{ name: "no-pods", spec: { matchConstraints: { resourceRules: [{ resources: ["pods"] }] } } }]);
});

test("a name is there once, and a file of policies has one", async () => {
  const one = (name: string): string =>
    `export const ${name}: AdmissionPolicy<Ship> = { name: "a", validations: [{ expression: "true" }] };\n`;
  expect((await read(one("a") + one("b"))).diagnostics.map(formatDiagnostic)).toEqual([
    "policies/ship.policy.ts:5:14: the binding a is at policies/ship.policy.ts:4 already; give one another name",
    "policies/ship.policy.ts:5:14: the policy a is at policies/ship.policy.ts:4 already; give one another name",
  ]);
  expect((await read("export const a = 1;")).diagnostics.map(formatDiagnostic)).toEqual([
    "policies/ship.policy.ts:1:1: policies/ship.policy.ts has no policy; write export const name: AdmissionPolicy<Kind> = { … }",
  ]);
  expect((await read("const a: AdmissionPolicy<Ship> = { validations: [] };")).diagnostics.map(formatDiagnostic)).toEqual([
    "policies/ship.policy.ts:4:7: the policy a is no exported constant; write export const a",
  ]);
});

describe("an error with its place", () => {
  let found: readonly Diagnostic[];
  beforeAll(async () => {
    ({ diagnostics: found } = await readFiles({ "api/v1/ship.types.ts": types, ...refusedPolicies }, "fleet.io"));
  });

  test.each(policyRefusals)("%s", (name, _members, line) => {
    const index = policyRefusals.findIndex(([each]) => each === name);
    const own = found.filter(({ place }) => place.file === `policies/case${index}.policy.ts`);
    const lines = own.map((each) => formatDiagnostic({ ...each, place: { ...each.place, file: "", line: each.place.line - 4 } }).slice(1));
    expect(lines.map((each) => each.replaceAll(/\bP\d+/g, "P"))).toEqual([line]);
  });
});

test("what else does not compile is told by the compiler", async () => {
  expect(
    (await read(`export const a: AdmissionPolicy<Ship> = { validations: [{ expression: "true" }] };\nconst b: number = "";`)).diagnostics,
  ).toMatchObject([{ code: "typescript", place: { file: "policies/ship.policy.ts", line: 5 } }]);
  expect(
    (await read(`export const a: AdmissionPolicy<{ x: 1 }> = { validations: [{ expression: "true" }] };`)).diagnostics.map(
      formatDiagnostic,
    ),
  ).toEqual([
    "policies/ship.policy.ts:4:33: { x: 1 } is no kind; write an interface that extends CustomResource, or one of kubernetes-models such as IDeployment",
  ]);
});

test("constants without an end are errors, and long ones are none", async () => {
  const one = (value: string, more = ""): string =>
    `${more}export const a: AdmissionPolicy<Ship> = { validations: [{ expression: ${value} as string }] };`;
  const doubled = Array.from({ length: 40 }, (_, index) => `const s${index + 1} = [s${index}, s${index}] as const;\n`).join("");
  const cases: Record<string, string> = {
    "policies/doubled.policy.ts": one("s40", `const s0 = "true";\n${doubled}`),
    "policies/circle.policy.ts": one("b", "const b: string = c;\nconst c: string = b;\n"),
    "policies/long.policy.ts": one(Array.from({ length: 200 }, () => '"true && "').join(" + ") + ' + "true"'),
  };
  const { diagnostics } = await readFiles(
    { "api/v1/ship.types.ts": types, ...Object.fromEntries(Object.entries(cases).map(([path, text]) => [path, imports + text])) },
    "fleet.io",
  );
  expect(diagnostics.map(({ place, message }) => `${place.file} ${message}`)).toEqual([
    "policies/circle.policy.ts a part of the policy a is too large",
    "policies/doubled.policy.ts a part of the policy a is too large",
  ]);
});
