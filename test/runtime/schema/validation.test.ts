import { describe, expect, test } from "@jest/globals";
import { comparable } from "../testing/embedded/defaults/normalize.ts";
import { custom } from "../testing/embedded/defaults/strategies.ts";
import { recordings } from "../testing/embedded/apply/recordings.ts";
import { Replica } from "../testing/embedded/apply/replica.ts";
import { definition, validationCases } from "./cases.ts";

const answers = recordings("schema");

describe("a custom resource is validated, defaulted and pruned as by a real kube-apiserver", () => {
  test.each(validationCases.map(({ name, steps }) => [name, steps] as const))("%s", (name, steps) => {
    const replica = new Replica(custom(definition));
    const given = steps.map((step) => replica.send(step, 1_800_000_000));
    expect(comparable(given.at(-1) ?? {}, true)).toEqual(answers.get(name)?.[0]?.answer);
  });
});
