import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

import { withLock } from "./lock.ts";
import { versions } from "./versions.ts";

/** Flags that other builds of Kubernetes on the same machine use as well, so that they share Go's build cache. */
const environment = { CGO_ENABLED: "0", GOFLAGS: "-mod=mod -trimpath -buildvcs=false", GOWORK: "off" };

const kubernetesCommands = ["kube-apiserver", "kubectl", "kube-controller-manager"];

/**
 * Builds etcd, kube-apiserver, kubectl and kube-controller-manager from their Go modules into `folder`, which appears only when
 * all is done. Go checks what it downloads against its checksum database. Takes about 4 minutes on two cores; says so on stderr.
 * When another process builds the same, this waits for it.
 *
 * @throws when there is no `go`, or it fails; then with its last lines.
 */
export async function buildBinaries(folder: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  await withLock(`${folder}.lock`, say, async (waited) => {
    if (waited && existsSync(folder)) {
      return;
    }
    await requireGo();
    say(`building etcd ${versions.etcd} and Kubernetes ${versions.kubernetes} into ${folder}, once; this takes minutes`);
    const work = await mkdtemp(join(dirname(folder), `.${basename(folder)}-`));
    try {
      const bin = join(work, "bin");
      await timed("etcd", () => buildEtcd(join(work, "etcd"), bin));
      await timed(kubernetesCommands.join(", "), () => buildKubernetes(join(work, "kubernetes"), bin));
      await rm(folder, { recursive: true, force: true });
      await rename(bin, folder);
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  });
}

async function buildEtcd(module: string, bin: string): Promise<void> {
  const path = "go.etcd.io/etcd/server/v3";
  await writeModule(module, [`require ${path} v${versions.etcd}`]);
  await go(module, ["build", "-ldflags", "-s -w", "-o", join(bin, "etcd"), path]);
}

/**
 * Kubernetes' own go.mod points at folders of its repository for the modules that are developed there ("staging"); they are
 * published as well, as v0.x.y for v1.x.y. Only the main module's `replace` lines count, so a wrapper module has them all.
 */
async function buildKubernetes(module: string, bin: string): Promise<void> {
  const path = "k8s.io/kubernetes";
  const required = `require ${path} v${versions.kubernetes}`;
  await writeModule(module, [required]);
  const download = JSON.parse(await go(module, ["mod", "download", "-json", `${path}@v${versions.kubernetes}`])) as { GoMod: string };
  const staging = [...(await readFile(download.GoMod, "utf8")).matchAll(/^\s*(?:replace )?(k8s\.io\/\S+) => \.\/staging\//gm)];
  const replaced = staging.map(([, name = ""]) => `replace ${name} => ${name} v${versions.kubernetes.replace(/^1\./, "0.")}`);
  await writeModule(module, [required, ...replaced]);
  const flags = `-s -w -X k8s.io/component-base/version.gitVersion=v${versions.kubernetes}`;
  await go(module, ["build", "-ldflags", flags, "-o", `${bin}/`, ...kubernetesCommands.map((name) => `${path}/cmd/${name}`)]);
}

async function writeModule(folder: string, lines: readonly string[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "go.mod"), ["module wrapper", "go 1.25.0", ...lines, ""].join("\n"));
}

async function requireGo(): Promise<void> {
  try {
    await go(process.cwd(), ["version"]);
  } catch (cause) {
    throw new Error(
      "A control plane for tests needs etcd and kube-apiserver, and neither they nor Go to build them are here. " +
        "Install Go 1.25 or newer (https://go.dev/dl), or set KUBEBUILDER_ASSETS to a folder with both (setup-envtest downloads one).",
      { cause },
    );
  }
}

/** Runs Go and returns its standard output. */
async function go(folder: string, args: readonly string[]): Promise<string> {
  const child = spawn("go", args, { cwd: folder, env: { ...process.env, ...environment }, stdio: ["ignore", "pipe", "pipe"] });
  const output: string[] = [];
  const errors: string[] = [];
  child.stdout.setEncoding("utf8").on("data", (text: string) => output.push(text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => errors.push(text));
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) {
    const lines = errors.join("").trimEnd().split("\n");
    const telling = lines.filter((line) => !line.startsWith("go: downloading")).slice(-20);
    throw new Error(`go ${args.slice(0, 2).join(" ")} failed:\n${telling.join("\n")}`);
  }
  return output.join("");
}

async function timed(what: string, work: () => Promise<void>): Promise<void> {
  const begin = performance.now();
  await work();
  say(`built ${what} in ${((performance.now() - begin) / 1000).toFixed(0)} s`);
}

function say(text: string): void {
  process.stderr.write(`kubescaffold: ${text}\n`);
}
