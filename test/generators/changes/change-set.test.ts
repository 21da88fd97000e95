import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { ChangeSet, flush } from "../../../generators/changes/index.ts";
import { filesOf, temporaryFolder } from "../temporary.ts";

test("nothing reaches the disk before the flush, and reads see what was staged", () => {
  using folder = temporaryFolder();
  writeFileSync(join(folder.path, "old.txt"), "old");
  const set = new ChangeSet(folder.path);
  set.write("old.txt", "new");
  set.write("deep/er/file.txt", "content");
  expect(set.read("old.txt")).toBe("new");
  expect(set.read("deep/er/file.txt")).toBe("content");
  expect(filesOf(folder.path)).toEqual({ "old.txt": "old" });

  flush(set);
  expect(filesOf(folder.path)).toEqual({ "old.txt": "new", "deep/er/file.txt": "content" });
});

test("a write of what is there already is no change, so a second run has nothing to do", () => {
  using folder = temporaryFolder();
  const stage = (): ChangeSet => {
    const set = new ChangeSet(folder.path);
    set.write("a.txt", "a\n");
    set.write("b.bin", Buffer.from([0, 255]));
    return set;
  };
  expect(flush(stage()).map(({ kind, path }) => `${kind} ${path}`)).toEqual(["create a.txt", "create b.bin"]);
  expect(stage().changes()).toEqual([]);
  expect(flush(stage())).toEqual([]);
});

test("a deleted file is gone for reads at once and on the disk after the flush", () => {
  using folder = temporaryFolder();
  writeFileSync(join(folder.path, "a.txt"), "a");
  const set = new ChangeSet(folder.path);
  set.delete("a.txt");
  set.delete("never-there.txt");
  expect(set.exists("a.txt")).toBe(false);
  expect(flush(set)).toEqual([expect.objectContaining({ path: "a.txt", kind: "delete" })]);
  expect(filesOf(folder.path)).toEqual({});
});

test("an existing file keeps its mode, and a new one is executable when asked for", () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "run.sh");
  writeFileSync(path, "old");
  chmodSync(path, 0o755);
  const set = new ChangeSet(folder.path);
  set.write("run.sh", "new");
  set.write("fresh.sh", "fresh", { executable: true });
  set.write("plain.txt", "plain");
  flush(set);
  const executable = (name: string): boolean => (statSync(join(folder.path, name)).mode & 0o100) !== 0;
  expect([executable("run.sh"), executable("fresh.sh"), executable("plain.txt")]).toEqual([true, true, false]);
});

test("when one file cannot be written, everything is as it was before", () => {
  using folder = temporaryFolder();
  writeFileSync(join(folder.path, "a.txt"), "before");
  writeFileSync(join(folder.path, "b.txt"), "before");
  const set = new ChangeSet(folder.path);
  set.write("a.txt", "after");
  set.delete("b.txt");
  set.write("new/file.txt", "new");
  // A name so long that the temporary one beside it is longer than file systems allow: fails when others are prepared.
  set.write(`z/${"z".repeat(250)}`, "impossible");
  expect(() => flush(set)).toThrow(
    expect.objectContaining({ code: "write-failed", message: expect.stringContaining("nothing has been changed") }),
  );
  expect(filesOf(folder.path)).toEqual({ "a.txt": "before", "b.txt": "before" });
  expect(statSync(join(folder.path, "new"), { throwIfNoEntry: false })).toBeUndefined();
});

test("a file that was changed by something else after the plan was made is not overwritten", () => {
  using folder = temporaryFolder();
  const set = new ChangeSet(folder.path);
  set.write("a.txt", "ours");
  const plan = set.changes();
  writeFileSync(join(folder.path, "a.txt"), "theirs");
  set.changes = () => plan;
  expect(() => flush(set)).toThrow(expect.objectContaining({ code: "conflict" }));
  expect(readFileSync(join(folder.path, "a.txt"), "utf8")).toBe("theirs");
});

test.each(["../out.txt", "a/../../out.txt", "/etc/passwd", "a\\..\\b", "", "a//b", "./a", "nul\0"])("refuses the path %j", (path) => {
  using folder = temporaryFolder();
  const set = new ChangeSet(folder.path);
  expect(() => set.write(path, "x")).toThrow(expect.objectContaining({ code: "outside-project" }));
  expect(() => set.read(path)).toThrow(expect.objectContaining({ code: "outside-project" }));
});

test("refuses to write through a symbolic link that leads out of the root, be it a file, a folder, or dangling", () => {
  using folder = temporaryFolder();
  using outside = temporaryFolder();
  mkdirSync(join(folder.path, "inside"));
  symlinkSync(outside.path, join(folder.path, "linked"));
  symlinkSync(join(outside.path, "not-there"), join(folder.path, "dangling"));
  symlinkSync(join(outside.path, "file.txt"), join(folder.path, "file.txt"));
  for (const path of ["linked/a.txt", "linked/deep/a.txt", "dangling/a.txt", "file.txt"]) {
    const set = new ChangeSet(folder.path);
    set.write("inside/first.txt", "x");
    set.write(path, "x");
    expect(() => flush(set)).toThrow();
  }
  expect(filesOf(outside.path)).toEqual({});
  expect(filesOf(folder.path)).toEqual({});
});

test("a folder in the place of a file, and a file in the place of a folder, are conflicts", () => {
  using folder = temporaryFolder();
  writeFileSync(join(folder.path, "api"), "a file");
  const nested = new ChangeSet(folder.path);
  nested.write("api/v1/x.ts", "x");
  expect(() => flush(nested)).toThrow("api is a file, and api/v1/x.ts needs a folder of that name: move it away.");
  mkdirSync(join(folder.path, "main.ts"));
  const set = new ChangeSet(folder.path);
  set.write("main.ts", "x");
  expect(() => flush(set)).toThrow(expect.objectContaining({ code: "conflict" }));
});
