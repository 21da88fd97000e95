import { execFile } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";

/** A Go package that publishes CRDs to programs: it embeds them, and its importers read them from there. */
export interface PublishedCrds {
  readonly project: string;
  /** The import path of the package. */
  readonly path: string;
  readonly module: string;
  readonly version: string;
  /** Which of the embedded files hold the CRDs. */
  readonly files: RegExp;
  /** What is in them, so that a file that goes missing is noticed. */
  readonly crds: number;
  readonly versions: number;
}

/** Versions are fixed, so that a test of today is the test of tomorrow. */
export const published: readonly PublishedCrds[] = [
  {
    project: "Istio",
    path: "istio.io/istio/manifests",
    module: "istio.io/istio",
    version: "v0.0.0-20260827124520-eed52ebb66ad",
    files: /^charts\/base\/files\/crd-all\.gen\.yaml$/,
    crds: 15,
    versions: 33,
  },
  {
    project: "Kyverno",
    path: "github.com/kyverno/kyverno/cmd/cli/kubectl-kyverno/data",
    module: "github.com/kyverno/kyverno",
    version: "v1.19.1",
    files: /^crds\/.*\.yaml$/,
    crds: 21,
    versions: 43,
  },
  {
    project: "Karpenter",
    path: "sigs.k8s.io/karpenter/pkg/apis",
    module: "sigs.k8s.io/karpenter",
    version: "v1.12.0",
    files: /^crds\/.*\.yaml$/,
    crds: 3,
    versions: 3,
  },
  {
    project: "Cluster API",
    path: "sigs.k8s.io/cluster-api/cmd/clusterctl/config",
    module: "sigs.k8s.io/cluster-api",
    version: "v1.14.2",
    files: /\.yaml$/,
    crds: 1,
    versions: 1,
  },
];

/**
 * The CRD files of a package, from `${XDG_CACHE_HOME:-~/.cache}/kubescaffold/published/`, where the Go toolchain has put them at the
 * first time. Nothing of them is part of this repository.
 *
 * @throws with what to install or to set when they are nowhere and cannot be had
 */
export async function crdFiles(source: PublishedCrds): Promise<{ name: string; text: string }[]> {
  const folder = join(
    process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"),
    "kubescaffold",
    "published",
    `${source.path.replaceAll("/", "+")}@${source.version}`,
  );
  if (!existsSync(folder)) await download(source, folder);
  return readdirSync(folder)
    .sort()
    .map((name) => ({ name, text: readFileSync(join(folder, name), "utf8") }));
}

interface GoPackage {
  readonly Dir?: string;
  readonly EmbedFiles?: readonly string[];
  readonly Error?: { readonly Err: string };
}

/** A module that requires the package's is all that Go needs to find the package, with the checksums of Go's own database. */
async function download({ project, path, module, version, files }: PublishedCrds, folder: string): Promise<void> {
  mkdirSync(dirname(folder), { recursive: true });
  const work = mkdtempSync(join(dirname(folder), ".download-"));
  try {
    process.stderr.write(`the CRDs of ${project} ${version}: downloading them once, into ${folder}\n`);
    writeFileSync(join(work, "go.mod"), `module published\n\ngo 1.25\n\nrequire ${module} ${version}\n`);
    const found = await goList(path, work);
    const named = (found.EmbedFiles ?? []).filter((name) => files.test(name));
    if (found.Dir === undefined) throw unavailable(path, found.Error?.Err ?? "Go does not say why");
    if (named.length === 0)
      throw new Error(`The Go package ${path} ${version} embeds no files like ${files.source}: correct the list of packages`);
    const copies = join(work, "files");
    mkdirSync(copies);
    for (const name of named) copyFileSync(join(found.Dir, name), join(copies, basename(name)));
    try {
      renameSync(copies, folder);
    } catch (error) {
      if (!existsSync(folder)) throw error; // another process was first
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function goList(path: string, cwd: string): Promise<GoPackage> {
  const env = { ...process.env, GOFLAGS: "-mod=mod", GOWORK: "off" };
  try {
    const { stdout } = await promisify(execFile)("go", ["list", "-e", "-json=Dir,EmbedFiles,Error", path], { cwd, env });
    return JSON.parse(stdout) as GoPackage;
  } catch (error) {
    throw unavailable(path, error instanceof Error ? error.message.trim() : String(error), error);
  }
}

function unavailable(path: string, why: string, cause?: unknown): Error {
  return new Error(`The Go package ${path} cannot be had (${why}): install Go, and see that GOPROXY leads to a module proxy.`, { cause });
}
