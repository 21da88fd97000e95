import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";

const ROOT = join(import.meta.dirname, "..", "..");
const EXAMPLE = join(ROOT, "examples", "memcached-operator");

/** What the example's author wrote after the commands; all else must be exactly as the commands write it today. */
const EDITED = ["api/v1alpha1/memcached.types.ts", "controllers/memcached.controller.ts", "controllers/memcached.controller.test.ts", "main.ts"];

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "kubescaffold-drift-"));
  scaffold("init", "--domain", "example.com", "--project-name", "memcached-operator", "--packages", "registry", "--skip-install");
  scaffold("create", "api", "--group", "cache", "--version", "v1alpha1", "--kind", "Memcached");
  for (const file of EDITED) cpSync(join(EXAMPLE, file), join(folder, file));
  scaffold("generate");
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("the memcached example has the files that the commands write, and no other", () => {
  expect(filesIn(EXAMPLE)).toEqual(filesIn(folder));
});

test("the memcached example is what the commands write, but for its author's edits", () => {
  for (const file of filesIn(folder)) expect(`${file}\n${textOf(EXAMPLE, file)}`).toBe(`${file}\n${textOf(folder, file)}`);
});

function scaffold(...args: string[]): void {
  const { status, stderr, stdout } = spawnSync(process.execPath, [join(ROOT, "generators", "main.ts"), ...args], { cwd: folder, encoding: "utf8" });
  if (status !== 0) throw new Error(`scaffold ${args.join(" ")}: ${stdout}${stderr}`);
}

function filesIn(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((file) => !/^(node_modules|coverage|dist)\//.test(file))
    .sort();
}

function textOf(root: string, file: string): string {
  return readFileSync(join(root, file), "utf8");
}
