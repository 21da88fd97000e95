import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";

import { buildBinaries } from "./build.ts";
import { versionsFolder } from "./versions.ts";

/** Paths of the programs that make a control plane. A folder of other people's making may lack the last two. */
export interface Binaries {
  folder: string;
  etcd: string;
  kubeApiserver: string;
  kubectl: string | undefined;
  kubeControllerManager: string | undefined;
}

/** The folder that keeps the binaries: `${XDG_CACHE_HOME:-~/.cache}/kubescaffold/controlplane/<versions>`. */
function cacheFolder(): string {
  return join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "kubescaffold", "controlplane", versionsFolder);
}

/**
 * Finds the binaries in the folder that `KUBEBUILDER_ASSETS` names, as controller-runtime's envtest does, else in
 * `${XDG_CACHE_HOME:-~/.cache}/kubescaffold/controlplane/<versions>`, else builds them there from Go modules, once, which takes minutes and is reported on stderr.
 *
 * @throws with what to install or set when the binaries are nowhere and cannot be built.
 */
export async function findBinaries(): Promise<Binaries> {
  const assets = process.env["KUBEBUILDER_ASSETS"];
  if (assets !== undefined && assets !== "") {
    const found = await binariesIn(resolve(assets));
    if (found === undefined) {
      throw new Error(`KUBEBUILDER_ASSETS is ${assets}, where there is no etcd or no kube-apiserver: correct it or unset it`);
    }
    return found;
  }
  const cache = cacheFolder();
  const cached = await binariesIn(cache);
  if (cached !== undefined) {
    return cached;
  }
  await buildBinaries(cache);
  const built = await binariesIn(cache);
  if (built === undefined) {
    throw new Error(`The build left no etcd or no kube-apiserver in ${cache}: remove that folder and try again`);
  }
  return built;
}

async function binariesIn(folder: string): Promise<Binaries | undefined> {
  const [etcd, kubeApiserver, kubectl, kubeControllerManager] = await Promise.all(
    ["etcd", "kube-apiserver", "kubectl", "kube-controller-manager"].map((name) => executable(join(folder, name))),
  );
  return etcd === undefined || kubeApiserver === undefined ? undefined : { folder, etcd, kubeApiserver, kubectl, kubeControllerManager };
}

async function executable(path: string): Promise<string | undefined> {
  try {
    await access(path, constants.X_OK);
    return path;
  } catch {
    return undefined;
  }
}
