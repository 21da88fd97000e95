import { beforeAll, describe, expect, test } from "@jest/globals";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { classArtefacts } from "../../../generators/emit/index.ts";
import { formatDiagnostic, type AccessRule } from "../../../generators/model/index.ts";
import { readCalls, readProject, type CallsReading } from "../../../generators/spec/index.ts";

const types = `import type { CustomResource } from "@kubescaffold/runtime/api";
export interface ShipSpec { crew?: number }
export interface ShipStatus { afloat?: boolean }
/** @subresource status */
export interface Ship extends CustomResource<ShipSpec, ShipStatus> {}
/** @resource scope=Cluster plural=oceans */
export interface Ocean extends CustomResource<ShipSpec> {}
`;

/** Reads a program that exists only in memory. The kinds Ship and Ocean of fleet.example.com are its own, Anchor of sea.example.com is imported. */
async function readProgram(files: Readonly<Record<string, string>>): Promise<CallsReading> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "kubescaffold-calls-")));
  try {
    const overlay = new Map<string, string | undefined>([["api/v1/fleet.types.ts", types], ...Object.entries(files)]);
    const { resources, diagnostics } = await readProject({ root, group: "fleet.example.com", overlay });
    expect(diagnostics).toEqual([]);
    for (const { path, text } of classArtefacts(resources)) overlay.set(path, text);
    return await readCalls({
      root,
      overlay,
      resources,
      foreign: (group, kind) => (group === "sea.example.com" && kind === "Anchor" ? { plural: "anchors", namespaced: true } : undefined),
    });
  } finally {
    rmSync(root, { recursive: true });
  }
}

const head = `import { Deployment, type IDeployment } from "kubernetes-models/apps/v1/Deployment";
import { ConfigMap } from "kubernetes-models/v1/ConfigMap";
import { Namespace } from "kubernetes-models/v1/Namespace";
import { Secret } from "kubernetes-models/v1/Secret";
import { Service } from "kubernetes-models/v1/Service";
import { addFinalizer, controllerReference, createOrUpdate, done, metadataOnly, unstructured, Manager, type Client, type EventRecorder, type KindToken, type KubernetesObject, type ReconcileContext, type References, type StatusWriter } from "@kubescaffold/runtime";
import { createOrUpdate as upsert } from "@kubescaffold/runtime";
import * as runtime from "@kubescaffold/runtime";
import { Ocean } from "./api/v1/ocean.ts";
import { Ship } from "./api/v1/ship.ts";
import type { Ship as ShipType } from "./api/v1/fleet.types.ts";
declare const client: Client;
declare const key: { namespace: string; name: string };
declare const ship: ShipType;
`;

/** A rule in one line: `apps/deployments get,list in default of a`. */
function short({ groups, resources, verbs, namespace, resourceNames }: AccessRule): string {
  const where = namespace === undefined ? "" : ` in ${namespace}`;
  const which = resourceNames === undefined ? "" : ` of ${resourceNames.join(",")}`;
  return `${groups.join()}/${resources.join()} ${verbs.join(",")}${where}${which}`;
}

const seen: readonly (readonly [code: string, ...rules: string[]])[] = [
  ["await client.get(Deployment, key)", "apps/deployments get"],
  ["await client.live.list(Service)", "/services list"],
  ["for await (const page of client.listPages(Service)) void page", "/services list"],
  ["for await (const event of client.watch(Service)) void event", "/services watch"],
  ["await client.create(new ConfigMap({ metadata: key }))", "/configmaps create"],
  ["await client.update({} as IDeployment)", "apps/deployments update"],
  ['await client.patch(Ship, key, "merge", {})', "fleet.example.com/ships patch"],
  ['await client.apply({ apiVersion: "v1", kind: "ConfigMap", metadata: key })', "/configmaps create,get,patch"],
  ["await client.delete(Ocean, { name: key.name })", "fleet.example.com/oceans delete"],
  ["await client.deleteAll(Secret)", "/secrets deletecollection"],
  ["await client.status.update(ship)", "fleet.example.com/ships/status update"],
  ['await client.status.patch(Ship, key, "merge", {})', "fleet.example.com/ships/status patch"],
  ["await client.withFieldManager('x').status.apply(ship)", "fleet.example.com/ships/status patch"],
  ["await client.scale.set(Deployment, key, 3)", "apps/deployments/scale patch"],
  ["await client.scale.get(Deployment, key)", "apps/deployments/scale get"],
  ['await client.subresource("eviction").create({ apiVersion: "v1", kind: "Pod" } as const, key, {})', "/pods/eviction create"],
  ["async ({ status }: ReconcileContext<ShipType>) => status.apply({ afloat: true })", "fleet.example.com/ships/status patch"],
  ["(status: StatusWriter<Ship>) => status.apply({ afloat: true })", "fleet.example.com/ships/status patch"],
  ['(events: EventRecorder) => events.normal(ship, "A", "b")', "events.k8s.io/events create,patch"],
  ["async (references: References) => references.track(ship, Secret, [])", "/secrets list,watch"],
  ["controllerReference(ship)", "fleet.example.com/ships/finalizers update"],
  ["await createOrUpdate(client, new Service({ metadata: key }), () => {})", "/services create,get,update"],
  ['await addFinalizer(client, ship, "x.example.com/y")', "fleet.example.com/ships get,patch"],
  // Kinds that have no class, and values whose type says less than what they were made of.
  ['await client.list(unstructured({ apiVersion: "sea.example.com/v1", kind: "Anchor" }))', "sea.example.com/anchors list"],
  ["await client.list(metadataOnly(Secret))", "/secrets list"],
  ["for (const kind of [Deployment, Service]) await client.list(kind)", "apps/deployments list", "/services list"],
  ["const kind = Math.random() > 0.5 ? Secret : ConfigMap; await client.list(kind)", "/secrets list", "/configmaps list"],
  ['const kind = { apiVersion: "v1", kind: "Service" }; await client.list(kind)', "/services list"],
  ["const base = { ...unstructured({ apiVersion: 'v1', kind: 'Secret' }), metadata: key }; await client.create(base)", "/secrets create"],
  [
    'const made = () => ({ apiVersion: "v1", kind: "ConfigMap", metadata: key }); await client.apply(made())',
    "/configmaps create,get,patch",
  ],
  [
    "const found = await client.live.get(Ship, key); if (found) await client.update(found)",
    "fleet.example.com/ships get",
    "fleet.example.com/ships update",
  ],
  ["const write = async <T extends IDeployment>(object: T) => client.update(object)", "apps/deployments update"],
  ['await client["list"](Secret)', "/secrets list"],
  ["const read = client.list.bind(client); await read(Secret)", "/secrets list"],
  ["const { list } = client; await list(Secret)", "/secrets list"],
  ["await upsert(client, new Service({ metadata: key }), () => {})", "/services create,get,update"],
  ["await runtime.createOrUpdate(client, new Service({ metadata: key }), () => {})", "/services create,get,update"],
  // Where and which, as far as the code says it.
  ['await client.get(Secret, { namespace: "vault", name: "ca" })', "/secrets get in vault of ca"],
  ['await client.get(Ocean, { name: "pacific" })', "fleet.example.com/oceans get of pacific"],
  ['await client.list(Secret, { namespace: "vault" })', "/secrets list in vault"],
  ['await client.inNamespace("vault").live.list(Secret)', "/secrets list in vault"],
  ['const vault = client.inNamespace("vault"); await vault.list(Secret)', "/secrets list in vault"],
  ['const at = { namespace: "vault", name: "ca" }; await client.delete(Secret, at)', "/secrets delete in vault of ca"],
  ['await client.list(Namespace, { namespace: "vault" })', "/namespaces list"],
  [
    'await client.apply({ apiVersion: "v1", kind: "Secret", metadata: { namespace: "vault", name: "ca" } })',
    "/secrets get,patch in vault of ca",
    "/secrets create in vault",
  ],
];

const wiring: readonly (readonly [code: string, ...rules: string[]])[] = [
  ["manager.controller(Ship)", "fleet.example.com/ships list,watch"],
  [
    "manager.controller(Ship).owns(Deployment).watches(Secret, () => [])",
    "fleet.example.com/ships list,watch",
    "apps/deployments list,watch",
    "/secrets list,watch",
  ],
  [
    'manager.controller(Ship, { namespaces: ["a", "b"] })',
    "fleet.example.com/ships list,watch in a",
    "fleet.example.com/ships list,watch in b",
  ],
  [
    'manager.controller(Ship).watches(Secret, () => [], { namespaces: ["a"] })',
    "fleet.example.com/ships list,watch",
    "/secrets list,watch in a",
  ],
  [
    "manager.controller(Ship).reconcileWith({ reconcile: async () => done(), finalize: async () => {} })",
    "fleet.example.com/ships list,watch",
    "fleet.example.com/ships get,patch",
  ],
  ["manager.controller(Ship).reconcileWith({ reconcile: async () => done() })", "fleet.example.com/ships list,watch"],
  ["manager.cache(Secret, { labelSelector: 'a=b' })", "/secrets list,watch"],
  ["await manager.acquireCache(Secret)", "/secrets list,watch"],
  ["await manager.client.live.get(Secret, key)", "/secrets get"],
];

const unseen: readonly (readonly [code: string, line: RegExp])[] = [
  [
    "const f = (kind: KindToken) => client.list(kind)",
    /Client\.list: which kind this is about cannot be seen from the types; .*@rbac group=… resources=… verbs=list$/,
  ],
  ["const f = (object: KubernetesObject) => client.apply(object)", /Client\.apply: which kind .* verbs=create,get,patch$/],
  ["const f = <T extends KubernetesObject>(object: T) => client.update(object)", /Client\.update: which kind/],
  [
    "const f = (name: string) => client.subresource(name).get(Secret, key)",
    /SubresourceClient\.get: which subresource this is about cannot be seen/,
  ],
  ["let kind = { apiVersion: 'v1', kind: 'Service' }; await client.list(kind)", /Client\.list: which kind/],
  [
    'await client.list(unstructured({ apiVersion: "other.example.com/v1", kind: "Thing" }))',
    /Client\.list: how Thing of other\.example\.com\/v1 is called in access rules is not known; import its CRD \(scaffold import crd\), or say it above: @rbac group=other\.example\.com resources=things verbs=list$/,
  ],
];

const moduleOf = (index: number): string => `./case${index}.ts`;

/** What is found for each of some codes, all of them read in one go. */
async function readCases(codes: readonly string[], prologue = ""): Promise<{ rules: string[]; lines: string[] }[]> {
  const modules = codes.map((code, index): [string, string] => [`case${index}.ts`, `${head}${prologue}{\n${code}\n}\n`]);
  const main = codes.map((_code, index) => `import ${JSON.stringify(moduleOf(index))};\n`).join("");
  const { accessRules, diagnostics } = await readProgram({ ...Object.fromEntries(modules), "main.ts": main });
  return codes.map((_code, index) => ({
    rules: accessRules
      .filter(({ place }) => place.file === `case${index}.ts`)
      .map(short)
      .sort(),
    lines: diagnostics.filter(({ place }) => place.file === `case${index}.ts`).map(formatDiagnostic),
  }));
}

describe("a call gives its rules", () => {
  let found: Map<string, { rules: string[]; lines: string[] }>;
  const manager = "declare const manager: Manager;\n";

  beforeAll(async () => {
    const codes = [...seen, ...wiring].map(([code]) => code);
    const outcomes = await readCases(codes, manager);
    found = new Map(codes.map((code, index) => [code, outcomes[index] ?? { rules: [], lines: [] }]));
  });

  test.each([...seen, ...wiring])("%s", (code, ...rules) => {
    expect(found.get(code)).toEqual({ rules: [...rules].sort(), lines: [] });
  });
});

describe("a call that cannot be seen through is an error", () => {
  let found: { rules: string[]; lines: string[] }[];

  beforeAll(async () => {
    found = await readCases(unseen.map(([code]) => code));
  });

  test.each(unseen.map(([code, line], index) => ({ code, line, index })))("$code", ({ line, index }) => {
    expect(found[index]?.rules).toEqual([]);
    expect(found[index]?.lines).toEqual([expect.stringMatching(line)]);
  });

  test("unless a marker above the statement or the method says it", async () => {
    const marker = "/** @rbac group=example.com resources=things verbs=list */\n";
    const [a, b, c] = await readCases([
      `${marker}const f = (kind: KindToken) => client.list(kind);`,
      `class A {\n${marker}read(kind: KindToken) { return client.list(kind); } }`,
      `class A {\n${marker}other() {}\n read(kind: KindToken) { return client.list(kind); } }`,
    ]);
    expect([a?.lines, b?.lines]).toEqual([[], []]);
    expect(c?.lines).toHaveLength(1);
  });
});

test("a manager that is for some namespaces needs nothing in others", async () => {
  const { accessRules } = await readProgram({
    "main.ts": `${head}const manager = await Manager.create({ namespaces: ["a", "b"] });
manager.controller(Ship).owns(Ocean).watches(Secret, () => [], { namespaces: ["c"] });
await manager.client.list(Service);
`,
  });
  expect(accessRules.map(short)).toEqual([
    "/secrets list,watch in c",
    "fleet.example.com/oceans list,watch",
    "fleet.example.com/ships list,watch in a",
    "fleet.example.com/ships list,watch in b",
    "/services list in a",
    "/services list in b",
  ]);
});

test("only what the program reaches counts, and each rule knows its place", async () => {
  const { accessRules, diagnostics } = await readProgram({
    "main.ts": 'import "./controllers/a.ts";\n',
    "controllers/a.ts": `${head}\nawait client.list(\n  Secret,\n);\n`,
    "controllers/unused.ts": `${head}await client.list(Service);\n`,
    "controllers/a.test.ts": `${head}await client.deleteAll(Secret);\n`,
  });
  expect(diagnostics).toEqual([]);
  expect(accessRules).toEqual([
    {
      groups: [""],
      resources: ["secrets"],
      verbs: ["list"],
      place: { file: "controllers/a.ts", line: head.split("\n").length + 1, column: 14 },
    },
  ]);
});

test("code that does not compile is for the compiler to report", async () => {
  const { accessRules, diagnostics } = await readProgram({
    "main.ts": `${head}import { Gone } from "./gone.ts";\nawait client.list(Gone);\nawait client.list(Secret);\nconst x = ;\n`,
  });
  expect(accessRules.map(short)).toEqual(["/secrets list"]);
  expect(diagnostics).toEqual([]);
});

test("a project without main.ts has no calls", async () => {
  expect(await readProgram({})).toEqual({ accessRules: [], diagnostics: [] });
});
