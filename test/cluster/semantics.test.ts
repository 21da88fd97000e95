import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { ControlPlane } from "../../runtime/testing/controlplane/index.ts";
import { definition as applyDefinition, sequences, subjects } from "../runtime/testing/embedded/apply/cases.ts";
import { record, recordings } from "../runtime/testing/embedded/apply/recordings.ts";
import type { Recorded, Suite } from "../runtime/testing/embedded/apply/recordings.ts";
import { plain, Replica } from "../runtime/testing/embedded/apply/replica.ts";
import type { Step } from "../runtime/testing/embedded/apply/replica.ts";
import { createCases } from "../runtime/testing/embedded/defaults/cases.ts";
import { comparable } from "../runtime/testing/embedded/defaults/normalize.ts";
import { custom } from "../runtime/testing/embedded/defaults/strategies.ts";
import { collection as schemaCollection, definition as schemaDefinition, validationCases } from "../runtime/schema/cases.ts";
import type { JsonObject } from "../../runtime/schema/index.ts";
import { firstStep, laterStep } from "./arbitraries.ts";
import { latestTime, RealServer } from "./semantics.ts";

/** With this set, the recordings of the embedded suites are written anew instead of compared. */
const recording = process.env["KUBESCAFFOLD_RECORD"] === "1";

let cluster: ControlPlane;
let server: RealServer;
const applyCollection = subjects.Sample.collection;

beforeAll(async () => {
  cluster = await ControlPlane.start();
  server = new RealServer(cluster.kubeconfig);
  await server.define(applyDefinition, applyCollection);
  await server.define(schemaDefinition, schemaCollection);
}, 600_000);

afterAll(async () => {
  server.close();
  await cluster.stop();
});

/** The order of owners depends on whether two steps fall into one second, so a sequence starts early in one, as when it was recorded. */
async function earlyInSecond(): Promise<void> {
  const millisecond = Date.now() % 1000;
  if (millisecond > 500) await new Promise((resolve) => setTimeout(resolve, 1005 - millisecond));
}

/** Carries out the steps on a new object; seconds count from the first time that the server gives. */
async function replay(collection: string, steps: readonly Step[]): Promise<Recorded[]> {
  await server.clear(collection);
  await earlyInSecond();
  const recorded: Recorded[] = [];
  let [start, second] = [0, 0];
  for (const step of steps) {
    const answer = await server.step(collection, step);
    const time = latestTime(answer);
    if (time > 0) {
      if (start === 0) start = time;
      second = Math.max(second, time - start);
    }
    recorded.push({ second, answer: comparable(answer, true) });
  }
  await server.clear(collection);
  return recorded;
}

/** Compares all cases of a suite with its recordings, or writes them. */
function check(suite: Suite, live: ReadonlyMap<string, readonly Recorded[]>): void {
  if (recording) record(suite, live);
  const known = recordings(suite);
  expect([...live.keys()]).toEqual([...known.keys()]);
  for (const [name, answers] of live) {
    expect({ name, answers: known.get(name)?.map(({ answer }) => answer) }).toEqual({ name, answers: answers.map(({ answer }) => answer) });
  }
}

describe("the recordings of the embedded suites are what a real kube-apiserver answers", () => {
  test("to objects of a custom kind", async () => {
    const live = new Map<string, readonly Recorded[]>();
    for (const { name, steps } of validationCases) live.set(name, (await replay(schemaCollection, steps)).slice(-1));
    check("schema", live);
  }, 120_000);

  // Before the sequences, which leave a namespace behind that nobody finalizes.
  test("to the creation of objects of built-in kinds", async () => {
    const live = new Map<string, readonly Recorded[]>();
    for (const { name, path, body, validation } of createCases) {
      const answer = await server.send("POST", `${path}?dryRun=All&fieldManager=tester&fieldValidation=${validation}`, body);
      live.set(name, [{ second: 0, answer: comparable(answer, false) }]);
    }
    check("defaults", live);
  }, 120_000);

  test("to sequences of applies, updates and patches", async () => {
    const live = new Map<string, readonly Recorded[]>();
    for (const { name, kind, steps } of sequences) live.set(name, await replay(subjects[kind].collection, steps));
    check("apply", live);
  }, 120_000);
});

test("random sequences of applies and updates end as on a real kube-apiserver", async () => {
  const strategy = custom(applyDefinition);
  const seed = Number(process.env["KUBESCAFFOLD_SEED"] ?? Date.now() % 1_000_000);
  // The seed is part of the test's outcome: with it, and only with it, a failure can be repeated.
  process.stdout.write(`semantics: KUBESCAFFOLD_SEED=${seed}\n`);
  const property = fc.asyncProperty(firstStep, fc.array(laterStep, { minLength: 3, maxLength: 12 }), async (first, later) => {
    await server.clear(applyCollection);
    const replica = new Replica(strategy);
    let second = 0;
    for (const step of [first, ...later]) {
      const answer: JsonObject = await server.step(applyCollection, step);
      second = Math.max(second, latestTime(answer));
      expect({ step, answer: replica.send(step, second) }).toEqual({ step, answer: plain(answer) });
      if (replica.object === undefined) return;
    }
  });
  await fc.assert(property, { seed, numRuns: 60, endOnFailure: true });
}, 120_000);
