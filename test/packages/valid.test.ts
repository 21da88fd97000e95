import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { packPackages, type PackedPackage } from "../../generators/packages/index.ts";
import { temporaryFolder } from "../generators/temporary.ts";
import { installTools } from "./registry.ts";

const folder = temporaryFolder();
const tarballs = join(folder.path, "tarballs");
let packed: PackedPackage[];

beforeAll(() => {
  installTools();
  mkdirSync(tarballs);
  packed = packPackages(tarballs);
}, 240_000);

afterAll(() => folder[Symbol.dispose]());

test("the packages are what package managers expect (publint)", () => {
  for (const { file } of packed) expect(run("publint", "run", "--strict", join(tarballs, file))).toEqual({ status: 0, output: "" });
}, 60_000);

test("the types of every export are found by every resolver that can load ESM (Are The Types Wrong)", () => {
  const runtime = packed.find(({ name }) => name === "@kubescaffold/runtime");
  expect(run("attw", "--profile", "esm-only", "--no-emoji", join(tarballs, runtime?.file ?? ""))).toEqual({ status: 0, output: "" });
}, 120_000);

function run(tool: string, ...args: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(join(import.meta.dirname, "node_modules", ".bin", tool), args, { encoding: "utf8" });
  return { status, output: status === 0 ? "" : stdout + stderr };
}
