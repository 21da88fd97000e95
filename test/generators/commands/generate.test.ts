import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, jest, test } from "@jest/globals";
import { filesOf, temporaryFolder } from "../temporary.ts";
import { parseAllDocuments } from "yaml";
import { memcached, newProject, scaffold, succeed } from "./terminal.ts";

// Each command reads TypeScript, which takes its time on a machine that is busy.
jest.setTimeout(30_000);

async function project(path: string): Promise<{ edit: (file: string, from: string, to: string) => void }> {
  await newProject(path);
  await succeed(path, ["create", "api", ...memcached]);
  return {
    edit: (file, from, to) => {
      const before = readFileSync(join(path, file), "utf8");
      const after = before.replace(from, to);
      if (after === before) throw new Error(`${file} has no ${from}`);
      writeFileSync(join(path, file), after);
    },
  };
}

const types = "api/v1alpha1/memcached.types.ts";
const crd = "config/crd/bases/cache.example.com_memcacheds.yaml";
const sample = "config/samples/cache_v1alpha1_memcached.yaml";

test("follows an edit of the types into the CRD, the class and the sample", async () => {
  using folder = temporaryFolder();
  const { edit } = await project(folder.path);
  edit(types, "foo?: string;", "foo?: string;\n  /** How many.\n   *  @minimum 1\n   *  @default 3 */\n  size?: number;");
  const { out } = await succeed(folder.path, ["generate"]);
  expect(out).toContain(`  update  ${crd}`);
  const files = filesOf(folder.path);
  expect(files[crd]).toContain("minimum: 1");
  expect(files[sample]).toContain("size:");
  expect((await succeed(folder.path, ["generate"])).out).toBe("Nothing to do: everything is as it should be.");
});

test("leaves a sample that the user has edited, and says so", async () => {
  using folder = temporaryFolder();
  const { edit } = await project(folder.path);
  writeFileSync(join(folder.path, sample), "# mine\n");
  edit(types, "foo?: string;", "foo?: string;\n  /** @default 3 */\n  size?: number;");
  const { out } = await succeed(folder.path, ["generate"]);
  expect(out).toContain(`  keep    ${sample} (you have edited it)`);
  expect(readFileSync(join(folder.path, sample), "utf8")).toBe("# mine\n");
});

test("rewrites a derived file that somebody has edited or deleted", async () => {
  using folder = temporaryFolder();
  await project(folder.path);
  const before = filesOf(folder.path);
  writeFileSync(join(folder.path, crd), "# derived: edited\n");
  rmSync(join(folder.path, "api/v1alpha1/memcached.ts"));
  await succeed(folder.path, ["generate"]);
  expect(filesOf(folder.path)).toEqual(before);
});

test("takes what the code reads and writes into role.yaml, and @rbac markers besides", async () => {
  using folder = temporaryFolder();
  const { edit } = await project(folder.path);
  expect(filesOf(folder.path)["config/rbac/role.yaml"]).not.toContain("configmaps");
  edit("controllers/memcached.controller.ts", "{ status, log }", "{ client, status, log }");
  edit(
    "controllers/memcached.controller.ts",
    "    log.info(",
    '    await client.delete({ apiVersion: "v1", kind: "ConfigMap" } as const, { namespace: "default", name: "old" });\n    log.info(',
  );
  edit(
    "controllers/memcached.controller.ts",
    "\n */\nexport class",
    "\n * @rbac group=example.com resources=widgets verbs=get\n */\nexport class",
  );
  await succeed(folder.path, ["generate"]);
  const role = filesOf(folder.path)["config/rbac/role.yaml"];
  expect(role).toContain("widgets");
  expect(parseAllDocuments(role ?? "").map((document) => document.toJS() as unknown)).toContainEqual(
    expect.objectContaining({
      kind: "Role",
      metadata: { name: "manager-role", namespace: "default" },
      rules: [{ apiGroups: [""], resources: ["configmaps"], resourceNames: ["old"], verbs: ["delete"] }],
    }),
  );
});

test("refuses a call of which it cannot see what it is about, until a marker says it", async () => {
  using folder = temporaryFolder();
  const { edit } = await project(folder.path);
  const controller = "controllers/memcached.controller.ts";
  edit(controller, "{ status, log }", "{ client, status, log }");
  edit(controller, "    log.info(", '    for (const kind of JSON.parse("[]")) await client.list(kind);\n    log.info(');
  const before = filesOf(folder.path);
  const { code, err } = await scaffold(folder.path, ["generate"]);
  expect(code).toBe(1);
  expect(err).toMatch(
    /controllers\/memcached\.controller\.ts:\d+:\d+: Client\.list: which kind this is about cannot be seen from the types; .*@rbac group=… resources=… verbs=list/,
  );
  expect(filesOf(folder.path)).toEqual(before);
  edit(controller, "\n */\nexport class", "\n * @rbac group=example.com resources=widgets verbs=list\n */\nexport class");
  await succeed(folder.path, ["generate"]);
});

test("drops what a renamed plural leaves behind, in the kustomization too", async () => {
  using folder = temporaryFolder();
  const { edit } = await project(folder.path);
  edit(types, "@resource scope=Namespaced", "@resource plural=memcachedz scope=Namespaced");
  const { out } = await succeed(folder.path, ["generate"]);
  expect(out).toContain(`  delete  ${crd}`);
  const files = filesOf(folder.path);
  expect(files[crd]).toBeUndefined();
  expect(files["config/crd/kustomization.yaml"]).toContain("bases/cache.example.com_memcachedz.yaml");
  expect(files["config/crd/kustomization.yaml"]).not.toContain("memcacheds.yaml");
  expect(files["PROJECT"]).not.toContain("memcacheds.yaml");
});

test("keeps what people wrote into the kustomizations that it edits", async () => {
  using folder = temporaryFolder();
  const { edit } = await project(folder.path);
  edit("config/crd/kustomization.yaml", "resources:", "# ours\nlabels:\n  - pairs: { team: blue } # colour\nresources:");
  await succeed(folder.path, ["create", "api", "--group", "cache", "--version", "v1", "--kind", "Valkey"]);
  const text = filesOf(folder.path)["config/crd/kustomization.yaml"];
  expect(text).toContain("# ours\nlabels:\n  - pairs: { team: blue } # colour\nresources:");
  expect(text).toContain("  - bases/cache.example.com_valkeys.yaml");
});

test("types that are gone take what was derived from them with them", async () => {
  using folder = temporaryFolder();
  await project(folder.path);
  rmSync(join(folder.path, "api"), { recursive: true });
  await succeed(folder.path, ["generate"]);
  const files = filesOf(folder.path);
  expect(Object.keys(files).filter((path) => path.startsWith("config/crd/"))).toEqual([]);
  expect(files["config/default/kustomization.yaml"]).not.toContain("- ../crd");
});

test("cuts descriptions from now on when it is asked to once", async () => {
  using folder = temporaryFolder();
  const { edit } = await project(folder.path);
  expect((await succeed(folder.path, ["generate", "--max-description-length", "12"])).out).toContain(`  update  ${crd}`);
  expect(readFileSync(join(folder.path, crd), "utf8")).toMatch(/description: An example…$/m);
  expect((await succeed(folder.path, ["generate"])).out).toBe("Nothing to do: everything is as it should be.");
  edit(types, "An example of a field", "The colour of a thing");
  await succeed(folder.path, ["generate"]);
  expect(readFileSync(join(folder.path, crd), "utf8")).toMatch(/description: The colour…$/m);
  await succeed(folder.path, ["generate", "--max-description-length", "0"]);
  expect(readFileSync(join(folder.path, crd), "utf8")).not.toContain("description:");
  await succeed(folder.path, ["generate", "--no-max-description-length"]);
  expect(readFileSync(join(folder.path, crd), "utf8")).toContain('description: "The colour of a thing');
  expect(readFileSync(join(folder.path, "PROJECT"), "utf8")).not.toContain("generate:");
});

test("writes JSON Schemas and an OpenAPI document from now on, and takes them away again", async () => {
  using folder = temporaryFolder();
  const { edit } = await project(folder.path);
  const schema = "schemas/cache.example.com/memcached_v1alpha1.json";
  const { out } = await succeed(folder.path, ["generate", "--json-schema", "./schemas/", "--openapi", "docs/openapi.yaml"]);
  expect(out.split("\n").sort()).toEqual(["  create  docs/openapi.yaml", `  create  ${schema}`, "  update  PROJECT"]);
  edit(types, "foo?: string;", "foo?: string;\n  size?: number;");
  await succeed(folder.path, ["generate"]);
  const files = filesOf(folder.path);
  expect(JSON.parse(files[schema] ?? "")).toMatchObject({ properties: { spec: { properties: { size: { type: ["number", "null"] } } } } });
  expect(files["docs/openapi.yaml"]).toContain("com.example.cache.v1alpha1.Memcached:");
  expect((await succeed(folder.path, ["generate"])).out).toBe("Nothing to do: everything is as it should be.");
  await succeed(folder.path, ["generate", "--json-schema", "other", "--no-openapi"]);
  expect(Object.keys(filesOf(folder.path)).filter((path) => /^(?:schemas|other|docs)\//.test(path))).toEqual([
    "other/cache.example.com/memcached_v1alpha1.json",
  ]);
});

test.each([
  [["--json-schema", "../x"], '"../x" is no path inside the project: pass one such as schemas, relative to PROJECT.'],
  [["--json-schema", "/elsewhere"], '"/elsewhere" is no path inside the project: pass one such as schemas, relative to PROJECT.'],
  [["--openapi", "api/openapi.json"], "api/openapi.json is for other files of the project: pass another path, such as schemas."],
  [["--max-description-length", "many"], 'The length "many" is no whole number: pass characters, or 0 for no descriptions.'],
  [["--openapi", "package.json"], "package.json exists and is yours: move it away."],
])("generate %j is one clear line, and writes nothing", async (args, message) => {
  using folder = temporaryFolder();
  await project(folder.path);
  const before = filesOf(folder.path);
  expect(await scaffold(folder.path, ["generate", ...args])).toMatchObject({ code: 1, out: "", err: message });
  expect(filesOf(folder.path)).toEqual(before);
});

test("says when a CRD is too large for kubectl apply", async () => {
  using folder = temporaryFolder();
  const { edit } = await project(folder.path);
  expect((await scaffold(folder.path, ["generate"])).err).toBe("");
  edit(types, "An example of a field", "word ".repeat(60_000));
  expect(await scaffold(folder.path, ["generate"])).toMatchObject({
    code: 0,
    err: `${crd} has 296 KiB, and kubectl apply can install 256 KiB: use kubectl apply --server-side, or shorten the descriptions with scaffold generate --max-description-length.`,
  });
  expect((await scaffold(folder.path, ["generate", "--max-description-length", "500"])).err).toBe("");
});
