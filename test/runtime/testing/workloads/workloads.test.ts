import { describe, expect, test } from "@jest/globals";
import { controllerOf, silentLogger, type KubernetesObject } from "../../../../runtime/index.ts";
import { eventually } from "../../../../runtime/testing/eventually.ts";
import { DrivenClock } from "../../driven-clock.ts";
import { CLAIM, DEPLOYMENT, POD, REPLICA_SET, STATEFUL_SET, TestWorkloads, VOLUME } from "./cluster.ts";

const available = async ({ client }: TestWorkloads, name: string, replicas: number) => {
  const status = (await client.get(DEPLOYMENT, { name }))?.["status"] ?? {};
  expect(status).toMatchObject({ replicas, updatedReplicas: replicas, availableReplicas: replicas });
};

describe("Workloads on the embedded API server", () => {
  test("a Deployment gets a ReplicaSet and Pods, which become ready with addresses of their own, and a Service finds them", async () => {
    await using cluster = await TestWorkloads.start();
    const { client } = cluster;
    const service = { apiVersion: "v1", kind: "Service" };
    await client.create({ ...service, metadata: { name: "web" }, spec: { selector: { app: "web" }, ports: [{ port: 80 }] } });
    await cluster.createDeployment("web", 3);

    await eventually(() => available(cluster, "web", 3));
    const [replicaSet] = await client.list(REPLICA_SET);
    expect(replicaSet?.metadata.ownerReferences).toEqual([expect.objectContaining({ kind: "Deployment", name: "web", controller: true })]);
    const pods = await client.list(POD);
    expect(pods.map((pod) => controllerOf(pod)?.name)).toEqual(pods.map(() => replicaSet?.metadata.name));
    const addresses = pods.map((pod) => (pod["status"] as { podIP: string }).podIP);
    expect(new Set(addresses).size).toBe(3);
    await eventually(async () => {
      const [slice] = await client.list(
        { apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice" },
        { labelSelector: "kubernetes.io/service-name=web" },
      );
      const endpoints = (slice as { endpoints?: { addresses: string[]; conditions: { ready: boolean } }[] } | undefined)?.endpoints ?? [];
      expect(
        endpoints
          .filter(({ conditions }) => conditions.ready)
          .flatMap((endpoint) => endpoint.addresses)
          .toSorted(),
      ).toEqual(addresses.toSorted());
    });
  });

  test("a change of the template replaces the Pods, and the former ReplicaSet stays with none", async () => {
    await using cluster = await TestWorkloads.start();
    await cluster.createDeployment("web", 2);
    await eventually(() => available(cluster, "web", 2));

    await cluster.client.patch(DEPLOYMENT, { name: "web" }, "strategic", {
      spec: { template: { spec: { containers: [{ name: "web", image: "example.com/web:2" }] } } },
    });

    await eventually(async () => {
      await available(cluster, "web", 2);
      const sizes = (await cluster.client.list(REPLICA_SET)).map((each) => (each["spec"] as { replicas: number }).replicas);
      expect(sizes.toSorted()).toEqual([0, 2]);
      const images = (await cluster.client.list(POD)).map(
        (pod) => (pod["spec"] as { containers: { image: string }[] }).containers[0]?.image,
      );
      expect(images).toEqual(["example.com/web:2", "example.com/web:2"]);
    });
  });

  test("a deleted Deployment takes everything with it", async () => {
    await using cluster = await TestWorkloads.start();
    await cluster.createDeployment("web", 2);
    await eventually(() => available(cluster, "web", 2));
    await cluster.client.delete(DEPLOYMENT, { name: "web" });
    await eventually(async () => {
      for (const kind of [DEPLOYMENT, REPLICA_SET, POD]) expect(await cluster.client.list(kind)).toEqual([]);
    });
  });

  test("a hundred Deployments of three Pods are available within seconds", async () => {
    // Silent, since the last of so many events are not written when all is stopped at once.
    await using cluster = await TestWorkloads.start({ log: silentLogger });
    const names = Array.from({ length: 100 }, (_, index) => `web-${index}`);
    await Promise.all(names.map((name) => cluster.createDeployment(name, 3)));
    await eventually(
      async () => {
        const all = (await cluster.client.list(DEPLOYMENT)) as { status?: { availableReplicas?: number } }[];
        expect(all.filter(({ status }) => status?.availableReplicas === 3)).toHaveLength(100);
      },
      { timeout: 90_000, interval: 200 },
    );
    expect(await cluster.client.list(POD)).toHaveLength(300);
  }, 120_000);

  test("nothing is written when nothing changes, not even by the next process", async () => {
    await using cluster = await TestWorkloads.start();
    const { client } = cluster;
    await cluster.createDeployment("web", 2);
    await cluster.createDeployment("stuck", 1, "example.com/does-not-exist:1");
    await client.create({
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "web" },
      spec: { selector: { app: "web" }, ports: [{ port: 80 }] },
    });
    await client.create({
      ...CLAIM,
      metadata: { name: "data" },
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
    });
    await eventually(async () => {
      await available(cluster, "web", 2);
      expect(JSON.stringify(await client.list(POD))).toContain("ImagePullBackOff");
      expect(await client.get(CLAIM, { name: "data" })).toMatchObject({ status: { phase: "Bound" } });
    });
    await cluster.stopWorkloads();
    const versions = async () => {
      const kinds = [
        DEPLOYMENT,
        REPLICA_SET,
        POD,
        CLAIM,
        VOLUME,
        { apiVersion: "v1", kind: "Node" },
        { apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice" },
      ];
      const all = await Promise.all(kinds.map((kind) => client.list(kind, { labelSelector: "marker notin (yes)" })));
      return all.flat().map(({ metadata }: KubernetesObject) => `${metadata?.name ?? ""} ${metadata?.resourceVersion ?? ""}`);
    };
    const before = await versions();

    await cluster.startWorkloads();
    // By the time this Pod, which comes last, has been through everybody's hands, all that was there before has too.
    await client.create({
      ...POD,
      metadata: { name: "last", labels: { marker: "yes" } },
      spec: { containers: [{ name: "c", image: "example.com/web:1" }] },
    });
    await cluster.podBecomes("last", ({ phase }) => expect(phase).toBe("Running"));
    expect(await versions()).toEqual(before);
  });

  test("with the kubelet alone Pods start, and Deployments are somebody else's", async () => {
    await using cluster = await TestWorkloads.start({ controllers: "kubelet" });
    await cluster.createDeployment("web", 1);
    await cluster.createPod("alone", ["example.com/web:1"]);
    await cluster.podBecomes("alone", ({ phase }) => expect(phase).toBe("Running"));
    expect(await cluster.client.list(REPLICA_SET)).toEqual([]);
  });

  test("each step of a Pod takes the time that was asked for, by the clock that was given, and whoever was stopped does not hurry it", async () => {
    const clock = new DrivenClock();
    await using cluster = await TestWorkloads.start({ podStartDelay: 0 });
    await cluster.stopWorkloads();
    await cluster.startWorkloads({ clock, podStartDelay: "10s" });
    await cluster.createPod("slow", ["example.com/web:1"]);
    await cluster.podBecomes("slow", ({ containerStatuses: [container] = [] }) =>
      expect(container?.state.waiting?.reason).toBe("ContainerCreating"),
    );
    await eventually(() => expect(clock.pending).toContain(10_000));
    await clock.advance(9_999);
    expect((await cluster.podStatus("slow")).phase).toBe("Pending");
    await clock.advance(1);
    await cluster.podBecomes("slow", ({ phase }) => expect(phase).toBe("Running"));
  });

  test("a StatefulSet's Pods have claims, which are bound, outlive their Pods, and take their volumes with them", async () => {
    await using cluster = await TestWorkloads.start();
    const { client } = cluster;
    const labels = { app: "db" };
    await client.create({
      ...STATEFUL_SET,
      metadata: { name: "db" },
      spec: {
        replicas: 2,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ name: "db", image: "example.com/db:1" }] } },
        volumeClaimTemplates: [
          { metadata: { name: "data" }, spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } } },
        ],
      },
    });
    await eventually(async () =>
      expect(await client.get(STATEFUL_SET, { name: "db" })).toMatchObject({ status: { availableReplicas: 2 } }),
    );
    const claims = async () =>
      (await client.list(CLAIM)).map(({ metadata, status }) => ({ name: metadata.name, ...(status as { phase: string }) }));
    const bound = (name: string): unknown => expect.objectContaining({ name, phase: "Bound" });
    await eventually(async () => expect(await claims()).toEqual([bound("data-db-0"), bound("data-db-1")]));

    await client.patch(STATEFUL_SET, { name: "db" }, "merge", { spec: { replicas: 1 } });
    await eventually(async () => expect(await client.list(POD)).toHaveLength(1));
    expect(await claims()).toHaveLength(2);

    await client.delete(CLAIM, { name: "data-db-1" });
    await eventually(async () => {
      expect(await claims()).toEqual([bound("data-db-0")]);
      expect(await client.list(VOLUME)).toHaveLength(1);
    });
  });
});
