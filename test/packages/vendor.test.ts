import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "@jest/globals";
import { packPackages } from "../../generators/packages/index.ts";
import { NODE_FLAGS } from "../../generators/project/index.ts";
import { temporaryFolder } from "../generators/temporary.ts";
import { cleanEnvironment } from "./registry.ts";

const main = fileURLToPath(new URL("../../generators/main.ts", import.meta.url));

test("from a checkout, the packages are packed into the new project, which installs and passes its tests anywhere", () => {
  using folder = temporaryFolder();
  const project = join(folder.path, "memcached-operator");
  mkdirSync(project);
  const type = (command: string, ...args: string[]): string =>
    execFileSync(command, args, { cwd: project, env: cleanEnvironment(), encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  type(process.execPath, main, "init", "--domain", "example.com");
  expect(readdirSync(join(project, "vendor"))).toEqual(["kubescaffold-0.1.0.tgz", "kubescaffold-runtime-0.1.0.tgz"]);
  expect(readFileSync(join(project, "package.json"), "utf8")).toContain('"kubescaffold": "file:vendor/kubescaffold-0.1.0.tgz"');
  type("npx", "scaffold", "create", "api", "--group", "cache", "--version", "v1alpha1", "--kind", "Memcached");
  type("npm", "run", "typecheck");
  type("npm", "run", "lint");
  type("npm", "test");
  // What the Dockerfile does: a build from nothing but the project, and a start of what it made with nothing beside that.
  type("npm", "ci", "--ignore-scripts", "--no-fund", "--no-audit");
  expect(existsSync(join(project, "node_modules/@kubescaffold/runtime/index.js"))).toBe(true);
  // Without scripts the project has no Node of its own, and takes the image's.
  const PATH = `${dirname(process.execPath)}:${cleanEnvironment()["PATH"] ?? ""}`;
  execFileSync("npm", ["run", "bundle"], { cwd: project, env: { ...cleanEnvironment(), PATH }, stdio: "pipe" });
  const image = join(folder.path, "image");
  cpSync(join(project, "dist"), image, { recursive: true });
  const help = execFileSync(process.execPath, [...NODE_FLAGS, "main.js", "--help"], {
    cwd: image,
    env: cleanEnvironment(),
    encoding: "utf8",
  });
  expect(help).toContain("--leader-elect");
}, 600_000);

test("the same sources give the same tarballs", () => {
  using folder = temporaryFolder();
  const sums = ["a", "b"].map((name) => {
    const destination = join(folder.path, name);
    mkdirSync(destination);
    return packPackages(destination).map(({ file }) =>
      createHash("sha256")
        .update(readFileSync(join(destination, file)))
        .digest("hex"),
    );
  });
  expect(sums[0]).toEqual(sums[1]);
}, 240_000);
