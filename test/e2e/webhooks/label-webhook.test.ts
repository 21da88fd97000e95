/** The label webhook on a kind cluster: deployed, asked while everything about it changes, and taken away again. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { unstructured, type UnstructuredObject } from "@kubescaffold/runtime";
import { eventually } from "@kubescaffold/runtime/testing";
import { Deployment } from "kubernetes-models/apps/v1/Deployment";
import { Namespace } from "kubernetes-models/v1/Namespace";
import { Pod } from "kubernetes-models/v1/Pod";
import { Secret } from "kubernetes-models/v1/Secret";
import { startCluster, type KindCluster } from "../kind/cluster.ts";
import { report } from "../kind/report.ts";
import { everything } from "../../generators/commands/left-behind.ts";
import { isReady } from "../memcached/operator.ts";
import { percentile } from "../../runtime/webhook/certificates/load.ts";
import { Creations, type Tally } from "./creations.ts";
import { killProcesses, servedCertificate } from "./pods.ts";
import { Site } from "./site.ts";

/** Creations a second, each of which is asked about twice. */
const RATE = 50;
const NAMESPACE = "guarded";
const SAMPLES = "label-webhook-samples";
const LABELS = ["name", "instance", "version", "component", "part-of", "managed-by"].map((name) => `app.kubernetes.io/${name}`);
const added = (value: string): Record<string, string> => Object.fromEntries(LABELS.map((label) => [label, value]));

const ROLE = unstructured({ apiVersion: "rbac.authorization.k8s.io/v1", kind: "Role" });

let cluster: KindCluster;
let site: Site;
let before: string[];

beforeAll(async () => {
  cluster = await startCluster();
  site = await Site.start("label-webhook", cluster);
  before = await everything(site.client);
  expect(await site.scaffold("build")).toMatchObject({ code: 0, err: "" });
}, 600_000);

afterAll(async () => {
  const { out } = await site.kubectl(["get", "--raw", "/version"]);
  const { gitVersion } = JSON.parse(out.toString()) as { gitVersion: string };
  report("admission", `${RATE} creations a second`, gitVersion, measured);
  site[Symbol.dispose]();
  await cluster[Symbol.asyncDispose]();
}, 60_000);

/** A Deployment of a namespace that is looked after. Its pods could not run: nothing of it is ever stored. */
function deployment(metadata: { name?: string; annotations?: Record<string, string> } = {}): UnstructuredObject {
  const labels = { app: "asked" };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { namespace: NAMESPACE, generateName: "asked-", ...metadata },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: "none", image: "none:1" }] } },
    },
  };
}

/** Has it looked at, without storing it. Throws what the API server says, or that it was let through as it was. */
async function ask(value = "not_available"): Promise<void> {
  const { metadata } = await site.client.dryRun().create(deployment());
  if (LABELS.some((label) => metadata.labels?.[label] !== value)) throw new Error(`unlabelled: ${JSON.stringify(metadata.labels)}`);
}

/** What was measured, for docs/performance.md. */
const measured: Record<string, object> = {};

function measure(change: string, { asked, failures, latencies }: Tally): void {
  const milliseconds = (share: number): number => Math.round(percentile(latencies, share));
  const times = { p50ms: milliseconds(0.5), p99ms: milliseconds(0.99), longestMs: milliseconds(1) };
  measured[change] = { creations: asked, lost: failures.length, ...times };
}

/** Asks all the while that something is done, and a little before and after. */
async function whileAsking(change: string, work: () => Promise<void>): Promise<Tally> {
  const creations = new Creations(RATE, () => ask());
  try {
    await eventually(() => expect(creations.asked).toBeGreaterThan(2 * RATE));
    await work();
    const then = creations.asked;
    await eventually(() => expect(creations.asked).toBeGreaterThan(then + 3 * RATE));
  } finally {
    measure(change, await creations.stop());
  }
  return creations.stop();
}

describe("label-webhook", () => {
  test("is deployed, and a second time nothing is changed", async () => {
    const { code, out, err } = await site.scaffold("deploy");
    expect([code, err]).toEqual([0, ""]);
    expect(out).toContain("load    dist/image.tar into the kind cluster");
    const pods = await site.pods();
    expect(pods.map((pod) => [isReady(pod), pod.status?.containerStatuses?.[0]?.restartCount])).toEqual([[true, 0], [true, 0]]); // prettier-ignore
    expect((await site.scaffold("deploy")).out).toContain("Nothing to do");
  }, 180_000);

  test("its pods are as restricted as can be: not even a warning is given", async () => {
    const level = { "pod-security.kubernetes.io/enforce": "restricted", "pod-security.kubernetes.io/warn": "restricted" };
    await site.client.create(new Namespace({ metadata: { name: "restricted", labels: level } }));
    const found = await site.client.get(Deployment, site.operator);
    const { template } = found?.spec ?? {};
    const pod = (spec: object): string =>
      JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata: { namespace: "restricted", name: "as-deployed" }, spec });
    const create = (spec: object) => site.kubectl(["create", "--dry-run=server", "-f", "-"], pod(spec));
    const { serviceAccountName: _name, serviceAccount: _alias, ...spec } = template?.spec ?? {};
    expect(await create(spec)).toMatchObject({ code: 0, err: "" });
    expect((await create({ ...spec, hostNetwork: true })).err).toContain("violates PodSecurity");
    await site.client.delete(Namespace, { name: "restricted" });
  });

  test("the samples are what the README says", async () => {
    expect(await site.kubectl(["apply", "-k", "config/samples"])).toMatchObject({ code: 0 });
    const labelsOf = async (name: string) => (await site.client.get(Deployment, { namespace: SAMPLES, name }))?.metadata?.labels;
    expect(await labelsOf("sleep")).toEqual(added("not_available"));
    expect(await labelsOf("sleep-with-labels")).toMatchObject({
      "app.kubernetes.io/name": "sleep",
      "app.kubernetes.io/component": "sleeper",
    });
    expect(await labelsOf("sleep-no-validation")).toBeUndefined();
  });

  test("what opts out of the labels alone is refused in the words of the README", async () => {
    const readme = readFileSync(join(site.project, "README.md"), "utf8");
    const [, command = "", answer = ""] = /```console\n\$ ([^]*?)\n(Error[^]*?)\n```/.exec(readme) ?? [];
    const { code, err } = await site.shell(command);
    expect(code).not.toBe(0);
    const [start = ""] = answer.split("…");
    expect(err.trim().startsWith(start.trim())).toBe(true);
  });

  test("the certificates are exchanged while requests run, and none of them is lost", async () => {
    await site.client.create(new Namespace({ metadata: { name: NAMESPACE, labels: { "admission-webhook-example": "enabled" } } }));
    const secret = { namespace: site.operator.namespace, name: "webhook-server-cert" };
    const served = await servedCertificate(cluster, site.operator);
    const tally = await whileAsking("exchange of the certificates", async () => {
      await site.client.delete(Secret, secret);
      // It takes the minute that API servers are given to learn of a new CA.
      await eventually(async () => expect(await servedCertificate(cluster, site.operator)).not.toBe(served), {
        timeout: 120_000,
        interval: 2000,
      });
    });
    expect(tally.failures).toEqual([]);
    const { data = {} } = (await site.client.get(Secret, secret)) ?? {};
    expect(
      Buffer.from(data["ca.crt"] ?? "", "base64")
        .toString()
        .match(/BEGIN/g),
    ).toHaveLength(2);
  }, 240_000);

  test("a rolling update leaves no gap in admission", async () => {
    const pods = async () => (await site.pods()).map(({ metadata }) => metadata?.name).sort();
    const old = await pods();
    const tally = await whileAsking("kubectl rollout restart", async () => {
      const { namespace, name } = site.operator;
      expect(await site.kubectl(["-n", namespace, "rollout", "restart", "deployment", name])).toMatchObject({ code: 0 });
      expect(await site.kubectl(["-n", namespace, "rollout", "status", "deployment", name, "--timeout=120s"])).toMatchObject({ code: 0 });
    });
    expect(tally.failures).toEqual([]);
    expect((await pods()).filter((name) => old.includes(name))).toEqual([]);
  }, 240_000);

  test("nor does a new image that is deployed", async () => {
    const file = join(site.project, "webhooks/label.defaulter.ts");
    const source = readFileSync(file, "utf8");
    expect(source).toContain('"not_available"');
    writeFileSync(file, source.replace('"not_available"', '"unknown"'));
    expect(await site.scaffold("build")).toMatchObject({ code: 0, err: "" });
    const values = new Set<string | undefined>();
    const creations = new Creations(RATE, async () => {
      const { metadata } = await site.client.dryRun().create(deployment());
      values.add(metadata.labels?.["app.kubernetes.io/name"]);
    });
    const { code, out } = await site.scaffold("deploy");
    // The API server stays with a pod as long as that keeps its connections.
    await eventually(() => expect(values).toContain("unknown"));
    const tally = await creations.stop();
    measure("scaffold deploy of a new image", tally);
    expect([code, out]).toEqual([0, expect.stringContaining("update  deployment")]);
    expect(tally.failures).toEqual([]);
    await eventually(() => expect(Promise.all(Array.from({ length: 20 }, () => ask("unknown")))).resolves.toBeDefined());
  }, 240_000);

  test("while its processes are killed, nothing is let through as it was: failurePolicy is Fail", async () => {
    await site.settle(2);
    const creations = new Creations(RATE, () => ask("unknown"));
    await eventually(() => expect(creations.asked).toBeGreaterThan(RATE));
    expect(creations.failures).toEqual([]);
    await killProcesses(cluster, await site.pods());
    await eventually(() => expect(creations.failures.length).toBeGreaterThan(0), { timeout: 30_000 });
    await eventually(() => ask("unknown"), { timeout: 90_000, interval: 500 });
    const { failures } = await creations.stop();
    // Whoever is refused is told by which webhook.
    expect(failures.filter((failure) => !/failed calling webhook "(?:mutate|validate)\.deployments\.v1\.apps"/.test(failure))).toEqual([]);
    const restarts = (await site.pods()).map(({ status }) => status?.containerStatuses?.[0]?.restartCount);
    expect(restarts).toEqual([1, 1]);
  }, 180_000);

  test("while no pod is there, creations are refused, and the operator itself can start", async () => {
    await site.scale(0);
    await expect(ask()).rejects.toThrow('failed calling webhook "mutate.deployments.v1.apps"');
    // It is itself a Deployment, and its webhooks are asked about Deployments.
    await site.scale(2);
    await eventually(() => ask("unknown"), { timeout: 30_000 });
  }, 180_000);

  test("with failurePolicy Ignore in the code, creations go through as they are while no pod is there", async () => {
    const file = join(site.project, "webhooks/settings.ts");
    writeFileSync(
      file,
      readFileSync(file, "utf8").replace('operations: ["CREATE"],', 'operations: ["CREATE"],\n  failurePolicy: "Ignore",'),
    );
    const { code, out } = await site.scaffold("deploy");
    expect([code, out]).toEqual([0, expect.stringContaining("update  mutatingwebhookconfiguration")]);
    await ask("unknown");
    await site.scale(0);
    const { metadata } = await site.client.dryRun().create(deployment());
    expect(metadata.labels).toBeUndefined();
    await site.scale(2);
    await eventually(() => ask("unknown"), { timeout: 30_000 });
  }, 240_000);

  test("a pod that cannot keep its certificate is not ready, says why, and gets no requests", async () => {
    const { namespace } = site.operator;
    const [first, second] = await site.pods();
    await site.client.delete(ROLE, { namespace, name: "label-webhook-webhook-certificates-role" });
    await site.client.delete(Pod, { namespace, name: first?.metadata?.name ?? "" });
    await eventually(
      async () => {
        const fresh = (await site.pods()).find(({ metadata }) => metadata?.name !== second?.metadata?.name);
        const { out } = await site.kubectl(["-n", namespace, "logs", fresh?.metadata?.name ?? ""]);
        expect(out.toString()).toMatch(/secrets .*is forbidden/);
        expect(fresh && isReady(fresh)).toBe(false);
      },
      { timeout: 60_000, interval: 500 },
    );
    const creations = new Creations(RATE, () => ask("unknown"));
    expect(await site.scaffold("deploy")).toMatchObject({ code: 0, err: "" });
    expect((await creations.stop()).failures).toEqual([]);
  }, 240_000);

  test("is taken away, and nothing of it is left", async () => {
    expect(await site.kubectl(["delete", "--wait=false", "-k", "config/samples"])).toMatchObject({ code: 0 });
    await site.client.delete(Namespace, { name: NAMESPACE });
    const { code, err } = await site.scaffold("undeploy");
    expect([code, err]).toEqual([0, ""]);
    await eventually(async () => expect(await everything(site.client)).toEqual(before), { timeout: 60_000, interval: 500 });
  }, 180_000);
});
