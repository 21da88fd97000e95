import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import { EmbeddedCluster } from "@kubescaffold/runtime/testing";
import { compileErrors } from "../import/round-trip.ts";
import { filesOf, temporaryFolder } from "../temporary.ts";
import { memcached, newProject, scaffold, succeed } from "./terminal.ts";

jest.setTimeout(60_000);

const crates = fileURLToPath(new URL("../import/data/crates.yaml", import.meta.url));
const bin = fileURLToPath(new URL("../../../generators/main.ts", import.meta.url));

const crateFiles = [
  "api/harbour.example.com/v1/crate.schema.ts",
  "api/harbour.example.com/v1/crate.ts",
  "api/harbour.example.com/v1/crate.types.ts",
  "api/harbour.example.com/v1alpha1/crate.schema.ts",
  "api/harbour.example.com/v1alpha1/crate.ts",
  "api/harbour.example.com/v1alpha1/crate.types.ts",
  "config/crd/external/harbour.example.com_crates.yaml",
];

let project: ReturnType<typeof temporaryFolder>;

beforeAll(async () => {
  project = temporaryFolder();
  await newProject(project.path);
  await succeed(project.path, ["create", "api", ...memcached]);
});

afterAll(() => project[Symbol.dispose]());

function added(before: Record<string, string>, after: Record<string, string>): string[] {
  return Object.keys(after)
    .filter((path) => before[path] !== after[path])
    .sort();
}

test("writes types, classes and the CRD of each kind in a file, which later commands leave alone", async () => {
  const before = filesOf(project.path);
  const { out } = await succeed(project.path, ["import", "crd", crates, "--kind", "Crate"]);
  expect(out).toContain("1 document is no CRD, and was left alone.");
  expect(out).toContain('use it: import { Crate } from "./api/harbour.example.com/v1/crate.ts"');
  const files = filesOf(project.path);
  expect(added(before, files)).toEqual(crateFiles);
  for (const path of crateFiles)
    expect(files[path]?.split("\n", 1)[0]).toMatch(/^(?:\/\/|#) Derived from the CRD crates\.harbour\.example\.com by/);
  expect((await succeed(project.path, ["import", "crd", crates, "--kind", "Crate"])).out).toContain("Nothing to do");
  expect((await succeed(project.path, ["generate"])).out).toBe("Nothing to do: everything is as it should be.");
});

test("a foreign kind's types are used in a types file of one's own, and by code", async () => {
  using folder = temporaryFolder();
  await newProject(folder.path);
  await succeed(folder.path, ["create", "api", ...memcached]);
  await succeed(folder.path, ["import", "crd", crates, "--kind", "Crate"]);
  const types = join(folder.path, "api/v1alpha1/memcached.types.ts");
  const text = readFileSync(types, "utf8").replace("foo?: string;", "foo?: string;\n  part?: CratePart;");
  writeFileSync(types, `import type { CratePart } from "../harbour.example.com/v1/crate.types.ts";\n${text}`);
  await succeed(folder.path, ["generate"]);
  const files = filesOf(folder.path);
  expect(files["config/crd/bases/cache.example.com_memcacheds.yaml"]).toContain("format: cidr");
  const code = `import { Crate } from "./api/harbour.example.com/v1/crate.ts";
export const crate: Crate = new Crate({ metadata: { name: "c" }, spec: { owner: "me", port: 80, class: "a", parts: [{ name: "p" }] } });
export const owner: string | null | undefined = crate.spec.owner;
// @ts-expect-error -- no such class
crate.spec.class = "z";
`;
  const sources = Object.entries(files).filter(([path]) => path.startsWith("api/"));
  expect(compileErrors(new Map([...sources, ["use.ts", code]]))).toEqual([]);
});

test("takes files of versions that are gone away, and nothing that it did not write", async () => {
  using folder = temporaryFolder();
  await newProject(folder.path);
  await succeed(folder.path, ["import", "crd", crates, "--kind", "Crate"]);
  const mine = join(folder.path, "api/harbour.example.com/v1beta1/crate.ts");
  mkdirSync(join(mine, ".."));
  writeFileSync(mine, "// mine\n");
  const fewer = join(folder.path, "fewer.yaml");
  const text = readFileSync(crates, "utf8");
  const [start, end] = [text.indexOf("    - name: v1alpha1"), text.indexOf("    - name: v1\n")];
  writeFileSync(fewer, text.slice(0, start) + text.slice(end));
  const { out } = await succeed(folder.path, ["import", "crd", "fewer.yaml", "--kind", "Crate"]);
  expect(out).toContain("  delete  api/harbour.example.com/v1alpha1/crate.types.ts");
  expect(
    Object.keys(filesOf(folder.path))
      .filter((path) => path.startsWith("api/"))
      .sort(),
  ).toEqual([...crateFiles.slice(0, 3), "api/harbour.example.com/v1beta1/crate.ts"].sort());
});

test("reads a folder, a URL, the standard input and a cluster", async () => {
  using folder = temporaryFolder();
  await newProject(folder.path);
  mkdirSync(join(folder.path, "bundle/deep"), { recursive: true });
  copyFileSync(crates, join(folder.path, "bundle/deep/crates.yaml"));
  writeFileSync(join(folder.path, "bundle/template.yaml"), "{{ broken");
  await succeed(folder.path, ["import", "crd", "bundle"]);
  const files = filesOf(folder.path);

  const server = createServer((request, response) => {
    if (request.url === "/crds.yaml") response.end(readFileSync(crates));
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  try {
    expect((await succeed(folder.path, ["import", "crd", `${url}/crds.yaml`])).out).toContain("Nothing to do");
    expect((await scaffold(folder.path, ["import", "crd", `${url}/other`])).err).toMatch(
      /could not be read \(status 404\): check the address/,
    );
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  const piped = spawnSync(process.execPath, [bin, "import", "crd", "-"], {
    cwd: folder.path,
    encoding: "utf8",
    input: readFileSync(crates),
    timeout: 30_000,
  });
  expect(piped).toMatchObject({ status: 0, stdout: expect.stringContaining("Nothing to do") });

  const crd = "config/crd/external/harbour.example.com_crates.yaml";
  const cluster = await EmbeddedCluster.start({ crds: [join(folder.path, crd)] });
  try {
    const flags = ["--kubeconfig", cluster.kubeconfig];
    await succeed(folder.path, ["import", "crd", "cluster", "crates.harbour.example.com", ...flags]);
    expect(filesOf(folder.path)["api/harbour.example.com/v1/crate.types.ts"]).toBe(files["api/harbour.example.com/v1/crate.types.ts"]);
    const { code, err } = await scaffold(folder.path, ["import", "crd", "cluster", "x.example.com", ...flags]);
    expect([code, err]).toEqual([1, expect.stringContaining("has no CRD x.example.com: see kubectl get crd")]);
  } finally {
    await cluster.stop();
  }
});

const broken = (schema: string): string =>
  `{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: x.y.z}, spec: {group: y.z, scope: Cluster, names: {kind: X, plural: x}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: ${schema}}}]}}`;

test.each([
  ["a file that is not there", "", ["absent.yaml"], /^There is no absent\.yaml: pass a file, a folder, a URL/],
  ["text that is not YAML", "a: [b", ["in.yaml"], /^in\.yaml is not YAML: /],
  ["no CRD", "kind: ConfigMap", ["in.yaml"], /^There is no CustomResourceDefinition in in\.yaml: /],
  ["another kind", broken("{type: object}"), ["in.yaml", "--kind", "Y"], /^There is no kind Y in in\.yaml: it has X\./],
  [
    "an old CRD",
    broken("{}").replace("io/v1", "io/v1beta1"),
    ["in.yaml"],
    /holds a CustomResourceDefinition of apiextensions\.k8s\.io\/v1beta1: convert it/,
  ],
  [
    "a schema with a reference",
    broken("{type: object, properties: {a: {$ref: '#/x'}}}"),
    ["in.yaml"],
    /^The schema of x\.y\.z v1\.a has "\$ref", which a structural schema cannot have/,
  ],
  [
    "a type that is none",
    broken("{type: object, properties: {a: {type: 'null'}}}"),
    ["in.yaml"],
    /^The schema of x\.y\.z v1\.a\.type is no type/,
  ],
  ["a path in a group", broken("{type: object}").replace("group: y.z", "group: ../../x"), ["in.yaml"], /has no DNS name as its group/],
  [
    "a kind that is a path",
    broken("{type: object}").replace("kind: X,", "kind: ../X,"),
    ["in.yaml"],
    /has a kind that is not UpperCamelCase/,
  ],
  ["a version that is a path", broken("{type: object}").replace("name: v1,", "name: ../v1,"), ["in.yaml"], /has a version "\.\.\/v1"/],
  [
    "two different CRDs of a name",
    `${broken("{type: object}")}\n---\n${broken("{type: object, description: x}")}`,
    ["in.yaml"],
    /^There are two different CRDs x\.y\.z/,
  ],
  ["an address without encryption", "", ["http://example.com/x.yaml"], /is not encrypted: write https/],
  [
    "aliases without end",
    `a: &a [x]\n${Array.from(
      { length: 12 },
      (_each, i) =>
        `b${i}: &b${i} [${Array(12)
          .fill(i === 0 ? "*a" : `*b${i - 1}`)
          .join(",")}]`,
    ).join("\n")}`,
    ["in.yaml"],
    /^in\.yaml cannot be read: Excessive alias count/,
  ],
])("refuses %s", async (_name, content, args, message) => {
  using folder = temporaryFolder();
  await newProject(folder.path);
  writeFileSync(join(folder.path, "in.yaml"), content);
  const before = filesOf(folder.path);
  const { code, err } = await scaffold(folder.path, ["import", "crd", ...args]);
  expect(code).toBe(1);
  expect(err).toMatch(message);
  expect(err).not.toContain("\n");
  expect(filesOf(folder.path)).toEqual(before);
});

test("a dry run shows what would be written, and writes nothing, however often it is asked for", async () => {
  using folder = temporaryFolder();
  await newProject(folder.path);
  const before = filesOf(folder.path);
  const { out } = await succeed(folder.path, ["import", "crd", crates, crates, "--dry-run", "--dry-run", "--kind", "Crate"]);
  expect(out).toContain("Nothing was written (--dry-run).");
  expect(filesOf(folder.path)).toEqual(before);
});

test("refuses a kind of the project's own", async () => {
  const { err } = await scaffold(project.path, ["import", "crd", "config/crd/bases"]);
  expect(err).toMatch(/^Memcached of cache\.example\.com is this project's own kind, in api\/v1alpha1/);
});
