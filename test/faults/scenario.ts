import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { isDeepStrictEqual } from "node:util";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { silentLogger, unstructured, type Client, type Logger } from "@kubescaffold/runtime";
import { eventually, type TestCluster } from "@kubescaffold/runtime/testing";
import { loadConnection } from "../../runtime/client/index.ts";
import { chance, pick } from "./chance.ts";
import { endState } from "./end-state.ts";
import { Operator } from "./operator.ts";
import type { Subject } from "./operators.ts";
import { Plan } from "./plan.ts";
import type { WriteHook } from "./proxy.ts";
import { QuickClock } from "./quick-clock.ts";

const LEASE = unstructured({ apiVersion: "coordination.k8s.io/v1", kind: "Lease" });
const HOUR = 3_600_000;
/** Real milliseconds without any write, before a run counts as settled for good; 25 s of the operator's time. */
const STEADY = 250;
const SETTLED_WITHIN = 30_000;

/** What a run needs, and what it is compared with. */
export interface Stage {
  cluster: TestCluster;
  /** The end of an undisturbed run. */
  expected?: Record<string, unknown>;
}

export interface RunOptions extends Stage {
  subject: Subject;
  /** Names the run and its namespace. */
  name: string;
  /** Absent: nothing is disturbed. */
  seed?: number;
  /** Called around each write; returns true to kill the operator there. */
  crashAt?: (write: number, moment: "before" | "after") => boolean;
  short?: boolean;
}

export interface Outcome {
  end: Record<string, unknown>;
  writes: number;
  /** What went on, for a failure's message. */
  story: readonly string[];
}

/** One life of some objects under an operator, with faults or without. Throws with the whole story when something is not as it must be. */
export async function runScenario(options: RunOptions): Promise<Outcome> {
  const story: string[] = [];
  const began = Date.now();
  const tell = (text: string) => void story.push(`${String(Date.now() - began).padStart(6)} ms  ${text}`);
  try {
    return { ...(await run(options, tell)), story };
  } catch (error) {
    const replay = options.seed === undefined ? "" : `\nKUBESCAFFOLD_FAULT_SEED=${options.seed} replays it.`;
    throw new Error(`${options.name}: ${error instanceof Error ? error.message : String(error)}${replay}\n${story.join("\n")}`, {
      cause: error,
    });
  }
}

async function run(options: RunOptions, tell: (text: string) => void): Promise<Omit<Outcome, "story">> {
  const { cluster, subject, name: namespace, seed, crashAt } = options;
  const { client } = cluster;
  const random = chance(seed ?? 0, "scenario");
  const folder = await mkdtemp(join(tmpdir(), "kubescaffold-faults-"));
  await client.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
  const clock = new QuickClock();
  const plan = seed === undefined ? undefined : new Plan(seed);
  const isContested = seed !== undefined && random() < 0.25;
  const id = "faults";
  let count = 0;
  const onWrite: WriteHook = (proxy, moment) => {
    if (moment === "before") count++;
    if (crashAt?.(count, moment) !== true) return;
    tell(`killed ${moment} write ${count}`);
    proxy.powerOff();
  };
  const proxy = { upstream: await loadConnection({ kubeconfig: cluster.kubeconfig }), plan, onWrite, onFault: tell };
  const operators = (isContested ? ["one", "two"] : ["one"]).map((name) => {
    // Times long enough for a busy machine, at the speed of the clock.
    const leaderElection = isContested ? { id, leaseDuration: "150s", renewDeadline: "100s", retryPeriod: "10s" } : undefined;
    const log = tellingLogger((text) => tell(`${name}: ${text}`));
    return new Operator({ subject, namespace, folder, name, clock, random: chance(seed ?? 0, name), log, leaderElection, proxy });
  });
  for (const operator of operators) operator.start();
  try {
    for (const [at, step] of (options.short === true ? subject.shortSteps : subject.steps).entries()) {
      if (seed !== undefined) await disturb(random, operators, clock, () => steal(client, namespace, id), tell);
      await wait(seed === undefined ? 60 : random() * 120);
      tell(`step ${at + 1}`);
      await step(client, namespace);
      // Crash points lie in each step's own writes.
      if (options.short === true) await settled(options, tell, false);
    }
    tell("the faults stop");
    for (const operator of operators) operator.calm();
    await settled(options, tell, true);
    await steady(operators);
    check(options, operators, tell);
    // Only now nothing is under way any more that an undisturbed run could be without.
    const end = await endState(client, subject, namespace);
    return { end, writes: count };
  } finally {
    for (const operator of operators) operator.calm();
    await Promise.all(operators.map((operator) => operator.stop()));
    await rm(folder, { recursive: true, force: true });
  }
}

async function disturb(
  random: () => number,
  operators: readonly Operator[],
  clock: QuickClock,
  stealLease: () => Promise<void>,
  tell: (text: string) => void,
) {
  const what = random();
  if (what < 0.12) {
    tell("crash");
    pick(random, operators).crash();
  } else if (what < 0.24) {
    const hours = pick(random, [-5, -1, 2, 9]);
    tell(`the clock is set by ${hours} h`);
    clock.jump(hours * HOUR);
  } else if (what < 0.4 && operators.length > 1) {
    tell("the lease is stolen");
    await stealLease();
  }
}

async function steal(client: Client, namespace: string, id: string): Promise<void> {
  const lease = await client.get(LEASE, { namespace, name: id });
  if (lease) await client.patch(LEASE, { namespace, name: id }, "merge", { spec: { holderIdentity: "a thief", leaseDurationSeconds: 10 } });
}

/** Waits until the objects are as their users asked for. */
async function settled({ cluster, subject, name, expected }: RunOptions, tell: (text: string) => void, isEnd: boolean) {
  let last: Record<string, unknown> = {};
  try {
    return await eventually(
      async () => {
        const [kind] = subject.kinds;
        if (kind === undefined) throw new Error("a subject has a kind");
        const objects = await cluster.client.list(kind, { namespace: name });
        const open = objects.filter((object) => object.metadata.deletionTimestamp !== undefined || !subject.isSettled(object));
        last = await endState(cluster.client, subject, name);
        if (open.length > 0) throw new Error(`not settled: ${open.map((object) => object.metadata.name).join(", ")}`);
        if (isEnd && expected !== undefined && !isDeepStrictEqual(last, expected))
          throw new Error("the end is not that of an undisturbed run");
        return last;
      },
      { timeout: SETTLED_WITHIN, interval: 25 },
    );
  } catch (error) {
    tell(`the end: ${JSON.stringify(last)}`);
    if (expected !== undefined) tell(`expected: ${JSON.stringify(expected)}`);
    throw error;
  }
}

function writesOf(operators: readonly Operator[]) {
  return operators.flatMap(({ proxies }) => proxies.flatMap(({ writes }) => writes));
}

/** Whoever is done writes nothing. */
async function steady(operators: readonly Operator[]): Promise<void> {
  await eventually(
    async () => {
      const before = writesOf(operators).length;
      await wait(STEADY);
      const more = writesOf(operators).slice(before);
      if (more.length > 0) throw new Error(`still writing: ${more.map(({ what }) => what).join(", ")}`);
    },
    { timeout: 10 * STEADY },
  );
}

function check({ seed, crashAt }: RunOptions, operators: readonly Operator[], tell: (text: string) => void): void {
  const overlaps = operators.flatMap((operator) => operator.overlaps);
  if (overlaps.length > 0) throw new Error(`reconciled twice at once: ${overlaps.join(", ")}`);
  const inVain = writesOf(operators).filter(({ changed }) => !changed);
  // A write whose answer was lost, or whose writer died, may be sent again: nobody knows that it was done.
  const lives = operators.reduce((sum, { proxies }) => sum + proxies.length - 1, 0);
  const lost = operators.reduce((sum, { proxies }) => sum + proxies.reduce((answers, proxy) => answers + proxy.lostAnswers, 0), 0);
  const allowed = seed === undefined && crashAt === undefined ? 0 : lost + lives;
  if (inVain.length > allowed) {
    for (const { what } of inVain) tell(`in vain: ${what}`);
    throw new Error(`${inVain.length} writes changed nothing, where ${allowed} can be explained`);
  }
}

function tellingLogger(tell: (text: string) => void): Logger {
  return {
    ...silentLogger,
    warn: (message, fields) => tell(`warns: ${message} ${JSON.stringify(fields ?? {})}`),
    error: (message, error) => tell(`error: ${message} ${String(error)}`),
    child: () => tellingLogger(tell),
  };
}
