import { connect, type Client, type Connection, type KubernetesObject } from "../../../../runtime/index.ts";
import { EmbeddedCluster } from "../../../../runtime/testing/embedded/index.ts";
import { eventually } from "../../../../runtime/testing/eventually.ts";
import { Workloads, type WorkloadsOptions } from "../../../../runtime/testing/workloads/index.ts";

export const DEPLOYMENT = { apiVersion: "apps/v1", kind: "Deployment" } as const;
export const REPLICA_SET = { apiVersion: "apps/v1", kind: "ReplicaSet" } as const;
export const STATEFUL_SET = { apiVersion: "apps/v1", kind: "StatefulSet" } as const;
export const POD = { apiVersion: "v1", kind: "Pod" } as const;
export const CLAIM = { apiVersion: "v1", kind: "PersistentVolumeClaim" } as const;
export const VOLUME = { apiVersion: "v1", kind: "PersistentVolume" } as const;
const EVENT = { apiVersion: "events.k8s.io/v1", kind: "Event" } as const;

/** What the tests read of a Pod's status. */
export interface PodStatus {
  phase?: string;
  podIP?: string;
  conditions?: { type: string; status: string; reason?: string }[];
  initContainerStatuses?: ContainerStatus[];
  containerStatuses?: ContainerStatus[];
}

export interface ContainerStatus {
  image: string;
  ready: boolean;
  restartCount: number;
  state: { waiting?: { reason: string }; running?: object; terminated?: { exitCode: number; reason: string } };
}

/** An embedded cluster with workloads, and a client. */
export class TestWorkloads implements AsyncDisposable {
  readonly client: Client;
  readonly #cluster: EmbeddedCluster;
  readonly #connection: Connection;
  #workloads: Workloads | undefined;

  private constructor(cluster: EmbeddedCluster, connection: Connection) {
    this.#cluster = cluster;
    this.#connection = connection;
    this.client = connection.client.inNamespace("default");
  }

  static async start(options: Partial<WorkloadsOptions> = {}): Promise<TestWorkloads> {
    const cluster = await EmbeddedCluster.start();
    const test = new TestWorkloads(cluster, await connect({ kubeconfig: cluster.kubeconfig }));
    try {
      await test.startWorkloads(options);
      return test;
    } catch (error) {
      await test[Symbol.asyncDispose]();
      throw error;
    }
  }

  async startWorkloads(options: Partial<WorkloadsOptions> = {}): Promise<void> {
    this.#workloads = await Workloads.start({ kubeconfig: this.#cluster.kubeconfig, podStartDelay: 1, ...options });
  }

  async stopWorkloads(): Promise<void> {
    await this.#workloads?.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#workloads?.stop();
    this.#connection.close();
    await this.#cluster.stop();
  }

  /** Creates a Pod of these containers' images. */
  async createPod(name: string, images: readonly string[], spec: object = {}): Promise<void> {
    const containers = images.map((image, index) => ({ name: `c${index}`, image }));
    await this.client.create({ ...POD, metadata: { name }, spec: { containers, ...spec } });
  }

  async createDeployment(name: string, replicas: number, image = "example.com/web:1", spec: object = {}): Promise<void> {
    const labels = { app: name };
    const template = { metadata: { labels }, spec: { containers: [{ name: "web", image }] } };
    await this.client.create({
      ...DEPLOYMENT,
      metadata: { name },
      spec: { replicas, selector: { matchLabels: labels }, template, ...spec },
    });
  }

  async podStatus(name: string): Promise<PodStatus> {
    return (await this.client.get(POD, { name }))?.["status"] ?? {};
  }

  /** Waits until the status of a Pod is as `check` wants it. */
  podBecomes(name: string, check: (status: PodStatus) => void): Promise<void> {
    return eventually(async () => check(await this.podStatus(name)));
  }

  /** The reasons of the events about an object so far. */
  async reasons(name: string): Promise<string[]> {
    const events = (await this.client.list(EVENT)) as unknown as { regarding: KubernetesObject["metadata"] & object; reason: string }[];
    return events.filter(({ regarding }) => regarding.name === name).map(({ reason }) => reason);
  }
}
