import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { Cache } from "../../../runtime/cache/index.ts";
import { eventually } from "../../../runtime/testing/eventually.ts";
import { DrivenClock } from "../driven-clock.ts";
import { configMap, FakeServer, type Exchange } from "../fake-server.ts";
import { recorder } from "../recorder.ts";
import { ConfigMap } from "../cache/bench.ts";

const PATH = "/api/v1/configmaps";
const FAULTS = ["cut", "end", "garbage", "half a line", "silence", "410", "ERROR 410", "429", "500", "404"] as const;
type Fault = (typeof FAULTS)[number];
type Change = { name: string; gone: boolean };

/** A collection with its history, which answers lists and watches as an API server does, and does on its way what a test tells it to. */
class Collection {
  readonly objects = new Map<string, ReturnType<typeof configMap>>();
  readonly history: { type: string; object: ReturnType<typeof configMap> }[] = [];
  /** Statuses for the next requests. */
  readonly refusals: number[] = [];
  /** Versions before this one are too old to be watched from. */
  compacted = 0;
  watch: Exchange | undefined;
  #version = 10;
  #lives = 0;

  change({ name, gone }: Change): void {
    const before = this.objects.get(name);
    if (gone && !before) return;
    const uid = before?.metadata.uid ?? `u${++this.#lives}`;
    const object = configMap(name, String(++this.#version), {}, { uid });
    if (gone) this.objects.delete(name);
    else this.objects.set(name, object);
    const event = { type: gone ? "DELETED" : before ? "MODIFIED" : "ADDED", object };
    this.history.push(event);
    this.watch?.events([event.type, object]);
  }

  answer(exchange: Exchange): void {
    const refusal = this.refusals.shift();
    const from = exchange.query.get("resourceVersion");
    if (refusal !== undefined) exchange.fail(refusal, refusal === 404 ? "NotFound" : "InternalError");
    else if (exchange.query.has("sendInitialEvents")) {
      exchange.listed(String(this.#version), ...this.objects.values());
      this.watch = exchange;
    } else if (Number(from) < this.compacted) exchange.fail(410, "Expired");
    else {
      exchange.raw("");
      for (const { type, object } of this.history) {
        if (Number(object.metadata.resourceVersion) > Number(from)) exchange.events([type, object]);
      }
      this.watch = exchange;
    }
  }

  fault(fault: Fault): void {
    const { watch } = this;
    this.watch = undefined; // what changes from now on is not heard
    if (fault === "410") this.compacted = this.#version;
    if (fault === "429" || fault === "500" || fault === "404") this.refusals.push(Number(fault));
    if (fault === "end") watch?.end();
    else if (fault === "garbage") watch?.raw("\u0000{]\n");
    else if (fault === "ERROR 410") watch?.events(["ERROR", { kind: "Status", code: 410, reason: "Expired" }]);
    else if (fault === "half a line") {
      watch?.raw('{"type":"ADDED","object":{"meta');
      watch?.end();
    } else if (fault !== "silence") watch?.cut();
  }

  get state(): string[] {
    return [...this.objects.values()].map(({ metadata }) => `${metadata.name} ${metadata.uid}@${metadata.resourceVersion}`).toSorted();
  }
}

test("through any faults no event is lost or invented, each object's come in order, and in the end the cache is what the server is", async () => {
  const change = fc.record({ name: fc.constantFrom("a", "b", "c"), gone: fc.boolean() });
  const round = fc.record({
    before: fc.array(change, { maxLength: 3 }),
    fault: fc.constantFrom(...FAULTS),
    meanwhile: fc.array(change, { maxLength: 4 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(round, { minLength: 1, maxLength: 4 }), async (rounds) => {
      await using server = await FakeServer.start();
      const collection = new Collection();
      server.on(`GET ${PATH}`, (exchange) => collection.answer(exchange));
      const clock = new DrivenClock();
      const life = new AbortController();
      const cache = new Cache({ ...server.parts({ clock }), log: recorder().log, clock, random: () => 0.5 });
      // What the events add up to; each must begin where the last one of its object ended.
      const told = new Map<string, string>();
      const wrong: string[] = [];
      cache.declare(ConfigMap, ({ type, key, object, before }) => {
        const show = (each: typeof object) => `${each.metadata?.uid ?? ""}@${each.metadata?.resourceVersion ?? ""}`;
        const [last, after] = [told.get(key.name), show(object)];
        if ((type === "ADDED") !== (last === undefined) || (before !== undefined && show(before) !== last)) wrong.push(`${type} ${after} after ${last ?? "nothing"}`);
        if (type !== "DELETED" && last !== undefined && Number(after.split("@")[1]) <= Number(last.split("@")[1])) wrong.push(`${after} after ${last}`);
        if (type === "DELETED") told.delete(key.name);
        else told.set(key.name, after);
      }); // prettier-ignore
      await cache.start(life.signal);
      for (const { before, fault, meanwhile } of rounds) {
        for (const each of before) collection.change(each);
        collection.fault(fault);
        for (const each of meanwhile) collection.change(each);
        await eventually(async () => {
          // Enough for any pause, and for the silence of 150 s to be noticed.
          if (collection.watch === undefined) await clock.advance(20_000);
          expect(collection.watch).toBeDefined();
        });
      }
      await eventually(async () => {
        const objects = (await cache.list(ConfigMap, {})) ?? [];
        expect(objects.map(({ metadata }) => `${metadata?.name ?? ""} ${metadata?.uid ?? ""}@${metadata?.resourceVersion ?? ""}`).toSorted()).toEqual(collection.state);
      }); // prettier-ignore
      expect([...told].map(([name, state]) => `${name} ${state}`).toSorted()).toEqual(collection.state);
      expect(wrong).toEqual([]);
      life.abort(new Error("over"));
    }),
    { numRuns: 60 },
  );
}, 60_000);
