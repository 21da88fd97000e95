import { describe, expect, test } from "@jest/globals";
import { stringAt } from "../../../../../runtime/schema/index.ts";
import { recordings } from "../apply/recordings.ts";
import { Replica } from "../apply/replica.ts";
import { createCases } from "./cases.ts";
import { comparable } from "./normalize.ts";
import { builtin } from "./strategies.ts";

const answers = recordings("defaults");

describe("an object of a built-in kind is decoded, defaulted and validated as by a real kube-apiserver", () => {
  test.each(createCases.map((each) => [each.name, each] as const))("%s", (name, { path, body, validation }) => {
    const strategy = builtin(stringAt(body, "apiVersion") ?? "", stringAt(body, "kind") ?? "", path.includes("/namespaces/"));
    const answer = new Replica(strategy).send({ op: "create", manager: "tester", body, validation }, 1_800_000_000);
    expect(comparable(answer, false)).toEqual(answers.get(name)?.[0]?.answer);
  });
});
