import { randomUUID } from "node:crypto";
import { afterAll, expect } from "@jest/globals";
import { connect, unstructured, type Client } from "@kubescaffold/runtime";
import { eventually } from "@kubescaffold/runtime/testing";
import { startCluster, type KindCluster } from "./cluster.ts";
import { run } from "./run.ts";

/** What a file of tests has of the cluster. */
export interface Suite {
  readonly cluster: KindCluster;
  /** The cluster administrator's. */
  readonly client: Client;
  /** This file's own. It goes when the tests have run, with all that is in it. */
  readonly namespace: string;
  /** Runs kubectl on the cluster, and returns what it prints. Throws when it fails. */
  readonly kubectl: (args: readonly string[], input?: string) => Promise<string>;
}

const Namespace = unstructured({ apiVersion: "v1", kind: "Namespace" });

/**
 * Gives a file of tests its cluster, with a namespace in it, until its tests have run.
 *
 * @param name begins the namespace's name
 * @param labels of the namespace
 * @example
 * const { client, namespace } = await openSuite("memcached");
 */
export async function openSuite(name: string, labels: Readonly<Record<string, string>> = {}): Promise<Suite> {
  const cluster = await startCluster();
  const connection = await connect({ kubeconfig: cluster.kubeconfig });
  const { client } = connection;
  const namespace = `${name}-${randomUUID().slice(0, 8)}`;
  await client.create({ ...Namespace, metadata: { name: namespace, labels } });
  afterAll(async () => {
    await client.delete(Namespace, { name: namespace });
    // The next file of tests looks at what is on the cluster.
    await eventually(async () => expect(await client.get(Namespace, { name: namespace })).toBeUndefined(), { timeout: 150_000 });
    connection.close();
    await cluster[Symbol.asyncDispose]();
  }, 180_000);
  return {
    cluster,
    client,
    namespace,
    kubectl: (args, input) => run("kubectl", ["--kubeconfig", cluster.kubeconfig, ...args], { ...(input !== undefined && { input }) }),
  };
}
