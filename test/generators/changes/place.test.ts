import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { ChangeSet, classOf, hashOf, place, type FileClass, type FileRecord } from "../../../generators/changes/index.ts";
import { temporaryFolder } from "../temporary.ts";

interface Case {
  class: FileClass;
  there?: string;
  record?: FileRecord;
  force?: boolean;
}

/** Places a file with the text "new" and tells what became of it. */
function outcome({ class: fileClass, there, record, force }: Case): string {
  using folder = temporaryFolder();
  if (there !== undefined) writeFileSync(join(folder.path, "file"), there);
  const set = new ChangeSet(folder.path);
  const result = place(set, { path: "file", content: "new", class: fileClass }, record, force === undefined ? {} : { force });
  return `${result}: ${set.read("file") ?? "(none)"}`;
}

test("a file that is not there yet is written, whatever its class", () => {
  for (const fileClass of ["derived", "yours", "shared"] as const) expect(outcome({ class: fileClass })).toBe("written: new");
});

test("a derived file is rewritten, edited or not", () => {
  expect(outcome({ class: "derived", there: "edited", record: { class: "derived" } })).toBe("written: new");
});

test("a derived file takes no place of a file that is somebody's", () => {
  const record = { class: "yours", hash: hashOf("old") } as const;
  expect(() => outcome({ class: "derived", there: "old", record })).toThrow("file exists and is yours: move it away.");
  expect(() => outcome({ class: "derived", there: "old" })).toThrow("file exists and was not written by scaffold: move it away.");
});

test("a JSON document says in its first member whose it is", () => {
  expect(classOf('{\n  "$comment": "Derived from a.ts by x",\n  "type": "object"\n}\n')).toBe("derived");
  expect(classOf('{ "x-comment": "Derived from a.ts by x" }')).toBe("derived");
  expect(classOf('{ "type": "object", "$comment": "Derived from a.ts by x" }')).toBe("yours");
});

test("a file of yours is refreshed while nobody has edited it, and then left alone", () => {
  const record = { class: "yours", hash: hashOf("old") } as const;
  expect(outcome({ class: "yours", there: "old", record })).toBe("written: new");
  expect(outcome({ class: "yours", there: "edited", record })).toBe("kept: edited");
});

test("line ends that git has exchanged are no edit", () => {
  expect(hashOf("a\r\nb\r\n")).toBe(hashOf("a\nb\n"));
});

test("a file of yours that was deleted does not come back", () => {
  expect(outcome({ class: "yours", record: { class: "yours", hash: hashOf("old") } })).toBe("kept: (none)");
});

test("a shared file is left to its structured edits", () => {
  expect(outcome({ class: "shared", there: "old", record: { class: "shared" } })).toBe("kept: old");
});

test("force overwrites what was edited", () => {
  expect(outcome({ class: "yours", there: "edited", record: { class: "yours", hash: hashOf("old") }, force: true })).toBe("written: new");
});

test("a file that scaffold did not write is a conflict that names it and says what to do", () => {
  expect(() => outcome({ class: "yours", there: "somebody's", force: false })).toThrow(
    "file exists and was not written by scaffold: move it away, or pass --force to overwrite it.",
  );
  expect(() => outcome({ class: "yours", there: "somebody's" })).toThrow(/^file exists and was not written by scaffold: move it away\.$/);
  expect(() => outcome({ class: "derived", there: "somebody's" })).toThrow(expect.objectContaining({ code: "conflict" }));
});

test("a derived file whose record was lost is recognised by its first line", () => {
  expect(outcome({ class: "derived", there: "// derived: by kubescaffold\nold" })).toBe("written: new");
});

test("the class of a file is what its first line says, in the comments of every language in use", () => {
  expect(classOf("// derived: from x\n")).toBe("derived");
  expect(classOf("# shared: with you\n")).toBe("shared");
  expect(classOf("<!-- derived: x -->\n")).toBe("derived");
  expect(classOf("{\n")).toBe("yours");
  expect(classOf("text\n// derived: not the first line\n")).toBe("yours");
});
