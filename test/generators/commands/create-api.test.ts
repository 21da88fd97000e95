import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, jest, test } from "@jest/globals";
import { filesOf, temporaryFolder } from "../temporary.ts";
import { memcached, newProject, scaffold, succeed } from "./terminal.ts";

// Each command reads TypeScript, which takes its time on a machine that is busy.
jest.setTimeout(30_000);

const createMemcached = ["create", "api", ...memcached];

function added(before: Record<string, string>, after: Record<string, string>): string[] {
  return Object.keys(after).filter((path) => before[path] !== after[path]);
}

test("writes the API, its controller with a test, everything derived, and the line in main.ts", async () => {
  using folder = temporaryFolder();
  await newProject(folder.path);
  const before = filesOf(folder.path);
  const { out } = await succeed(folder.path, createMemcached);
  const after = filesOf(folder.path);
  expect(added(before, after)).toEqual([
    "PROJECT",
    "api/v1alpha1/memcached.schema.ts",
    "api/v1alpha1/memcached.ts",
    "api/v1alpha1/memcached.types.ts",
    "config/crd/bases/cache.example.com_memcacheds.yaml",
    "config/crd/kustomization.yaml",
    "config/default/kustomization.yaml",
    "config/rbac/kustomization.yaml",
    "config/rbac/memcached_admin_role.yaml",
    "config/rbac/memcached_editor_role.yaml",
    "config/rbac/memcached_viewer_role.yaml",
    "config/rbac/role.yaml",
    "config/samples/cache_v1alpha1_memcached.yaml",
    "config/samples/kustomization.yaml",
    "controllers/memcached.controller.test.ts",
    "controllers/memcached.controller.ts",
    "main.ts",
  ]);
  expect(after["main.ts"]).toContain("manager.controller(Memcached).reconcileWith(new MemcachedReconciler());");
  expect(out).toContain("  create  api/v1alpha1/memcached.types.ts\n");
  expect(out).toMatch(
    /Next:\n {2}describe the API in api\/v1alpha1\/memcached\.types\.ts, then run: npm run generate\n {2}write the controller in controllers\/memcached\.controller\.ts, then run: npm test\n {2}run it: npm run dev$/,
  );
});

test("what it wrote needs no generate: that has nothing to do", async () => {
  using folder = temporaryFolder();
  await newProject(folder.path);
  await succeed(folder.path, createMemcached);
  expect((await succeed(folder.path, ["generate"])).out).toBe("Nothing to do: everything is as it should be.");
});

test("a dry run shows the same and writes nothing", async () => {
  using folder = temporaryFolder();
  await newProject(folder.path);
  const before = filesOf(folder.path);
  const { out } = await succeed(folder.path, [...createMemcached, "--dry-run", "--diff"]);
  expect(out).toContain("+manager.controller(Memcached).reconcileWith(new MemcachedReconciler());");
  expect(out).toContain("  create  api/v1alpha1/memcached.ts\n");
  expect(filesOf(folder.path)).toEqual(before);
});

test("a plural and a scope of one's own reach the CRD, the types, the access rules and the test", async () => {
  using folder = temporaryFolder();
  await newProject(folder.path);
  await succeed(folder.path, [
    "create",
    "api",
    "--group",
    "fleet",
    "--version",
    "v1beta1",
    "--kind",
    "FrigateCrew",
    "--plural",
    "frigatecrew",
    "--no-namespaced",
  ]);
  const files = filesOf(folder.path);
  expect(files["config/crd/bases/fleet.example.com_frigatecrew.yaml"]).toContain("scope: Cluster");
  expect(files["api/v1beta1/frigatecrew.types.ts"]).toContain("@resource plural=frigatecrew scope=Cluster");
  expect(files["config/rbac/role.yaml"]).toContain("frigatecrew/status");
  expect(files["controllers/frigatecrew.controller.test.ts"]).toContain('const key = { name: "sample" };');
});

test("--no-controller writes the API alone, and a later --no-resource adds its controller", async () => {
  using folder = temporaryFolder();
  await newProject(folder.path);
  const before = filesOf(folder.path);
  await succeed(folder.path, [...createMemcached, "--no-controller"]);
  const between = filesOf(folder.path);
  expect(added(before, between)).not.toContain("main.ts");
  expect(added(before, between).filter((path) => path.startsWith("controllers/"))).toEqual([]);
  await succeed(folder.path, [...createMemcached, "--no-resource"]);
  expect(added(between, filesOf(folder.path))).toEqual([
    "PROJECT",
    "config/rbac/role.yaml",
    "controllers/memcached.controller.test.ts",
    "controllers/memcached.controller.ts",
    "main.ts",
  ]);
});

test("a second version of a kind shares its CRD and its controller", async () => {
  using folder = temporaryFolder();
  await newProject(folder.path);
  await succeed(folder.path, createMemcached);
  const before = filesOf(folder.path);
  await succeed(folder.path, ["create", "api", "--group", "cache", "--version", "v1beta1", "--kind", "Memcached"]);
  const after = filesOf(folder.path);
  expect(added(before, after)).toEqual([
    "PROJECT",
    "api/v1beta1/memcached.schema.ts",
    "api/v1beta1/memcached.ts",
    "api/v1beta1/memcached.types.ts",
    "config/crd/bases/cache.example.com_memcacheds.yaml",
    "config/rbac/memcached_admin_role.yaml",
    "config/rbac/memcached_editor_role.yaml",
    "config/rbac/memcached_viewer_role.yaml",
    "config/samples/cache_v1beta1_memcached.yaml",
    "config/samples/kustomization.yaml",
  ]);
  const crd = after["config/crd/bases/cache.example.com_memcacheds.yaml"] ?? "";
  expect([...crd.matchAll(/^ {4}storage: (.*)$/gm)].map(([, value]) => value)).toEqual(expect.arrayContaining(["true", "false"]));
});

test("a second kind of the same group goes beside the first", async () => {
  using folder = temporaryFolder();
  await newProject(folder.path);
  await succeed(folder.path, createMemcached);
  await succeed(folder.path, ["create", "api", "--group", "cache", "--version", "v1alpha1", "--kind", "Valkey"]);
  const files = filesOf(folder.path);
  expect(Object.keys(files)).toEqual(
    expect.arrayContaining([
      "api/v1alpha1/valkey.ts",
      "controllers/valkey.controller.ts",
      "config/crd/bases/cache.example.com_valkeys.yaml",
    ]),
  );
  expect(files["main.ts"]).toMatch(/manager\.controller\(Memcached\).*\nmanager\.controller\(Valkey\).*\nawait manager\.run/);
});

test("a second group gets folders of its own, and the user is told", async () => {
  using folder = temporaryFolder();
  await newProject(folder.path);
  await succeed(folder.path, createMemcached);
  const { out } = await succeed(folder.path, ["create", "api", "--group", "fleet", "--version", "v1", "--kind", "Ship"]);
  expect(out).toContain(
    "fleet is a further group of this project (the first is cache): its files are in api/fleet/v1 and controllers/fleet.",
  );
  const files = filesOf(folder.path);
  expect(files["controllers/fleet/ship.controller.ts"]).toContain('from "../../api/fleet/v1/ship.types.ts"');
  expect(files["main.ts"]).toContain('import { Ship } from "./api/fleet/v1/ship.ts";');
  expect(files["config/crd/bases/fleet.example.com_ships.yaml"]).toContain("group: fleet.example.com");
  expect(files["config/rbac/role.yaml"]).toContain("fleet.example.com");
  expect((await succeed(folder.path, ["generate"])).out).toMatch(/^Nothing to do/);
});

test("--force writes the files of an API anew, edited or not, and leaves the others alone", async () => {
  using folder = temporaryFolder();
  await newProject(folder.path);
  await succeed(folder.path, createMemcached);
  const before = filesOf(folder.path);
  writeFileSync(join(folder.path, "controllers/memcached.controller.ts"), "// edited\n");
  writeFileSync(join(folder.path, "README.md"), "edited");
  await succeed(folder.path, [...createMemcached, "--force"]);
  expect(filesOf(folder.path)).toEqual({ ...before, "README.md": "edited" });
});

test("when main.ts has no manager, everything else is written and the lines to add are told", async () => {
  using folder = temporaryFolder();
  await newProject(folder.path);
  writeFileSync(join(folder.path, "main.ts"), "export {};\n");
  const { out } = await succeed(folder.path, createMemcached);
  expect(out).toContain(
    [
      "main.ts has no variable that holds the result of Manager.create(), so add these lines where your program starts:",
      '  import { Memcached } from "./api/v1alpha1/memcached.ts";',
      '  import { MemcachedReconciler } from "./controllers/memcached.controller.ts";',
      "  manager.controller(Memcached).reconcileWith(new MemcachedReconciler());",
    ].join("\n"),
  );
  expect(readFileSync(join(folder.path, "main.ts"), "utf8")).toBe("export {};\n");
  rmSync(join(folder.path, "main.ts"));
  expect((await succeed(folder.path, [...createMemcached, "--force"])).out).toContain("there is no main.ts, so add these lines");
});

test("asks on a terminal for group, version and kind, with the answers that are likely", async () => {
  using folder = temporaryFolder();
  await newProject(folder.path);
  const first = await scaffold(folder.path, ["create", "api"], ["cache", "", "memcached", "Memcached", "y", ""]);
  expect(first.questions).toEqual([
    "Group (the part before .example.com)",
    "Version [v1alpha1]",
    "Kind",
    "Kind",
    "Write the API? (y/n) [y]",
    "Write a controller? (y/n) [y]",
  ]);
  expect(first).toMatchObject({ code: 0, err: expect.stringContaining('The kind "memcached" is not UpperCamelCase') });
  const second = await scaffold(folder.path, ["create", "api"], ["", "v1alpha1", "Valkey", "", "n"]);
  expect(second.questions[0]).toBe("Group (the part before .example.com) [cache]");
  expect(filesOf(folder.path)["controllers/valkey.controller.ts"]).toBeUndefined();
});

test("asks nothing on a terminal when group, version and kind are given", async () => {
  using folder = temporaryFolder();
  await newProject(folder.path);
  expect(await scaffold(folder.path, createMemcached, [])).toMatchObject({ code: 0, questions: [] });
});
