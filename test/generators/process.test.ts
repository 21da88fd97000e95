import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import { memcached, newProject, succeed } from "./commands/terminal.ts";
import { filesOf, temporaryFolder } from "./temporary.ts";

// Each command reads TypeScript, which takes its time on a machine that is busy.
jest.setTimeout(30_000);

const bin = fileURLToPath(new URL("../../generators/bin.js", import.meta.url));
const empty = temporaryFolder();
const project = temporaryFolder();

beforeAll(async () => {
  await newProject(project.path, "--packages", "link");
  await succeed(project.path, ["create", "api", ...memcached]);
});

afterAll(() => {
  empty[Symbol.dispose]();
  project[Symbol.dispose]();
});

/** The real thing: the bin in a process of its own, with nobody at the terminal. */
function scaffold(cwd: string, ...args: string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 20_000,
  });
  return { code: status, out: stdout.trimEnd(), err: stderr.trimEnd() };
}

test.each([
  ["a folder that is not empty", () => project.path, ["init", "--domain", "example.com"], /^There is a project in .+ already/],
  ["no project", () => empty.path, ["create", "api", ...memcached], /^There is no PROJECT file in /],
  [
    "a kind in lower case",
    () => project.path,
    ["create", "api", "--group", "cache", "--version", "v1", "--kind", "valkey"],
    /^The kind "valkey" is not UpperCamelCase/,
  ],
  [
    "a group that is no DNS name",
    () => project.path,
    ["create", "api", "--group", "Cache!", "--version", "v1", "--kind", "Valkey"],
    /^The group "Cache!" is not a DNS name/,
  ],
  [
    "a domain that is no DNS name",
    () => empty.path,
    ["init", "--domain", "example..com"],
    /^The domain "example\.\.com" is not a DNS name/,
  ],
  [
    "a bad version",
    () => project.path,
    ["create", "api", "--group", "cache", "--version", "1.0", "--kind", "Valkey"],
    /^The version "1\.0" is not an API version/,
  ],
  ["an API that exists", () => project.path, ["create", "api", ...memcached], /^The API cache\/v1alpha1 Memcached exists already/],
  [
    "a path in a name",
    () => project.path,
    ["create", "api", "--group", "../../x", "--version", "v1", "--kind", "Valkey"],
    /^The group "\.\.\/\.\.\/x" is not a DNS name/,
  ],
  ["an unknown context", () => project.path, ["dev", "--context", "no-such-context"], /no-such-context|kubeconfig/],
  ["a missing answer, without asking for it", () => empty.path, ["init"], /^--domain is missing: pass it/],
])("%s: one line, exit code 1, nothing written", (_what, folder, args, message) => {
  const before = filesOf(folder());
  const { code, out, err } = scaffold(folder(), ...args);
  expect({ code, out }).toEqual({ code: 1, out: "" });
  expect(err).toMatch(message);
  expect(err).toMatch(/^[^\n]+$/);
  expect(filesOf(folder())).toEqual(before);
});

test.each([
  ["a corrupt PROJECT", "PROJECT", (text: string) => text.replace("layout:", "layout: ["), /^PROJECT:\d+:\d+ is not YAML/],
  [
    "a spec that does not compile",
    "api/v1alpha1/memcached.types.ts",
    (text: string) => text.replace("foo?: string", "foo?: ="),
    /^api\/v1alpha1\/memcached\.types\.ts:9:9: /,
  ],
])("%s: one line with the place, exit code 1, nothing written", (_what, file, spoil, message) => {
  const path = join(project.path, file);
  const good = readFileSync(path, "utf8");
  writeFileSync(path, spoil(good));
  const before = filesOf(project.path);
  const { code, err } = scaffold(project.path, "generate");
  expect({ code, err }).toEqual({ code: 1, err: expect.stringMatching(message) as unknown });
  expect(filesOf(project.path)).toEqual(before);
  writeFileSync(path, good);
});

test("help names every command and shows examples, for each command too", () => {
  const { code, out } = scaffold(empty.path, "--help");
  expect(code).toBe(0);
  for (const command of ["init", "create", "generate", "dev", "bundle"]) {
    expect(out).toContain(`scaffold ${command} `);
    const help = scaffold(empty.path, ...(command === "create" ? ["create", "api"] : [command]), "--help");
    expect(help).toMatchObject({ code: 0, out: expect.stringMatching(/Examples:\n {2}scaffold /) as unknown, err: "" });
  }
  expect(scaffold(empty.path).out).toBe(out);
});

test("tells its version", () => {
  expect(scaffold(empty.path, "--version")).toEqual({ code: 0, out: "0.1.0", err: "" });
});
