/** A second project, with other names than the example's: scaffolded, tested and run on the real kube-apiserver. */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { connect, unstructured } from "@kubescaffold/runtime";
import { ControlPlane, eventually, findBinaries, installCrds, readManifests } from "@kubescaffold/runtime/testing";

const ROOT = join(import.meta.dirname, "..", "..");
const FrigateCrew = unstructured({ apiVersion: "fleet.ships.io/v1beta1", kind: "FrigateCrew" });

let project: string;
let plane: ControlPlane;

beforeAll(async () => {
  project = mkdtempSync(join(tmpdir(), "kubescaffold-frigate-"));
  scaffold("init", "--domain", "ships.io", "--project-name", "fleet-operator", "--packages", "link");
  scaffold("create", "api", "--group", "fleet", "--version", "v1beta1", "--kind", "FrigateCrew", "--plural", "frigatecrew");
  plane = await ControlPlane.start();
});

afterAll(async () => {
  await plane.stop();
  rmSync(project, { recursive: true, force: true });
});

test("its own tests pass on the real kube-apiserver", () => {
  const { status, stderr, stdout } = spawnSync("npm", ["test"], {
    cwd: project,
    encoding: "utf8",
    env: { ...process.env, KUBESCAFFOLD_TEST_CLUSTER: "controlplane" },
  });
  expect({ status, output: status === 0 ? "" : stdout + stderr }).toEqual({ status: 0, output: "" });
});

test.each(["typecheck", "lint"])("its %s passes", (script) => {
  const { status, stdout } = spawnSync("npm", ["run", script], { cwd: project, encoding: "utf8" });
  expect({ status, output: status === 0 ? "" : stdout }).toEqual({ status: 0, output: "" });
});

test("its manifests are accepted, without a warning", async () => {
  const { kubectl = "kubectl" } = await findBinaries();
  const manifests = execFileSync(kubectl, ["kustomize", "config/default"], { cwd: project });
  const applied = spawnSync(kubectl, ["--kubeconfig", plane.kubeconfig, "apply", "--server-side", "-f", "-"], {
    input: manifests,
    encoding: "utf8",
  });
  expect(applied).toMatchObject({ status: 0, stderr: "" });
  expect(applied.stdout).toContain("customresourcedefinition.apiextensions.k8s.io/frigatecrew.fleet.ships.io serverside-applied");
});

test("it runs, and makes its sample Available", async () => {
  using connection = await connect({ kubeconfig: plane.kubeconfig });
  const { client } = connection;
  await installCrds(client, await readManifests([join(project, "config", "crd", "bases")]));
  const flags = ["--kubeconfig", plane.kubeconfig, "--health-probe-bind-address", "0", "--webhook-port", "0"];
  const operator = spawn(process.execPath, ["main.ts", ...flags], { cwd: project, stdio: ["ignore", "ignore", "inherit"] });
  try {
    const [sample] = await readManifests([join(project, "config", "samples", "fleet_v1beta1_frigatecrew.yaml")]);
    expect(sample).toMatchObject({ ...FrigateCrew });
    const key = { namespace: "default", name: sample?.metadata.name ?? "" };
    await client.create({ ...sample, metadata: key });
    await eventually(
      async () => {
        const crew = await client.get(FrigateCrew, key);
        expect(crew).toMatchObject({ status: { conditions: [{ type: "Available", status: "True" }] } });
      },
      { timeout: 30_000 },
    );
  } finally {
    const ended = once(operator, "exit");
    operator.kill("SIGTERM");
    expect(await ended).toEqual([0, null]);
  }
});

function scaffold(...args: string[]): void {
  const { status, stderr, stdout } = spawnSync(process.execPath, [join(ROOT, "generators", "bin.js"), ...args], {
    cwd: project,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`scaffold ${args.join(" ")}: ${stdout}${stderr}`);
}
