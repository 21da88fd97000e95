/** `npm run demo -- --kubeconfig FILE`: the demo on a real API server, with the real controllers, which it leaves as it found it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { connect, unstructured } from "@kubescaffold/runtime";
import { ControlPlane, eventually, Workloads } from "@kubescaffold/runtime/testing";

const DEMO = join(import.meta.dirname, "..", "demo", "main.ts");
const Crd = unstructured({ apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" });
const Namespace = unstructured({ apiVersion: "v1", kind: "Namespace" });

let plane: ControlPlane;
let workloads: Workloads;

beforeAll(async () => {
  plane = await ControlPlane.start({ controllerManager: true });
  workloads = await Workloads.start({ kubeconfig: plane.kubeconfig, controllers: "kubelet" });
});

afterAll(async () => {
  await workloads.stop();
  await plane.stop();
});

test("the demo plays on a real cluster, and takes away what it brought", async () => {
  const { status, stdout, stderr } = await run("--kubeconfig", plane.kubeconfig);

  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout).toMatch(/size 3, Available True, nodes 3[^]*size 5, Available True, nodes 5[^]*nothing is left of it/);
  using connection = await connect({ kubeconfig: plane.kubeconfig });
  await eventually(async () => {
    expect(await connection.client.list(Crd)).toEqual([]);
    expect(await connection.client.get(Namespace, { name: "memcached-demo" })).toBeUndefined();
  });
});

test("a kubeconfig that is not there is one line", async () => {
  const { status, stderr } = await run("--kubeconfig", "/nowhere/kubeconfig");
  expect(status).toBe(1);
  expect(stderr.trim().split("\n")).toEqual([expect.stringContaining("cannot read the kubeconfig /nowhere/kubeconfig")]);
});

/** Asynchronous, since the kubelet's stand-in lives in this process. */
async function run(...args: string[]): Promise<{ status: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [DEMO, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const [status] = (await once(child, "close")) as [number | null];
  return { status, stdout, stderr };
}
