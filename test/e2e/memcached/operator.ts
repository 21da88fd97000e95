import { join } from "node:path";
import { expect } from "@jest/globals";
import { keyOf, unstructured, type Client, type KubernetesObject, type UnstructuredObject } from "@kubescaffold/runtime";
import type { Condition } from "@kubescaffold/runtime/api";
import { eventually } from "@kubescaffold/runtime/testing";
import { Deployment, type IDeployment } from "kubernetes-models/apps/v1/Deployment";
import { Pod, type IPod } from "kubernetes-models/v1/Pod";
import { exampleProject } from "../../generators/commands/built.ts";
import { scaffold, type Shown } from "../../generators/commands/terminal.ts";
import { temporaryFolder } from "../../generators/temporary.ts";
import type { KindCluster } from "../kind/cluster.ts";
import { provideImage } from "../kind/images.ts";

export const Memcached = unstructured({ apiVersion: "cache.example.com/v1alpha1", kind: "Memcached" });
const Event = unstructured({ apiVersion: "events.k8s.io/v1", kind: "Event" });

/** Where the operator is on the cluster. */
export const operator = { namespace: "memcached-operator-system", name: "memcached-operator-controller-manager" } as const;
/** The name that `scaffold build` gives its image. */
export const operatorImage = "memcached-operator:0.1.0";
export const memcachedImage = "memcached:1.6";
/** The same as memcached's, by a name that no registry has. */
export const nextImage = "kubescaffold.test/memcached:next";
/** Of a registry that refuses at once. */
export const missingImage = "127.0.0.1:1/memcached:none";

/** The memcached example as a user has it who has installed it, with an image that is built; its disposal takes it off the cluster. */
export interface Project extends AsyncDisposable {
  /** Runs a command of ours on the cluster. Throws when it fails. */
  readonly run: (command: string, ...more: string[]) => Promise<Shown>;
  /** The same, for what may fail. */
  readonly tried: (command: string, ...more: string[]) => Promise<Shown>;
  /** What `scaffold build` said. */
  readonly built: string;
}

export async function buildProject(cluster: KindCluster): Promise<Project> {
  const temporary = temporaryFolder();
  const folder = join(temporary.path, "memcached-operator");
  await exampleProject(folder);
  await provideImage(cluster, memcachedImage, nextImage);
  const tried = (command: string, ...more: string[]): Promise<Shown> =>
    scaffold(folder, [command, "--kind-cluster", cluster.name, "--kubeconfig", cluster.kubeconfig, ...more]);
  const { code, out, err } = await scaffold(folder, ["build", "--node", process.execPath]);
  expect([code, err]).toEqual([0, ""]);
  return {
    tried,
    run: async (command, ...more) => {
      const shown = await tried(command, ...more);
      if (shown.code !== 0) throw new Error(`scaffold ${command} failed: ${shown.err}\n${shown.out}`);
      return shown;
    },
    built: out,
    async [Symbol.asyncDispose]() {
      await tried("undeploy", "--remove-finalizers");
      temporary[Symbol.dispose]();
    },
  };
}

/** Waits for what the cluster does, which takes seconds. */
export function soon<T>(check: () => T | Promise<T>, seconds = 60): Promise<T> {
  return eventually(check, { timeout: seconds * 1000, interval: 100 });
}

/** The pods of the operator that are not on their way out. */
export async function operatorPods(client: Client): Promise<IPod[]> {
  return present(await client.list(Pod, { namespace: operator.namespace, labelSelector: "control-plane=controller-manager" }));
}

/** The pods of a Memcached that are not on their way out. */
export async function podsOf(client: Client, key: { namespace: string; name: string }): Promise<IPod[]> {
  return present(await client.list(Pod, { namespace: key.namespace, labelSelector: `app.kubernetes.io/instance=${key.name}` }));
}

function present(pods: readonly IPod[]): IPod[] {
  return pods.filter(({ metadata }) => metadata?.deletionTimestamp === undefined);
}

export function isReady({ status }: IPod): boolean {
  return status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True") === true;
}

/** One of the conditions of a Memcached; throws while there is none. */
export async function conditionOf(client: Client, key: { namespace: string; name: string }, type: string): Promise<Condition> {
  const status = (await client.get(Memcached, key))?.["status"] as { conditions?: Condition[] } | undefined;
  const found = status?.conditions?.find((condition) => condition.type === type);
  if (found === undefined) throw new Error(`${key.name} has no condition ${type} yet`);
  return found;
}

/** Waits until a Memcached is available, as it is specified now, and nothing is wrong with it. */
export async function available(
  client: Client,
  key: { namespace: string; name: string },
  size: number,
  seconds = 60,
): Promise<IDeployment> {
  return soon(async () => {
    expect(await conditionOf(client, key, "Available")).toMatchObject({ status: "True", message: `${size} of ${size} pods are ready.` });
    expect(await conditionOf(client, key, "Degraded")).toMatchObject({ status: "False" });
    const deployment = await client.get(Deployment, key);
    expect(deployment).toMatchObject({ spec: { replicas: size }, status: { readyReplicas: size, updatedReplicas: size } });
    if (deployment === undefined) throw new Error(`there is no Deployment ${key.name}`);
    return deployment;
  }, seconds);
}

export function memcached(namespace: string, name: string, size: number): UnstructuredObject {
  return { ...Memcached, metadata: { namespace, name }, spec: { size } };
}

/** The reasons and notes of an object's events. */
export async function eventsOf(client: Client, object: KubernetesObject): Promise<string[]> {
  const { namespace = "default", name } = keyOf(object);
  const events = await client.list(Event, { namespace });
  return events
    .filter((event) => (event["regarding"] as { name?: string }).name === name)
    .map((event) => `${String(event["reason"])}: ${String(event["note"])}`);
}

/** Sets an environment variable of the operator, or takes it away, and waits until the operator runs so and nothing else does. */
export async function configure(client: Client, name: string, value: string | undefined): Promise<void> {
  const env = value === undefined ? { $patch: "delete", name } : { name, value };
  await client.patch(Deployment, operator, "strategic", {
    spec: { template: { spec: { containers: [{ name: "manager", env: [env] }] } } },
  });
  await soon(async () => {
    const [pod, ...others] = await operatorPods(client);
    if (pod === undefined || others.length > 0 || !isReady(pod)) throw new Error("the operator does not run yet as it was configured");
    expect(pod.spec?.containers[0]?.env?.find((each) => each.name === name)?.value).toBe(value);
  });
}
