/** The cluster does not let the operator do its work: a quota, a rule, a CRD, an image. It says why, and goes on by itself once it may. */
import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { unstructured } from "@kubescaffold/runtime";
import { Deployment } from "kubernetes-models/apps/v1/Deployment";
import { ClusterRole } from "kubernetes-models/rbac.authorization.k8s.io/v1/ClusterRole";
import { ResourceQuota } from "kubernetes-models/v1/ResourceQuota";
import { openSuite } from "../kind/suite.ts";
import {
  available,
  buildProject,
  conditionOf,
  eventsOf,
  Memcached,
  memcached,
  missingImage,
  operator,
  operatorPods,
  soon,
  type Project,
} from "../memcached/operator.ts";

const { client, cluster, kubectl, namespace } = await openSuite("cluster-faults");
const Crd = unstructured({ apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" });
const key = { namespace, name: "sample" };
let project: Project;

beforeAll(async () => {
  project = await buildProject(cluster);
  await project.run("deploy");
  await client.create(memcached(namespace, key.name, 1));
}, 300_000);

beforeEach(async () => {
  await client.patch(Memcached, key, "merge", { spec: { size: 1 } });
  await available(client, key, 1);
}, 90_000);

afterAll(async () => {
  await project[Symbol.asyncDispose]();
}, 60_000);

const events = async (): Promise<string> => (await eventsOf(client, memcached(namespace, key.name, 1))).join("\n");
const logs = (): Promise<string> => kubectl(["logs", "--namespace", operator.namespace, `deployment/${operator.name}`]);

test("a full quota makes it Degraded, with the quota's name in status, event and log, until there is room", async () => {
  const quota = { namespace, name: "full" };
  await client.create(new ResourceQuota({ metadata: quota, spec: { hard: { pods: "1" } } }));
  await client.patch(Memcached, key, "merge", { spec: { size: 2 } });
  await soon(async () => {
    const degraded = await conditionOf(client, key, "Degraded");
    expect(degraded).toMatchObject({ status: "True", message: expect.stringContaining("exceeded quota: full") });
  });
  expect(await conditionOf(client, key, "Available")).toMatchObject({ status: "False", message: "1 of 2 pods are ready." });
  await soon(async () => expect(await events()).toContain("exceeded quota: full"));
  expect(await logs()).toMatch(/"level":"warn".*exceeded quota: full/);
  await client.delete(ResourceQuota, quota);
  await available(client, key, 2);
});

test("a rule that its role lacks is named in status, event and log, until it is there", async () => {
  const role = { name: "memcached-operator-manager-role" };
  const complete = await client.get(ClusterRole, role);
  const rules = (complete?.rules ?? []).filter(({ apiGroups }) => !apiGroups?.includes("apps"));
  await client.patch(ClusterRole, role, "merge", { rules });
  await client.patch(Memcached, key, "merge", { spec: { size: 2 } });
  const refused = /deployments\.apps .*is forbidden: User "system:serviceaccount:memcached-operator-system:\S+" cannot patch/;
  await soon(async () => {
    const degraded = await conditionOf(client, key, "Degraded");
    expect(degraded).toMatchObject({ status: "True", reason: "ReconcileFailed", message: expect.stringMatching(refused) });
  });
  await soon(async () => expect(await events()).toMatch(refused));
  expect(await logs()).toMatch(/"level":"error".*is forbidden/);
  await client.patch(ClusterRole, role, "merge", { rules: complete?.rules ?? [] });
  await available(client, key, 2);
});

test("a CRD of an older version, which lacks what the operator writes, is named in event and log, until deploy brings the new one", async () => {
  const crd = { name: "memcacheds.cache.example.com" };
  const at = "/spec/versions/0/schema/openAPIV3Schema/properties/status/properties/nodes";
  await client.patch(Crd, crd, "json", [{ op: "remove", path: at }]);
  await client.patch(Memcached, key, "merge", { spec: { size: 2 } });
  await soon(async () => expect(await logs()).toMatch(/"level":"error".*status\.nodes/));
  await soon(async () => expect(await events()).toMatch(/ReconcileFailed: .*status\.nodes/));
  await project.run("deploy");
  await available(client, key, 2);
});

test("deploy says of an image that does not exist that it cannot be pulled, and the operator that ran works on", async () => {
  const [before] = await operatorPods(client);
  const { code, err } = await project.tried("deploy", "--image", missingImage);
  expect(code).toBe(1);
  expect(err).toMatch(/^ {2}Warning Failed pod\/\S+: .*127\.0\.0\.1:1/m);
  expect(err.split("\n").at(-1)).toMatch(/does not run: container manager: (ErrImagePull|ImagePullBackOff)/);
  await client.patch(Memcached, key, "merge", { spec: { size: 2 } });
  await available(client, key, 2);
  expect((await operatorPods(client)).map(({ metadata }) => metadata?.uid)).toContain(before?.metadata?.uid);
  await project.run("deploy");
  expect(await client.get(Deployment, operator)).toMatchObject({ status: { availableReplicas: 1 } });
});
