import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { ScaffoldError } from "../../errors.ts";
import { findCrds, readCrd, type CrdDocument } from "../../import/index.ts";
import type { Resource } from "../../model/index.ts";
import { readSources } from "../import/sources.ts";

const run = promisify(execFile);
const folder = "config/crd/bases";
const maxBytes = 64 * 1024 * 1024;

/** What an API is compared with. */
export interface Base {
  /** For people: `HEAD`, `v1.2.0`, `../other/crds`. */
  readonly name: string;
  readonly resources: readonly Resource[];
}

/**
 * The CRDs of a file, a folder or a URL, or else those that a commit has in config/crd/bases.
 *
 * @param against as on the command line; undefined is the last commit, which may have none yet
 * @throws ScaffoldError `bad-option` for what is neither, `crd-missing` where somebody asked for CRDs and there are none, `bad-crd`
 */
export async function readBase(against: string | undefined, cwd: string): Promise<Base> {
  const name = against ?? "HEAD";
  const isPath = against !== undefined && (existsSync(resolve(cwd, against)) || /^https?:\/\//.test(against));
  const crds = isPath
    ? (await readSources({ from: [against], kubeconfig: undefined, context: undefined }, cwd)).crds
    : await ofCommit(name, cwd);
  if (crds.length === 0 && against !== undefined) {
    throw new ScaffoldError(
      "crd-missing",
      `There is no CustomResourceDefinition in ${isPath ? name : `${folder} at ${name}`}: pass what holds one.`,
    );
  }
  return { name, resources: crds.map((crd) => readCrd(crd, () => name)) };
}

async function ofCommit(ref: string, cwd: string): Promise<CrdDocument[]> {
  // A ref that begins with a hyphen would be an option of git.
  const commit = ref.startsWith("-")
    ? undefined
    : (await git(cwd, ["rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`]))?.trim();
  if (commit === undefined || commit === "") {
    const what = ref === "HEAD" ? "There is no git commit to compare with" : `${ref} is no file, no folder and no git commit`;
    throw new ScaffoldError("bad-option", `${what}: pass --against with the CRDs of the last release.`);
  }
  const listed = (await git(cwd, ["ls-tree", "-r", "-z", "--name-only", commit, "--", folder])) ?? "";
  const found: CrdDocument[] = [];
  for (const path of listed.split("\0").filter((each) => /\.ya?ml$/.test(each))) {
    found.push(...findCrds((await git(cwd, ["show", `${commit}:./${path}`])) ?? "", `${path} at ${ref}`).crds);
  }
  return found;
}

/** What git prints, or undefined where it fails: there is no repository, or no such commit. */
async function git(cwd: string, args: readonly string[]): Promise<string | undefined> {
  try {
    const { stdout } = await run("git", [...args], { cwd, maxBuffer: maxBytes });
    return stdout;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT")
      throw new ScaffoldError("bad-option", "There is no git on this machine: pass --against with the CRDs of the last release.", {
        cause: error,
      });
    return undefined;
  }
}
