import { describe, expect, test } from "@jest/globals";
import { builtin, custom } from "../defaults/strategies.ts";
import { comparable } from "../defaults/normalize.ts";
import { definition, sequences, subjects } from "./cases.ts";
import { recordings } from "./recordings.ts";
import { Replica } from "./replica.ts";

const answers = recordings("apply");
/** Any time will do: seconds of recordings count from their first. */
const start = 1_800_000_000;

describe("a sequence of requests is answered as by a real kube-apiserver", () => {
  test.each(sequences.map((sequence) => [sequence.name, sequence] as const))("%s", (name, { kind, steps }) => {
    const { apiVersion, collection } = subjects[kind];
    const replica = new Replica(kind === "Sample" ? custom(definition) : builtin(apiVersion, kind, collection.includes("/namespaces/")));
    const recorded = answers.get(name) ?? [];
    expect(recorded).toHaveLength(steps.length);
    for (const [index, step] of steps.entries()) {
      const answer = comparable(replica.send(step, start + (recorded[index]?.second ?? 0)), true);
      expect({ step, answer }).toEqual({ step, answer: recorded[index]?.answer });
    }
  });
});
