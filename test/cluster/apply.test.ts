import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { ApplyMemory } from "../../runtime/client/apply-memory.ts";
import { connect, Transport, type ApiClient, type Connection } from "../../runtime/client/index.ts";
import { keyOf } from "../../runtime/object/index.ts";
import { ControlPlane } from "../../runtime/testing/controlplane/index.ts";
import { NAMESPACE, SAMPLES, type Sample } from "./applied-samples.ts";

let cluster: ControlPlane;
let admin: Connection;
let client: ApiClient;

beforeAll(async () => {
  cluster = await ControlPlane.start({ audit: "Metadata" });
  admin = await connect({ kubeconfig: cluster.kubeconfig, userAgent: "the-test" });
  client = clientAfterRestart();
  await client.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } });
}, 600_000);
afterAll(async () => {
  admin.close();
  await cluster.stop();
});

/** A client that remembers nothing and knows every object as the server has it now, as after a restart. */
function clientAfterRestart(): ApiClient {
  return admin.client.withFieldManager("test").readingThrough(
    {
      get: async ({ apiVersion, kind }, key) => ({ object: await admin.client.get({ apiVersion, kind }, key) }),
      list: () => Promise.resolve(undefined),
      wrote: () => undefined,
      removed: () => undefined,
    },
    new ApplyMemory(),
  );
}

const applies = async () => (await cluster.auditEvents()).filter(({ verb }) => verb === "patch").length;

describe("after a restart nothing is sent for", () => {
  test.each(Object.entries(SAMPLES))("%s", async (_name, sample) => {
    await client.apply(sample);
    const before = await applies();
    await clientAfterRestart().apply(sample);
    expect(await applies()).toBe(before);
  });
});

describe("an apply is sent", () => {
  const map = (name: string, data: Record<string, string>): Sample => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, namespace: NAMESPACE },
    data,
  });
  const appliesOf = async (sample: Sample, by = clientAfterRestart()) => {
    const before = await applies();
    const answer = await by.apply(sample);
    return { sent: (await applies()) - before, answer };
  };

  test("when somebody has changed a field of ours, and none when it was another's", async () => {
    const wanted = map("foreign", { ours: "1" });
    await client.apply(wanted);
    const others = admin.client.withFieldManager("others");
    await others.patch({ apiVersion: "v1", kind: "ConfigMap" }, keyOf(wanted), "merge", { data: { theirs: "1" } });
    expect(await appliesOf(wanted)).toMatchObject({ sent: 0 });
    await others.patch({ apiVersion: "v1", kind: "ConfigMap" }, keyOf(wanted), "merge", { data: { ours: "theirs" } });
    expect(await appliesOf(wanted)).toMatchObject({ sent: 1, answer: { data: { ours: "1", theirs: "1" } } });
    expect(await appliesOf(wanted)).toMatchObject({ sent: 0 });
  });

  test.each(["created", "applied"])("when a field that we have %s was taken over with the same value", async (how) => {
    const wanted = map(`taken-${how}`, { taken: "1", kept: "1" });
    if (how === "applied") await client.apply(map(`taken-${how}`, { taken: "0", kept: "1" }));
    await client.apply(wanted);
    const others = admin.client.withFieldManager("others");
    await others.apply(map(`taken-${how}`, { taken: "1" }));
    expect(await appliesOf(wanted)).toMatchObject({ sent: 0 }); // both own it
    for (const value of ["2", "1"]) await others.apply(map(`taken-${how}`, { taken: value }));
    expect(await appliesOf(wanted)).toMatchObject({ sent: 1 });
    expect(await appliesOf(wanted)).toMatchObject({ sent: 0 });
  });

  test("once after each start where the server writes what was applied in another form", async () => {
    const lease = (renewTime: string): Sample => ({
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      metadata: { name: "rewritten", namespace: NAMESPACE },
      spec: { renewTime },
    });
    const [inOurForm, inTheServers] = ["2026-01-01T01:00:00.000000+01:00", "2026-01-01T00:00:00.000000Z"];
    await client.apply(lease(inOurForm));
    for (let start = 0; start < 2; start++) {
      const restarted = clientAfterRestart();
      const { sent, answer } = await appliesOf(lease(inOurForm), restarted);
      expect(sent).toBe(1);
      expect(answer).toHaveProperty("spec.renewTime", inTheServers);
      for (let again = 0; again < 2; again++) expect(await appliesOf(lease(inOurForm), restarted)).toMatchObject({ sent: 0 });
    }
  });
});

describe("what is dropped from an apply is really removed:", () => {
  const secret = (stringData: Record<string, string>): Sample => ({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "dropped", namespace: NAMESPACE },
    stringData,
  });

  test("a key of stringData", async () => {
    await client.apply(secret({ a: "1", b: "2" }));
    expect(await clientAfterRestart().apply(secret({ a: "1" }))).toMatchObject({ data: { a: "MQ==" } });
    expect(await admin.client.get({ apiVersion: "v1", kind: "Secret" }, keyOf(secret({})))).toHaveProperty("data", { a: "MQ==" });
  });

  test("a field inside a value that is owned as a whole", async () => {
    const policy = (port: object): Sample => ({
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name: "dropped", namespace: NAMESPACE },
      spec: { podSelector: {}, ingress: [{ ports: [port] }] },
    });
    await client.apply(policy({ protocol: "UDP", port: 80, endPort: 90 }));
    expect(await clientAfterRestart().apply(policy({ port: 80 }))).toMatchObject({
      spec: { ingress: [{ ports: [{ protocol: "TCP", port: 80 }] }] },
    });
  });
});

describe("what was created by POST, and is dropped from a later apply, is really removed", () => {
  const map = (name: string, data: Record<string, string>): Sample => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, namespace: NAMESPACE },
    data,
  });
  const isCreatedByPost = async (name: string) => {
    const object = await admin.client.get({ apiVersion: "v1", kind: "ConfigMap" }, { name, namespace: NAMESPACE });
    expect(object?.metadata.managedFields).toMatchObject([{ manager: expect.stringMatching(/^test\//), operation: "Update" }]);
  };

  test("by the process that created it", async () => {
    await client.apply(map("posted", { a: "1", b: "2" }));
    await isCreatedByPost("posted");
    expect(await client.apply(map("posted", { a: "1" }))).toMatchObject({ data: { a: "1" } });
    const after = await admin.client.get({ apiVersion: "v1", kind: "ConfigMap" }, keyOf(map("posted", {})));
    expect(after).toHaveProperty("data", { a: "1" });
    expect(after?.metadata.managedFields).toMatchObject([{ manager: "test", operation: "Apply" }]);
  });

  test("after a restart", async () => {
    await client.apply(map("posted-restart", { a: "1", b: "2" }));
    expect(await clientAfterRestart().apply(map("posted-restart", { b: "2" }))).toHaveProperty("data", { b: "2" });
  });

  test("by a client without a cache, which learns of the creation from the answer", async () => {
    await client.apply(map("posted-uncached", { a: "1", b: "2" }));
    await isCreatedByPost("posted-uncached");
    const uncached = admin.client.withFieldManager("test");
    expect(await uncached.apply(map("posted-uncached", { b: "3" }))).toHaveProperty("data", { b: "3" });
  });

  test("after a crash between the two requests", async () => {
    const crashing = new Error("crash");
    const { transport } = admin;
    await client.apply(map("posted-crash", { a: "1", b: "2" }));
    const applies = jest.spyOn(transport, "text").mockImplementation((request) => {
      if (request.contentType === "application/apply-patch+yaml") return Promise.reject(crashing);
      return Transport.prototype.text.call(transport, request);
    });
    await expect(clientAfterRestart().apply(map("posted-crash", { b: "2" }))).rejects.toBe(crashing);
    applies.mockRestore();
    expect(await clientAfterRestart().apply(map("posted-crash", { b: "2" }))).toHaveProperty("data", { b: "2" });
  });

  test("while what others added, and what the server filled in, stays", async () => {
    const deployment = (container: object): Sample => ({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "posted", namespace: NAMESPACE },
      spec: {
        selector: { matchLabels: { app: "posted" } },
        template: { metadata: { labels: { app: "posted" } }, spec: { containers: [container] } },
      },
    });
    await client.apply(deployment({ name: "main", image: "a", args: ["x"], workingDir: "/tmp" }));
    const others = admin.client.withFieldManager("others");
    const labelled = { apiVersion: "apps/v1", kind: "Deployment", metadata: { ...keyOf(deployment({})), labels: { theirs: "1" } } };
    await others.apply(labelled);
    const after = await clientAfterRestart().apply(deployment({ name: "main", image: "a" }));
    expect(after.metadata?.labels).toEqual({ theirs: "1" });
    const spec = after["spec"] as { replicas: number; template: { spec: { containers: object[]; restartPolicy: string } } };
    expect(spec.template.spec.containers).toEqual([expect.objectContaining({ name: "main", image: "a", imagePullPolicy: "Always" })]);
    expect(spec.template.spec.containers[0]).not.toHaveProperty("args");
    expect(spec.template.spec.containers[0]).not.toHaveProperty("workingDir");
    expect(spec).toMatchObject({ replicas: 1, template: { spec: { restartPolicy: "Always" } } });
  });
});

describe("another value of what was created", () => {
  const deployment = (name: string, replicas: number, image: string, app = name): Sample => ({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace: NAMESPACE, labels: { app } },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: "main", image }] } },
    },
  });
  const kind = { apiVersion: "apps/v1", kind: "Deployment" };
  const managersOf = async (sample: Sample) => {
    const object = await admin.client.get(kind, keyOf(sample));
    return object?.metadata.managedFields?.map(({ manager = "", operation = "" }) => `${operation} ${manager.replace(/\/.*/, "/…")}`);
  };

  test("is set without an apply, and nothing is sent after a restart", async () => {
    await client.apply(deployment("values", 1, "a"));
    expect(await client.apply(deployment("values", 0, "a", "other"))).toMatchObject({
      metadata: { labels: { app: "other" } },
      spec: { replicas: 0 },
    });
    expect(await managersOf(deployment("values", 0, "a"))).toEqual(["Update test/…"]);
    const before = await applies();
    await clientAfterRestart().apply(deployment("values", 0, "a", "other"));
    expect(await applies()).toBe(before);
  });

  test("within a list is applied, and keeps what the server and others have in it", async () => {
    await client.apply(deployment("in-list", 1, "a"));
    const env = { spec: { template: { spec: { containers: [{ name: "main", env: [{ name: "THEIRS", value: "1" }] }] } } } };
    await admin.client.withFieldManager("others").patch(kind, keyOf(deployment("in-list", 1, "a")), "strategic", env);
    const answer = await client.apply(deployment("in-list", 1, "b"));
    expect(answer).toHaveProperty(
      "spec.template.spec.containers.0",
      expect.objectContaining({ image: "b", env: [{ name: "THEIRS", value: "1" }] }),
    );
    expect(await managersOf(deployment("in-list", 1, "b"))).toContain("Apply test");
  });

  test("is taken back from somebody who changed it", async () => {
    await client.apply(deployment("taken-back", 1, "a"));
    await admin.client.withFieldManager("others").patch(kind, keyOf(deployment("taken-back", 1, "a")), "merge", { spec: { replicas: 5 } });
    expect(await client.apply(deployment("taken-back", 2, "a"))).toHaveProperty("spec.replicas", 2);
    expect(await managersOf(deployment("taken-back", 2, "a"))).toContain("Apply test");
  });
});
