// yours: tests the webhooks as an API server asks them; with KUBESCAFFOLD_TEST_CLUSTER=controlplane a real one.
// Copyright the authors of label-webhook, SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Deployment } from "kubernetes-models/apps/v1/Deployment";
import { ConfigMap } from "kubernetes-models/v1/ConfigMap";
import { Namespace } from "kubernetes-models/v1/Namespace";
import { Service } from "kubernetes-models/v1/Service";
import { ApiError, Manager, parseFlags, silentLogger } from "@kubescaffold/runtime";
import { operatorKubeconfig, readManifests, startTestCluster, testWebhooks, type TestCluster } from "@kubescaffold/runtime/testing";
import { LabelDefaulter } from "./label.defaulter.ts";
import { LabelValidator } from "./label.validator.ts";
import { FLAGS, Settings } from "./settings.ts";

const NAMESPACE = "watched";
const PREFIX = "admission-webhook-example.qikqiak.com";
const settings = new Settings(parseFlags([], { leaderElection: { id: "test" }, flags: FLAGS }).flags);
const all = Object.fromEntries(settings.labels.map((label) => [label, "set"]));
const notAvailable = Object.fromEntries(settings.labels.map((label) => [label, "not_available"]));

let cluster: TestCluster;
let manager: Manager;
let count = 0;

beforeAll(async () => {
  cluster = await startTestCluster();
  for (const name of [NAMESPACE, "kube-public"]) {
    // Kubernetes' own may be there already; labelled, so that only its name keeps the webhooks away.
    await cluster.client.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name, labels: { "admission-webhook-example": "enabled" } } });
  }
  await cluster.client.create(new Namespace({ metadata: { name: "elsewhere" } }));
  const webhooks = await testWebhooks();
  manager = await Manager.create({ kubeconfig: await operatorKubeconfig(cluster), webhook: webhooks.settings, log: silentLogger });
  for (const Kind of [Deployment, Service]) {
    manager
      .webhook(Kind, { mutate: "/mutate", validate: "/validate" })
      .defaultWith(new LabelDefaulter(settings))
      .validateWith(new LabelValidator(settings));
  }
  await manager.start();
  await webhooks.install(cluster, manager);
});

afterAll(async () => {
  await manager.stop();
  await cluster.stop();
});

interface Metadata {
  namespace?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

function deployment({ namespace = NAMESPACE, ...metadata }: Metadata = {}): Deployment {
  const labels = { app: "sleep" };
  return new Deployment({
    metadata: { ...metadata, namespace, name: `sleep-${++count}` },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [{ name: "sleep", image: "sleep:1" }] } } },
  });
}

/** Creates a Deployment, and returns what was stored of its labels and annotations. */
async function created(metadata: Metadata): Promise<{ labels: unknown; annotations: unknown }> {
  const { metadata: stored } = await cluster.client.create(deployment(metadata));
  return { labels: stored?.labels, annotations: stored?.annotations };
}

async function refusal(object: Deployment): Promise<ApiError> {
  const error: unknown = await cluster.client.create(object).catch((thrown: unknown) => thrown);
  if (!(error instanceof ApiError)) throw new Error("it was accepted");
  return error;
}

describe("labels", () => {
  test("that are missing are added, and a note that they were", async () => {
    expect(await created({})).toEqual({ labels: notAvailable, annotations: { [`${PREFIX}/status`]: "mutated" } });
  });

  test("that are there are kept, with others and with annotations, and an empty value counts", async () => {
    const labels = { "app.kubernetes.io/name": "mine", "app.kubernetes.io/version": "", "example.com/other": "kept" };
    expect(await created({ labels, annotations: { "example.com/other": "kept" } })).toEqual({
      labels: { ...notAvailable, ...labels },
      annotations: { "example.com/other": "kept", [`${PREFIX}/status`]: "mutated" },
    });
  });

  test("of an object that has them all stay as they are", async () => {
    expect(await created({ labels: all })).toEqual({ labels: all, annotations: { [`${PREFIX}/status`]: "mutated" } });
  });

  test("are given to Services too", async () => {
    const { metadata } = await cluster.client.create(
      new Service({ metadata: { namespace: NAMESPACE, name: "sleep" }, spec: { ports: [{ port: 80 }] } }),
    );
    expect(metadata?.labels).toEqual(notAvailable);
  });
});

describe("left alone is", () => {
  test.each(["n", "no", "false", "off", "NO", "False", "oFF"])("what says mutate: %s and validate: %s", async (no) => {
    const annotations = { [`${PREFIX}/mutate`]: no, [`${PREFIX}/validate`]: no };
    expect(await created({ annotations })).toEqual({ labels: undefined, annotations });
  });

  test("what says neither yes nor no in these words is looked after", async () => {
    expect((await created({ annotations: { [`${PREFIX}/mutate`]: "never" } })).labels).toEqual(notAvailable);
  });

  test.each(["mutated", "Mutated", "MUTATED"])("by the first webhook what was %s before; the second finds what is missing", async (status) => {
    const annotations = { [`${PREFIX}/status`]: status };
    expect(await created({ labels: all, annotations })).toEqual({ labels: all, annotations });
    expect((await refusal(deployment({ annotations }))).message).toContain("missing labels");
  });

  test("what is in a namespace without the label, or in one of Kubernetes' own", async () => {
    for (const namespace of ["elsewhere", "default", "kube-public"]) expect(await created({ namespace })).toEqual({ labels: undefined });
  });

  test("every other kind", async () => {
    const { metadata } = await cluster.client.create(new ConfigMap({ metadata: { namespace: NAMESPACE, name: "sleep" } }));
    expect(metadata?.labels).toBeUndefined();
  });

  test("an update, as the rules ask about creation only", async () => {
    const { metadata } = await cluster.client.create(deployment());
    const key = { namespace: NAMESPACE, name: metadata?.name ?? "" };
    const labels = Object.fromEntries(settings.labels.map((label) => [label, null]));
    const changed = await cluster.client.patch(Deployment, key, "merge", { metadata: { labels } });
    expect(changed.metadata?.labels).toBeUndefined();
  });
});

describe("an object without some of the labels", () => {
  test("is refused by a reason and a message that names them", async () => {
    const [first = "", second = "", ...rest] = settings.labels;
    const labels = Object.fromEntries(rest.map((label) => [label, "set"]));
    const error = await refusal(deployment({ labels, annotations: { [`${PREFIX}/mutate`]: "no" } }));
    expect(error.reason).toBe("required labels are not set");
    expect(error.message).toContain(`missing labels: ${first}, ${second}`);
    for (const label of rest) expect(error.message).not.toContain(label);
    expect(error.status).toBe(403);
  });

  test("is not refused when it does not want to be validated", async () => {
    const annotations = { [`${PREFIX}/mutate`]: "no", [`${PREFIX}/validate`]: "off" };
    expect(await created({ annotations })).toEqual({ labels: undefined, annotations });
  });
});

test("the samples are what the README says", async () => {
  const samples = (await readManifests(["config/samples"])).filter(({ kind }) => kind === "Deployment");
  const labels = new Map<string | undefined, Record<string, string> | undefined>();
  for (const sample of samples) {
    const { metadata } = await cluster.client.create({ ...sample, metadata: { ...sample.metadata, namespace: NAMESPACE } });
    labels.set(metadata.name, metadata.labels);
  }
  expect(labels.get("sleep")).toEqual(notAvailable);
  expect(labels.get("sleep-with-labels")).toMatchObject({ "app.kubernetes.io/name": "sleep", "app.kubernetes.io/component": "sleeper" });
  expect(labels.get("sleep-with-labels")).toEqual(samples.find(({ metadata }) => metadata.name === "sleep-with-labels")?.metadata.labels);
  expect(labels.get("sleep-no-validation")).toBeUndefined();
});
