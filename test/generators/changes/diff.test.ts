import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { unifiedDiff, type Change } from "../../../generators/changes/index.ts";
import { filesOf, temporaryFolder } from "../temporary.ts";

const update = (before: string, after: string): Change => ({ path: "f.txt", kind: "update", before, after, executable: false });

test("shows changed lines with three lines around them", () => {
  const before = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
  expect(unifiedDiff(update(before, before.replace("5\n", "five\n")))).toBe(
    "--- a/f.txt\n+++ b/f.txt\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n",
  );
});

test("new, deleted and binary files say so", () => {
  expect(unifiedDiff({ path: "n", kind: "create", after: "x\n", executable: false })).toBe("--- /dev/null\n+++ b/n\n@@ -0,0 +1,1 @@\n+x\n");
  expect(unifiedDiff({ path: "n", kind: "delete", before: "x\n", executable: false })).toBe(
    "--- a/n\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-x\n",
  );
  expect(unifiedDiff({ path: "n", kind: "create", after: Buffer.from([0]), executable: false })).toBe("Binary file n (create)\n");
});

test("git apply turns the old text into the new one, whatever they are", () => {
  const text = fc
    .array(fc.constantFrom("a", "b", "c", "", "d e"), { maxLength: 14 })
    .chain((lines) => fc.boolean().map((end) => lines.join("\n") + (end ? "\n" : "")));
  fc.assert(
    fc.property(text, text, (before, after) => {
      fc.pre(before !== after && before !== "" && after !== "");
      using folder = temporaryFolder();
      writeFileSync(join(folder.path, "f.txt"), before);
      execFileSync("git", ["apply", "--unidiff-zero", "--whitespace=nowarn", "-"], {
        cwd: folder.path,
        input: unifiedDiff(update(before, after)),
        env: { ...process.env, GIT_CEILING_DIRECTORIES: join(folder.path, "..") },
      });
      expect(filesOf(folder.path)).toEqual({ "f.txt": after });
    }),
    { numRuns: 60 },
  );
});
