import { X509Certificate } from "node:crypto";
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterEach, expect, test } from "@jest/globals";
import { eventually } from "../../runtime/testing/eventually.ts";
import { isRealCluster } from "../../runtime/testing/index.ts";
import { certificatesIn, isSignedBy } from "../../runtime/webhook/certificates/bundle.ts";
import { Load, percentile } from "../runtime/webhook/certificates/load.ts";
import { bundlesOf, install, NAMESPACE, SECRET, secretOf, startSite, type Site } from "../runtime/webhook/certificates/operators.ts";

/** How long the load lasts, in seconds. */
const SECONDS = Number(process.env["KUBESCAFFOLD_WEBHOOK_LOAD_SECONDS"] ?? 15);
const RATE = 1000;
/** So long it takes until nobody sends requests any more to a replica that goes (ms), less than its drain. */
const ENDPOINTS_LAG = 400;
const HOUR = 3_600_000;
const MINUTE = 60_000;

interface Replica {
  process: ChildProcess;
  health: number;
  webhook: number;
}

const replicas: Replica[] = [];
afterEach(() => {
  for (const { process } of replicas) process.kill("SIGKILL");
});

/** Starts a replica in a process of its own, and lets it have requests once it is ready. @param offset of its clock, in milliseconds */
async function begin(site: Site, offset: number): Promise<Replica> {
  const settings = { lifetimes: { authority: HOUR, serving: HOUR }, propagation: "2s", drain: "5s" }; // a pod's
  const program = join(import.meta.dirname, "../runtime/webhook/certificates/replica-process.ts");
  const child = fork(program, [site.kubeconfig, JSON.stringify(settings), String(offset)], { execArgv: [] });
  const [ports] = (await once(child, "message")) as [{ health: number; webhook: number }];
  const replica = { process: child, ...ports };
  replicas.push(replica);
  await eventually(async () => expect((await fetch(`http://127.0.0.1:${replica.health}/readyz`)).status).toBe(200), { timeout: 60_000 });
  site.balancer.ports = [...site.balancer.ports, replica.webhook];
  return replica;
}

/** What becomes of a Pod that is deleted: it is told to end, and requests are sent elsewhere a moment later. */
async function end(site: Site, { process, webhook }: Replica): Promise<void> {
  const exited = once(process, "exit");
  process.kill("SIGTERM");
  await setTimeout(ENDPOINTS_LAG);
  site.balancer.ports = site.balancer.ports.filter((port) => port !== webhook);
  expect(await exited).toEqual([0, null]);
}

/** The CA that has signed what is served. */
async function signer(site: Site): Promise<string | undefined> {
  const { "tls.crt": cert = "", "ca.crt": bundle = "" } = await secretOf(site);
  return certificatesIn(bundle).find((each) => isSignedBy(new X509Certificate(cert), each))?.fingerprint256;
}

test(
  `${RATE} requests a second for ${SECONDS} s, across an exchange of the CA and its certificate and the restart of one of two replicas: none is lost`,
  async () => {
    await using site = await startSite(isRealCluster() ? "kube-apiserver" : "embedded");
    await install(site);
    const before = -45 * MINUTE;
    const first = await begin(site, before);
    const second = await begin(site, before);
    const old = await signer(site);
    const load = new Load({
      ...{ ports: () => site.balancer.ports, servername: site.servername, path: "/mutate--v1-configmap", rate: RATE },
      bundle: async () => (await bundlesOf(site))[1] ?? "",
    });
    const began = performance.now();
    await setTimeout((SECONDS * 1000) / 5);
    // Two thirds of the lifetimes are over all at once. Somebody touches the Secret, so that it is noticed.
    for (const { process } of [first, second]) process.send("0");
    await site.client.patch(SECRET, { namespace: NAMESPACE, name: "webhook-server-cert" }, "merge", {
      metadata: { annotations: { touched: "yes" } },
    });
    await setTimeout(500);
    // The bundle has both CAs, and one of the replicas goes.
    await end(site, first);
    await begin(site, 0);
    await eventually(async () => expect(await signer(site)).not.toBe(old), { timeout: 30_000 });
    await setTimeout(SECONDS * 1000 - (performance.now() - began));
    const { requests, failures, latencies, bundles, connections } = await load.stop();
    const took = (share: number) => `${percentile(latencies, share).toFixed(1)} ms`;
    const times = `p50 ${took(0.5)}, p99 ${took(0.99)}, longest ${took(1)}`;
    process.stdout.write(
      `${requests} requests in ${SECONDS} s, ${failures.length} lost; ${times}; ${bundles} CA bundles, ${connections} connections\n`,
    );
    expect(failures.slice(0, 20)).toEqual([]);
    expect(latencies).toHaveLength(requests);
    expect(requests).toBeGreaterThan(SECONDS * RATE * 0.98);
    expect(bundles).toBe(2);
    expect(second.process.exitCode).toBeNull();
  },
  (SECONDS + 120) * 1000,
);
