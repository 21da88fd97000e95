import { spawnSync } from "node:child_process";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { runProgram } from "../../../generators/program.ts";

/**
 * Sees that there is a kind and a docker that runs: those of the machine, or else those that the program beside this file makes, on a Debian machine
 * and as root, of Go modules and Debian's packages. Then they are first on PATH.
 */
export async function prepare(): Promise<void> {
  const folder =
    process.env["KUBESCAFFOLD_KIND"] ?? join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "kubescaffold", "kind");
  const path = process.env["PATH"] ?? "";
  if (await works()) return;
  process.env["PATH"] = `${join(folder, "bin")}${delimiter}${path}`;
  if (await works()) return;
  const { status } = spawnSync(join(import.meta.dirname, "prepare"), [folder], { stdio: ["ignore", "inherit", "inherit"] });
  if (status !== 0) throw new Error("There is no kind with a docker that runs, and they could not be made: install them, or see above.");
}

async function works(): Promise<boolean> {
  const ends = await Promise.all([runProgram("kind", ["version"]), runProgram("docker", ["info"])]);
  return ends.every(({ code }) => code === 0);
}
