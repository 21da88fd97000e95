import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { findBinaries } from "../../../../runtime/testing/controlplane/index.ts";
import { versionsFolder } from "../../../../runtime/testing/controlplane/versions.ts";

describe("the programs of a control plane", () => {
  const before = { ...process.env };
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "kubescaffold-binaries-"));
    delete process.env["KUBEBUILDER_ASSETS"];
    process.env["XDG_CACHE_HOME"] = join(folder, "cache");
  });
  afterEach(async () => {
    Object.assign(process.env, before);
    for (const name of ["KUBEBUILDER_ASSETS", "XDG_CACHE_HOME"].filter((name) => !(name in before))) {
      Reflect.deleteProperty(process.env, name);
    }
    await rm(folder, { recursive: true });
  });

  async function programs(at: string, ...names: string[]): Promise<void> {
    await mkdir(at, { recursive: true });
    for (const name of names) {
      await writeFile(join(at, name), "#!/bin/sh\n");
      await chmod(join(at, name), 0o755);
    }
  }

  test("come from KUBEBUILDER_ASSETS first, where some may be missing", async () => {
    const assets = join(folder, "assets");
    await programs(assets, "etcd", "kube-apiserver");
    await programs(join(folder, "cache", "kubescaffold", "controlplane", versionsFolder), "etcd", "kube-apiserver");
    process.env["KUBEBUILDER_ASSETS"] = assets;
    expect(await findBinaries()).toEqual({
      folder: assets,
      etcd: join(assets, "etcd"),
      kubeApiserver: join(assets, "kube-apiserver"),
      kubectl: undefined,
      kubeControllerManager: undefined,
    });
  });

  test("come from the cache next", async () => {
    const cache = join(folder, "cache", "kubescaffold", "controlplane", versionsFolder);
    await programs(cache, "etcd", "kube-apiserver", "kubectl", "kube-controller-manager");
    expect(await findBinaries()).toMatchObject({ folder: cache, kubectl: join(cache, "kubectl") });
  });

  test("are not looked for elsewhere when KUBEBUILDER_ASSETS is wrong", async () => {
    await programs(join(folder, "cache", "kubescaffold", "controlplane", versionsFolder), "etcd", "kube-apiserver");
    process.env["KUBEBUILDER_ASSETS"] = folder;
    await expect(findBinaries()).rejects.toThrow(`KUBEBUILDER_ASSETS is ${folder}, where there is no etcd or no kube-apiserver`);
  });

  test("cannot be built without Go, which is said with what to do instead", async () => {
    process.env["PATH"] = folder;
    await expect(findBinaries()).rejects.toThrow(/Install Go 1\.25 or newer .* or set KUBEBUILDER_ASSETS/);
  });
});
