/**
 * Random requests about the sample object of the apply suite.
 */
import fc from "fast-check";
import type { JsonValue } from "../../runtime/schema/index.ts";
import { subjects } from "../runtime/testing/embedded/apply/cases.ts";
import type { Step } from "../runtime/testing/embedded/apply/replica.ts";

const word = fc.constantFrom("a", "b", "c", "d");
const manager = fc.constantFrom("m1", "m2", "m3");
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined, freq: 2 });
const words = fc.array(word, { maxLength: 4 });

const spec = fc.record({
  size: maybe(fc.integer({ min: 0, max: 4 })),
  name: maybe(word),
  ports: maybe(
    fc.array(fc.record({ port: fc.integer({ min: 1, max: 4 }), protocol: maybe(fc.constantFrom("TCP", "UDP")), name: maybe(word) }), {
      maxLength: 4,
    }),
  ),
  tags: maybe(words),
  args: maybe(words),
  atomic: maybe(fc.record({ a: maybe(word), b: maybe(word) })),
  labels: maybe(fc.dictionary(word, word)),
  nested: maybe(
    fc.oneof(fc.constant(null), fc.record({ x: maybe(fc.integer({ min: 0, max: 2 })), y: maybe(fc.record({ z: maybe(word) })) })),
  ),
  any: maybe(fc.dictionary(word, fc.oneof(word, fc.constant(null), words, fc.dictionary(word, word)))),
  port: maybe(fc.oneof(word, fc.integer({ min: 1, max: 3 }))),
});
const metadata = fc.record({
  labels: maybe(fc.dictionary(word, word)),
  annotations: maybe(fc.dictionary(word, word)),
  finalizers: maybe(fc.subarray(["x.io/a", "x.io/b"])),
});
const status = fc.record({
  phase: maybe(word),
  conditions: maybe(fc.array(fc.record({ type: word, status: maybe(word) }), { maxLength: 3 })),
});

/** Without `undefined`, as it is sent. */
function sent(value: unknown): JsonValue {
  const parsed: unknown = JSON.parse(JSON.stringify(value));
  return parsed as JsonValue;
}

const whole: fc.Arbitrary<JsonValue> = fc.tuple(metadata, maybe(spec), maybe(status)).map(([meta, body, state]) =>
  sent({
    apiVersion: subjects.Sample.apiVersion,
    kind: "Sample",
    metadata: { ...meta, name: "sample", namespace: "default" },
    spec: body,
    status: state,
  }),
);
const part: fc.Arbitrary<JsonValue> = fc
  .tuple(maybe(metadata), maybe(spec), maybe(status))
  .map(([meta, body, state]) => sent({ metadata: meta, spec: body, status: state }));

const op = <T extends Step["op"]>(name: T): fc.Arbitrary<T> => fc.constant(name);
const ofStatus = fc.constant("status" as const);

/** A creation, by apply or not. */
export const firstStep: fc.Arbitrary<Step> = fc.record({ op: fc.constantFrom("apply" as const, "create" as const), manager, body: whole });

/** A later request; mostly applies. */
export const laterStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ op: op("apply"), manager, body: whole, force: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ op: op("apply"), manager, body: whole, force: fc.boolean(), subresource: ofStatus }) },
  { weight: 2, arbitrary: fc.record({ op: op("update"), manager, body: whole }) },
  { weight: 1, arbitrary: fc.record({ op: op("update"), manager, body: whole, subresource: ofStatus }) },
  { weight: 1, arbitrary: fc.record({ op: op("merge"), manager, body: part }) },
  { weight: 1, arbitrary: fc.record({ op: op("merge"), manager, body: part, subresource: ofStatus }) },
);
