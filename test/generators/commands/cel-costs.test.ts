import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, jest, test } from "@jest/globals";
import { temporaryFolder } from "../temporary.ts";
import { memcached, newProject, succeed } from "./terminal.ts";

// Each command reads TypeScript, which takes its time on a machine that is busy.
jest.setTimeout(30_000);

const types = "api/v1alpha1/memcached.types.ts";

test("tells what rules may cost: all when asked, else those near a limit", async () => {
  using folder = temporaryFolder();
  await newProject(folder.path);
  await succeed(folder.path, ["create", "api", ...memcached]);
  const file = join(folder.path, types);
  const add = (fields: string): void =>
    writeFileSync(
      file,
      readFileSync(file, "utf8").replace("export interface MemcachedSpec {", `export interface MemcachedSpec {\n${fields}`),
    );

  add(`  /** @maxLength 20\n   *  @validation rule="self.startsWith('a')" */\n  cheap?: string;\n`);
  const quiet = await succeed(folder.path, ["generate"]);
  expect(quiet.out).not.toContain("cel");
  const asked = await succeed(folder.path, ["generate", "--cel-costs"]);
  expect(asked.out).toMatch(
    /^ {2}cel {5}Memcached v1alpha1 spec\.cheap "self\.startsWith\('a'\)": costs less than 0\.1 % of what a rule may$/m,
  );

  add(`  /** @maxItems 200\n   *  @validation rule="self.all(x, self.exists(y, y == x + 'z'))" */\n  dear?: Word[];\n`);
  writeFileSync(file, `${readFileSync(file, "utf8")}\n/** @maxLength 300 */\nexport type Word = string;\n`);
  const told = await succeed(folder.path, ["generate"]);
  expect(told.out).toMatch(/^ {2}cel {5}Memcached v1alpha1 spec\.dear "self\.all\(.*\)": costs \d+\.\d % of what a rule may$/m);
  expect(told.out).not.toContain("spec.cheap");

  add(`  /** @maxItems 500 */\n  many?: { /** @validation rule="self > 1" */ size: number }[];\n`);
  const { out } = await succeed(folder.path, ["generate", "--cel-costs"]);
  expect(out).toMatch(/spec\.many\[\]\.size "self > 1": costs .* evaluated 500 times at most$/m);
  expect(out).toMatch(/^ {2}cel {5}Memcached v1alpha1: its 3 rules together cost \d+\.\d % of what those of a schema may$/m);
});
