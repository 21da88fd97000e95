import { expect, test } from "@jest/globals";
import type { InformerState } from "../../../runtime/cache/index.ts";
import { Metrics } from "../../../runtime/manager/metrics.ts";
import { DrivenClock } from "../driven-clock.ts";

test("several watches of one kind and namespace are one series: sums, and the age of the one that lags most", async () => {
  const clock = new DrivenClock();
  const metrics = new Metrics();
  const state = (more: Partial<InformerState>): InformerState => ({
    kind: { apiVersion: "v1", kind: "Secret" },
    namespace: "default",
    phase: "watching",
    objects: 1,
    bytes: 100,
    lastEventAt: undefined,
    relists: 1,
    watchRestarts: 2,
    ...more,
  });
  const states = () => [
    state({ lastEventAt: 10_000 }),
    state({ lastEventAt: 40_000 }),
    state({}),
    state({ namespace: undefined, phase: "waiting", kind: { apiVersion: "ships.io/v1", kind: "Ship" } }),
  ];
  metrics.ofCaches(states, clock);
  await clock.advance(60_000);
  const text = await metrics.registry.metrics();
  const secret = (name: string) => Number(new RegExp(`^kubescaffold_cache_${name}\\{.*kind="Secret".*\\} (\\d+)`, "m").exec(text)?.[1]);
  expect(["objects", "bytes", "last_event_age_seconds", "relists_total", "watch_restarts_total", "waiting"].map(secret)).toEqual([
    3, 300, 50, 3, 6, 0,
  ]);
  // Of what has not been heard of yet, no age is told.
  expect(text).not.toMatch(/^kubescaffold_cache_last_event_age_seconds\{.*kind="Ship"/m);
  expect(text).toMatch(/^kubescaffold_cache_waiting\{group="ships\.io",version="v1",kind="Ship",namespace=""\} 1$/m);
});
