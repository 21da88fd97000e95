import { beforeAll, describe, expect, test } from "@jest/globals";
import { compareApis, findingLine } from "../../../generators/compatibility/index.ts";
import { changes } from "./changes.ts";
import { generations } from "./generations.ts";

let kinds: Awaited<ReturnType<typeof generations>>;

beforeAll(async () => {
  kinds = await generations();
});

describe("a change of a schema is named with its field and what follows from it", () => {
  test.each(Object.keys(changes))("%s", (name) => {
    const kind = kinds.get(name);
    const findings = kind === undefined ? [] : compareApis([kind.before], [kind.after]);
    expect(findings.map((each) => `${each.severity} ${findingLine(each).replace(/^\S+ v1 /, "")}`)).toEqual(changes[name]?.lines);
  });
});
