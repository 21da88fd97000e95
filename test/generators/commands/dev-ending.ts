import { connect as dial } from "node:net";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import { unstructured, type Client, type UnstructuredKind, type UnstructuredObject } from "@kubescaffold/runtime";
import { eventually, startTestCluster, type TestCluster } from "@kubescaffold/runtime/testing";
import { loadConnection } from "../../../runtime/client/index.ts";
import { writeKubeconfig } from "../../../runtime/testing/controlplane/kubeconfig.ts";
import { FaultProxy } from "../../faults/proxy.ts";
import { localCertificate } from "../../runtime/webhook/serving.ts";
import { temporaryFolder } from "../temporary.ts";
import { Dev } from "./dev-process.ts";
import { Lease, Mutating, Validating } from "./fleet.ts";
import { memcached, scaffold, succeed } from "./terminal.ts";

const Memcached = unstructured({ apiVersion: "cache.example.com/v1alpha1", kind: "Memcached" });
const Deployment = unstructured({ apiVersion: "apps/v1", kind: "Deployment" });
const mutatingName = "cache-operator-mutating-webhook-configuration";
const defaulter = `manager.webhook(Memcached).defaultWith({ default: ({ metadata }) => void ((metadata.labels ??= {})["by"] = "defaulter") })`;
const validator = `.validateWith({ validateCreate: () => denied("not today") })`;

/** A project with webhooks whose `main.ts` a test changes. */
export async function projectWithWebhooks(): Promise<{ path: string; validates(on: boolean): void; [Symbol.dispose](): void }> {
  const folder = temporaryFolder();
  const { path } = folder;
  await succeed(path, ["init", "--domain", "example.com", "--project-name", "cache-operator", "--packages", "link"]);
  await succeed(path, ["create", "api", ...memcached]);
  const main = join(path, "main.ts");
  const text = readFileSync(main, "utf8").replace("Manager, managerOptions", "denied, Manager, managerOptions");
  const validates = (on: boolean): void =>
    writeFileSync(main, text.replace("await manager.run()", `${defaulter}${on ? validator : ""};\nvoid denied;\nawait manager.run()`));
  validates(false);
  return { path, validates, [Symbol.dispose]: () => folder[Symbol.dispose]() };
}

/** What a defaulter of the project makes of an object; nothing is created. */
export async function labelsOf(client: Client): Promise<unknown> {
  const object = { ...Memcached, metadata: { namespace: "default", name: "tried" }, spec: {} };
  const { metadata }: UnstructuredObject = await client.dryRun().create(object);
  return metadata.labels;
}

/** Every way in which `scaffold dev` may end, as a process, on the embedded API server and on a real one: the cluster is what it was. */
export function devEnding(): void {
  let cluster: TestCluster;
  let client: Client;
  let project: Awaited<ReturnType<typeof projectWithWebhooks>>;

  beforeAll(async () => {
    cluster = await startTestCluster();
    ({ client } = cluster);
    project = await projectWithWebhooks();
    const service = {
      name: "cache-operator-webhook-service",
      namespace: "cache-operator-system",
      path: "/mutate-cache-example-com-v1alpha1-memcached",
    };
    const rules = [{ apiGroups: ["cache.example.com"], apiVersions: ["v1alpha1"], operations: ["CREATE"], resources: ["memcacheds"] }];
    const clientConfig = { service, caBundle: Buffer.from((await localCertificate()).cert).toString("base64") };
    const deployed = {
      name: "mutate.memcacheds.v1alpha1.cache.example.com",
      clientConfig,
      rules,
      sideEffects: "None",
      admissionReviewVersions: ["v1"],
      failurePolicy: "Ignore",
    };
    await client.create({ ...Mutating, metadata: { name: mutatingName }, webhooks: [deployed] });
  });
  afterAll(async () => {
    project[Symbol.dispose]();
    await cluster.stop();
  });
  afterEach(() => client.deleteAll(Lease, { namespace: "default" }));

  const dev = (...args: string[]): Dev => new Dev(project.path, "--kubeconfig", cluster.kubeconfig, ...args);
  const leads = async (run: Dev): Promise<void> => {
    await run.shows(/webhooks lead to https:\/\/127\.0\.0\.1:\d+: cache-operator-mutating-webhook-configuration/);
    await eventually(async () => expect(await labelsOf(client)).toEqual({ by: "defaulter" }));
  };
  const whole = async (): Promise<unknown[]> => {
    const withoutVersion = async (kind: UnstructuredKind): Promise<unknown[]> =>
      (await client.list(kind)).map(({ metadata: { resourceVersion, generation, managedFields, ...metadata }, ...object }) => ({
        ...object,
        metadata,
      }));
    return [...(await withoutVersion(Mutating)), ...(await withoutVersion(Validating))];
  };

  test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "ended by %s",
    async (signal) => {
      const before = await whole();
      const run = dev();
      await leads(run);
      expect(await run.end(signal)).toBe(0);
      expect(run.out).toMatch(/ending[^]*restored cache-operator-mutating-webhook-configuration[^]*Stopping and waiting/);
      expect(await whole()).toEqual(before);
      expect(await client.list(Lease, { namespace: "default" })).toEqual([]);
    },
    60_000,
  );

  test.each(["SIGHUP", "nothing"] as const)(
    "ended by its terminal, which is closed, with %s as a signal",
    async (signal) => {
      const before = await whole();
      const run = dev();
      await leads(run);
      run.closeTerminal();
      if (signal === "SIGHUP") expect(await run.end(signal)).toBe(0);
      // It has something to say, and nobody reads it.
      else writeFileSync(join(project.path, "changed.ts"), "export const changed = true;\n");
      await eventually(async () => expect(await whole()).toEqual(before), { timeout: 20_000 });
    },
    60_000,
  );

  test("killed with kill -9: its operator ends too, and the next start restores and leads here again", async () => {
    const before = await whole();
    const run = dev();
    await leads(run);
    const [, port] = await run.shows(/Serving webhook server port=(\d+)/);
    expect(await run.end("SIGKILL")).toBeNull();
    expect(await whole()).not.toEqual(before);
    await eventually(async () => expect(await isListening(Number(port))).toBe(false), { timeout: 20_000 });

    await using next = dev();
    await next.shows(/restored cache-operator-mutating-webhook-configuration, which led to \S+@\S+/);
    await leads(next);
    await next.interrupt();
    expect(await whole()).toEqual(before);
  }, 60_000);

  test("killed with kill -9 at each of its writes: --restore makes it good, and once more finds nothing", async () => {
    const before = await whole();
    const upstream = await loadConnection({ kubeconfig: cluster.kubeconfig });
    const restore = ["dev", "--kubeconfig", cluster.kubeconfig, "--restore"];
    let points = 0;
    for (let isOver = false; !isOver;) {
      let writes = 0;
      let isDead: Promise<unknown> | undefined;
      const kill = (): Promise<unknown> => (isDead ??= run.end("SIGKILL"));
      const proxy = await FaultProxy.start({
        upstream,
        onFault: () => undefined,
        onWrite(of, now) {
          if (now === "before") writes++;
          if (writes !== points + 1 || now !== (points % 2 === 0 ? "after" : "before")) return;
          of.powerOff();
          void kill();
        },
      });
      const kubeconfig = join(project.path, "through-the-proxy");
      await writeKubeconfig(kubeconfig, "admin", { url: proxy.url });
      const run = new Dev(project.path, "--kubeconfig", kubeconfig);
      await eventually(() => expect(isDead !== undefined || run.out.includes("webhooks lead to")).toBe(true), { timeout: 30_000 });
      if (!isDead) await run.interrupt();
      await isDead;
      isOver = !proxy.isOff();
      if (isOver) proxy.powerOff();
      else points++;

      const shown = await scaffold(project.path, restore);
      expect([points, shown.code, shown.err, await whole()]).toEqual([points, 0, "", before]);
      expect((await scaffold(project.path, restore)).out).toContain("nothing to restore");
    }
    // The CRD; the try and its end; two writes to lead here, of which one is a try, and two to lead back.
    expect(points).toBeGreaterThanOrEqual(8);
  }, 180_000);

  test("without an API server to restore anything in: it ends, names what is left, and says how to restore it", async () => {
    const before = await whole();
    const upstream = await loadConnection({ kubeconfig: cluster.kubeconfig });
    const proxy = await FaultProxy.start({ upstream, onFault: () => undefined });
    const kubeconfig = join(project.path, "through-the-proxy");
    await writeKubeconfig(kubeconfig, "admin", { url: proxy.url });
    const run = new Dev(project.path, "--kubeconfig", kubeconfig);
    await leads(run);
    proxy.powerOff();
    expect(await run.end("SIGINT")).toBe(1);
    expect(run.out).toMatch(
      /not restored: MutatingWebhookConfiguration cache-operator-mutating-webhook-configuration, Lease scaffold-dev-\S+ \(.*\)\n.*when the cluster is there again, run: npx scaffold dev --kubeconfig \S+ --restore/,
    );
    expect((await scaffold(project.path, ["dev", "--kubeconfig", cluster.kubeconfig, "--restore"])).code).toBe(0);
    expect(await whole()).toEqual(before);
  }, 90_000);

  test("an operator that crashes leaves nobody waiting: the webhooks are restored until it runs again", async () => {
    const before = await whole();
    await using run = dev();
    await leads(run);
    const main = join(project.path, "main.ts");
    const good = readFileSync(main, "utf8");
    writeFileSync(main, good.replace("await manager.run()", "await manager.start();\nprocess.exit(3)"));
    await run.shows(/the operator ended with exit code 3[^]*restored cache-operator-mutating-webhook-configuration/);
    expect(await whole()).toEqual(before);
    const from = run.out.length;
    writeFileSync(main, good);
    await run.shows(/webhooks lead to/, from);
  }, 60_000);

  test("an operator that leads in the cluster is told of, with what to run", async () => {
    const now = new Date().toISOString().replace("Z", "000Z");
    const metadata = { namespace: "default", name: "cache-operator.example.com" };
    await client.create({
      ...Lease,
      metadata,
      spec: { holderIdentity: "cache-operator-controller-manager-abc_1", leaseDurationSeconds: 15, renewTime: now },
    });
    const labels = { app: "x" };
    const template = { metadata: { labels }, spec: { containers: [{ name: "manager", image: "controller" }] } };
    const name = "cache-operator-controller-manager";
    await client.create({
      ...Deployment,
      metadata: { namespace: "default", name },
      spec: { replicas: 2, selector: { matchLabels: labels }, template },
    });
    await using run = dev("--no-webhooks");
    await run.shows(
      /the operator runs in this cluster too: cache-operator-controller-manager-abc_1 holds the Lease default\/cache-operator\.example\.com/,
    );
    const scale = `kubectl --kubeconfig ${cluster.kubeconfig} --namespace default scale deployment/${name} --replicas=`;
    await run.shows(/Starting Controller/);
    expect(run.out).toContain(`stop that one while you develop:  ${scale}0`);
    expect(run.out).toContain(`and start it again afterwards:    ${scale}2`);
    expect(run.out).not.toContain("webhooks lead");
  }, 60_000);
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = dial({ host: "127.0.0.1", port }, () => {
      socket.destroy();
      resolve(true);
    }).on("error", () => resolve(false));
  });
}
