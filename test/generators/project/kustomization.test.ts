import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { ChangeSet } from "../../../generators/changes/index.ts";
import { addListEntry, removeListEntry } from "../../../generators/project/index.ts";
import { temporaryFolder } from "../temporary.ts";

const file = "kustomization.yaml";

function edited(before: string | undefined, edit: (set: ChangeSet) => void): string | undefined {
  using folder = temporaryFolder();
  if (before !== undefined) writeFileSync(join(folder.path, file), before);
  const set = new ChangeSet(folder.path);
  edit(set);
  return set.read(file);
}

const add = (before: string | undefined, entry = "b.yaml"): string | undefined =>
  edited(before, (set) => addListEntry(set, file, entry, "shared: x"));
const remove = (before: string, entry = "b.yaml"): string | undefined => edited(before, (set) => removeListEntry(set, file, entry));

test("a first entry makes the file", () => {
  expect(add(undefined)).toBe("# shared: x\nresources:\n  - b.yaml\n");
});

test("an entry goes behind the last one, and not a byte else changes", () => {
  const before = '# top\nnamePrefix:   "x-"   # odd blanks\nresources:\n- a.yaml   # why\n\n# below\n# - c.yaml\nlabels: [ {a: b} ]\n';
  const after = before.replace("# why\n", "# why\n- b.yaml\n");
  expect(add(before)).toBe(after);
  expect(add(after)).toBe(after);
  expect(remove(after)).toBe(before);
});

test("works without a line end at the end, with Windows line ends, and in deeper indentation", () => {
  expect(add("resources:\n    - a.yaml")).toBe("resources:\n    - a.yaml\n    - b.yaml\n");
  expect(add("resources:\r\n  - a.yaml\r\n")).toBe("resources:\r\n  - a.yaml\r\n  - b.yaml\r\n");
});

test("lists that are empty, missing or written on one line get a line for each entry", () => {
  expect(add("namespace: x\n")).toBe("namespace: x\nresources:\n  - b.yaml\n");
  expect(add("resources: []\n")).toBe("resources:\n  - b.yaml\n");
  expect(add("resources: [a.yaml]\n")).toBe("resources:\n  - a.yaml\n  - b.yaml\n");
  expect(remove("resources: [a.yaml, b.yaml]\n")).toContain("a.yaml");
});

test("the last entry takes the file with it, since kustomize refuses an empty one", () => {
  expect(remove("resources:\n  - b.yaml\n")).toBeUndefined();
  expect(remove("resources:\n  - a.yaml\n")).toBe("resources:\n  - a.yaml\n");
});

test("a file that cannot be read that way is a conflict that names it", () => {
  expect(() => add("resources: [a\n")).toThrow(
    expect.objectContaining({ code: "conflict", message: expect.stringMatching(/^kustomization\.yaml is not YAML/) }),
  );
  expect(() => add("resources: text\n")).toThrow(
    "kustomization.yaml has resources that are not a list: mend it and run the command again.",
  );
});

test("another list is edited as the resources are, also behind a block of text, and goes with its last entry", () => {
  const before = "transformers:\n  # why\n  - |-\n    kind: X\n    name: y\n\nresources:\n  - a.yaml\n";
  const after = before.replace("name: y\n", "name: y\n  - b.yaml\n");
  const added = (text: string): string | undefined => edited(text, (set) => addListEntry(set, file, "b.yaml", "shared: x", "transformers"));
  const removed = (text: string): string | undefined => edited(text, (set) => removeListEntry(set, file, "b.yaml", "transformers"));
  expect(added(before)).toBe(after);
  expect(removed(after)).toBe(before);
  expect(added("resources:\n  - a.yaml\n")).toBe("resources:\n  - a.yaml\ntransformers:\n  - b.yaml\n");
  expect(removed("resources:\n  - a.yaml\ntransformers:\n  - b.yaml\n")).toBe("resources:\n  - a.yaml\n");
  expect(added("transformers:\nresources:\n  - a.yaml\n")).toBe("transformers:\n  - b.yaml\nresources:\n  - a.yaml\n");
});
