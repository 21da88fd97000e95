import { Cache } from "../../../runtime/cache/index.ts";
import { ApiClient } from "../../../runtime/client/index.ts";
import { unstructured } from "../../../runtime/object/index.ts";
import { DrivenClock } from "../driven-clock.ts";
import { FakeServer } from "../fake-server.ts";
import { recorder } from "../recorder.ts";

export const ConfigMap = unstructured({ apiVersion: "v1", kind: "ConfigMap" });
export const Pod = unstructured({ apiVersion: "v1", kind: "Pod" });

/** A cache of ConfigMaps, and a client that reads through it. */
export async function cacheBench(settings: { namespaces?: string[]; fieldManager?: string } = {}) {
  const server = await FakeServer.start();
  const clock = new DrivenClock();
  const life = new AbortController();
  const { log, lines } = recorder();
  const parts = server.parts({ clock, random: () => 0.5 });
  const cache = new Cache({ ...parts, log, clock, random: () => 0.5, namespaces: settings.namespaces });
  const { fieldManager = "me" } = settings;
  cache.declare(ConfigMap);
  cache.keepFieldsOf(fieldManager);
  const client = new ApiClient({ ...parts, reader: cache }, { fieldManager });
  const stop = async () => {
    life.abort(new Error("the test is over"));
    await server.stop();
  };
  return { server, clock, cache, client, lines, life, start: () => cache.start(life.signal), [Symbol.asyncDispose]: stop };
}
