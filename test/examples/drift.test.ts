import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { filesIn, folderOf, make } from "./made.ts";
import { examples } from "./projects.ts";

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

function textOf(root: string, file: string): string {
  return readFileSync(join(root, file), "utf8");
}
