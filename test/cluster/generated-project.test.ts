import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { connect, unstructured } from "@kubescaffold/runtime";
import { ControlPlane, eventually, kubeconfigFor } from "@kubescaffold/runtime/testing";
import { findBinaries } from "../../runtime/testing/controlplane/index.ts";
import { succeed } from "../generators/commands/terminal.ts";
import { temporaryFolder } from "../generators/temporary.ts";

/** A project with other names than the example's, as it comes out of the commands. */
const folder = temporaryFolder();
const FrigateCrew = unstructured({ apiVersion: "fleet.ships.io/v1beta1", kind: "FrigateCrew" });
let cluster: ControlPlane;
let kubectl: string;

beforeAll(async () => {
  await succeed(folder.path, ["init", "--domain", "ships.io", "--project-name", "fleet-operator", "--packages", "link"]);
  await succeed(folder.path, [
    "create",
    "api",
    "--group",
    "fleet",
    "--version",
    "v1beta1",
    "--kind",
    "FrigateCrew",
    "--plural",
    "frigatecrew",
  ]);
  await succeed(folder.path, ["create", "api", "--group", "port", "--version", "v1", "--kind", "Harbor", "--no-namespaced"]);
  cluster = await ControlPlane.start();
  kubectl = (await findBinaries()).kubectl ?? "kubectl";
}, 600_000);

afterAll(async () => {
  await cluster.stop();
  folder[Symbol.dispose]();
});

function run(...args: string[]): string {
  return execFileSync(kubectl, ["--kubeconfig", cluster.kubeconfig, ...args], { cwd: folder.path, encoding: "utf8" });
}

test("kubectl applies config/default and config/samples to a real API server, and a second time changes nothing", async () => {
  run("apply", "-k", "config/default");
  await eventually(() =>
    run("wait", "--for=condition=Established", "--timeout=1s", "crd/frigatecrew.fleet.ships.io", "crd/harbors.port.ships.io"),
  );
  run("apply", "-k", "config/samples");
  const again = run("apply", "-k", "config/default") + run("apply", "-k", "config/samples");
  for (const line of again.trim().split("\n")) expect(line).toMatch(/ unchanged$/);
});

test("what is switched off in config/default is accepted when its comment sign is taken off: the network policy", () => {
  const path = join(folder.path, "config/default/kustomization.yaml");
  const off = readFileSync(path, "utf8");
  const on = off.replace(/# (- \.\.\/network-policy)/g, "$1");
  expect(on.match(/#/g)?.length).toBe((off.match(/#/g)?.length ?? 0) - 1);
  writeFileSync(path, on);
  const shown = run("apply", "--dry-run=server", "-k", "config/default");
  writeFileSync(path, off);
  expect(shown).toContain("networkpolicy.networking.k8s.io/fleet-operator-allow-metrics-traffic created");
  expect(shown).toContain("deployment.apps/fleet-operator-controller-manager unchanged");
});

test("the operator does its work as its service account, with exactly the access rules that were derived", async () => {
  const kubeconfig = await kubeconfigFor({
    kubeconfig: cluster.kubeconfig,
    serviceAccount: "fleet-operator-controller-manager",
    namespace: "fleet-operator-system",
  });
  const operator = spawn(process.execPath, ["main.ts", "--kubeconfig", kubeconfig, "--leader-elect", "--health-probe-bind-address=0"], {
    cwd: folder.path,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let log = "";
  for (const stream of [operator.stdout, operator.stderr]) stream.on("data", (chunk: Buffer) => (log += chunk.toString()));
  using connection = await connect({ kubeconfig: cluster.kubeconfig });
  await eventually(
    async () => {
      const object = await connection.client.get(FrigateCrew, { namespace: "default", name: "frigatecrew-sample" });
      expect([log, object?.["status"]]).toEqual([
        log,
        { conditions: [expect.objectContaining({ type: "Available", status: "True" }) as unknown] },
      ]);
    },
    { timeout: 30_000 },
  );
  operator.kill("SIGTERM");
  expect(await once(operator, "exit")).toEqual([0, null]);
  expect(log).not.toContain("forbidden");
});

test("its own tests pass on a real API server", () => {
  const { status, stdout, stderr } = spawnSync("npm", ["test"], {
    cwd: folder.path,
    encoding: "utf8",
    env: {
      ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("JEST_"))),
      KUBESCAFFOLD_TEST_CLUSTER: "controlplane",
    },
  });
  expect([status, stdout, stderr]).toEqual([0, expect.anything(), expect.stringMatching(/Tests: +2 passed, 2 total/)]);
}, 120_000);
