import { join } from "node:path";
import { connect, unstructured, type Client, type Connection } from "@kubescaffold/runtime";
import { eventually } from "@kubescaffold/runtime/testing";
import { Lease } from "kubernetes-models/coordination.k8s.io/v1/Lease";
import { Pod, type IPod } from "kubernetes-models/v1/Pod";
import { runProgram, type Ran } from "../../../generators/program.ts";
import { exampleProject } from "../../generators/commands/built.ts";
import { scaffold, type Shown } from "../../generators/commands/terminal.ts";
import { temporaryFolder } from "../../generators/temporary.ts";
import type { KindCluster } from "../kind/cluster.ts";
import { isReady } from "../memcached/operator.ts";

/** An example, as a user has it who has installed it, and the cluster that it is deployed to. */
export class Site implements Disposable {
  readonly project: string;
  readonly client: Client;
  /** Where the operator lives, and what its Deployment is called. */
  readonly operator: { readonly namespace: string; readonly name: string };
  readonly #cluster: KindCluster;
  readonly #connection: Connection;
  readonly #folder: ReturnType<typeof temporaryFolder>;

  private constructor(example: string, cluster: KindCluster, connection: Connection, folder: ReturnType<typeof temporaryFolder>) {
    this.#cluster = cluster;
    this.#connection = connection;
    this.#folder = folder;
    this.project = join(folder.path, example);
    this.client = connection.client;
    this.operator = { namespace: `${example}-system`, name: `${example}-controller-manager` };
  }

  static async start(example: string, cluster: KindCluster): Promise<Site> {
    const folder = temporaryFolder();
    const connection = await connect({ kubeconfig: cluster.kubeconfig });
    const site = new Site(example, cluster, connection, folder);
    await exampleProject(site.project, example);
    return site;
  }

  /** Runs a command of ours in the project; what reaches a cluster reaches this one. */
  async scaffold(command: string, ...more: string[]): Promise<Shown> {
    const where =
      command === "build" ? ["--node", process.execPath] : ["--kind-cluster", this.#cluster.name, "--kubeconfig", this.#cluster.kubeconfig];
    return scaffold(this.project, [command, ...where, ...more]);
  }

  async kubectl(args: readonly string[], input?: string): Promise<Ran> {
    return runProgram("kubectl", ["--kubeconfig", this.#cluster.kubeconfig, ...args], {
      cwd: this.project,
      ...(input !== undefined && { input }),
    });
  }

  /** Types a line into a shell whose kubectl is the cluster's. */
  async shell(line: string): Promise<Ran> {
    return runProgram("bash", ["-c", `set -o pipefail; ${line}`], {
      cwd: this.project,
      environment: { ...process.env, KUBECONFIG: this.#cluster.kubeconfig },
    });
  }

  /** The pods of the operator that are not on their way out. */
  async pods(): Promise<IPod[]> {
    const { namespace } = this.operator;
    const all = await this.client.list(Pod, { namespace, labelSelector: "control-plane=controller-manager" });
    return all.filter(({ metadata }) => metadata?.deletionTimestamp === undefined);
  }

  /** Who holds the operator's lease; empty where nobody does. */
  async leader(lease: string): Promise<string> {
    const found = await this.client.get(Lease, { namespace: this.operator.namespace, name: lease });
    return found?.spec?.holderIdentity ?? "";
  }

  /** Asks for so many replicas, and waits until it is these. */
  async scale(replicas: number): Promise<void> {
    const { namespace, name } = this.operator;
    await this.client.patch(DEPLOYMENT, { namespace, name }, "merge", { spec: { replicas } });
    await this.settle(replicas);
  }

  /** Waits until exactly so many pods are there, all of them ready and none on its way out: while no other is ready, a Service leads to those too. */
  async settle(replicas: number): Promise<void> {
    const { namespace } = this.operator;
    await eventually(
      async () => {
        const pods = await this.client.list(Pod, { namespace, labelSelector: "control-plane=controller-manager" });
        if (pods.length !== replicas || !pods.every(isReady)) throw new Error(`not yet ${replicas} pods that are ready`);
      },
      { timeout: 90_000, interval: 200 },
    );
  }

  [Symbol.dispose](): void {
    this.#connection.close();
    this.#folder[Symbol.dispose]();
  }
}

const DEPLOYMENT = unstructured({ apiVersion: "apps/v1", kind: "Deployment" });
