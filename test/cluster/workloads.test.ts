import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { dirname } from "node:path";
import { connect, silentLogger, type Client, type Connection } from "../../runtime/index.ts";
import { ControlPlane, findBinaries } from "../../runtime/testing/controlplane/index.ts";
import { ServerProcess } from "../../runtime/testing/controlplane/server-process.ts";
import { eventually } from "../../runtime/testing/eventually.ts";
import { Workloads } from "../../runtime/testing/workloads/index.ts";
import { listAll, snapshot, type Lists, type Loose } from "./workloads-snapshot.ts";

/** A cluster with the real kube-controller-manager and our kubelet, and one with our controllers. */
interface Side {
  cluster: ControlPlane;
  workloads: Workloads;
  connection: Connection;
  more: ServerProcess | undefined;
}

let real: Side;
let ours: Side;

beforeAll(async () => {
  [real, ours] = await Promise.all([startSide(true), startSide(false)]);
}, 120_000);

afterAll(async () => {
  for (const side of [real, ours]) {
    await side.workloads.stop();
    side.connection.close();
    await side.more?.stop();
    await side.cluster.stop();
  }
}, 60_000);

async function startSide(isReal: boolean): Promise<Side> {
  const cluster = await ControlPlane.start({ controllerManager: isReal });
  const { kubeconfig } = cluster;
  // Its warnings are of Pods that are to be refused.
  const workloads = await Workloads.start({ kubeconfig, controllers: isReal ? "kubelet" : "all", podStartDelay: 50, log: silentLogger });
  const more = isReal ? await startMoreControllers(kubeconfig) : undefined;
  return { cluster, workloads, connection: await connect({ kubeconfig }), more };
}

/** The control plane runs few controllers; these are others that are simulated. */
async function startMoreControllers(kubeconfig: string): Promise<ServerProcess> {
  const { kubeControllerManager } = await findBinaries();
  if (kubeControllerManager === undefined) throw new Error("there is no kube-controller-manager to compare with");
  const controllers = "statefulset-controller,job-controller,endpointslice-controller";
  const args = [`--kubeconfig=${kubeconfig}`, `--controllers=${controllers}`, "--leader-elect=false", "--secure-port=0"];
  const command = [kubeControllerManager, ...args, "--kube-api-qps=500", "--kube-api-burst=1000"];
  return ServerProcess.start("more-controllers", command, dirname(kubeconfig));
}

const DEPLOYMENT = { apiVersion: "apps/v1", kind: "Deployment" } as const;
const POD = { apiVersion: "v1", kind: "Pod" } as const;

type Step = (client: Client, namespace: string) => Promise<unknown>;
type Check = (objects: Lists) => void;

/**
 * A namespace of the same name on both sides, and steps that are done on both; after each the two must come to look the same.
 * Of more than ten similar events on an object the real controllers' event recorder writes but one, so a scenario scales less often.
 */
async function scenario(namespace: string, steps: readonly [name: string, step: Step, done: Check][]): Promise<void> {
  const clients = [real.connection.client, ours.connection.client];
  const names = clients.map(() => new Map<string, string>());
  for (const client of clients) await client.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
  // The controller manager makes it; Pods are refused without.
  await eventually(async () => {
    const account = { apiVersion: "v1", kind: "ServiceAccount" };
    expect(await real.connection.client.get(account, { namespace, name: "default" })).toBeDefined();
  });
  for (const [name, step, done] of steps) {
    await Promise.all(clients.map((client) => step(client, namespace)));
    await Promise.all(clients.map((client) => settled(client, namespace, name, done)));
    await eventually(
      async () => {
        const [theirs, mine] = await Promise.all(
          clients.map((client, side) => snapshot(client, namespace, names[side] ?? new Map<string, string>())),
        );
        expect({ after: name, ...mine }).toEqual({ after: name, ...theirs });
      },
      { timeout: 15_000, interval: 200 },
    );
  }
}

async function settled(client: Client, namespace: string, name: string, done: Check): Promise<void> {
  await eventually(
    async () => {
      const lists = await listAll(client, namespace);
      for (const { metadata, status } of [...lists.deployments, ...lists.statefulSets])
        expect({ after: name, observed: status?.["observedGeneration"] }).toEqual({ after: name, observed: metadata.generation });
      done(lists);
    },
    { timeout: 20_000, interval: 100 },
  );
}

function create(more: { spec?: object; template?: object; annotations?: Record<string, string>; image?: string } = {}): Step {
  const labels = { app: "web" };
  return (client, namespace) =>
    client.create({
      ...DEPLOYMENT,
      metadata: { name: "web", namespace, labels: { team: "blue" }, annotations: more.annotations ?? { note: "copied" } },
      spec: {
        replicas: 3,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: { containers: [{ name: "web", image: more.image ?? "example.com/web:1" }], ...more.template },
        },
        ...more.spec,
      },
    });
}

const patch =
  (spec: object): Step =>
  (client, namespace) =>
    client.patch(DEPLOYMENT, { namespace, name: "web" }, "strategic", { spec });

const setImage = (image: string): Step => patch({ template: { spec: { containers: [{ name: "web", image }] } } });

const scaleTo =
  (replicas: number): Step =>
  (client, namespace) =>
    client.subresource("scale").patch(DEPLOYMENT, { namespace, name: "web" }, "merge", { spec: { replicas } });

/** Everything that is wanted runs, and nothing else. */
const complete =
  (replicas: number): Check =>
  ({ deployments: [deployment], pods }) => {
    const { updatedReplicas = 0, availableReplicas = 0, replicas: all = 0 } = deployment?.status ?? {};
    expect({ updatedReplicas, availableReplicas, all, pods: pods.length }).toEqual({
      updatedReplicas: replicas,
      availableReplicas: replicas,
      all: replicas,
      pods: replicas,
    });
  };

/** So many Pods cannot pull their image and wait for the next try; so many others are there. */
const stuck =
  (bad: number, good: number): Check =>
  ({ pods }) => {
    const isBad = ({ status }: Loose) => JSON.stringify(status?.["containerStatuses"] ?? "").includes("ImagePullBackOff");
    expect({ bad: pods.filter(isBad).length, good: pods.filter((pod) => !isBad(pod)).length }).toEqual({ bad, good });
  };

describe("The simulated controllers leave what kube-controller-manager leaves", () => {
  test("when a Deployment is created, scaled, given another image, and loses a Pod", async () => {
    await scenario("basics", [
      ["create", create(), complete(3)],
      ["scale up", scaleTo(5), complete(5)],
      ["scale down", scaleTo(2), complete(2)],
      ["another image", setImage("example.com/web:2"), complete(2)],
      [
        "a Pod is deleted",
        async (client, namespace) => {
          const [pod] = (await listAll(client, namespace)).pods;
          await client.delete(POD, { namespace, name: pod?.metadata.name ?? "" });
          await eventually(async () =>
            expect((await listAll(client, namespace)).pods.some((each) => each.metadata.uid === pod?.metadata.uid)).toBe(false),
          );
        },
        complete(2),
      ],
      ["scale to nothing", scaleTo(0), complete(0)],
      ["and back", scaleTo(1), complete(1)],
    ]);
  }, 180_000);

  test("when a Deployment is paused, changed, scaled and resumed", async () => {
    const paused =
      (replicas: number): Check =>
      ({ deployments: [deployment], replicaSets }) => {
        expect(deployment?.status).toMatchObject({ availableReplicas: replicas });
        expect(replicaSets).toHaveLength(1);
      };
    await scenario("paused", [
      ["create", create({ spec: { replicas: 2 } }), complete(2)],
      ["pause", patch({ paused: true }), paused(2)],
      ["another image", setImage("example.com/web:2"), paused(2)],
      ["scale", scaleTo(3), paused(3)],
      ["resume", patch({ paused: false }), complete(3)],
    ]);
  }, 180_000);

  test("when an image cannot be pulled, the Deployment is scaled meanwhile, and rolled back", async () => {
    await scenario("stuck", [
      ["create", create({ spec: { replicas: 4 } }), complete(4)],
      ["a bad image", setImage("example.com/does-not-exist:1"), stuck(2, 3)],
      ["scale up", scaleTo(8), stuck(4, 6)],
      ["scale down", scaleTo(3), stuck(2, 2)],
    ]);
    await scenario("unstuck", [
      ["create", create({ spec: { replicas: 2 } }), complete(2)],
      ["a bad image", setImage("example.com/does-not-exist:1"), stuck(1, 2)],
      ["roll back", setImage("example.com/web:1"), complete(2)],
    ]);
  }, 180_000);

  test("when a Deployment goes back to a former template, by name and annotation", async () => {
    await scenario("rollback", [
      ["create", create({ spec: { replicas: 1 } }), complete(1)],
      ["second image", setImage("example.com/web:2"), complete(1)],
      ["first image", setImage("example.com/web:1"), complete(1)],
      ["second image again", setImage("example.com/web:2"), complete(1)],
      [
        "an annotation",
        (client, namespace) =>
          client.patch(DEPLOYMENT, { namespace, name: "web" }, "merge", {
            metadata: { annotations: { "kubernetes.io/change-cause": "because" } },
          }),
        complete(1),
      ],
    ]);
  }, 180_000);

  test("when a Deployment recreates its Pods and keeps little history", async () => {
    await scenario("recreate", [
      ["create", create({ spec: { replicas: 2, strategy: { type: "Recreate" }, revisionHistoryLimit: 1 } }), complete(2)],
      ["second image", setImage("example.com/web:2"), complete(2)],
      ["third image", setImage("example.com/web:3"), complete(2)],
      ["fourth image", setImage("example.com/web:4"), complete(2)],
      ["scale", scaleTo(3), complete(3)],
    ]);
  }, 180_000);

  test("when a rollout makes no progress before its deadline, and then does", async () => {
    const timedOut: Check = ({ deployments: [deployment] }) =>
      expect(deployment?.status?.conditions).toContainEqual(expect.objectContaining({ reason: "ProgressDeadlineExceeded" }));
    await scenario("deadline", [
      ["create", create({ image: "example.com/does-not-exist:1", spec: { replicas: 1, progressDeadlineSeconds: 2 } }), timedOut],
      ["a good image", setImage("example.com/web:1"), complete(1)],
    ]);
  }, 180_000);

  test("when Pods have to be ready for a while, and the surge and the unavailable are numbers", async () => {
    const strategy = { type: "RollingUpdate", rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } };
    await scenario("slow", [
      ["create", create({ spec: { replicas: 2, minReadySeconds: 1, strategy } }), complete(2)],
      ["another image", setImage("example.com/web:2"), complete(2)],
      ["no wait any more", patch({ minReadySeconds: 0 }), complete(2)],
    ]);
  }, 180_000);

  test("when Pods are taken out of a ReplicaSet, put back, and refused", async () => {
    const relabel =
      (labels: Record<string, string | null>, which: (pod: Loose) => boolean): Step =>
      async (client, namespace) => {
        const pod = (await listAll(client, namespace)).pods.find(which);
        await client.patch(POD, { namespace, name: pod?.metadata.name ?? "" }, "merge", { metadata: { labels } });
      };
    const isOut = ({ metadata }: Loose) => metadata.labels?.["app"] !== "web";
    await scenario("claims", [
      ["create", create({ spec: { replicas: 2 } }), complete(2)],
      [
        "a Pod is relabelled",
        relabel({ app: "debug" }, () => true),
        ({ pods }) => expect(pods.filter((pod) => pod.metadata.ownerReferences === undefined)).toHaveLength(1),
      ],
      ["it comes back", relabel({ app: "web" }, isOut), complete(2)],
      [
        "new Pods are refused",
        patch({ template: { spec: { priorityClassName: "no-such-class" } } }),
        ({ deployments: [deployment] }) =>
          expect(deployment?.status?.conditions).toContainEqual(expect.objectContaining({ type: "ReplicaFailure", status: "True" })),
      ],
      ["and no more", patch({ template: { spec: { priorityClassName: null } } }), complete(2)],
    ]);
  }, 180_000);

  test("when a StatefulSet with claims is created, scaled, updated and loses a Pod", async () => {
    const key = (namespace: string) => ({ namespace, name: "db" });
    const kind = { apiVersion: "apps/v1", kind: "StatefulSet" } as const;
    const change =
      (spec: object): Step =>
      (client, namespace) =>
        client.patch(kind, key(namespace), "strategic", { spec });
    const image = (image: string) => ({ template: { spec: { containers: [{ name: "db", image }] } } });
    const running =
      (replicas: number, updated = replicas): Check =>
      ({ statefulSets: [set], pods }) => {
        expect(set?.status).toMatchObject({ replicas, availableReplicas: replicas });
        expect({ updated: set?.status?.["updatedReplicas"], pods: pods.length }).toEqual({ updated, pods: replicas });
      };
    const labels = { app: "db" };
    await scenario("stateful", [
      [
        "create",
        (client, namespace) =>
          client.create({
            ...kind,
            metadata: { name: "db", namespace, annotations: { note: "copied" } },
            spec: {
              replicas: 2,
              serviceName: "db",
              selector: { matchLabels: labels },
              template: { metadata: { labels }, spec: { containers: [{ name: "db", image: "example.com/db:1" }] } },
              volumeClaimTemplates: [
                { metadata: { name: "data" }, spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } } },
              ],
            },
          }),
        running(2),
      ],
      ["scale up", change({ replicas: 3 }), running(3)],
      ["another image", change(image("example.com/db:2")), running(3)],
      ["scale down", change({ replicas: 2 }), running(2)],
      [
        "another image above a partition",
        change({ ...image("example.com/db:3"), updateStrategy: { rollingUpdate: { partition: 1 } } }),
        running(2, 1),
      ],
      [
        "a Pod is deleted",
        async (client, namespace) => {
          const { pods } = await listAll(client, namespace);
          await client.delete(POD, { namespace, name: "db-0" });
          const old = pods.find(({ metadata }) => metadata.name === "db-0")?.metadata.uid;
          await eventually(async () =>
            expect((await listAll(client, namespace)).pods.map(({ metadata }) => metadata.uid)).not.toContain(old),
          );
        },
        running(2, 1),
      ],
      ["no partition", change({ updateStrategy: { rollingUpdate: { partition: 0 } } }), running(2)],
      ["the first image again", change(image("example.com/db:1")), running(2)],
    ]);
  }, 180_000);

  test("when a Service selects Pods that come, are not ready, and go", async () => {
    const endpoints =
      (ready: number, others = 0): Check =>
      ({ slices }) => {
        const all = slices.flatMap((slice) => (slice as { endpoints?: { conditions: { ready: boolean } }[] | null }).endpoints ?? []);
        expect({ ready: all.filter(({ conditions }) => conditions.ready).length, all: all.length }).toEqual({ ready, all: ready + others });
      };
    const ports = [
      { name: "http", port: 80, targetPort: "web" },
      { name: "admin", port: 9000 },
    ];
    const service = { apiVersion: "v1", kind: "Service" } as const;
    const template = { containers: [{ name: "web", image: "example.com/web:1", ports: [{ name: "web", containerPort: 8080 }] }] };
    await scenario("service", [
      [
        "a Service without Pods",
        (client, namespace) =>
          client.create({
            ...service,
            metadata: { name: "web", namespace, labels: { team: "blue" } },
            spec: { selector: { app: "web" }, ports },
          }),
        ({ slices }) => expect(slices).toHaveLength(1),
      ],
      ["its Pods", create({ spec: { replicas: 2 }, template }), endpoints(2)],
      ["Pods that never are ready", setImage("example.com/never-ready:1"), endpoints(2, 1)],
      ["scale to nothing", scaleTo(0), endpoints(0)],
      [
        "the Service has no selector any more",
        (client, namespace) => client.patch(service, { namespace, name: "web" }, "merge", { spec: { selector: null } }),
        () => undefined,
      ],
    ]);
  }, 180_000);

  test("when Jobs complete and fail", async () => {
    const job = (name: string, image: string, spec: object): Step => {
      const template = { spec: { restartPolicy: "Never", containers: [{ name: "task", image }] } };
      return (client, namespace) =>
        client.create({ apiVersion: "batch/v1", kind: "Job", metadata: { name, namespace }, spec: { template, ...spec } });
    };
    const over =
      (name: string, type: string): Check =>
      ({ jobs }) =>
        expect(jobs.find(({ metadata }) => metadata.name === name)?.status?.conditions).toContainEqual(
          expect.objectContaining({ type, status: "True" }),
        );
    await scenario("jobs", [
      ["a Job of three, two at a time", job("good", "example.com/task:1", { completions: 3, parallelism: 2 }), over("good", "Complete")],
      ["a Job that fails", job("bad", "example.com/task:exits-with-3", { backoffLimit: 0 }), over("bad", "Failed")],
    ]);
  }, 180_000);
});
