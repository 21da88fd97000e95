/** The programs that deploy runs: kubectl or kustomize, kind, docker. Scripts in their place show how they are called and what becomes of their answers. */
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packTar } from "modern-tar";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { connect, silentLogger, unstructured } from "@kubescaffold/runtime";
import { EmbeddedCluster, Workloads } from "@kubescaffold/runtime/testing";
import { temporaryFolder } from "../temporary.ts";
import { operatorManifests, yaml } from "./operator-manifests.ts";
import { memcached, newProject, scaffold, succeed, type Shown } from "./terminal.ts";

jest.setTimeout(30_000);

const Deployment = unstructured({ apiVersion: "apps/v1", kind: "Deployment" });
const path = process.env["PATH"];
let cluster: EmbeddedCluster;
let workloads: Workloads;
let kubeconfig: string;
let folder: ReturnType<typeof temporaryFolder>;
let programs: ReturnType<typeof temporaryFolder>;

beforeAll(async () => {
  cluster = await EmbeddedCluster.start();
  workloads = await Workloads.start({ kubeconfig: cluster.kubeconfig, log: silentLogger });
});

afterAll(async () => {
  await workloads.stop();
  await cluster.stop();
});

beforeEach(() => {
  folder = temporaryFolder();
  programs = temporaryFolder();
  kubeconfig = join(programs.path, "kubeconfig");
  const contexts = [{ name: "kind-dev", context: { cluster: "dev" } }];
  writeFileSync(
    kubeconfig,
    JSON.stringify({ clusters: [{ name: "dev", cluster: { server: cluster.url } }], contexts, "current-context": "none" }),
  );
  mkdirSync(bin());
  process.env["PATH"] = bin();
});

afterEach(() => {
  process.env["PATH"] = path;
  folder[Symbol.dispose]();
  programs[Symbol.dispose]();
});

/** The only folder in which programs are found. */
function bin(): string {
  return join(programs.path, "bin");
}

/** A program that notes how it was called and then does what the script says. */
function program(name: string, script: string): void {
  const file = join(bin(), name);
  writeFileSync(file, `#!/bin/sh\necho "${name} $*" >>"${programs.path}/calls"\n${script}\n`);
  chmodSync(file, 0o755);
}

function calls(): string[] {
  return readFileSync(join(programs.path, "calls"), "utf8").trim().split("\n");
}

function manifests(image: string): void {
  writeFileSync(join(folder.path, "operator.yaml"), yaml(operatorManifests({ image })));
}

function deploy(...more: string[]): Promise<Shown> {
  return scaffold(folder.path, ["deploy", "--kubeconfig", kubeconfig, ...more]);
}

async function template(): Promise<{ metadata: { annotations?: object }; spec: { containers: { image: string }[] } }> {
  using connection = await connect({ kubeconfig: cluster.kubeconfig });
  const found = await connection.client.get(Deployment, { namespace: "ship-system", name: "ship-operator" });
  return (found?.["spec"] as { template: Awaited<ReturnType<typeof template>> }).template;
}

describe("a kustomization", () => {
  /** One that nobody reads: the programs are no real ones. */
  function kustomization(): string {
    mkdirSync(join(folder.path, "overlay"), { recursive: true });
    manifests("ship:1");
    return join(folder.path, "overlay");
  }

  test("is put together by kubectl, or else by kustomize", async () => {
    const overlay = kustomization();
    program("kustomize", `while read -r line; do echo "$line"; done <"${folder.path}/operator.yaml"`);
    const where = ["--from", "overlay", "--context", "kind-dev"];
    expect(await deploy(...where)).toMatchObject({ code: 0, err: "" });
    program("kubectl", `while read -r line; do echo "$line"; done <"${folder.path}/operator.yaml"`);
    expect(await deploy(...where)).toMatchObject({ code: 0, err: "" });
    expect(calls()).toEqual([`kustomize build ${overlay}`, `kubectl kustomize ${overlay}`]);
  });

  test("that has a fault is told of in the program's words", async () => {
    kustomization();
    program("kubectl", 'echo "error: accumulating resources: no such file: x.yaml" >&2; exit 1');
    expect(await deploy("--from", "overlay", "--context", "kind-dev")).toMatchObject({
      code: 1,
      err: "kubectl cannot put overlay together: accumulating resources: no such file: x.yaml",
    });
  });

  test("cannot be deployed where there is neither program; a file of manifests can", async () => {
    kustomization();
    expect(await deploy("--from", "overlay", "--context", "kind-dev")).toMatchObject({
      code: 1,
      err: "overlay is a kustomization, and there is neither kubectl nor kustomize on this machine: install one, or pass --from a file of manifests.",
    });
    expect(await deploy("--from", "operator.yaml", "--context", "kind-dev")).toMatchObject({ code: 0, err: "" });
  });
});

describe("--kind-cluster", () => {
  const onKind = ["--from", "operator.yaml", "--kind-cluster", "dev"];

  test("means the context of kind's own making, and loads the engine's image into the nodes", async () => {
    manifests("ship:1");
    program("docker", "echo sha256:one");
    program("kind", "");
    const shown = await deploy(...onKind);
    expect(shown).toMatchObject({ code: 0, err: "" });
    expect(shown.out).toContain("The cluster of context kind-dev, ");
    expect(shown.out).toContain("load    ship:1 into the kind cluster dev");
    expect(calls()).toEqual(["docker image inspect --format {{.Id}} ship:1", "kind load docker-image ship:1 --name dev"]);
  });

  test("the same image changes nothing, and one of the same name with other content makes new pods", async () => {
    manifests("ship:1");
    program("docker", "echo sha256:one");
    program("kind", "");
    await deploy(...onKind);
    const { metadata } = await template();
    expect((await deploy(...onKind)).out).toContain("Nothing to do");
    program("docker", "echo sha256:two");
    expect((await deploy(...onKind)).out).toContain("update  deployment ship-system/ship-operator");
    expect((await template()).metadata).not.toEqual(metadata);
  });

  test("an archive is loaded as it is, and its content is what counts", async () => {
    manifests("ship:1");
    program("kind", "");
    writeFileSync(join(folder.path, "ship.tar"), "first");
    await deploy(...onKind, "--image-archive", "ship.tar");
    expect(calls()).toEqual(["kind load image-archive ship.tar --name dev"]);
    const { metadata } = await template();
    expect((await deploy(...onKind, "--image-archive", "ship.tar")).out).toContain("Nothing to do");
    writeFileSync(join(folder.path, "ship.tar"), "second");
    await deploy(...onKind, "--image-archive", "ship.tar");
    expect((await template()).metadata).not.toEqual(metadata);
    expect(await deploy(...onKind, "--image-archive", "none.tar")).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^The archive none\.tar cannot be read: ENOENT/) as unknown,
    });
  });

  test("an image that this machine has not is left to the cluster to pull", async () => {
    manifests("ship:1");
    program("docker", 'echo "Error: No such image: ship:1" >&2; exit 1');
    const shown = await deploy(...onKind);
    expect(shown).toMatchObject({ code: 0, err: "" });
    expect(shown.out).toContain("note    there is no image ship:1 on this machine, so the cluster will try to pull it");
    rmSync(join(bin(), "docker"));
    expect((await deploy(...onKind)).out).toContain("note    there is no image ship:1 on this machine");
  });

  test("an image that nodes pull each time is refused, for loading it would be of no use", async () => {
    program("docker", "echo sha256:one");
    for (const image of ["ship:latest", "example.com:5000/ship"]) {
      manifests(image);
      expect(await deploy(...onKind)).toMatchObject({
        code: 1,
        err: `The nodes of a cluster pull ${image} each time, whatever is loaded into them: pass --image with a tag other than latest.`,
      });
    }
  });

  test("tells what kind says, and that it is not there", async () => {
    manifests("ship:1");
    program("docker", "echo sha256:one");
    expect(await deploy(...onKind)).toMatchObject({
      code: 1,
      err: "There is no kind on this machine: install it, or pass --context to deploy without loading an image.",
    });
    program("kind", `echo 'ERROR: no nodes found for cluster "dev"' >&2; exit 1`);
    expect(await deploy(...onKind)).toMatchObject({
      code: 1,
      err: 'kind could not load ship:1 into dev: no nodes found for cluster "dev"',
    });
  });
});

describe("a project whose config/manager names no image yet", () => {
  const unnamed = (): void => {
    writeFileSync(join(folder.path, "operator.yaml"), yaml(operatorManifests({ image: "controller:latest" })));
    program("kubectl", `while read -r line; do echo "$line"; done <"${folder.path}/operator.yaml"`);
    program("kind", "");
  };

  /** As scaffold build leaves it, as far as its name goes. */
  async function built(name: string): Promise<void> {
    mkdirSync(join(folder.path, "dist"), { recursive: true });
    const body = JSON.stringify([{ RepoTags: [name] }]);
    writeFileSync(join(folder.path, "dist/image.tar"), await packTar([{ header: { name: "manifest.json", size: body.length }, body }]));
  }

  async function project(): Promise<void> {
    await newProject(folder.path);
    await succeed(folder.path, ["create", "api", ...memcached]);
  }

  test("is refused where nobody says which image", async () => {
    await project();
    unnamed();
    expect(await deploy("--context", "kind-dev")).toMatchObject({
      code: 1,
      err: "config/manager names no image yet: pass one, such as --image example.com/cache-operator:0.1.0.",
    });
    expect(await deploy("--context", "kind-dev", "--image", "example.com/cache:2")).toMatchObject({ code: 0, err: "" });
    expect((await template()).spec.containers[0]?.image).toBe("example.com/cache:2");
  });

  test("gets what scaffold build made, on a kind cluster; its derived files are brought up to date first", async () => {
    await project();
    unnamed();
    await built("cache-operator:0.1.0");
    rmSync(join(folder.path, "config/rbac/role.yaml"));
    const shown = await deploy("--kind-cluster", "dev");
    expect(shown).toMatchObject({ code: 0, err: "" });
    expect(shown.out).toContain("  create  config/rbac/role.yaml\n");
    expect(calls()).toEqual([`kubectl kustomize ${folder.path}/config/default`, "kind load image-archive dist/image.tar --name dev"]);
    expect((await template()).spec.containers[0]?.image).toBe("cache-operator:0.1.0");
  });

  test("gets it by the name that it was built with, whether that is said again or not", async () => {
    await project();
    unnamed();
    program("docker", "exit 1");
    await built("example.com/team/cache:0.2.0");
    for (const more of [[], ["--image", "example.com/team/cache:0.2.0"]]) {
      expect(await deploy("--kind-cluster", "dev", ...more)).toMatchObject({ code: 0, err: "" });
      expect((await template()).spec.containers[0]?.image).toBe("example.com/team/cache:0.2.0");
      expect(calls().at(-1)).toBe("kind load image-archive dist/image.tar --name dev");
    }
    expect((await deploy("--kind-cluster", "dev", "--image", "cache:0.3.0")).out).toContain("note    there is no image cache:0.3.0");
  });
});
