import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { ApiClient } from "../../../runtime/client/index.ts";
import { LeaderElector } from "../../../runtime/manager/index.ts";
import { eventually } from "../../../runtime/testing/eventually.ts";
import { DrivenClock } from "../driven-clock.ts";
import { FakeServer, type Exchange } from "../fake-server.ts";
import { recorder } from "../recorder.ts";

const LEASES = "/apis/coordination.k8s.io/v1/namespaces/system/leases";

interface Lease {
  metadata: { resourceVersion?: string };
  spec: { holderIdentity: string; leaseTransitions: number; [field: string]: unknown };
}

let server: FakeServer;
let clock: DrivenClock;
let lease: Lease | undefined;
let version: number;
let lives: AbortController[];
let reachable: boolean;
let failing: boolean;
let watches: Exchange[];

/** One Lease, with optimistic locking as the API server has it, and watched. */
beforeEach(async () => {
  server = await FakeServer.start();
  clock = new DrivenClock();
  lease = undefined;
  version = 0;
  lives = [];
  reachable = true;
  failing = false;
  watches = [];
  const keep = (exchange: Exchange) => {
    lease = exchange.body as Lease;
    lease.metadata.resourceVersion = String(++version);
    exchange.answer(lease);
    if (reachable) for (const watch of watches) watch.events(["MODIFIED", lease]);
  };
  const ifReachable = (reply: (exchange: Exchange) => void) => (exchange: Exchange) => {
    if (failing) exchange.fail(500, "InternalError");
    else if (reachable) reply(exchange); // otherwise it is never answered
  };
  server.on(`GET ${LEASES}/test`, ifReachable((exchange) => (lease ? exchange.answer(lease) : exchange.fail(404, "NotFound")))); // prettier-ignore
  server.on(`GET ${LEASES}`, ifReachable((exchange) => {
    watches.push(exchange);
    exchange.raw("");
  })); // prettier-ignore
  server.on(`POST ${LEASES}`, ifReachable((exchange) => (lease ? exchange.fail(409, "AlreadyExists") : keep(exchange)))); // prettier-ignore
  server.on(`PUT ${LEASES}/test`, ifReachable((exchange) => {
    const { metadata } = exchange.body as Lease;
    if (metadata.resourceVersion === lease?.metadata.resourceVersion) keep(exchange);
    else exchange.fail(409, "Conflict");
  })); // prettier-ignore
});
afterEach(async () => {
  for (const life of lives) life.abort(new Error("over"));
  await server.stop();
});

function candidate(identity: string) {
  const life = new AbortController();
  lives.push(life);
  const client = new ApiClient(server.parts({ clock }));
  const settings = { id: "test", identity };
  const elector = new LeaderElector({ client, log: recorder().log, clock, random: () => 0, namespace: "system", settings });
  return { elector, life, acquire: () => elector.acquire(life.signal), renew: () => elector.renew(life.signal) };
}

/** Moves time on in steps until the condition holds. */
async function passingTime(check: () => void, step = 500): Promise<void> {
  await eventually(async () => {
    await clock.advance(step);
    check();
  });
}

/** What becomes of a promise, as text. */
function outcome(work: Promise<void>): () => string {
  let state = "pending";
  work.then(
    () => (state = "resolved"),
    (error: unknown) => (state = String(error)),
  );
  return () => state;
}

test("of two candidates one leads, and the other once it gives the lease up", async () => {
  const [a, b] = [candidate("a"), candidate("b")];
  await a.acquire();
  expect(lease).toMatchObject({ spec: { holderIdentity: "a", leaseDurationSeconds: 15, leaseTransitions: 0 } });
  const renewing = outcome(a.renew());
  const waiting = outcome(b.acquire());
  await clock.advance(60_000);
  expect([renewing(), waiting()]).toEqual(["pending", "pending"]);
  a.life.abort(new Error("stopping"));
  await eventually(() => expect(renewing()).toBe("resolved"));
  const before = clock.now();
  await a.elector.release();
  await eventually(() => expect(waiting()).toBe("resolved"));
  const holders = server.requests.filter(({ method }) => method === "PUT").map(({ body }) => (body as Lease).spec.holderIdentity);
  expect(holders.slice(-2)).toEqual(["", "b"]);
  expect(lease).toMatchObject({ spec: { holderIdentity: "b", leaseTransitions: 1 } });
  expect(clock.now()).toBe(before);
});

test("a leader that has died is followed once its record has not changed for as long as it asked for", async () => {
  const [a, b] = [candidate("a"), candidate("b")];
  await a.acquire();
  const renewing = outcome(a.renew());
  const waiting = outcome(b.acquire());
  await eventually(() => expect(watches).toHaveLength(1));
  await passingTime(() => expect(version).toBeGreaterThan(3));
  a.life.abort(new Error("killed"));
  await eventually(() => expect(renewing()).toBe("resolved"));
  const renewed = Date.parse(String(lease?.spec["renewTime"]));
  const [began, reads] = [clock.now(), server.requests.filter(({ method }) => method === "GET").length];
  await passingTime(() => expect(waiting()).toBe("resolved"), 250);
  expect(clock.now() - renewed).toBeGreaterThanOrEqual(15_000);
  expect(clock.now() - began).toBeLessThanOrEqual(15_000 + 250);
  expect(server.requests.filter(({ method }) => method === "GET")).toHaveLength(reads + 1);
  expect(lease?.spec.holderIdentity).toBe("b");
  expect(clock.pending).toEqual([]);
});

test.each([
  ["is not allowed", 1, (exchange: Exchange) => exchange.fail(403, "Forbidden")],
  ["fails", 2, (exchange: Exchange) => exchange.fail(500, "InternalError")],
  ["ends", 2, (exchange: Exchange) => exchange.end()],
])("a candidate whose watch of the lease %s asks for it from time to time", async (_, least, reply) => {
  const [a, b] = [candidate("a"), candidate("b")];
  await a.acquire();
  const renewing = outcome(a.renew());
  server.on(`GET ${LEASES}`, reply);
  const waiting = outcome(b.acquire());
  await clock.advance(60_000);
  expect([renewing(), waiting()]).toEqual(["pending", "pending"]);
  const asked = server.requests.filter(({ isWatch }) => isWatch).length;
  if (least === 1) expect(asked).toBe(1);
  else expect(asked).toBeGreaterThanOrEqual(least);
  a.life.abort(new Error("stopping"));
  await eventually(() => expect(renewing()).toBe("resolved"));
  await a.elector.release();
  const before = clock.now();
  await passingTime(() => expect(waiting()).toBe("resolved"));
  expect(clock.now() - before).toBeLessThanOrEqual(2500);
});

test("a lease that is deleted is made anew by the candidate that waited", async () => {
  const [a, b] = [candidate("a"), candidate("b")];
  await a.acquire();
  const waiting = outcome(b.acquire());
  await eventually(() => expect(watches).toHaveLength(1));
  watches[0]?.bookmark("7");
  watches[0]?.events(["DELETED", lease ?? {}]);
  lease = undefined;
  await eventually(() => expect(waiting()).toBe("resolved"));
  expect(lease).toMatchObject({ spec: { holderIdentity: "b", leaseTransitions: 0 } });
});

describe("a leader", () => {
  test("that cannot renew leads no longer after 10 s, before anybody else can lead", async () => {
    const a = candidate("a");
    await a.acquire();
    const began = clock.now();
    const renewing = outcome(a.renew());
    reachable = false;
    await passingTime(() => expect(renewing()).toContain("LeadershipLostError"), 250);
    const lasted = clock.now() - began;
    expect(lasted).toBeGreaterThanOrEqual(10_000);
    expect(lasted).toBeLessThan(12_500);
    expect(clock.pending).toEqual([]);
  });

  test("goes on after a failure that passes", async () => {
    const a = candidate("a");
    await a.acquire();
    const renewing = outcome(a.renew());
    const before = version;
    failing = true;
    await clock.advance(7000);
    failing = false;
    await passingTime(() => expect(version).toBeGreaterThan(before));
    await clock.advance(20_000);
    expect(renewing()).toBe("pending");
  });

  test("goes on though somebody else writes the lease in between and leaves the holder alone", async () => {
    const a = candidate("a");
    await a.acquire();
    const renewing = outcome(a.renew());
    server.on(`PUT ${LEASES}/test`, (exchange) => exchange.fail(409, "Conflict"));
    await clock.advance(3000);
    expect(renewing()).toBe("pending");
  });

  test("stops at once when another holds the lease", async () => {
    const a = candidate("a");
    await a.acquire();
    const renewing = outcome(a.renew());
    if (lease) lease = { metadata: { resourceVersion: "99" }, spec: { ...lease.spec, holderIdentity: "b" } };
    await passingTime(() => expect(renewing()).toContain("another candidate holds the lease"));
  });

  test("gives nothing up that is not its own, and what the lease says besides is kept", async () => {
    const [a, b] = [candidate("a"), candidate("b")];
    await a.acquire();
    if (lease) lease.spec["preferredHolder"] = "c";
    await b.elector.release();
    expect(lease?.spec.holderIdentity).toBe("a");
    await a.elector.release();
    expect(lease).toMatchObject({ spec: { holderIdentity: "", preferredHolder: "c" } });
  });

  test("gives the lease up in 5 s or not at all", async () => {
    const a = candidate("a");
    await a.acquire();
    reachable = false;
    const released = outcome(a.elector.release());
    await passingTime(() => expect(released()).toContain("no answer within 5 s"), 1000);
  });
});

test("a renewal is one request while nobody else writes the lease, and two when somebody did", async () => {
  const a = candidate("a");
  await a.acquire();
  const before = server.requests.length;
  const renewing = outcome(a.renew());
  await passingTime(() => expect(server.requests.length).toBe(before + 3));
  expect(server.requests.slice(before).map(({ method }) => method)).toEqual(["PUT", "PUT", "PUT"]);
  if (lease) lease = { ...lease, metadata: { ...lease.metadata, resourceVersion: "99" }, spec: { ...lease.spec, preferredHolder: "b" } };
  version = 99;
  await passingTime(() => expect(version).toBe(100));
  expect(server.requests.slice(before + 3).map(({ method }) => method)).toEqual(["PUT", "GET", "PUT"]);
  expect(lease?.spec).toMatchObject({ holderIdentity: "a", preferredHolder: "b" });
  expect(renewing()).toBe("pending");
});

test("a candidate goes on trying while the server fails, and ends with its signal", async () => {
  const a = candidate("a");
  server.on(`GET ${LEASES}/test`, (exchange) => exchange.fail(500, "InternalError"));
  const acquiring = outcome(a.acquire());
  await clock.advance(10_000);
  expect(acquiring()).toBe("pending");
  a.life.abort(new Error("stopping"));
  await eventually(() => expect(acquiring()).toBe("Error: stopping"));
});

test("times that make no sense are refused", () => {
  const settings = { id: "x", leaseDuration: "10s", renewDeadline: "10s" };
  const options = { client: new ApiClient(server.parts()), log: recorder().log, clock, namespace: "n", settings };
  expect(() => new LeaderElector(options)).toThrow("retryPeriod must be shorter than renewDeadline");
});
