import { Cache } from "../../../runtime/cache/index.ts";
import { ApiClient, type CachedReader } from "../../../runtime/client/index.ts";
import { Controller, EventWriter, NO_METRICS, type AnyReconciler } from "../../../runtime/controller/index.ts";
import type { KubernetesObject } from "../../../runtime/object/index.ts";
import type { Rate } from "../../../runtime/queue/index.ts";
import { DrivenClock } from "../driven-clock.ts";
import { configMap, FakeServer } from "../fake-server.ts";
import { recorder } from "../recorder.ts";

export const KIND = { apiVersion: "v1", kind: "ConfigMap" };
export const keyOfName = (name: string) => ({ namespace: "default", name });

/** One controller of ConfigMaps over a cache that is a map, on time that a test drives. */
export async function controllerBench(
  reconciler: AnyReconciler<KubernetesObject>,
  settings: { concurrency?: number; timeout?: number; rate?: Rate } = {},
) {
  const server = await FakeServer.start();
  const clock = new DrivenClock();
  const { log, lines, at } = recorder();
  const parts = server.parts({ clock });
  const objects = new Map<string, KubernetesObject>();
  const reader: CachedReader = {
    get: (_kind, { name }) => Promise.resolve({ object: objects.get(name) }),
    list: () => Promise.resolve([...objects.values()]),
    wrote: (object) => void objects.set(object.metadata?.name ?? "", object),
    removed: (_kind, { name }) => void objects.delete(name),
  };
  const client = new ApiClient({ ...parts, reader });
  const outcomes: string[] = [];
  const controller = new Controller({
    name: "test",
    kind: KIND,
    reconciler,
    concurrency: settings.concurrency ?? 4,
    timeout: settings.timeout ?? 60_000,
    rate: settings.rate,
    client,
    log,
    clock,
    references: new Cache({ ...parts, log, clock }).references,
    events: new EventWriter({ client, log, clock, controller: "test" }),
    metrics: {
      ...NO_METRICS,
      retried: () => outcomes.push("retried"),
      reconciled: (outcome) => outcomes.push(outcome),
    },
  });
  controller.start();
  const put = (name: string, metadata: object = {}) => objects.set(name, configMap(name, "1", {}, metadata));
  const close = async () => {
    controller.fence(new Error("the test is over"));
    await controller.stop();
    await server.stop();
  };
  return { server, clock, lines, at, objects, controller, outcomes, put, [Symbol.asyncDispose]: close };
}
