import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { readElf } from "../../../generators/image/elf.ts";
import { librariesOf } from "../../../generators/image/libraries.ts";
import { run } from "./run.ts";

/**
 * Makes an image in docker of programs and folders of this machine, by their places in it, with the libraries that the programs need: a stand-in for
 * one that only a registry has.
 *
 * @param folder for its files
 * @param changes instructions of a Dockerfile
 */
export async function standIn(folder: string, name: string, files: Readonly<Record<string, string>>, ...changes: string[]): Promise<void> {
  const root = join(folder, name.replaceAll(/\W/g, "-"));
  const put = (from: string, to: string): void => {
    mkdirSync(join(root, dirname(to)), { recursive: true });
    cpSync(realpathSync(from), join(root, to), { recursive: true });
  };
  for (const [to, from] of Object.entries(files)) {
    put(from, to);
    const elf = statSync(from).isFile() ? readElf(readFileSync(from)) : undefined;
    if (elf?.interpreter === undefined) continue;
    put(elf.interpreter, elf.interpreter);
    for (const library of librariesOf(realpathSync(from), elf)) put(library.path, library.path);
  }
  const archive = `${root}.tar`;
  execFileSync("tar", ["-C", root, "--owner=0", "--group=0", "-cf", archive, "."]);
  await docker("import", ...changes.flatMap((change) => ["--change", change]), archive, name);
}

/** Runs docker, and returns what it prints. */
export async function docker(...args: string[]): Promise<string> {
  return (await run("docker", args, { environment: { ...process.env, DOCKER_BUILDKIT: "0" } })).trim();
}
