import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { runProgram } from "../../../generators/program.ts";
import { run } from "./run.ts";

/** A kind cluster that is there, and how to reach it. */
export interface KindCluster extends AsyncDisposable {
  /** As `kind` and `--kind-cluster` know it. */
  readonly name: string;
  /** Its context in the kubeconfig. */
  readonly context: string;
  /** A file with this cluster alone. */
  readonly kubeconfig: string;
}

/** Where the run's kubeconfig is, for the files of tests that follow. */
const VARIABLE = "KUBESCAFFOLD_E2E_KUBECONFIG";
/** A context of your kubeconfig: its kind cluster is used, and stays. */
const GIVEN = "KUBESCAFFOLD_E2E_CONTEXT";
const OWN = "kubescaffold-e2e";

/**
 * The cluster of this run, which all files of tests share; its disposal leaves it to them. Where there is no run, as in a program of its own, it
 * is made and goes with its disposal.
 */
export async function startCluster(): Promise<KindCluster> {
  const kubeconfig = process.env[VARIABLE];
  return kubeconfig === undefined ? makeCluster() : { ...clusterOf(kubeconfig), [Symbol.asyncDispose]: () => Promise.resolve() };
}

/** Makes the cluster of a run known to the files of tests in it. */
export function shareCluster({ kubeconfig }: KindCluster): void {
  process.env[VARIABLE] = kubeconfig;
}

/** The kind cluster that the environment names, as it is; or a new one. What its nodes are made of is what docker has, or else what kind pulls. */
export async function makeCluster(): Promise<KindCluster> {
  const given = process.env[GIVEN];
  if (given !== undefined && !given.startsWith("kind-")) throw new Error(`${GIVEN} is ${given}: it has to be a kind cluster's, kind-NAME.`);
  const name = given?.slice("kind-".length) ?? OWN;
  const folder = mkdtempSync(join(tmpdir(), "kubescaffold-kind-"));
  const kubeconfig = join(folder, name);
  if (given === undefined)
    await run("kind", ["create", "cluster", "--name", name, "--kubeconfig", kubeconfig, "--wait", "120s", ...(await nodeImage())]);
  else await run("kind", ["export", "kubeconfig", "--name", name, "--kubeconfig", kubeconfig]);
  return {
    ...clusterOf(kubeconfig),
    async [Symbol.asyncDispose]() {
      if (given === undefined) await run("kind", ["delete", "cluster", "--name", name, "--kubeconfig", kubeconfig]);
      rmSync(folder, { recursive: true });
    },
  };
}

/** The kubeconfig's file has the cluster's name. */
function clusterOf(kubeconfig: string): Omit<KindCluster, typeof Symbol.asyncDispose> {
  const name = kubeconfig.slice(dirname(kubeconfig).length + 1);
  return { name, context: `kind-${name}`, kubeconfig };
}

/** `--image` of `kind create cluster`: what `prepare` made, or an image for nodes that docker has; kind pulls its own where there is neither. */
export async function nodeImage(): Promise<string[]> {
  for (const repository of ["kubescaffold.test/kind-node", "kindest/node"]) {
    const { out } = await runProgram("docker", ["images", "--format", "{{.Tag}}", repository]);
    const [tag = ""] = out
      .toString()
      .split("\n")
      .filter((line) => line !== "<none>");
    if (tag !== "") return ["--image", `${repository}:${tag}`];
  }
  return [];
}
