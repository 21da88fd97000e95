/** The sidecar injector on a kind cluster: two replicas of which one leads, real pods with a sidecar that serves, and a template that changes. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { connect } from "@kubescaffold/runtime";
import { eventually } from "@kubescaffold/runtime/testing";
import { ConfigMap } from "kubernetes-models/v1/ConfigMap";
import { Pod } from "kubernetes-models/v1/Pod";
import { startCluster, type KindCluster } from "../kind/cluster.ts";
import { provideImage } from "../kind/images.ts";
import { everything } from "../../generators/commands/left-behind.ts";
import { isReady } from "../memcached/operator.ts";
import { Creations } from "./creations.ts";
import { killProcesses } from "./pods.ts";
import { Site } from "./site.ts";

/** Creations a second. */
const RATE = 50;
const LEASE = "sidecar-injector.example.com";
const LABELLED = "sidecar-samples";
const UNLABELLED = "sidecar-samples-unlabelled";

let cluster: KindCluster;
let site: Site;
let before: string[];

beforeAll(async () => {
  cluster = await startCluster();
  await provideImage(cluster, "busybox:1.37");
  site = await Site.start("sidecar-injector", cluster);
  before = await everything(site.client);
  expect(await site.scaffold("build")).toMatchObject({ code: 0, err: "" });
}, 600_000);

afterAll(async () => {
  site[Symbol.dispose]();
  await cluster[Symbol.asyncDispose]();
}, 60_000);

/** An identity begins with the name of its pod. */
const podOf = (identity: string): string => identity.split("_")[0] ?? "";

/** Names of the containers that a pod got which is created just now, and not stored. */
async function containersOf(namespace: string, annotations: Record<string, string> = {}): Promise<string[]> {
  const pod = new Pod({ metadata: { namespace, name: "asked", annotations }, spec: { containers: [{ name: "own", image: "own:1" }] } });
  const { spec } = await site.client.dryRun().create(pod);
  return spec?.containers.map(({ name }) => name) ?? [];
}

test("is deployed with two replicas that are ready, of which one leads", async () => {
  const { code, err } = await site.scaffold("deploy");
  expect([code, err]).toEqual([0, ""]);
  const pods = await site.pods();
  expect(pods.map(isReady)).toEqual([true, true]);
  expect(pods.map(({ metadata }) => metadata?.name)).toContain(podOf(await site.leader(LEASE)));
}, 180_000);

test("the samples get what the README says", async () => {
  expect(await site.kubectl(["apply", "-k", "config/samples"])).toMatchObject({ code: 0 });
  const readme = readFileSync(join(site.project, "README.md"), "utf8");
  const [command = ""] = /^kubectl get pods -A -o custom-columns.*$/m.exec(readme) ?? [];
  await eventually(
    async () => {
      const { out } = await site.shell(command);
      const lines = out.toString().trim().split("\n").slice(1);
      const shown = lines.map((line) => line.replace(/^(\S+)-[a-z0-9]+-[a-z0-9]+\s+/, "$1 ")).sort();
      expect(shown).toEqual(["sleep sleep,sidecar", "sleep-annotated sleep,sidecar", "sleep-without-sidecar sleep"]);
    },
    { timeout: 30_000, interval: 200 },
  );
}, 60_000);

test("the sidecar of a sample runs, and serves the page that the init container has written", async () => {
  const sample = await eventually(
    async () => {
      const [pod] = await site.client.list(Pod, { namespace: LABELLED, labelSelector: "app=sleep" });
      if (!pod || !isReady(pod)) throw new Error(`not ready: ${JSON.stringify(pod?.status?.containerStatuses)}`);
      return pod;
    },
    { timeout: 60_000, interval: 500 },
  );
  using connection = await connect({ kubeconfig: cluster.kubeconfig });
  const path = `/api/v1/namespaces/${LABELLED}/pods/${sample.metadata?.name ?? ""}:8099/proxy/`;
  expect(await connection.transport.text({ method: "GET", path, accept: "*/*" })).toMatch(/^started /);
}, 90_000);

test("which pods get it is as in the table of the README", async () => {
  const own = ["own"];
  const injected = ["own", "sidecar"];
  expect(await containersOf(LABELLED)).toEqual(injected);
  expect(await containersOf(LABELLED, { inject: "false" })).toEqual(own);
  expect(await containersOf(UNLABELLED, { inject: "true" })).toEqual(injected);
  expect(await containersOf(UNLABELLED)).toEqual(own);
});

test("a changed template holds for the pods from then on, whichever replica is asked", async () => {
  const key = { namespace: site.operator.namespace, name: "sidecar-injector-template" };
  const { data } = (await site.client.get(ConfigMap, key)) ?? {};
  const changed = data?.["template.yaml"]?.replace("name: sidecar\n", "name: companion\n");
  await site.client.patch(ConfigMap, key, "merge", { data: { "template.yaml": changed } });
  await eventually(async () => {
    for (let times = 0; times < 10; times++) expect(await containersOf(LABELLED)).toEqual(["own", "companion"]);
  });
  // What is deployed anew is as the manifests say.
  expect((await site.scaffold("deploy")).out).toContain(`update  configmap ${key.namespace}/${key.name}`);
  await eventually(async () => expect(await containersOf(LABELLED)).toEqual(["own", "sidecar"]));
}, 60_000);

test("another one leads when the leader goes, and pods can be created all the while", async () => {
  const first = await site.leader(LEASE);
  const creations = new Creations(RATE, async () => expect(await containersOf(LABELLED)).toEqual(["own", "sidecar"]));
  await eventually(() => expect(creations.asked).toBeGreaterThan(RATE));
  await site.client.delete(Pod, { namespace: site.operator.namespace, name: podOf(first) });
  const second = await eventually(
    async () => {
      const now = await site.leader(LEASE);
      if (now === "" || now === first) throw new Error(`${now} leads`);
      return now;
    },
    { timeout: 30_000 },
  );
  expect((await site.pods()).map(({ metadata }) => metadata?.name)).toContain(podOf(second));
  await eventually(async () => expect((await site.pods()).map(isReady)).toEqual([true, true]), { timeout: 60_000, interval: 200 });
  expect((await creations.stop()).failures).toEqual([]);
}, 120_000);

test("a leader that is killed is followed by another one once its lease has run out", async () => {
  const first = await site.leader(LEASE);
  await killProcesses(
    cluster,
    (await site.pods()).filter(({ metadata }) => metadata?.name === podOf(first)),
  );
  await eventually(async () => expect(await site.leader(LEASE)).not.toBe(first), { timeout: 20_000 });
}, 60_000);

test("is taken away, and nothing of it is left", async () => {
  expect(await site.kubectl(["delete", "--wait=false", "-k", "config/samples"])).toMatchObject({ code: 0 });
  const { code, err } = await site.scaffold("undeploy");
  expect([code, err]).toEqual([0, ""]);
  await eventually(async () => expect(await everything(site.client)).toEqual(before), { timeout: 90_000, interval: 500 });
}, 180_000);
