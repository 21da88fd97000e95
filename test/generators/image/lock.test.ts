import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { lockedPackages } from "../../../generators/image/lock.ts";
import { temporaryFolder } from "../temporary.ts";

let folder: ReturnType<typeof temporaryFolder>;
let root: string;

beforeEach(() => {
  folder = temporaryFolder();
  root = join(folder.path, "project");
  write("package.json", { name: "operator", version: "1.0.0", dependencies: { a: "^1.0.0" }, devDependencies: { tool: "2" } });
  install("node_modules/a", { name: "a", version: "1.2.3", license: "MIT" });
  install("node_modules/a/node_modules/@b/c", { name: "@b/c", version: "4.5.6" });
  lock({ a: "^1.0.0" });
});
afterEach(() => folder[Symbol.dispose]());

function write(path: string, value: object): void {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(value));
}

function install(place: string, manifest: object): void {
  write(`${place}/package.json`, manifest);
  // As packages have it that say for a folder of theirs what its modules are.
  write(`${place}/dist/package.json`, { type: "module" });
}

function lock(dependencies: object, packages: object = {}): void {
  write("package-lock.json", {
    lockfileVersion: 3,
    packages: {
      "": { name: "operator", version: "1.0.0", dependencies, devDependencies: { tool: "2" } },
      "node_modules/a": { version: "1.2.3", integrity: "sha512-YQ==" },
      "node_modules/a/node_modules/@b/c": { version: "4.5.6" },
      ...packages,
    },
  });
}

const locked = (...sources: string[]): ReturnType<typeof lockedPackages> =>
  lockedPackages(
    root,
    sources.map((source) => join(root, source)),
  );

test("the packages that sources belong to are told once, each with what its lock and its package.json say", () => {
  const sources = ["main.ts", "node_modules/a/dist/index.js", "node_modules/a/other.js", "node_modules/a/node_modules/@b/c/index.js"];
  expect(locked(...sources)).toEqual([
    { name: "@b/c", version: "4.5.6" },
    { name: "a", version: "1.2.3", license: "MIT", integrity: "sha512-YQ==" },
  ]);
  expect(locked("main.ts")).toEqual([]);
});

test("without a lock file there is one line that says what to do", () => {
  root = join(folder.path, "other");
  write("package.json", { name: "other", version: "1.0.0" });
  expect(() => locked("main.ts")).toThrow("There is no package-lock.json: run npm install, and keep the file in version control.");
});

test.each([
  ["another range", { a: "^1.1.0" }, "a is ^1.0.0 in package.json, ^1.1.0 in package-lock.json"],
  ["one that is not locked", {}, "a is ^1.0.0 in package.json, not in package-lock.json"],
  ["one that is locked only", { a: "^1.0.0", b: "1" }, "b is not in package.json, 1 in package-lock.json"],
])("a lock file of another package.json is refused: %s", (_, dependencies, why) => {
  lock(dependencies);
  expect(() => locked("main.ts")).toThrow(`The dependencies are not locked (${why}): run npm install.`);
});

test("what is installed otherwise than the lock says is refused, but only as far as the bundle has it", () => {
  lock({ a: "^1.0.0" }, { "node_modules/a": { version: "1.2.4" } });
  expect(() => locked("node_modules/a/index.js")).toThrow("a 1.2.3 is installed, but package-lock.json has 1.2.4: run npm ci.");
  expect(locked("main.ts")).toEqual([]);
  lock({ a: "^1.0.0" }, { "node_modules/a": undefined });
  expect(() => locked("node_modules/a/index.js")).toThrow("a 1.2.3 is installed, but package-lock.json has none of it: run npm ci.");
});

test("a package that is linked from elsewhere is found by its name", () => {
  write("../elsewhere/a/package.json", { name: "a", version: "1.2.3" });
  write("../elsewhere/z/package.json", { name: "z", version: "1.2.3" });
  expect(locked("../elsewhere/a/index.js").map(({ name }) => name)).toEqual(["a"]);
  expect(() => locked("../elsewhere/z/index.js")).toThrow("z 1.2.3 is installed, but package-lock.json has none of it");
});

test("a lock file that is no JSON is told by its name", () => {
  writeFileSync(join(root, "package-lock.json"), "<<<<<<< HEAD");
  expect(() => locked("main.ts")).toThrow(`${join(root, "package-lock.json")} cannot be read as JSON`);
});
