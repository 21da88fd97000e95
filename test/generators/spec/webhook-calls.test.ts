import { beforeAll, describe, expect, test } from "@jest/globals";
import { webhookConfigurations } from "../../../generators/emit/index.ts";
import { formatDiagnostic, type Webhook } from "../../../generators/model/index.ts";
import { readFiles, type FilesReading } from "./cases.ts";

const types = `import type { CustomResource } from "@kubescaffold/runtime/api";
/** @resource plural=fleet */
export interface Ship extends CustomResource<{ crew?: number }> {}
`;

/** A program whose wiring is this, with imports of everything that it may name. */
function read(wiring: string, more: Readonly<Record<string, string>> = {}): Promise<FilesReading> {
  const main = `import { Manager, metadataOnly, unstructured } from "@kubescaffold/runtime";
import { Deployment } from "kubernetes-models/apps/v1/Deployment";
import { NetworkPolicy } from "kubernetes-models/networking.k8s.io/v1/NetworkPolicy";
import { Pod } from "kubernetes-models/v1/Pod";
import { Ship } from "./api/v1/ship.ts";
const manager = await Manager.create();
`;
  return readFiles({ "api/v1/ship.types.ts": types, "main.ts": main + wiring, ...more }, "fleet.io");
}

const creates = "{ validateCreate: () => [] }";

/** For each webhook: sort, path, group/version/resources, operations. */
function summary({ webhooks }: FilesReading): string[] {
  return webhooks.webhooks.map(({ sort, settings: { clientConfig, rules } }: Webhook) => {
    const rule = rules.map(
      ({ apiGroups, apiVersions, resources, operations }) =>
        `${apiGroups.join()}/${apiVersions.join()}/${resources.join()} ${operations.join()}`,
    );
    return `${sort} ${clientConfig.service?.path ?? clientConfig.url ?? ""} ${rule.join("; ")}`;
  });
}

describe("manager.webhook(Kind)", () => {
  test("becomes a webhook for what it defaults and one for what it validates, at the paths where they are served", async () => {
    const reading = await read(`
class ShipValidator { validateCreate() { return []; } validateDelete() { return undefined; } }
manager.webhook(Ship).defaultWith({ default() {} }).validateWith(new ShipValidator());`);
    expect(reading.diagnostics).toEqual([]);
    expect(summary(reading)).toEqual([
      "mutating /mutate-fleet-io-v1-ship fleet.io/v1/fleet CREATE,UPDATE",
      "validating /validate-fleet-io-v1-ship fleet.io/v1/fleet CREATE,DELETE",
    ]);
    expect(webhookConfigurations(reading.webhooks)).toMatchObject([
      {
        tree: {
          webhooks: [{ name: "mutate.fleet.v1.fleet.io", failurePolicy: "Fail", sideEffects: "None", admissionReviewVersions: ["v1"] }],
        },
      },
      { tree: { webhooks: [{ name: "validate.fleet.v1.fleet.io" }] } },
    ]);
  });

  test("knows kinds of Kubernetes by classes, tokens, variables, loops and from other files", async () => {
    const reading = await read(
      `import { register } from "./setup.ts";
for (const Kind of [Deployment, NetworkPolicy]) manager.webhook(Kind, { validate: "/shared" }).validateWith(${creates});
const other = manager.webhook(unstructured({ apiVersion: "batch/v1", kind: "CronJob" }));
other.validateWith(${creates});
register(manager);`,
      {
        "setup.ts": `import { metadataOnly, type Manager } from "@kubescaffold/runtime";
import { Pod } from "kubernetes-models/v1/Pod";
export function register(manager: Manager): void { manager.webhook(metadataOnly(Pod)).validateWith(${creates}); }`,
      },
    );
    expect(reading.diagnostics).toEqual([]);
    expect(summary(reading).sort()).toEqual([
      "validating /shared apps/v1/deployments CREATE",
      "validating /shared networking.k8s.io/v1/networkpolicies CREATE",
      "validating /validate--v1-pod /v1/pods CREATE",
      "validating /validate-batch-v1-cronjob batch/v1/cronjobs CREATE",
    ]);
  });

  test("is found wherever main.ts leads to", async () => {
    const reading = await readFiles({
      "main.ts": 'import "./app/start.ts";\n',
      "app/start.ts":
        'import { Manager } from "@kubescaffold/runtime";\nimport { register } from "../hooks/pods.ts";\nregister(await Manager.create());\n',
      "hooks/pods.ts": `import type { Manager } from "@kubescaffold/runtime";
import { Pod } from "kubernetes-models/v1/Pod";
export const register = (manager: Manager) => manager.webhook(Pod).validateWith(${creates});`,
    });
    expect(summary(reading)).toEqual(["validating /validate--v1-pod /v1/pods CREATE"]);
  });

  test("takes the plural of an imported kind from its CRD, and asks for that of a kind that nobody knows", async () => {
    const main = `import { Manager, unstructured } from "@kubescaffold/runtime";
const manager = await Manager.create();
const Quay = unstructured({ apiVersion: "harbour.io/v2", kind: "Quay" });
manager.webhook(Quay).validateWith(${creates});`;
    const known = await readFiles({ "main.ts": main }, "fleet.io", (group, kind) =>
      group === "harbour.io" && kind === "Quay" ? { plural: "quais", namespaced: true } : undefined,
    );
    expect(known.diagnostics).toEqual([]);
    expect(summary(known)).toEqual(["validating /validate-harbour-io-v2-quay harbour.io/v2/quais CREATE"]);
    const unknown = await readFiles({ "main.ts": main });
    expect(unknown.diagnostics.map(formatDiagnostic)).toEqual([
      'main.ts:4:17: how Quay of harbour.io/v2 is called on the API server is not known; import its CRD (scaffold import crd), or say it in the options: { resources: ["quays"] }',
    ]);
    const told = await readFiles({ "main.ts": main.replace(`(${creates})`, `(${creates}, { resources: ["quais"] })`) });
    expect(summary(told)).toEqual(["validating /validate-harbour-io-v2-quay harbour.io/v2/quais CREATE"]);
  });

  test("says all that the API can", async () => {
    const reading = await read(`
const patience = { timeoutSeconds: 5 } as const;
const team = "fleet";
manager.webhook(Pod, { mutate: "/pods" }).defaultWith({ default() {} }, {
  ...patience, name: \`pods.\${team}.io\`, operations: ["CREATE"], resources: ["pods", "pods/ephemeralcontainers"], scope: "Namespaced",
  failurePolicy: "Ignore", matchPolicy: "Exact", sideEffects: "NoneOnDryRun", admissionReviewVersions: ["v1", "v1beta1"], reinvocationPolicy: "IfNeeded",
  namespaceSelector: { matchLabels: { team } }, objectSelector: { matchExpressions: [{ key: "a", operator: "In", values: ["b"] }] },
  matchConditions: [{ name: "not-nodes", expression: "!('system:nodes' in " + "request.userInfo.groups)" }],
  service: { name: "pods", namespace: "elsewhere", port: 8443 },
});`);
    expect(reading.diagnostics.map(formatDiagnostic)).toEqual([]);
    expect(reading.webhooks.webhooks.map(({ settings }) => settings)).toEqual([
      {
        name: "pods.fleet.io",
        clientConfig: { service: { name: "pods", namespace: "elsewhere", port: 8443, path: "/pods" } },
        rules: [
          {
            apiGroups: [""],
            apiVersions: ["v1"],
            resources: ["pods", "pods/ephemeralcontainers"],
            operations: ["CREATE"],
            scope: "Namespaced",
          },
        ],
        failurePolicy: "Ignore",
        matchPolicy: "Exact",
        sideEffects: "NoneOnDryRun",
        timeoutSeconds: 5,
        reinvocationPolicy: "IfNeeded",
        admissionReviewVersions: ["v1", "v1beta1"],
        namespaceSelector: { matchLabels: { team: "fleet" } },
        objectSelector: { matchExpressions: [{ key: "a", operator: "In", values: ["b"] }] },
        matchConditions: [{ name: "not-nodes", expression: "!('system:nodes' in request.userInfo.groups)" }],
      },
    ]);
  });

  test("of several handlers at one path is one webhook, which is asked about what any of them handles", async () => {
    const reading = await read(
      `manager.webhook(Ship).validateWith(${creates}, { timeoutSeconds: 2 }).validateWith({ validateDelete: () => [] }).validateWith({ validateUpdate: () => [] });`,
    );
    expect(reading.diagnostics).toEqual([]);
    expect(summary(reading)).toEqual(["validating /validate-fleet-io-v1-ship fleet.io/v1/fleet CREATE,UPDATE,DELETE"]);
    expect(reading.webhooks.webhooks[0]?.settings.timeoutSeconds).toBe(2);
  });

  test("is read before anything is installed or generated", async () => {
    const reading = await readFiles(
      {
        "api/v1/ship.types.ts": types,
        "main.ts": `import { Manager } from "nowhere";\nimport { Ship } from "./api/v1/ship.ts";\nManager.create().webhook(Ship).validateWith(x);\n`,
      },
      "fleet.io",
    );
    expect(summary(reading)).toEqual(["validating /validate-fleet-io-v1-ship fleet.io/v1/fleet CREATE,UPDATE"]);
  });

  test("is something else on something else", async () => {
    const reading = await read(`const shop = { webhook: (kind: unknown) => ({ validateWith(_: object) { return kind; } }) };
shop.webhook(Ship).validateWith(${creates});`);
    expect(reading).toMatchObject({ diagnostics: [], webhooks: { webhooks: [] } });
  });
});

/** Each in a file of its own, with a kind of its own: one program is read faster than many. */
const wrong: readonly (readonly [name: string, wiring: string, line: string])[] = [
  [
    "an option that is none",
    `manager.webhook(Ship).validateWith(${creates}, { failurePolice: "Fail" } as object);`,
    "1:68: there is no option failurePolice for a webhook; write failurePolicy",
  ],
  [
    "a path that is none",
    `manager.webhook(Ship, { validat: "/a" } as object).validateWith(${creates});`,
    "1:25: there is no option validat for a webhook; write validate",
  ],
  [
    "a value of another type",
    `manager.webhook(Ship).validateWith(${creates}, { timeoutSeconds: "5" } as object);`,
    '1:68: the webhook of Ship: timeoutSeconds is "5"; write a whole number',
  ],
  [
    "a timeout that is too long",
    `manager.webhook(Ship).validateWith(${creates}, { timeoutSeconds: 31 });`,
    "1:68: the webhook of Ship: timeoutSeconds is 31; write a whole number of seconds from 1 to 30",
  ],
  [
    "a word that is none",
    `manager.webhook(Ship).validateWith(${creates}, { failurePolicy: "ignore" } as object);`,
    '1:68: the webhook of Ship: failurePolicy is "ignore"; write Ignore',
  ],
  [
    "an operation that is none",
    `manager.webhook(Ship).validateWith(${creates}, { operations: ["CREAT"] } as object);`,
    '1:68: the webhook of Ship: operations[0] is "CREAT"; write CREATE',
  ],
  [
    "a resource in the singular",
    `manager.webhook(Ship).validateWith(${creates}, { resources: ["ship"] });`,
    "1:68: the webhook of Ship: the resource ship is no plural; write fleet",
  ],
  [
    "a condition that is no CEL",
    `manager.webhook(Ship).validateWith(${creates}, { matchConditions: [{ name: "a", expression: "objct.a" }] });`,
    "1:68: the webhook of Ship: the match condition a has no variable objct; write object",
  ],
  [
    "a path that API servers refuse",
    `manager.webhook(Ship, { validate: "a b" }).validateWith(${creates});`,
    '1:25: the webhook of Ship: the path "a b" is none; write it like /validate-fleet-example-com-v1-ship',
  ],
  [
    "a kind that is not known",
    `declare const Kind: typeof Ship | { apiVersion: string; kind: string };\nmanager.webhook(Kind).validateWith(${creates});`,
    "2:17: the kind of this webhook is not known before the program runs; write the class of a kind, or say it with @webhook",
  ],
  [
    "options that are not known",
    `manager.webhook(Ship).validateWith(${creates}, { timeoutSeconds: Number(process.env["T"]) });`,
    "1:84: an option of a webhook is not known before the program runs; write a literal, or a const that is made of literals",
  ],
  [
    "options twice",
    `manager.webhook(Ship).validateWith(${creates}, {}).validateWith(${creates}, { timeoutSeconds: 3 });`,
    "1:113: the webhook of Ship has its options at another handler already; say them once, at the first one",
  ],
  [
    "one path for both",
    `manager.webhook(Ship, { mutate: "/a", validate: "/a" }).defaultWith({ default() {} }).validateWith(${creates});`,
    "1:87: /a is the path of a mutating webhook at setup/case12.ts:4; give each a path of its own",
  ],
];

describe("an error with its place", () => {
  const outcomes = new Map<string, string[]>();
  beforeAll(async () => {
    const files = wrong.map(([, wiring], index): [string, string] => [
      `setup/case${index}.ts`,
      `import type { Manager } from "@kubescaffold/runtime";
import { Ship${index} as Ship } from "../api/v1/ship${index}.ts";
export function register(manager: Manager): void {
${wiring.replace('["ship"]', `["ship${index}"]`)}
}
`,
    ]);
    const kinds = wrong.map((_, index) =>
      types.slice(types.indexOf("/**")).replace("fleet", `fleet${index}`).replace("Ship", `Ship${index}`),
    );
    const { diagnostics } = await readFiles(
      {
        "api/v1/ship.types.ts": types + kinds.join(""),
        "main.ts": files.map(([path], index) => `import { register as register${index} } from "./${path}";\n`).join(""),
        ...Object.fromEntries(files),
      },
      "fleet.io",
    );
    wrong.forEach(([name], index) => {
      const own = diagnostics.filter(({ place }) => place.file === `setup/case${index}.ts`);
      const lines = own.map((each) =>
        formatDiagnostic({ ...each, place: { ...each.place, file: "", line: each.place.line - 3 } }).slice(1),
      );
      outcomes.set(
        name,
        lines.map((line) => line.replaceAll(/(ship|fleet)\d+/gi, "$1")),
      );
    });
  });

  test.each(wrong)("%s", (name, _wiring, line) => {
    expect(outcomes.get(name)).toEqual([line]);
  });
});

describe("convertWith", () => {
  const versions = {
    "api/v1beta1/ship.types.ts": types,
    "api/v1/ship.types.ts": types.replace("/** @resource", "/** @storageVersion\n *  @resource"),
  };
  const converter = (...spokes: string[]): string =>
    `{ spokes: { ${spokes.map((spoke) => `${spoke}: { toHub: (ship: object) => ship, fromHub: (ship: object) => ship }`).join(", ")} } }`;
  const problems = ({ diagnostics }: FilesReading): string[] => diagnostics.map(formatDiagnostic);

  test("makes the kind one that the operator converts", async () => {
    const reading = await read(`manager.webhook(Ship).convertWith(${converter("v1beta1")});`, versions);
    expect(problems(reading)).toEqual([]);
    expect(reading.webhooks.conversions).toMatchObject([{ group: "fleet.io", kind: "Ship", place: { file: "main.ts", line: 7 } }]);
  });

  test.each([
    {
      wiring: `manager.webhook(Ship).convertWith(${converter("v1beta2")});`,
      says: ["the converter has no spoke for v1beta1 of Ship", "Ship has no version v1beta2 beside the hub v1"],
    },
    { wiring: `manager.webhook(Pod).convertWith(${converter("v2")});`, says: ["Pod of v1 is no kind of this project"] },
    {
      wiring: `manager.webhook(Ship).convertWith(${converter("v1beta1")}).convertWith(${converter("v1beta1")});`,
      says: ["Ship is converted at main.ts:7 already"],
    },
  ])("$says", async ({ wiring, says }) => {
    const found = problems(await read(wiring, versions));
    expect(found).toHaveLength(says.length);
    for (const each of says) expect(found).toContainEqual(expect.stringContaining(each));
  });

  test("is nothing for a kind with one version", async () => {
    expect(problems(await read(`manager.webhook(Ship).convertWith(${converter()});`))).toEqual([
      expect.stringContaining("Ship has the version v1 only, and nothing to convert it to"),
    ]);
  });
});
