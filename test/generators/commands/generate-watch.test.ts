import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, jest, test } from "@jest/globals";
import { eventually } from "@kubescaffold/runtime/testing";
import { runCli } from "../../../generators/cli.ts";
import { filesOf, temporaryFolder } from "../temporary.ts";
import { memcached, newProject, scaffold, succeed } from "./terminal.ts";

// Each command reads TypeScript, which takes its time on a machine that is busy.
jest.setTimeout(30_000);

const types = "api/v1alpha1/memcached.types.ts";
const crd = "config/crd/bases/cache.example.com_memcacheds.yaml";

test("derives again after each change, however an editor writes it, and goes on after a broken one", async () => {
  using folder = temporaryFolder();
  await newProject(folder.path);
  await succeed(folder.path, ["create", "api", ...memcached]);
  const file = join(folder.path, types);
  const text = readFileSync(file, "utf8");
  const withField = (field: string): string =>
    text.replace("export interface MemcachedSpec {", `export interface MemcachedSpec {\n  ${field};`);
  const lines: string[] = [];
  const stop = new AbortController();
  const ended = runCli(["generate", "--watch"], {
    cwd: folder.path,
    out: (line) => lines.push(line),
    err: (line) => lines.push(`! ${line}`),
    color: false,
    interrupted: () => stop.signal,
  });
  const rounds = (): number => lines.filter((line) => /^\d\d:\d\d:\d\d, \d+ ms; Ctrl-C ends the watch$/.test(line)).length;
  const after = (round: number): Promise<void> => eventually(() => expect(rounds()).toBe(round), { timeout: 10_000 });
  await after(1);
  expect(lines[0]).toBe("Nothing to do: everything is as it should be.");

  writeFileSync(file, withField("first?: string"));
  await after(2);
  expect(filesOf(folder.path)[crd]).toContain("first:");

  // As editors do that keep the old file until the new one is whole; twice, as the first time the file itself may have been watched.
  for (const [round, field] of [
    [3, "second?: string"],
    [4, "third?: string"],
  ] as const) {
    writeFileSync(`${file}.new`, withField(field));
    renameSync(`${file}.new`, file);
    await after(round);
    expect(filesOf(folder.path)[crd]).toContain(`${field.split("?")[0] ?? ""}:`);
  }

  writeFileSync(file, withField("fourth?: strung"));
  await after(5);
  expect(lines.at(-2)).toMatch(/^! api\/v1alpha1\/memcached\.types\.ts:\d+:\d+: Cannot find name 'strung'/);

  // A folder that is new.
  mkdirSync(join(folder.path, "shared"));
  writeFileSync(join(folder.path, "shared/words.ts"), 'export type Word = "a" | "b";\n');
  await after(6);
  writeFileSync(file, `import type { Word } from "../../shared/words.ts";\n${withField("fifth?: Word")}`);
  await after(7);
  writeFileSync(join(folder.path, "shared/words.ts"), 'export type Word = "a" | "c";\n');
  await after(8);
  expect(filesOf(folder.path)[crd]).toMatch(/enum:\n\s+- a\n\s+- c\n/);

  stop.abort();
  expect(await ended).toBe(0);
});

test("is not for a dry run, and not for a folder without a project", async () => {
  using folder = temporaryFolder();
  expect(await scaffold(folder.path, ["generate", "--watch", "--dry-run"])).toMatchObject({
    code: 1,
    err: "--watch writes what it derives: leave out --dry-run, or --watch.",
  });
  expect(await scaffold(folder.path, ["generate", "--watch"])).toMatchObject({
    code: 1,
    err: expect.stringContaining("There is no PROJECT file"),
  });
});
