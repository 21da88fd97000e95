import { expect } from "@jest/globals";
import { once } from "node:events";
import { connect } from "../../../runtime/client/index.ts";
import { unstructured } from "../../../runtime/object/index.ts";
import { eventually } from "../../../runtime/testing/eventually.ts";
import { operator, type Operator } from "./operator.ts";

const ConfigMap = unstructured({ apiVersion: "v1", kind: "ConfigMap" });
const Lease = unstructured({ apiVersion: "coordination.k8s.io/v1", kind: "Lease" });

/** What the API server has stored, in its order: who took the lease, and who wrote. */
type Seen = readonly [what: "leads" | "writes", who: string];

/**
 * Lets two processes compete for a lease, blocks the event loop of the one that leads for a while that is short of the deadline and then for
 * one beyond it, and says what the API server saw of it. Neither sends anything but by its manager.
 *
 * @param kubeconfig of a cluster that has the namespace already
 */
export async function rivals(kubeconfig: string, namespace: string): Promise<void> {
  // A busy machine may keep a process from running for a second or two as well.
  const times = { leaseDuration: "6s", renewDeadline: "4s", retryPeriod: "250ms" };
  const admin = await connect({ kubeconfig, userAgent: "the-test" });
  const { client } = admin;
  await client.create({ apiVersion: "v1", kind: "ConfigMap", metadata: { namespace, name: "written" } });
  const watching = new AbortController();
  const stored: { version: bigint; seen: Seen }[] = [];
  const note = (version: string | undefined, ...seen: Seen) => stored.push({ version: BigInt(version ?? 0), seen });
  const watches = [
    (async () => {
      for await (const { object } of client.watch(Lease, { namespace, signal: watching.signal }))
        note(object.metadata.resourceVersion, "leads", (object as { spec?: { holderIdentity?: string } }).spec?.holderIdentity ?? "");
    })(),
    (async () => {
      for await (const { object } of client.watch(ConfigMap, {
        namespace,
        fieldSelector: "metadata.name=written",
        signal: watching.signal,
      }))
        note(object.metadata.resourceVersion, "writes", (object as { data?: { by?: string } }).data?.by ?? "");
    })(),
  ];
  const candidates: Operator[] = [];
  const candidate = (identity: string) => {
    const process = operator({ kubeconfig, namespace, identity, leaderElection: { id: "test", namespace, identity, ...times } });
    candidates.push(process);
    return process;
  };
  const writesOf = (identity: string) => stored.filter(({ seen: [what, who] }) => what === "writes" && who === identity).length;
  const patience = { timeout: 30_000 };
  try {
    const first = candidate("first");
    await eventually(() => expect(writesOf("first")).toBeGreaterThan(5), patience);
    const second = candidate("second");
    await eventually(() => expect(second.told()).toContain("attempting to acquire"), patience);

    const awake = once(first.child, "message");
    first.block(2500);
    await awake;
    const before = writesOf("first");
    await eventually(() => expect(writesOf("first")).toBeGreaterThan(before + 5), patience);
    expect(first.child.exitCode).toBeNull();
    expect(first.told()).not.toContain('"level":"error"');

    first.block(10_000);
    const [code] = (await first.exit) as [number | null];
    expect({ code, told: first.told() }).toEqual({ code: 1, told: expect.stringContaining("the lease could not be renewed in time") });
    expect(first.told().match(/"level":"error"/g)).toHaveLength(1);
    await eventually(() => expect(writesOf("second")).toBeGreaterThan(5), patience);
    second.child.kill("SIGTERM");
    expect(await second.exit).toEqual([0, null]);
  } finally {
    for (const each of candidates) each.kill();
    watching.abort(new Error("over"));
    await Promise.all(watches);
    admin.close();
  }
  const order = stored.toSorted((a, b) => (a.version < b.version ? -1 : 1)).map(({ seen: [what, who] }) => `${who} ${what}`);
  const writers = order.filter((each) => each === "first writes" || each === "second writes");
  const turns = writers.filter((each, index) => each !== writers[index - 1]);
  expect(turns).toEqual(["first writes", "second writes"]);
  expect(order.indexOf("second leads")).toBeGreaterThan(order.lastIndexOf("first writes"));
}
