/** The memcached example on a kind cluster with real pods: built, deployed, used, disturbed, and taken away. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Deployment } from "kubernetes-models/apps/v1/Deployment";
import { NetworkPolicy } from "kubernetes-models/networking.k8s.io/v1/NetworkPolicy";
import { Pod } from "kubernetes-models/v1/Pod";
import { Service } from "kubernetes-models/v1/Service";
import { openSuite } from "../kind/suite.ts";
import { scrape, startClientPod, startReader, tokenFor } from "./client-pod.ts";
import { everything } from "../../generators/commands/left-behind.ts";
import {
  available,
  buildProject,
  conditionOf,
  configure,
  eventsOf,
  Memcached,
  memcached,
  memcachedImage,
  missingImage,
  nextImage,
  operator,
  operatorImage,
  operatorPods,
  podsOf,
  soon,
  type Project,
} from "./operator.ts";

const restricted = { "pod-security.kubernetes.io/enforce": "restricted", "pod-security.kubernetes.io/warn": "restricted" };
const suite = await openSuite("memcached", restricted);
const { client, cluster, kubectl, namespace } = suite;
const key = { namespace, name: "sample" };

let project: Project;
let before: string[];
let execute: (script: string) => Promise<string>;

beforeAll(async () => {
  before = await everything(client);
  project = await buildProject(cluster);
}, 300_000);

afterAll(async () => {
  await project[Symbol.asyncDispose]();
}, 60_000);

/** The revision of everything that deploy has put on the cluster. */
async function versions(): Promise<string> {
  const kinds = "customresourcedefinitions,clusterroles,clusterrolebindings";
  const versions = "--output=jsonpath={range .items[*]}{.kind}/{.metadata.name} {.metadata.resourceVersion}{'\\n'}{end}";
  const ours = (text: string): string => text.split("\n").filter((line) => line.includes("memcached")).join("\n"); // prettier-ignore
  const inside = "serviceaccounts,roles,rolebindings,services";
  return (
    ours(await kubectl(["get", kinds, versions])) +
    (await kubectl(["get", inside, "--namespace", operator.namespace, versions])) +
    (await kubectl(["get", "deployments", "--namespace", operator.namespace, "--output=jsonpath={.items[*].metadata.generation}"]))
  );
}

test("what scaffold build made is loaded, deployed and runs", async () => {
  const { out, err } = await project.run("deploy");
  expect(err).toBe("");
  expect(out).toContain(`  load    dist/image.tar into the kind cluster ${cluster.name}`);
  expect(await client.get(Deployment, operator)).toMatchObject({
    spec: { template: { spec: { containers: [{ image: operatorImage }] } } },
    status: { availableReplicas: 1 },
  });
  execute = await startClientPod(suite);
});

test("a second time nothing is changed", async () => {
  const [then, pods] = [await versions(), await operatorPods(client)];
  expect((await project.run("deploy")).out).toContain("Nothing to do: everything is on the cluster and runs as it should.");
  expect(await versions()).toBe(then);
  expect((await operatorPods(client)).map(({ metadata }) => metadata?.uid)).toEqual(pods.map(({ metadata }) => metadata?.uid));
});

test("the restricted pod security standard has nothing to warn of", async () => {
  const manifest = await kubectl(["get", "deployment", operator.name, "--namespace", operator.namespace, "--output=json"]);
  const { spec } = JSON.parse(manifest) as { spec: { template: { spec: object } } };
  const copy = { apiVersion: "apps/v1", kind: "Deployment", metadata: { namespace, name: "copy" }, spec };
  expect(await kubectl(["create", "--dry-run=server", "--warnings-as-errors", "--filename=-"], JSON.stringify(copy))).toContain("created");
  await client.create(memcached(namespace, "restricted", 1));
  await available(client, { namespace, name: "restricted" }, 1);
  await client.delete(Memcached, { namespace, name: "restricted" });
});

test("a Memcached becomes as many pods as its size, and a client stores and reads keys through a Service", async () => {
  await client.create(memcached(namespace, key.name, 2));
  await available(client, key, 2);
  const [pod] = await podsOf(client, key);
  const selector = pod?.metadata?.labels?.["app.kubernetes.io/instance"] ?? "";
  // One pod at the other end, so that what is stored can be read.
  await client.create(
    new Service({
      metadata: key,
      spec: { selector: { "app.kubernetes.io/instance": selector }, sessionAffinity: "ClientIP", ports: [{ port: 11211 }] },
    }),
  );
  const script = `
    import { connect } from "node:net";
    import { once } from "node:events";
    const socket = connect(11211, "${key.name}.${namespace}.svc");
    await once(socket, "connect");
    const ask = async (line, end) => {
      socket.write(line);
      let text = "";
      while (!text.endsWith(end)) text += String((await once(socket, "data"))[0]);
      return text;
    };
    console.log(await ask("set greeting 0 0 5\\r\\nhello\\r\\n", "STORED\\r\\n") + (await ask("get greeting\\r\\n", "END\\r\\n")));
    socket.destroy();`;
  expect((await soon(() => execute(script))).trim()).toBe("STORED\r\nVALUE greeting 0 5\r\nhello\r\nEND");
});

test("it is scaled up and down", async () => {
  for (const size of [4, 1]) {
    await client.patch(Memcached, key, "merge", { spec: { size } });
    await available(client, key, size);
    await soon(async () => expect(await podsOf(client, key)).toHaveLength(size));
    const nodes = (await podsOf(client, key)).map(({ metadata }) => metadata?.name).sort();
    await soon(async () => expect((await client.get(Memcached, key))?.["status"]).toMatchObject({ nodes }));
  }
  expect(await eventsOf(client, memcached(namespace, key.name, 1))).toContain(`Scaled: Scaled Deployment ${key.name} from 4 to 1 pods`);
});

test("replicas and image that somebody changes by hand are put back", async () => {
  const containers = [{ name: "memcached", image: nextImage }];
  await client.patch(Deployment, key, "strategic", { spec: { replicas: 3, template: { spec: { containers } } } });
  await soon(async () => {
    const deployment = await client.get(Deployment, key);
    expect(deployment).toMatchObject({ spec: { replicas: 1, template: { spec: { containers: [{ image: memcachedImage }] } } } });
    expect(deployment?.metadata?.generation).toBeGreaterThan(2);
  });
  await available(client, key, 1);
});

test("a Deployment that somebody deletes comes back, and so does a pod", async () => {
  const { metadata } = await available(client, key, 1);
  await client.delete(Deployment, key);
  const again = await soon(async () => {
    const deployment = await available(client, key, 1);
    expect(deployment.metadata?.uid).not.toBe(metadata?.uid);
    return deployment;
  });
  const [pod] = await podsOf(client, key);
  await client.delete(Pod, { namespace, name: pod?.metadata?.name ?? "" });
  await soon(async () => {
    const [other] = await podsOf(client, key);
    expect(other?.metadata?.uid).not.toBe(pod?.metadata?.uid);
  });
  expect((await available(client, key, 1)).metadata?.uid).toBe(again.metadata?.uid);
});

test("another image reaches the pods", async () => {
  await configure(client, "MEMCACHED_IMAGE", nextImage);
  await available(client, key, 1);
  await soon(async () => {
    const images = (await podsOf(client, key)).map(({ spec }) => spec?.containers[0]?.image);
    expect(images).toEqual([nextImage]);
  });
});

test("an image that there is not makes it Degraded with the reason, while the old pod serves on; and it recovers", async () => {
  await configure(client, "MEMCACHED_IMAGE", missingImage);
  await soon(async () => {
    const degraded = await conditionOf(client, key, "Degraded");
    expect(degraded).toMatchObject({ status: "True", reason: expect.stringMatching(/^(ErrImagePull|ImagePullBackOff)$/) });
    expect(degraded.message).toContain(missingImage);
  });
  expect(await client.get(Deployment, key)).toMatchObject({ status: { readyReplicas: 1 } });
  await configure(client, "MEMCACHED_IMAGE", undefined);
  await available(client, key, 1);
});

test("kubectl logs shows what it does, a line of JSON each", async () => {
  const text = await kubectl(["logs", "--namespace", operator.namespace, `deployment/${operator.name}`]);
  const lines = text.trim().split("\n").map((line) => JSON.parse(line) as { msg: string }); // prettier-ignore
  expect(lines.map(({ msg }) => msg)).toEqual(expect.arrayContaining(["successfully acquired lease", "Starting Controller"]));
});

test("metrics are given to the token of a scraper that may read them, and to nobody else", async () => {
  expect(await execute(scrape())).toMatch(/^401 /);
  expect(await execute(scrape(await tokenFor(suite)))).toMatch(/^403 /);
  await using reader = await startReader(suite);
  await soon(async () => {
    const metrics = await execute(scrape(reader.token));
    expect(metrics).toMatch(/^200 /);
    expect(metrics).toMatch(/controller_runtime_reconcile_total\{controller="memcached",result="success"\} [1-9]/);
  });
});

// Not every kind cluster enforces them: what they let through is not shown here.
test("the server takes the NetworkPolicies, and they go again", async () => {
  await project.run("deploy", "--from", "config/network-policy");
  const names = (await client.list(NetworkPolicy, {})).map(({ metadata }) => metadata?.name).sort();
  expect(names).toEqual(["allow-metrics-traffic", "allow-webhook-traffic"]);
  await project.run("undeploy", "--from", "config/network-policy");
  expect(await client.list(NetworkPolicy, {})).toEqual([]);
});

test("a Memcached that is deleted takes its Deployment with it, and only then goes", async () => {
  expect((await client.get(Memcached, key))?.metadata.finalizers).toHaveLength(1);
  await client.delete(Memcached, key);
  await soon(async () => expect(await client.get(Memcached, key)).toBeUndefined());
  expect(await client.get(Deployment, key)).toBeUndefined();
  await soon(async () => expect(await podsOf(client, key)).toEqual([]));
  await soon(async () =>
    expect(await eventsOf(client, memcached(namespace, key.name, 1))).toContain(`Deleted: Deleted Deployment ${key.name}`),
  );
});

test("undeploy leaves nothing behind, and Memcacheds are finalized first", async () => {
  await client.create(memcached(namespace, "last", 1));
  await available(client, { namespace, name: "last" }, 1);
  const { out, err } = await project.run("undeploy");
  expect(err).toBe("");
  const deleted = [...out.matchAll(/^ {2}delete {2}(.*)$/gm)].map(([, what]) => what);
  expect(deleted[0]).toBe(`memcached ${namespace}/last`);
  expect(deleted.at(-1)).toBe(`namespace ${operator.namespace}`);
  expect(await client.get(Deployment, { namespace, name: "last" })).toBeUndefined();
  await soon(async () => expect(await everything(client)).toEqual(before));
});
