import { describe, expect, test } from "@jest/globals";
import { formatDiagnostic, type Resource } from "../../../generators/model/index.ts";
import { readFiles } from "./cases.ts";

const head = `import type { CustomResource, Int32 } from "@kubescaffold/runtime/api";
interface Spec { size?: Int32; name: string; labels?: Record<string, string>; ratio?: number }
interface Status { size?: Int32; conditions?: { type: string; status: string }[] }
`;

/** One kind `Ship` with a comment above it. */
async function ship(comment: string, name = "Ship"): Promise<{ resource: Resource | undefined; lines: string[] }> {
  const { resources, diagnostics } = await readFiles({
    "api/v1/ship.types.ts": `${head}/** A ship.\n${comment} */\nexport interface ${name} extends CustomResource<Spec, Status> {}\n`,
  });
  return { resource: resources[0], lines: diagnostics.map((each) => formatDiagnostic(each).slice("api/v1/ship.types.ts:".length)) };
}

describe("a kind", () => {
  test("has Kubernetes' names, a scope and one version without any marker", async () => {
    const { resource, lines } = await ship("");
    expect(lines).toEqual([]);
    expect(resource).toMatchObject({
      group: "test.example.com",
      kind: "Ship",
      listKind: "ShipList",
      singular: "ship",
      plural: "ships",
      shortNames: [],
      categories: [],
      scope: "Namespaced",
    });
    expect(resource?.versions).toHaveLength(1);
    expect(resource?.versions[0]).toMatchObject({
      name: "v1",
      served: true,
      storage: true,
      status: false,
      printColumns: [],
      typesFile: "api/v1/ship.types.ts",
      place: { file: "api/v1/ship.types.ts", line: 6, column: 18 },
    });
    expect(resource?.versions[0]?.schema).toMatchObject({ type: "object", description: "A ship.", required: ["spec"] });
    expect(Object.keys(resource?.versions[0]?.schema.properties ?? {})).toEqual(["apiVersion", "kind", "metadata", "spec", "status"]);
  });

  test("takes its names and its scope from @resource", async () => {
    const { resource, lines } = await ship(" * @resource plural=fleet singular=vessel shortName=sh,shp categories=all;sea scope=Cluster");
    expect(lines).toEqual([]);
    expect(resource).toMatchObject({
      plural: "fleet",
      singular: "vessel",
      shortNames: ["sh", "shp"],
      categories: ["all", "sea"],
      scope: "Cluster",
    });
  });

  test("has columns, subresources, selectable fields, a deprecation and metadata", async () => {
    const { resource, lines } = await ship(`
 * @printColumn name=Size type=integer jsonPath=.spec.size description="How big" format=int32 priority=1
 * @printColumn name="Is ready" type=string jsonPath='.status.conditions[?(@.type=="Ready")].status'
 * @printColumn name=Age type=date jsonPath=.metadata.creationTimestamp
 * @subresource status
 * @subresource scale specReplicasPath=.spec.size statusReplicasPath=.status.size
 * @selectableField jsonPath=.spec.name
 * @deprecatedVersion use v2
 * @unserved
 * @metadata labels=a=b,c=d
 * @metadata annotations=e/f=g=h`);
    expect(lines).toEqual([]);
    expect(resource).toMatchObject({ labels: { a: "b", c: "d" }, annotations: { "e/f": "g=h" } });
    expect(resource?.versions[0]).toMatchObject({
      served: false,
      status: true,
      scale: { specReplicasPath: ".spec.size", statusReplicasPath: ".status.size" },
      printColumns: [
        { name: "Size", type: "integer", jsonPath: ".spec.size", description: "How big", format: "int32", priority: 1 },
        { name: "Is ready", type: "string", jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
        { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" },
      ],
      selectableFields: [".spec.name"],
      deprecated: { warning: "use v2" },
    });
  });

  test("gives its whole example to the sample", async () => {
    const { resource } = await ship(" * @example { spec: { name: 'victory', size: 5 } }");
    expect(resource?.versions[0]?.example).toEqual({ spec: { name: "victory", size: 5 } });
  });

  test.each([
    [
      "@resource scope=Global",
      '5:4: @resource needs one of Namespaced, Cluster, not "Global" for scope; write it like @resource shortName=mc,mcd scope=Namespaced categories=all',
    ],
    [
      "@resource shortname=mc",
      '5:4: @resource has no "shortname": write shortName; write it like @resource shortName=mc,mcd scope=Namespaced categories=all',
    ],
    [
      "@resource plural=Ships",
      '6:18: Ship has the name "Ships" in @resource, which is no DNS label; write lower case letters, digits and hyphens',
    ],
    [
      "@printColumn name=Size type=int jsonPath=.spec.size",
      '5:4: @printColumn needs one of integer, number, string, boolean, date, not "int" for type; write it like @printColumn name=Size type=integer jsonPath=.spec.size description="Pods asked for"',
    ],
    [
      "@printColumn name=Size type=integer jsonPath=spec.size",
      '5:4: @printColumn needs a jsonPath that begins with a dot; write it like @printColumn name=Size type=integer jsonPath=.spec.size description="Pods asked for"',
    ],
    [
      '@printColumn name="" type=integer jsonPath=.spec.size',
      '5:4: @printColumn needs name=…; write it like @printColumn name=Size type=integer jsonPath=.spec.size description="Pods asked for"',
    ],
    [
      "@metadata labels=-a-=b",
      '5:4: @metadata has the name "-a-", which is none for a label or an annotation; write it like @metadata labels=team=fleet,tier=core annotations=example.com/docs=none',
    ],
    [
      "@metadata label=a=-b",
      '5:4: @metadata has the label\'s value "-b", which is none; write it like @metadata labels=team=fleet,tier=core annotations=example.com/docs=none',
    ],
    [
      `@deprecatedVersion ${"x".repeat(257)}`,
      "5:4: @deprecatedVersion needs a text of 256 bytes at most; write it like @deprecatedVersion example.com/v1alpha1 Ship is deprecated; use v1",
    ],
    ["@printColumn name=Size type=integer jsonPath=.spec.sise", "5:4: .spec.sise leads nowhere: there is no field sise; write size"],
    [
      "@subresource scale specReplicasPath=.spec.replicas statusReplicasPath=.status.size",
      "5:4: .spec.replicas leads nowhere: there is no field replicas; write one of size, name, labels, ratio",
    ],
    [
      "@subresource scale specReplicasPath=.status.size statusReplicasPath=.status.size",
      "5:4: @subresource needs a path below .spec for specReplicasPath; write it like @subresource scale specReplicasPath=.spec.size statusReplicasPath=.status.size labelSelectorPath=.status.selector",
    ],
    [
      "@subresource stats",
      "5:4: @subresource needs status or scale; write it like @subresource scale specReplicasPath=.spec.size statusReplicasPath=.status.size labelSelectorPath=.status.selector",
    ],
    [
      "@selectableField jsonPath=.spec.labels",
      "5:4: .spec.labels is of type object, which field selectors cannot compare; choose a string, an integer or a boolean",
    ],
    ["@minimum 3", "5:4: @minimum is for fields and their types; move it into the spec or the status"],
    ["@storageversion", "5:4: there is no marker @storageversion; write @storageVersion"],
    ["@unserved\n * @unserved", "6:4: @unserved stands twice on the kind; keep one of them"],
    ["@rbac verbs=get", "5:4: @rbac is for the code that needs the access; move it to the reconciler's class in controllers/"],
  ])("%s is an error with its place", async (marker, line) => {
    expect((await ship(` * ${marker}`)).lines).toEqual([line]);
  });

  test("whose name is no kind is an error", async () => {
    expect((await ship("", "ship_yard")).lines).toEqual([
      "6:18: ship_yard is no name for a kind; write letters and digits in UpperCamelCase, 63 at most",
    ]);
  });

  test("has eight selectable fields at most", async () => {
    const fields = Array.from({ length: 9 }, (_each, index) => `f${index}`);
    const markers = fields.map((field) => ` * @selectableField jsonPath=.spec.${field}\n`).join("");
    const { diagnostics } = await readFiles({
      "api/v1/ship.types.ts": `${head}/**\n${markers} */\nexport interface Ship extends CustomResource<{ ${fields.map((field) => `${field}?: string`).join("; ")} }> {}\n`,
    });
    expect(diagnostics.map(formatDiagnostic)).toEqual([
      "api/v1/ship.types.ts:13:4: a version has 8 selectable fields at most; take one out",
    ]);
  });

  test("may have @subresource status without a status, as servers and controller-gen have it", async () => {
    const { resources, diagnostics } = await readFiles({
      "api/v1/ship.types.ts": `${head}/** @subresource status */\nexport interface Ship extends CustomResource<Spec> {}\n`,
    });
    expect(diagnostics).toEqual([]);
    expect(resources[0]?.versions[0]).toMatchObject({ status: true });
    expect(resources[0]?.versions[0]?.schema.properties).not.toHaveProperty("status");
  });

  test("may extend CustomResource by way of its own base", async () => {
    const { resources, diagnostics } = await readFiles({
      "api/v1/ship.types.ts": `${head}export interface Base<T> extends CustomResource<T, Status> { data?: Record<string, string> }
export interface Ship extends Base<Spec> {}\n`,
    });
    expect(diagnostics).toEqual([]);
    expect(resources.map(({ kind }) => kind)).toEqual(["Ship"]);
    expect(Object.keys(resources[0]?.versions[0]?.schema.properties ?? {})).toEqual([
      "apiVersion",
      "kind",
      "metadata",
      "data",
      "spec",
      "status",
    ]);
  });
});

describe("a file of types", () => {
  test.each([
    ["interface Ship extends CustomResource<Spec> {}", "Ship is a kind, but is not exported; write export before interface"],
    ["export type Ship = CustomResource<Spec>;", "Ship is a type alias; write: export interface Ship extends CustomResource<…> {}"],
  ])("%s", async (declaration, line) => {
    const { diagnostics } = await readFiles({ "api/v1/ship.types.ts": `${head}${declaration}\n` });
    expect(diagnostics.map(({ message, instead }) => `${message}; ${instead ?? ""}`)).toEqual([line]);
  });

  test("may hold no kind, or several", async () => {
    const { resources, diagnostics } = await readFiles({
      "api/v1/shared.types.ts": "export interface Nothing { a: string }\n",
      "api/v1/both.types.ts": `${head}export interface Ship extends CustomResource<Spec> {}\nexport interface Boat extends CustomResource<Spec> {}\n`,
    });
    expect(diagnostics).toEqual([]);
    expect(resources.map(({ kind }) => kind)).toEqual(["Boat", "Ship"]);
  });

  test("in a folder that is no version is an error", async () => {
    const { diagnostics } = await readFiles({
      "api/latest/ship.types.ts": `${head}export interface Ship extends CustomResource<Spec> {}\n`,
    });
    expect(diagnostics.map(formatDiagnostic)).toEqual([
      "api/latest/ship.types.ts:1:1: the folder latest is no API version; move the file to a folder such as api/v1alpha1",
    ]);
  });

  test("takes types from other files of the project, whose errors are reported where they are", async () => {
    const { resources, diagnostics } = await readFiles({
      "api/shared.ts": 'export interface Berth { pier: string; broken: Missing }\nexport const unrelated: string = "x";\n',
      "api/v1/ship.types.ts": `import type { CustomResource } from "@kubescaffold/runtime/api";
import type { Berth } from "../shared.ts";
export interface Ship extends CustomResource<{ berth: Berth }> {}\n`,
    });
    expect(resources).toHaveLength(1);
    expect(diagnostics.map(formatDiagnostic)).toContain("api/shared.ts:1:48: Cannot find name 'Missing'. (TS2304)");
  });

  test("that does not compile is told in the compiler's words, and does not hide what is wrong in others", async () => {
    const { diagnostics } = await readFiles({
      "api/v1/a.types.ts": "export interface A {",
      "api/v1/b.types.ts": `${head}export interface B extends CustomResource<{ f: any }> {}\n`,
    });
    expect(diagnostics.map(({ code, place }) => [code, place.file])).toEqual([
      ["typescript", "api/v1/a.types.ts"],
      ["unsupported-type", "api/v1/b.types.ts"],
    ]);
  });
});

describe("the versions of a kind", () => {
  const version = (comment: string): string => `${head}/** ${comment} */\nexport interface Ship extends CustomResource<Spec> {}\n`;

  test("are one resource, in the order of Kubernetes' priority", async () => {
    const { resources, diagnostics } = await readFiles({
      "api/v1alpha1/ship.types.ts": version("@resource shortName=sh"),
      "api/v1beta2/ship.types.ts": version("x"),
      "api/v2/ship.types.ts": version("@storageVersion"),
      "api/v10/ship.types.ts": version("x"),
    });
    expect(diagnostics).toEqual([]);
    expect(resources).toHaveLength(1);
    expect(resources[0]?.shortNames).toEqual(["sh"]);
    expect(resources[0]?.versions.map(({ name, storage }) => [name, storage])).toEqual([
      ["v10", false],
      ["v2", true],
      ["v1beta2", false],
      ["v1alpha1", false],
    ]);
  });

  test.each([
    ["none that is stored", "x", "x", "Ship has 2 versions and none is the one that is stored; write @storageVersion on one of them"],
    [
      "two that are stored",
      "@storageVersion",
      "@storageVersion",
      "Ship has two storage versions, v2 and v1; keep @storageVersion in one of them",
    ],
    [
      "two plurals",
      "@storageVersion\n@resource plural=a",
      "@resource plural=b",
      "Ship has another plural in v1 than in v2; say it in one version only: it holds for all",
    ],
    [
      "two scopes",
      "@storageVersion\n@resource scope=Cluster",
      "@resource scope=Namespaced",
      "Ship has another scope in v1 than in v2; say it in one version only: it holds for all",
    ],
  ])("with %s are an error", async (_name, second, first, line) => {
    const { diagnostics } = await readFiles({ "api/v1/ship.types.ts": version(first), "api/v2/ship.types.ts": version(second) });
    expect(diagnostics.map(({ message, instead }) => `${message}; ${instead ?? ""}`)).toEqual([line]);
  });

  test("must not be there twice", async () => {
    const { diagnostics } = await readFiles({ "api/v1/ship.types.ts": version("x"), "api/v1/ship2.types.ts": version("x") });
    expect(diagnostics.map(({ message }) => message)).toEqual(["Ship v1 is in api/v1/ship.types.ts already"]);
  });

  test("share a name with no other kind of the group", async () => {
    const { diagnostics } = await readFiles({
      "api/v1/ship.types.ts": version("@resource shortName=boat"),
      "api/v1/boat.types.ts": `${head}export interface Boat extends CustomResource<Spec> {}\n`,
    });
    expect(diagnostics.map(({ message, instead }) => `${message}; ${instead ?? ""}`)).toEqual([
      "Ship and Boat are both called boat; give one another name with @resource",
    ]);
  });
});

test("several groups are told apart by a function from the types file", async () => {
  const { readProject } = await import("../../../generators/spec/index.ts");
  const { mkdtempSync, rmSync } = await import("node:fs");
  const root = mkdtempSync("/tmp/kubescaffold-spec-");
  const text = `${head}export interface Ship extends CustomResource<Spec> {}\n`;
  const { resources, diagnostics } = await readProject({
    root,
    group: (file) => (file.startsWith("api/fleet/") ? "fleet.example.com" : "example.com"),
    overlay: new Map([
      ["api/fleet/v1/ship.types.ts", text],
      ["api/v1/ship.types.ts", text],
    ]),
  });
  rmSync(root, { recursive: true });
  expect(diagnostics).toEqual([]);
  expect(resources.map(({ group, kind }) => [group, kind])).toEqual([
    ["example.com", "Ship"],
    ["fleet.example.com", "Ship"],
  ]);
});

test("a kind may be of another group than its project's, and name its categories by themselves", async () => {
  const imports = 'import type { CustomResource } from "@kubescaffold/runtime/api";\n';
  const kind = (comment: string, name: string): string =>
    `/** ${comment} */\nexport interface ${name} extends CustomResource<{ a: string }> {}\n`;
  const { resources, diagnostics } = await readFiles({
    "api/v1/fleet.types.ts": `${imports}${kind("@group sea.example.org\n * @categories all sea\n * @resource categories=ships,all", "Ship")}
// +groupName=ports.example.org
${kind("A harbour.", "Harbour")}${kind("A rope.", "Rope")}`,
  });
  expect(diagnostics).toEqual([]);
  expect(resources.map(({ group, kind: name, categories }) => [group, name, categories])).toEqual([
    ["ports.example.org", "Harbour", []],
    ["sea.example.org", "Ship", ["ships", "all", "sea"]],
    ["test.example.com", "Rope", []],
  ]);
  const wrong = await readFiles({ "api/v1/fleet.types.ts": `${imports}${kind("@group Fleet", "Ship")}${kind("@categories", "Harbour")}` });
  expect(wrong.diagnostics.map(formatDiagnostic)).toEqual([
    "api/v1/fleet.types.ts:2:5: @group needs a domain with a dot in it, in lower case letters, digits and hyphens; write it like @group fleet.example.com",
    "api/v1/fleet.types.ts:4:5: @categories needs a name at least; write it like @categories all fleet",
  ]);
});
