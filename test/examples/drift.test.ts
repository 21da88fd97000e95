import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { filesIn, folderOf, make } from "./made.ts";
import { examples, type Example } from "./projects.ts";

describe.each(examples)("the example $name", (example) => {
  let made: string;

  beforeAll(() => {
    made = make(example);
  }, 60_000);

  afterAll(() => rmSync(made, { recursive: true, force: true }));

  test("has the files that the commands write, and no other", () => {
    expect(filesIn(folderOf(example))).toEqual(filesIn(made));
  });

  test("is what the commands write, but for its author's edits", () => {
    for (const file of filesIn(made)) expect(`${file}\n${textOf(folderOf(example), file)}`).toBe(`${file}\n${textOf(made, file)}`);
  });
});

test("an author who edits package.json keeps the scripts that init writes", () => {
  const scriptsOf = (example: Example): Record<string, string> =>
    (JSON.parse(textOf(folderOf(example), "package.json")) as { scripts: Record<string, string> }).scripts;
  const [edited, written] = [true, false].map((isEdited) => examples.filter((each) => each.edited.includes("package.json") === isEdited));
  const [first] = written ?? [];
  if (first === undefined) throw new Error("every example has a package.json of its own");
  expect(edited?.map((each) => each.name)).toEqual(["sidecar-injector"]);
  for (const example of edited ?? []) expect(scriptsOf(example)).toMatchObject(scriptsOf(first));
});

function textOf(root: string, file: string): string {
  return readFileSync(join(root, file), "utf8");
}
