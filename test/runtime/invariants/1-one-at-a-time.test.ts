import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { done, requeueAfter, type Reconciler } from "../../../runtime/controller/index.ts";
import type { KubernetesObject } from "../../../runtime/object/index.ts";
import { controllerBench, keyOfName } from "../controller/bench.ts";
import { settle } from "../driven-clock.ts";

test("one key is never reconciled twice at the same time, and others run beside it up to the limit", async () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant("add" as const), key: fc.constantFrom("a", "b", "c", "d", "e") }),
    fc.record({ do: fc.constant("end" as const), which: fc.nat(), how: fc.constantFrom("done", "throw", "requeue") }),
    fc.record({ do: fc.constant("advance" as const), by: fc.integer({ min: 1, max: 50 }) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const running: { name: string; end: (how: string) => void }[] = [];
      const reconciler: Reconciler<KubernetesObject> = {
        reconcile: ({ metadata }) =>
          new Promise((resolve, reject) => {
            const name = metadata?.name ?? "";
            expect(running.map((each) => each.name)).not.toContain(name);
            const end = (how: string) => {
              running.splice(running.indexOf(run), 1);
              if (how === "throw") reject(new Error("failed"));
              else resolve(how === "requeue" ? requeueAfter(10) : done());
            };
            const run = { name, end };
            running.push(run);
            expect(running.length).toBeLessThanOrEqual(3);
          }),
      };
      await using bench = await controllerBench(reconciler, { concurrency: 3 });
      for (const name of ["a", "b", "c", "d", "e"]) bench.put(name);
      for (const each of steps) {
        if (each.do === "add") bench.controller.enqueue(keyOfName(each.key));
        else if (each.do === "end") running[each.which % Math.max(running.length, 1)]?.end(each.how);
        else await bench.clock.advance(each.by);
        await settle();
      }
      for (let round = 0; round < 100 && !bench.controller.idle; round++) {
        for (const run of [...running]) run.end("done");
        await settle();
      }
      expect(bench.controller.idle).toBe(true);
      expect(bench.lines.filter(({ error }) => String(error).includes("expect("))).toEqual([]);
    }),
    { numRuns: 40 },
  );
});

test("four keys with a limit of four run at the same time", async () => {
  let running = 0;
  await using bench = await controllerBench({ reconcile: () => (running++, new Promise(() => undefined)) }, { concurrency: 4 });
  for (const name of ["a", "b", "c", "d", "e"]) {
    bench.put(name);
    bench.controller.enqueue(keyOfName(name));
  }
  await settle();
  expect(running).toBe(4);
});
