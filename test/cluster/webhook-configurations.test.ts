import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { customResourceDefinition, policyObjects, webhookConfigurations } from "../../generators/emit/index.ts";
import { formatDiagnostic } from "../../generators/model/index.ts";
import { ControlPlane } from "../../runtime/testing/controlplane/index.ts";
import { readKubeconfig } from "../../runtime/testing/controlplane/kubeconfig.ts";
import { request, type Endpoint } from "../../runtime/testing/controlplane/request.ts";
import { EmbeddedCluster } from "../../runtime/testing/embedded/index.ts";
import { eventually } from "../../runtime/testing/eventually.ts";
import { webhookCases } from "../generators/emit/webhook-cases.ts";
import { readFiles, type FilesReading } from "../generators/spec/cases.ts";
import { policiesTakenByServer, policyRefusals, refusedPolicies } from "../generators/spec/policy-refusals.ts";
import { refusals, right, rightConditions, takenByServer, wrongConditions } from "../generators/spec/webhook-refusals.ts";

let real: ControlPlane;
let embedded: EmbeddedCluster;
let endpoints: Readonly<Record<"kube-apiserver" | "embedded", Endpoint>>;

beforeAll(async () => {
  [real, embedded] = await Promise.all([ControlPlane.start(), EmbeddedCluster.start()]);
  endpoints = { "kube-apiserver": await readKubeconfig(real.kubeconfig), embedded: { url: embedded.url } };
}, 120_000);
afterAll(() => Promise.all([real.stop(), embedded.stop()]));

const registration = "/apis/admissionregistration.k8s.io/v1";
const collections: Readonly<Record<string, string>> = {
  MutatingWebhookConfiguration: `${registration}/mutatingwebhookconfigurations`,
  ValidatingWebhookConfiguration: `${registration}/validatingwebhookconfigurations`,
  ValidatingAdmissionPolicy: `${registration}/validatingadmissionpolicies`,
  ValidatingAdmissionPolicyBinding: `${registration}/validatingadmissionpolicybindings`,
};

interface Answer {
  readonly status: number;
  readonly message: string;
}

async function post(server: keyof typeof endpoints, path: string, object: unknown): Promise<Answer> {
  const { status, body } = await request(endpoints[server], "POST", path, object);
  const { message = "" } = JSON.parse(body.startsWith("{") ? body : JSON.stringify({ message: body })) as { message?: string };
  return { status, message };
}

/** Creates each object, for a try only. */
async function attempt(server: keyof typeof endpoints, objects: readonly unknown[]): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const object of objects) {
    const { kind } = object as { kind: string };
    answers.push(await post(server, `${collections[kind] ?? ""}?dryRun=All&fieldValidation=Strict`, object));
  }
  return answers;
}

const configurations = (reading: FilesReading): unknown[] => webhookConfigurations(reading.webhooks).map(({ tree }) => tree);

const fleet: Readonly<Record<string, string>> = {
  "api/v1/ship.types.ts": `import type { CustomResource } from "@kubescaffold/runtime/api";
export interface Ship extends CustomResource<{ crew: number }> {}
`,
  "policies/ship.policy.ts": `import type { AdmissionPolicy } from "@kubescaffold/runtime/api";
import type { IConfigMap } from "kubernetes-models/v1/ConfigMap";
import type { Ship } from "../api/v1/ship.types.ts";

export const crewedShips: AdmissionPolicy<Ship> = {
  matchConditions: [{ name: "not-a-wreck", expression: "object.metadata.name != 'wreck'" }],
  variables: [{ name: "crew", expression: "object.spec.crew" }],
  validations: [{ expression: "variables.crew > 0", messageExpression: "'a ship with a crew of ' + string(variables.crew)", reason: "Forbidden" }],
};
export const limits: AdmissionPolicy<IConfigMap> = {
  operations: ["CREATE", "UPDATE", "DELETE"],
  failurePolicy: "Ignore",
  matchConstraints: {
    namespaceSelector: { matchExpressions: [{ key: "limited", operator: "Exists" }] },
    excludeResourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["*"], resources: ["configmaps"], resourceNames: ["free"] }],
  },
  paramKind: { apiVersion: "v1", kind: "ConfigMap" },
  validations: [{ expression: "object == null || size(object.data) <= int(params.data.most)", message: "too many" }],
  auditAnnotations: [{ key: "size", valueExpression: "object == null ? 'gone' : string(size(object.data))" }],
  bindings: [
    { validationActions: ["Warn", "Audit"], paramRef: { name: "limits", namespace: "default", parameterNotFoundAction: "Allow" } },
    { name: "strict-limits", matchResources: { objectSelector: { matchLabels: { strict: "yes" } } }, paramRef: { selector: {}, parameterNotFoundAction: "Deny" } },
  ],
};
`,
  "main.ts": `import { Manager } from "@kubescaffold/runtime";
import { Pod } from "kubernetes-models/v1/Pod";
import { Ship } from "./api/v1/ship.ts";
const manager = await Manager.create();
manager.webhook(Ship).defaultWith({ default() {} }).validateWith({ validateCreate: () => [] });
manager.webhook(Pod).validateWith({ validateDelete: () => [] }, {
  timeoutSeconds: 3, scope: "Namespaced", matchPolicy: "Exact", sideEffects: "NoneOnDryRun", failurePolicy: "Ignore",
  namespaceSelector: { matchLabels: { checked: "yes" } },
  matchConditions: [{ name: "not-nodes", expression: "!('system:nodes' in request.userInfo.groups)" }],
});
`,
};

describe.each(["kube-apiserver", "embedded"] as const)("%s", (server) => {
  test.each(Object.keys(webhookCases))("takes the configurations of %s as they are", async (name) => {
    const go = webhookCases[name]?.go ?? {};
    const files = Object.entries(go).map(([path, lines]): [string, string] => [path, `${lines.join("\n")}\nexport const code = 1;\n`]);
    const answers = await attempt(server, configurations(await readFiles(Object.fromEntries(files))));
    expect(answers).toEqual(answers.map(() => ({ status: 201, message: "" })));
    expect(answers.length).toBeGreaterThan(0);
  });

  test("takes what follows from registrations and constants, and a policy denies", async () => {
    const reading = await readFiles(fleet, "fleet.example.com");
    expect(reading.diagnostics.map(formatDiagnostic)).toEqual([]);
    const policies = reading.policies.flatMap(policyObjects);
    const answers = await attempt(server, [...configurations(reading), ...policies]);
    expect(answers).toEqual(Array.from({ length: 7 }, () => ({ status: 201, message: "" })));

    const [ship] = reading.resources;
    if (ship === undefined) throw new Error("no resource");
    await post(server, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", customResourceDefinition(ship));
    for (const object of policies) await post(server, collections[(object as { kind: string }).kind] ?? "", object);
    const path = "/apis/fleet.example.com/v1/namespaces/default/ships?dryRun=All";
    const launch = (name: string, crew: number): Promise<Answer> =>
      post(server, path, { apiVersion: "fleet.example.com/v1", kind: "Ship", metadata: { name }, spec: { crew } });
    await eventually(async () => {
      expect(await launch("ghost", 0)).toMatchObject({
        status: 403,
        message: expect.stringContaining("denied request: a ship with a crew of 0") as unknown,
      });
    });
    expect((await launch("victory", 850)).status).toBe(201);
    expect((await launch("wreck", 0)).status).toBe(201);
  });

  test.each(refusals.filter(([name]) => !takenByServer.includes(name)))("refuses %s, as generating does", async (_name, marker) => {
    const { webhooks } = await readFiles({ "main.ts": `/** ${marker} */\nexport const code = 1;\n` });
    const objects = webhookConfigurations(webhooks).map(({ tree }) => tree);
    // What has no such field, or no such type, is no object that could be sent.
    if (objects.length === 0) return;
    expect(await attempt(server, objects)).toEqual([{ status: 422, message: expect.stringContaining("is invalid") as unknown }]);
  });
});

describe("of match conditions, kube-apiserver", () => {
  const attemptWith = async (expression: string): Promise<Answer[]> => {
    const marker = `@webhook ${right} matchConditions=[{ name: "a", expression: ${JSON.stringify(expression)} }]`;
    const { webhooks } = await readFiles({ "main.ts": `/** ${marker} */\nexport const code = 1;\n` });
    return attempt(
      "kube-apiserver",
      webhookConfigurations(webhooks).map(({ tree }) => tree),
    );
  };

  test.each(rightConditions)("takes %s", async (expression) => {
    expect(await attemptWith(expression)).toEqual([{ status: 201, message: "" }]);
  });

  test.each(wrongConditions)("refuses %s", async (expression) => {
    expect(await attemptWith(expression)).toEqual([{ status: 422, message: expect.stringContaining("matchConditions[0]") as unknown }]);
  });
});

describe("of policies, kube-apiserver", () => {
  let policies: FilesReading["policies"];
  beforeAll(async () => {
    ({ policies } = await readFiles(
      { "api/v1/ship.types.ts": fleet["api/v1/ship.types.ts"] ?? "", ...refusedPolicies },
      "fleet.example.com",
    ));
  });

  test.each(policyRefusals.filter(([name]) => !policiesTakenByServer.includes(name)))("refuses %s", async (name) => {
    const index = policyRefusals.findIndex(([each]) => each === name);
    const policy = policies.find(({ place }) => place.file === `policies/case${index}.policy.ts`);
    // What has an unknown field of its own becomes no object at all.
    if (policy === undefined) return;
    const answers = await attempt("kube-apiserver", policyObjects(policy));
    expect(answers.filter(({ status }) => status === 422 || status === 400).length).toBeGreaterThan(0);
  });
});
