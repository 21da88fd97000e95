import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { connect, unstructured, type Client, type UnstructuredKind, type UnstructuredObject } from "@kubescaffold/runtime";
import { eventually, startTestCluster, type TestCluster } from "@kubescaffold/runtime/testing";
import { Heartbeat, silentFor, thisHolder } from "../../../generators/commands/dev/webhooks/holder.ts";
import { readWebhooks } from "../../../generators/commands/dev/webhooks/project.ts";
import { Redirection } from "../../../generators/commands/dev/webhooks/redirection.ts";
import { loadConnection } from "../../../runtime/client/index.ts";
import { systemClock } from "../../../runtime/object/index.ts";
import { writeKubeconfig } from "../../../runtime/testing/controlplane/kubeconfig.ts";
import { FaultProxy } from "../../faults/proxy.ts";
import { injection } from "../../../runtime/webhook/certificates/injection.ts";
import { localCertificate } from "../../runtime/webhook/serving.ts";
import { DrivenClock } from "../../runtime/driven-clock.ts";
import {
  ask,
  Crd,
  crdName,
  DevRun,
  fleet,
  Lease,
  mutateConfigMaps,
  Mutating,
  mutatingName,
  projectName,
  validateConfigMaps,
  Validating,
  validatingName,
  webhook,
  type Fleet,
} from "./fleet.ts";

/** What `scaffold dev` does to webhooks in a cluster, and that nothing of it stays: the same on the embedded API server and on a real one. */
export function devWebhooks(): void {
  let cluster: TestCluster;
  let client: Client;
  let project: Fleet;

  beforeAll(async () => {
    cluster = await startTestCluster();
    ({ client } = cluster);
  });
  afterAll(() => cluster.stop());
  beforeEach(() => {
    project = fleet();
  });
  afterEach(async () => {
    project[Symbol.dispose]();
    await client.deleteAll(Mutating);
    await client.deleteAll(Validating);
    await client.delete(Crd, { name: crdName });
    await eventually(async () => {
      expect(await client.get(Crd, { name: crdName })).toBeUndefined();
      expect(await ask(client)).toBeUndefined();
    });
    await client.deleteAll(Lease, { namespace: "default" });
  });

  const start = (options?: Parameters<typeof DevRun.start>[2]): Promise<DevRun> => DevRun.start(project, cluster.kubeconfig, options);
  const entry = async (kind: UnstructuredKind, name: string, at = 0): Promise<Record<string, unknown>> => {
    const { webhooks } = (await client.get(kind, { name })) as unknown as { webhooks: Record<string, unknown>[] };
    return webhooks[at] ?? {};
  };
  const answers = async (expected: Record<string, string>, data?: Record<string, string>): Promise<void> => {
    await eventually(async () => expect(await ask(client, data)).toEqual(expected));
  };

  /** The operator as it is deployed: its webhooks lead to a Service. Somebody else's webhook stands between its own. */
  async function deploy(metadata: Record<string, unknown> = {}, name = mutatingName): Promise<void> {
    const service = { name: "fleet-operator-webhook-service", namespace: "default", path: "/mutate--v1-configmap", port: 443 };
    const elsewhere = { url: "https://other.example.com/", caBundle: "" };
    await client.withFieldManager("the-deployer").apply({
      ...Mutating,
      metadata: { name, labels: { app: "fleet" }, ...metadata },
      webhooks: [
        webhook("before.example.com", "/", { clientConfig: elsewhere, failurePolicy: "Ignore", ...unmatched }),
        webhook(mutateConfigMaps, "/", {
          clientConfig: { service, caBundle: Buffer.from(PEM).toString("base64") },
          timeoutSeconds: 7,
          failurePolicy: "Ignore",
        }),
        webhook("after.example.com", "/", { clientConfig: elsewhere, failurePolicy: "Ignore", ...unmatched }),
      ],
    });
  }

  /** All of an object but what counts its writes, and when its owners wrote. */
  async function whole(kind: UnstructuredKind, name: string): Promise<unknown> {
    const object: UnstructuredObject | undefined = await client.get(kind, { name });
    if (object === undefined) return undefined;
    const { resourceVersion, generation, managedFields = [], ...metadata } = object.metadata;
    const owners = managedFields.map(({ time, ...owner }) => owner).sort((a, b) => ((a.manager ?? "") < (b.manager ?? "") ? -1 : 1));
    return { ...object, metadata: { ...metadata, owners }, status: undefined };
  }

  test("where the cluster has no such configurations they are made, lead here, and go with the end", async () => {
    await using run = await start();
    await answers({ by: "the operator here" });
    await expect(ask(client, { size: "7" })).rejects.toThrow(/data\[size\]: Invalid value: "7": must be even/);
    expect(run.said).toEqual([
      expect.stringMatching(`^webhooks lead to https://127\\.0\\.0\\.1:\\d+: ${mutatingName}, ${validatingName}$`),
    ]);
    expect(await client.list(Lease, { namespace: "default" })).toHaveLength(1);
    expect((await client.list(Validating)).map(({ metadata }) => metadata.name)).toEqual([validatingName]);

    await run.end();
    expect(run.said.slice(1)).toEqual([`restored ${mutatingName}`, `restored ${validatingName}`]);
    expect([await client.list(Mutating), await client.list(Validating)]).toEqual([[], []]);
    expect(await client.list(Lease, { namespace: "default" })).toEqual([]);
  });

  test("those of the deployed operator lead here, and afterwards are what they were to the last byte, their owners included", async () => {
    await deploy({ annotations: { "cert-manager.io/inject-ca-from": "default/fleet" } });
    const before = await whole(Mutating, mutatingName);
    const run = await start();
    await answers({ by: "the operator here" });
    const now = await entry(Mutating, mutatingName, 1);
    expect(now).toMatchObject({
      name: mutateConfigMaps,
      failurePolicy: "Fail",
      clientConfig: { url: expect.stringMatching(/^https:/) as unknown },
    });
    expect(now["clientConfig"]).not.toHaveProperty("service");
    // The deployed operator keeps its hands off what does not lead to its Service.
    const led = await client.get(Mutating, { name: mutatingName });
    expect(injection(led ?? {}, { name: "fleet-operator-webhook-service", namespace: "default" }, "another bundle")).toEqual([]);
    // Deploying in the meantime is refused rather than half done.
    await expect(deploy()).rejects.toThrow(/exactly one of/);
    // cert-manager would put its own authority beside our URL.
    expect((await client.get(Mutating, { name: mutatingName }))?.metadata.annotations).not.toHaveProperty([
      "cert-manager.io/inject-ca-from",
    ]);

    await run.end();
    expect(await whole(Mutating, mutatingName)).toEqual(before);
    // Whose fields they are again can change them without being told of a conflict.
    await client.withFieldManager("the-deployer").apply(
      {
        ...Mutating,
        metadata: { name: mutatingName },
        webhooks: [
          webhook(mutateConfigMaps, "/", { clientConfig: { url: "https://new.example.com/" }, failurePolicy: "Ignore", ...unmatched }),
        ],
      },
      { force: false },
    );
  });

  test("a configuration of another name is found by its webhooks; two of them are refused", async () => {
    await deploy({}, "installed-by-helm");
    await using run = await start();
    await answers({ by: "the operator here" });
    expect(run.said).toEqual([expect.stringContaining(`: installed-by-helm, ${validatingName}`)]);
    await run.end();

    await deploy({}, "a-second-one");
    await using again = await start();
    expect(again.said).toEqual([
      `Several configurations have this project's webhooks (a-second-one, installed-by-helm), and none is called ${mutatingName}: delete those that nobody needs, or pass --no-webhooks.`,
    ]);
  });

  test("what somebody changes meanwhile stays, and the rest is restored", async () => {
    await deploy();
    const before = (await whole(Mutating, mutatingName)) as { webhooks: Record<string, unknown>[] };
    const run = await start();
    await client.patch(Mutating, { name: mutatingName }, "strategic", {
      metadata: { labels: { changed: "yes" } },
      webhooks: [
        { name: mutateConfigMaps, timeoutSeconds: 21 },
        {
          ...webhook("added.example.com", "/", { clientConfig: { url: "https://added.example.com/" }, ...unmatched }),
          failurePolicy: "Ignore",
        },
        { $patch: "delete", name: "after.example.com" },
      ],
    });
    const validating = { name: validateConfigMaps, clientConfig: { url: "https://deployed.example.com/", caBundle: null } };
    await client.patch(Validating, { name: validatingName }, "strategic", { webhooks: [validating] });
    await run.end();

    const after = (await client.get(Mutating, { name: mutatingName })) as unknown as {
      metadata: UnstructuredObject["metadata"];
      webhooks: { name: string }[];
    };
    expect(after.metadata.labels).toEqual({ app: "fleet", changed: "yes" });
    const [first, ours] = before.webhooks;
    const names = new Map(after.webhooks.map((each) => [each.name, each]));
    expect([...names.keys()].sort()).toEqual(["added.example.com", "before.example.com", mutateConfigMaps]);
    expect([names.get("before.example.com"), names.get(mutateConfigMaps)]).toEqual([first, { ...ours, timeoutSeconds: 21 }]);
    // What was ours alone leads elsewhere now, so somebody else has it.
    expect(await entry(Validating, validatingName)).toMatchObject({ clientConfig: { url: "https://deployed.example.com/" } });
    expect((await client.get(Validating, { name: validatingName }))?.metadata.annotations).toBeUndefined();
  });

  test("they follow the sources: new ones lead here, those that are gone no more", async () => {
    await deploy();
    const before = await whole(Mutating, mutatingName);
    await using run = await start();
    project.webhooks([], [webhook(validateConfigMaps, "/validate--v1-configmap", { timeoutSeconds: 3 })]);
    await run.restart();
    expect(await whole(Mutating, mutatingName)).toEqual(before);
    expect(await entry(Validating, validatingName)).toMatchObject({ timeoutSeconds: 3 });
    const version = (await client.get(Validating, { name: validatingName }))?.metadata.resourceVersion;
    await run.restart();
    // A restart with the same webhooks writes nothing.
    expect((await client.get(Validating, { name: validatingName }))?.metadata.resourceVersion).toBe(version);

    project.webhooks([], []);
    await run.restart();
    expect(await client.list(Validating)).toEqual([]);
    project.webhooks([webhook(mutateConfigMaps, "/mutate--v1-configmap")], []);
    await run.restart();
    await answers({ by: "the operator here" });
  });

  test("a conversion leads here and back; of a CRD that had none it becomes none", async () => {
    project.crd();
    project.webhooks([], []);
    const run = await start();
    const frigate = {
      apiVersion: "ships.io/v1",
      kind: "Frigate",
      metadata: { name: "victory", namespace: "default" },
      spec: { guns: { count: 12 } },
    };
    await client.create(frigate);
    const old = unstructured({ apiVersion: "ships.io/v1beta1", kind: "Frigate" });
    expect((await client.get(old, { name: "victory", namespace: "default" }))?.["spec"]).toEqual({ guns: 12 });
    const conversion = async (): Promise<unknown> =>
      ((await client.get(Crd, { name: crdName }))?.["spec"] as { conversion: unknown }).conversion;
    expect(await conversion()).toEqual({
      strategy: "Webhook",
      webhook: {
        clientConfig: {
          url: expect.stringMatching(/^https:\/\/127\.0\.0\.1:\d+\/convert$/) as unknown,
          caBundle: expect.any(String) as unknown,
        },
        conversionReviewVersions: ["v1"],
      },
    });
    await run.end();
    expect(await conversion()).toEqual({ strategy: "None" });

    const deployed = {
      strategy: "Webhook",
      webhook: {
        clientConfig: { service: { name: "x", namespace: "default", path: "/convert", port: 443 } },
        conversionReviewVersions: ["v1"],
      },
    };
    await client.withFieldManager("the-deployer").patch(Crd, { name: crdName }, "merge", { spec: { conversion: deployed } });
    const before = await whole(Crd, crdName);
    await (await start()).end();
    expect(await whole(Crd, crdName)).toEqual(before);
  });

  test("while the operator restarts requests wait for it; one that has crashed is told of, and the webhooks are restored", async () => {
    await using run = await start({ failurePolicy: "Ignore" });
    expect(await entry(Validating, validatingName)).toMatchObject({ failurePolicy: "Ignore" });
    await answers({ by: "the operator here" });
    const flags = await run.webhooks.prepare();
    await run.stopOperator();
    const asked = ask(client);
    const told = run.webhooks.started();
    await run.startOperator(flags);
    expect(await asked).toEqual({ by: "the operator here" });
    await told;

    await run.stopOperator();
    await run.webhooks.ended("with exit code 3");
    expect([await client.list(Mutating), await client.list(Validating)]).toEqual([[], []]);
    await run.restart();
    await answers({ by: "the operator here" });
  });

  test("an address that the API server does not reach is refused before anything is changed", async () => {
    await deploy();
    const before = await whole(Mutating, mutatingName);
    await expect(start({ address: { host: "127.0.0.1", port: 1 } })).rejects.toThrow(
      "The API server does not reach this machine for webhooks at https://127.0.0.1:1 (dial tcp 127.0.0.1:1: connect: connection refused): pass another --webhook-host, or --no-webhooks.",
    );
    expect(await whole(Mutating, mutatingName)).toEqual(before);
    expect(await client.list(Validating)).toEqual([]);
  });

  test("what a try of the address that was cut off has left is removed, and the lease of a run that ended long ago", async () => {
    const old = { name: "scaffold-dev-old", namespace: "default", labels: { "kubescaffold.dev/dev": projectName } };
    await client.create({ ...Lease, metadata: old, spec: { holderIdentity: "ann@gone", renewTime: "2026-01-02T03:04:05.000000Z" } });
    await client.create({ ...Validating, metadata: { name: "cut-off", labels: { "kubescaffold.dev/dev-probe": "x" } }, webhooks: [] });
    await using run = await start();
    expect((await client.list(Validating)).map(({ metadata }) => metadata.name)).toEqual([validatingName]);
    expect(run.said).toHaveLength(1);
    expect((await client.list(Lease, { namespace: "default" })).map(({ metadata }) => metadata.name)).not.toContain("scaffold-dev-old");
  });

  test("killed before or after any of its writes, the next start restores everything", async () => {
    project.crd();
    const { path } = project;
    const upstream = await loadConnection({ kubeconfig: cluster.kubeconfig });
    await deploy({ annotations: { "cert-manager.io/inject-ca-from": "default/fleet" } });
    await (await start()).end(); // the CRD stays
    let points = 0;
    for (const moment of ["before", "after"] as const) {
      for (let at = 1, isOver = false; !isOver; at++) {
        const killed = new AbortController();
        let writes = 0;
        const proxy = await FaultProxy.start({
          upstream,
          onFault: () => undefined,
          onWrite(of, now) {
            if (now === "before") writes++;
            if (writes !== at || now !== moment) return;
            of.powerOff();
            killed.abort(new Error("killed"));
          },
        });
        const kubeconfig = join(path, "through-the-proxy");
        await writeKubeconfig(kubeconfig, "admin", { url: proxy.url });
        const connection = await connect({ kubeconfig });
        const before = [await whole(Mutating, mutatingName), await whole(Validating, validatingName), await whole(Crd, crdName)];
        const { signal } = killed;
        const life = redirectionOf(connection.client);
        const lived = life.redirect(readWebhooks(path), target, signal).then(() => life.restore(signal));
        await lived.catch((error: unknown) => {
          if (!signal.aborted) throw error;
        });
        connection.close();
        isOver = !proxy.isOff();
        if (!isOver) points++;
        else proxy.powerOff();

        await redirectionOf(client).recover({ takeOver: false, onWait: () => undefined, signal: AbortSignal.timeout(30_000) });
        expect([
          at,
          moment,
          await whole(Mutating, mutatingName),
          await whole(Validating, validatingName),
          await whole(Crd, crdName),
        ]).toEqual([at, moment, ...before]);
      }
    }
    expect(points).toBeGreaterThanOrEqual(22);
  }, 120_000);

  const target = { origin: "https://127.0.0.1:9", caBundle: Buffer.from(PEM).toString("base64") };
  const redirectionOf = (
    through: Client,
    holder = thisHolder("default", systemClock),
    clock: DrivenClock | typeof systemClock = systemClock,
  ): Redirection => new Redirection({ client: through, clock, project: projectName, holder });

  test("a second machine is refused with the name of the first, unless it takes over, which the first one notices", async () => {
    await using first = await start();
    const refusal = new RegExp(
      `^The webhooks of ${projectName} in this cluster lead to \\S+@\\S+ since [-\\d]+ [\\d:]+ UTC: end scaffold dev there, or pass --take-over, or --no-webhooks\\.$`,
    );
    const before = await whole(Mutating, mutatingName);
    await expect(start()).rejects.toThrow(refusal);
    await using without = await start({ enabled: false });
    expect(without.said).toEqual([expect.stringMatching(/^the webhooks lead to \S+; looking up to 15 s/), expect.stringMatching(refusal)]);
    expect(await whole(Mutating, mutatingName)).toEqual(before);

    await using second = await start({ takeOver: true });
    await eventually(() => expect(first.said.join("\n")).toContain("the webhooks were taken over by another scaffold dev"), {
      timeout: 15_000,
    });
    const taken = await whole(Mutating, mutatingName);
    await first.restart();
    await first.end();
    expect(await whole(Mutating, mutatingName)).toEqual(taken);
    await answers({ by: "the operator here" });
    await second.end();
    expect(await client.list(Mutating)).toEqual([]);
  }, 60_000);

  test("of a machine elsewhere that was cut off, the next one restores what it left, once its lease has been silent", async () => {
    const clock = new DrivenClock();
    const holder = { ...thisHolder("default", clock), host: "another-machine", who: "ann@another-machine" };
    const heartbeat = new Heartbeat({ client, clock, holder, project: projectName, onLost: () => undefined });
    await heartbeat.start();
    const signal = AbortSignal.timeout(30_000);
    await redirectionOf(client, holder, clock).redirect(readWebhooks(project.path), target, signal);

    const looking = new DrivenClock();
    const waited: string[] = [];
    const next = (): Promise<{ name: string; who: string }[]> =>
      redirectionOf(client, undefined, looking).recover({ takeOver: false, onWait: ({ who }) => waited.push(who), signal });
    const whileItLives = next().catch((error: unknown) => error);
    await eventually(() => expect(looking.pending).toHaveLength(1));
    await clock.advance(5000);
    await beaten();
    await drive(looking, whileItLives);
    expect(await whileItLives).toMatchObject({
      code: "conflict",
      message: expect.stringContaining("lead to ann@another-machine since") as unknown,
    });

    // Its clock stands still from here on, as it does in a laptop that was closed.
    const afterwards = next();
    await drive(looking, afterwards);
    expect(await afterwards).toEqual([mutatingName, validatingName].map((name) => ({ name, who: "ann@another-machine" })));
    expect(looking.monotonic()).toBeGreaterThanOrEqual(silentFor);
    expect(waited).toEqual(["ann@another-machine", "ann@another-machine"]);
    expect([await client.list(Mutating), await client.list(Validating)]).toEqual([[], []]);
    await heartbeat.stop();

    async function beaten(): Promise<void> {
      const renewed = new Date(clock.now()).toISOString().slice(0, 19);
      await eventually(async () => {
        const { spec } = (await client.get(Lease, holder.lease)) as unknown as { spec: { renewTime: string } };
        expect(spec.renewTime.slice(0, 19)).toBe(renewed);
      });
    }
  }, 60_000);

  test("what cannot be restored is named, with what to run; that restores it", async () => {
    const upstream = await loadConnection({ kubeconfig: cluster.kubeconfig });
    const proxy = await FaultProxy.start({ upstream, onFault: () => undefined });
    const kubeconfig = join(project.path, "through-the-proxy");
    await writeKubeconfig(kubeconfig, "admin", { url: proxy.url });
    const run = await DevRun.start(project, kubeconfig);
    proxy.powerOff();
    await run.end();
    expect(run.said.at(-1)).toMatch(
      new RegExp(
        `^not restored: MutatingWebhookConfiguration ${mutatingName}, ValidatingWebhookConfiguration ${validatingName}, Lease \\S+ \\(.*\\)\\n` +
          `when the cluster is there again, run: npx scaffold dev --kubeconfig ${kubeconfig} --restore$`,
      ),
    );
    // This process goes on, and so its lease has to run out.
    await using next = await start();
    expect(next.said.filter((text) => text.startsWith("restored"))).toEqual([
      expect.stringContaining(`restored ${mutatingName}, which led to`),
      expect.stringContaining(`restored ${validatingName}, which led to`),
    ]);
  }, 90_000);

  test("an annotation that somebody has edited is not guessed at", async () => {
    await client.create({
      ...Validating,
      metadata: { name: "edited", labels: { "kubescaffold.dev/dev": projectName }, annotations: { "kubescaffold.dev/dev": "{" } },
      webhooks: [],
    });
    await expect(start()).rejects.toThrow(
      "The annotation kubescaffold.dev/dev of validatingwebhookconfiguration edited has been edited, so it cannot be restored: run kubectl annotate validatingwebhookconfiguration edited kubescaffold.dev/dev- and deploy the operator again.",
    );
  });

  async function drive(clock: DrivenClock, work: Promise<unknown>): Promise<void> {
    const over = new AbortController();
    const settled = work.catch(() => undefined).then(() => over.abort());
    while (!over.signal.aborted) {
      await Promise.race([settled, eventually(() => expect(clock.pending.length).toBeGreaterThan(0))]);
      await clock.advance(500);
    }
  }
}

/** Matches no object that a test creates. */
const unmatched = { objectSelector: { matchLabels: { nobody: "has-it" } } };

const { cert: PEM } = await localCertificate();
