import { describe, expect, test } from "@jest/globals";
import { done, TemporaryError, TerminalError, type ReconcileContext } from "../../../runtime/controller/index.ts";
import { jsonLogger } from "../../../runtime/manager/index.ts";
import type { KubernetesObject } from "../../../runtime/object/index.ts";
import { eventually } from "../../../runtime/testing/eventually.ts";
import { settle } from "../driven-clock.ts";
import { controllerBench, KIND, keyOfName } from "./bench.ts";

type Act = (context: ReconcileContext<KubernetesObject>) => unknown;

/** A bench whose reconciler does what the list says, run by run, and then nothing. */
async function runs(...acts: Act[]) {
  const failures: number[] = [];
  const bench = await controllerBench(
    {
      reconcile: (_object, context): Promise<never> => {
        failures.push(context.failures);
        return (acts.shift() ?? done)(context) as Promise<never>;
      },
    },
    { timeout: 1000 },
  );
  bench.put("a");
  const event = async () => {
    bench.controller.enqueue(keyOfName("a"));
    await settle();
  };
  return { ...bench, failures, event };
}

/** Throws what no linter lets be thrown. */
function raise(thrown: unknown): never {
  throw thrown;
}

class Odd extends Error {
  override get message(): string {
    throw new Error("not for you");
  }
}

const withGetter = Object.defineProperty(new Error("x"), "reason", {
  enumerable: true,
  get: () => {
    throw new Error("not for you");
  },
});
const hostile = new Proxy(new Error("x"), {
  getPrototypeOf: () => raise(new Error("not for you")),
  get: () => raise(new Error("not for you")),
});
const endless: Error & { cause?: unknown } = new Error("endless");
endless.cause = endless;

describe("whatever a reconciler throws costs one retry and one line that can be read:", () => {
  test.each<[string, unknown, string]>([
    ["a text", "no", 'the reconciler threw "no", which is no Error'],
    ["nothing", undefined, "the reconciler threw undefined, which is no Error"],
    ["null", null, "the reconciler threw null, which is no Error"],
    ["a symbol", Symbol("s"), "the reconciler threw Symbol(s), which is no Error"],
    ["an object, whose content is not told", { password: "secret" }, "the reconciler threw an object, which is no Error"],
    ["an object without a prototype", Object.create(null), "the reconciler threw an object, which is no Error"],
    ["a frozen error", Object.freeze(new Error("frozen")), "frozen"],
    ["an error that is its own cause", endless, "endless"],
    ["an error whose message throws", new Odd(), "what was thrown cannot be read"],
    ["an error with a field that throws", withGetter, "what was thrown cannot be read"],
    ["a proxy that throws", hostile, "what was thrown cannot be read"],
  ])("%s", async (_name, thrown, message) => {
    for (const act of [() => raise(thrown), () => Promise.resolve().then(() => raise(thrown))]) {
      await using bench = await runs(act);
      await bench.event();
      await bench.clock.advance(5);
      expect(bench.outcomes).toEqual(["retried", "error", "success"]);
      expect(bench.at("error")).toHaveLength(1);
      const [line] = bench.at("error");
      expect((line?.error as Error).message).toBe(message);
      // and the logger of a real operator can write it
      const written: string[] = [];
      jsonLogger("info", { write: (text) => void written.push(text) }).error("Reconciler error", line?.error);
      expect(JSON.parse(written[0] ?? "")).toMatchObject({ error: expect.stringContaining(message) });
    }
  });

  test("a result that is none", async () => {
    await using bench = await runs(() => Promise.resolve({ requeueAfter: "soon" }), () => Promise.resolve({ requeueAfter: Number.NaN }), () => Promise.resolve(null)); // prettier-ignore
    await bench.event();
    await bench.clock.advance(100);
    expect(bench.outcomes).toEqual(["retried", "error", "retried", "error", "success"]);
    expect(String(bench.at("error")[0]?.error)).toContain('"soon" is not a duration');
  });
});

describe("a conflict", () => {
  const conflict: Act = ({ client }) => client.patch(KIND, keyOfName("a"), "merge", { metadata: { resourceVersion: "0" } });

  test("is everyday: it is retried and counted, and is no error in the log", async () => {
    await using bench = await runs(conflict);
    bench.server.on("PATCH", (exchange) => exchange.fail(409, "Conflict", "the object has been modified"));
    await bench.event();
    await eventually(() => expect(bench.outcomes).toEqual(["retried", "error"]));
    await bench.clock.advance(5);
    await eventually(() => expect(bench.outcomes).toEqual(["retried", "error", "success"]));
    expect(bench.at("error")).toEqual([]);
    expect(bench.at("debug")).toMatchObject([
      { error: expect.stringContaining("the object has been modified"), retryInMs: 5, reconcileID: expect.any(String) },
    ]);
  });

  test("that does not end is one at last", async () => {
    await using bench = await runs(...Array<Act>(7).fill(conflict));
    bench.server.on("PATCH", (exchange) => exchange.fail(409, "Conflict"));
    await bench.event();
    await eventually(async () => {
      await bench.clock.advance(400);
      expect(bench.outcomes.at(-1)).toBe("success");
    });
    expect(bench.at("debug")).toHaveLength(5);
    expect(bench.at("error")).toHaveLength(2);
  });
});

describe("how often an object has failed in a row", () => {
  const fail: Act = () => raise(new Error("no"));

  test("is counted on through events, and forgotten with a success", async () => {
    await using bench = await runs(fail, fail, done, fail);
    for (let event = 0; event < 5; event++) await bench.event();
    expect(bench.failures).toEqual([0, 1, 2, 0, 1]);
  });

  test("is neither counted nor forgotten by a TemporaryError or a TerminalError", async () => {
    const temporary: Act = () => raise(new TemporaryError("later", { after: "1h" }));
    const terminal: Act = () => raise(new TerminalError("never"));
    await using bench = await runs(fail, temporary, terminal, fail);
    for (let event = 0; event < 5; event++) await bench.event();
    expect(bench.failures).toEqual([0, 1, 1, 1, 2]);
  });
});

describe("a run that was given up and does not end", () => {
  const OVERDUE = "a reconcile goes on though it was given up";
  const hang: Act = () => new Promise(() => undefined);

  test("leaves its key free, and is told once, with whose it is", async () => {
    await using bench = await runs(hang, hang, hang);
    await bench.event();
    await bench.clock.advance(1000);
    await bench.event();
    expect(bench.failures).toHaveLength(2);
    expect(bench.at("warn")).toEqual([]);
    await bench.clock.advance(20_000);
    for (let event = 0; event < 3; event++) await bench.event();
    expect(bench.outcomes.at(-1)).toBe("success");
    expect(bench.at("warn")).toMatchObject([{ message: expect.stringContaining(OVERDUE), name: "a", reconcileID: expect.any(String) }]);
  });

  test("is not told when it ends in time", async () => {
    const heeds: Act = ({ signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(new Error("given up"))));
    await using bench = await runs(heeds);
    await bench.event();
    await bench.clock.advance(1005);
    await bench.clock.advance(60_000);
    await bench.event();
    expect(bench.at("warn")).toEqual([]);
  });
});

test("every line of a run carries its reconcile id, which the run knows", async () => {
  const ids: string[] = [];
  const act: Act = ({ log, reconcileId }) => {
    ids.push(reconcileId);
    log.info("mine");
    raise(new Error("no"));
  };
  await using bench = await runs(act, act);
  await bench.event();
  await bench.clock.advance(5);
  const lines = bench.lines.filter(({ message }) => message !== "Starting Controller");
  expect(lines.map(({ message, reconcileID }) => [message, reconcileID])).toEqual([
    ["mine", ids[0]], ["Reconciler error", ids[0]], ["mine", ids[1]], ["Reconciler error", ids[1]],
  ]); // prettier-ignore
  expect(new Set(ids).size).toBe(2);
});
