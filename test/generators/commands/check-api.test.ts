import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, jest, test } from "@jest/globals";
import { filesOf, temporaryFolder } from "../temporary.ts";
import { memcached, newProject, scaffold, succeed } from "./terminal.ts";

// Each command reads TypeScript, which takes its time on a machine that is busy.
jest.setTimeout(30_000);

const types = "api/v1alpha1/memcached.types.ts";
const crd = "config/crd/bases/cache.example.com_memcacheds.yaml";

async function project(path: string): Promise<{ edit: (from: string, to: string) => void }> {
  await newProject(path);
  await succeed(path, ["create", "api", ...memcached]);
  return {
    edit: (from, to) => {
      const before = readFileSync(join(path, types), "utf8");
      if (!before.includes(from)) throw new Error(`${types} has no ${from}`);
      writeFileSync(join(path, types), before.replace(from, to));
    },
  };
}

function commit(path: string): void {
  const git = (...args: string[]): unknown => execFileSync("git", args, { cwd: path, stdio: "pipe" });
  git("init", "-q");
  git("add", "-A");
  git("-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-q", "-m", "x");
}

const required =
  "breaking       memcacheds.cache.example.com v1alpha1 spec.foo: the field is required now, without a default: objects without it are refused, stored ones as soon as anything else in spec changes";

test("compares what the types say now with the CRDs of the last commit", async () => {
  using folder = temporaryFolder();
  const { edit } = await project(folder.path);
  commit(folder.path);
  expect(await scaffold(folder.path, ["check", "api"])).toMatchObject({ code: 0, out: "The API is the same as at HEAD.", err: "" });

  edit("foo?: string;", "foo?: string;\n  bar?: string;");
  const compatible = await scaffold(folder.path, ["check", "api"]);
  expect(compatible.out.split("\n")).toEqual([
    "compatible     memcacheds.cache.example.com v1alpha1 spec.bar: the field is new",
    "Against HEAD: 0 breaking, 0 check by hand, 1 compatible.",
  ]);
  expect(compatible.code).toBe(0);

  edit("foo?: string;", "foo: string;");
  const before = filesOf(folder.path);
  const breaking = await scaffold(folder.path, ["check", "api"]);
  expect(breaking.out.split("\n")).toEqual([
    required,
    "compatible     memcacheds.cache.example.com v1alpha1 spec.bar: the field is new",
    "Against HEAD: 1 breaking, 0 check by hand, 1 compatible.",
  ]);
  expect(breaking.code).toBe(1);
  expect(filesOf(folder.path)).toEqual(before);
});

test("works in a folder of a larger repository", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "operators", "cache");
  mkdirSync(path, { recursive: true });
  const { edit } = await project(path);
  commit(folder.path);
  edit("foo?: string;", "foo: string;");
  expect((await scaffold(path, ["check", "api", "--against", "HEAD"])).out.split("\n")[0]).toBe(required);
});

test("compares with a file or a folder, where a kind that is gone counts too", async () => {
  using folder = temporaryFolder();
  await project(folder.path);
  const release = join(folder.path, "release.yaml");
  writeFileSync(release, readFileSync(join(folder.path, crd), "utf8").replace("maxLength: 100", "maxLength: 101"));
  const line =
    "breaking       memcacheds.cache.example.com v1alpha1 spec.foo: the maxLength is 100 instead of 101: values beyond it are refused; a stored value may stay while it is not changed";
  expect((await scaffold(folder.path, ["check", "api", "--against", "release.yaml"])).out.split("\n")).toEqual([
    line,
    "Against release.yaml: 1 breaking, 0 check by hand, 0 compatible.",
  ]);
  rmSync(release);
  expect(await scaffold(folder.path, ["check", "api", "--against", "config/crd/bases"])).toMatchObject({ code: 0 });
  rmSync(join(folder.path, types));
  const gone = await scaffold(folder.path, ["check", "api", "--against", "config/crd/bases"]);
  expect([gone.code, gone.out.split("\n")[0]]).toEqual([
    1,
    "breaking       memcacheds.cache.example.com: the kind Memcached is gone: with its CRD, all of its objects are deleted",
  ]);
});

test("prints JSON for tools", async () => {
  using folder = temporaryFolder();
  const { edit } = await project(folder.path);
  edit("foo?: string;", "foo: string;");
  const { code, out } = await scaffold(folder.path, ["check", "api", "--against", crd, "--format", "json"]);
  expect(code).toBe(1);
  expect(JSON.parse(out)).toEqual({
    against: crd,
    findings: [
      {
        severity: "breaking",
        code: "required-added",
        crd: "memcacheds.cache.example.com",
        version: "v1alpha1",
        path: "spec.foo",
        message: required.slice(required.indexOf("the field is")),
      },
    ],
  });
});

test("has nothing to say before the first CRD is committed", async () => {
  using folder = temporaryFolder();
  await newProject(folder.path);
  commit(folder.path);
  await succeed(folder.path, ["create", "api", ...memcached]);
  expect(await scaffold(folder.path, ["check", "api"])).toMatchObject({
    code: 0,
    out: "There are no CRDs in config/crd/bases at HEAD: nothing can break.",
  });
});

test("says in one line what it cannot compare with", async () => {
  using folder = temporaryFolder();
  await project(folder.path);
  const refusal = async (...args: string[]): Promise<string> => {
    const { code, out, err } = await scaffold(folder.path, ["check", "api", ...args]);
    expect([code, out]).toEqual([1, ""]);
    return err;
  };
  expect(await refusal()).toBe("There is no git commit to compare with: pass --against with the CRDs of the last release.");
  commit(folder.path);
  expect(await refusal("--against", "v9")).toBe(
    "v9 is no file, no folder and no git commit: pass --against with the CRDs of the last release.",
  );
  expect(await refusal("--against=--output=x")).toBe(
    "--output=x is no file, no folder and no git commit: pass --against with the CRDs of the last release.",
  );
  expect(await refusal("--against", "controllers")).toBe("There is no CustomResourceDefinition in controllers: pass what holds one.");
  expect(await refusal("--format", "xml")).toMatch(/^Invalid values: Argument: format, Given: "xml"/);
  writeFileSync(join(folder.path, types), "export interface {\n");
  expect(await refusal()).toMatch(/^api\/v1alpha1\/memcached\.types\.ts:1:\d+: /);
});

test("is one of the things to check", async () => {
  using folder = temporaryFolder();
  expect((await scaffold(folder.path, ["check"])).out).toContain("scaffold check api");
  expect(await scaffold(folder.path, ["check", "apis"])).toMatchObject({ code: 1, err: "There is no command apis: did you mean api?" });
});
