import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Client, KubernetesObject } from "@kubescaffold/runtime";
import { parseAllDocuments } from "yaml";
import { ScaffoldError } from "../../errors.ts";

/** The cluster that an operator is developed against. */
export interface DevCluster {
  /** What the user is told. */
  readonly description: string;
  /** The operator's flags that lead to it. */
  readonly flags: readonly string[];
  /** Installs the project's CRDs, or brings them up to date; resolves to the names of those that are new or different. */
  installCrds(project: string, signal: AbortSignal): Promise<string[]>;
  stop(): Promise<void>;
}

interface Crd extends KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; resourceVersion?: string };
  status?: { conditions?: { type: string; status: string; message?: string }[] };
}

const crdKind = { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" } as const;
const crdFolder = "config/crd/bases";
const establishedWithin = 15_000;
const lookEvery = 50;

/** An API server in this process, where Deployments get Pods that become ready; it lives as long as `scaffold dev`. */
export async function embeddedCluster(options: { port?: number | undefined }): Promise<DevCluster> {
  const { EmbeddedCluster, Workloads } = await import("@kubescaffold/runtime/testing");
  const { connect } = await import("@kubescaffold/runtime");
  const { port } = options;
  const cluster = await EmbeddedCluster.start(port === undefined ? {} : { port }).catch((error: unknown) => portTaken(error, port));
  try {
    const workloads = await Workloads.start({ kubeconfig: cluster.kubeconfig, podStartDelay: "300ms" });
    const connection = await connect({ kubeconfig: cluster.kubeconfig });
    return {
      description: `embedded cluster on ${cluster.url}\n  export KUBECONFIG=${cluster.kubeconfig}`,
      flags: ["--kubeconfig", cluster.kubeconfig],
      installCrds: (project, signal) => guarded("The embedded cluster", install(connection.client, project, signal)),
      stop: async () => {
        connection.close();
        await workloads.stop();
        await cluster.stop();
      },
    };
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

function portTaken(error: unknown, port: number | undefined): never {
  if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") {
    throw new ScaffoldError("bad-option", `Port ${port ?? 0} is in use: pass another --port, or none for any that is free.`, {
      cause: error,
    });
  }
  throw error;
}

/**
 * A cluster of a kubeconfig.
 *
 * @param options.skipCrds only look whether the CRDs are there
 * @throws ScaffoldError `cluster-unreachable`, `crd-missing`
 */
export async function realCluster(options: {
  kubeconfig?: string | undefined;
  context?: string | undefined;
  skipCrds: boolean;
}): Promise<DevCluster> {
  const { connect } = await import("@kubescaffold/runtime");
  const { kubeconfig, context } = options;
  const name = context === undefined ? "The cluster of the kubeconfig's current context" : `The cluster of context ${context}`;
  const connection = await guarded(name, connect({ kubeconfig, context }));
  const work = options.skipCrds ? expect : install;
  return {
    description: name.replace(/^The /, ""),
    flags: [...(kubeconfig === undefined ? [] : ["--kubeconfig", kubeconfig]), ...(context === undefined ? [] : ["--context", context])],
    installCrds: (project, signal) => guarded(name, work(connection.client, project, signal)),
    stop: () => {
      connection.close();
      return Promise.resolve();
    },
  };
}

async function install(client: Client, project: string, signal: AbortSignal): Promise<string[]> {
  const changed: string[] = [];
  for (const crd of projectCrds(project)) {
    const { name } = crd.metadata;
    const before = await client.get(crdKind, { name }, { signal });
    const after = await client.apply(crd, { signal });
    if (!before || before.metadata.resourceVersion !== after.metadata.resourceVersion) changed.push(name);
    await established(client, name, signal);
  }
  return changed;
}

/** A CRD is served only some time after it has been stored. */
async function established(client: Client, name: string, signal: AbortSignal): Promise<void> {
  for (let waited = 0; waited < establishedWithin; waited += lookEvery) {
    const crd = (await client.get(crdKind, { name }, { signal })) as Crd | undefined;
    const conditions = crd?.status?.conditions ?? [];
    if (conditions.some(({ type, status }) => type === "Established" && status === "True")) return;
    const refused = conditions.find(({ type, status }) => type === "NamesAccepted" && status === "False");
    if (refused)
      throw new ScaffoldError(
        "conflict",
        `The cluster does not accept the names of ${name} (${refused.message ?? "no reason given"}): choose others, or delete the CRD that has them.`,
      );
    await pause(lookEvery, undefined, { signal });
  }
  throw new ScaffoldError(
    "crd-missing",
    `The cluster did not establish the CRD ${name} in ${establishedWithin / 1000} s: look at kubectl describe crd ${name}.`,
  );
}

async function expect(client: Client, project: string, signal: AbortSignal): Promise<string[]> {
  for (const { metadata } of projectCrds(project)) {
    const { name } = metadata;
    if (!(await client.get(crdKind, { name }, { signal }))) {
      throw new ScaffoldError(
        "crd-missing",
        `The cluster has no CRD ${name}: leave out --skip-crds, or install it with kubectl apply -k config/crd.`,
      );
    }
  }
  return [];
}

function projectCrds(project: string): Crd[] {
  const folder = join(project, crdFolder);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".yaml"))
    .sort()
    .flatMap((name) => parseAllDocuments(readFileSync(join(folder, name), "utf8")))
    .map((document): unknown => ("toJS" in document ? document.toJS() : undefined))
    .filter(isCrd);
}

function isCrd(value: unknown): value is Crd {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === crdKind.kind && "metadata" in value;
}

/** Turns what the cluster answers, or that it does not answer, into one line. */
export async function guarded<T>(name: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw clusterError(name, error);
  }
}

function clusterError(name: string, error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  if (!("code" in error)) return error;
  if (error.code === "kubeconfig") return new ScaffoldError("cluster-unreachable", `${error.message}.`, { cause: error });
  if (error.code === "connection") {
    return new ScaffoldError(
      "cluster-unreachable",
      `${name} is not reachable (${error.message}): is it running, and does kubectl reach it?`,
      { cause: error },
    );
  }
  if (error.code === "api") return new ScaffoldError("cluster-unreachable", `${name} refuses: ${error.message}.`, { cause: error });
  return error;
}
