import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "@jest/globals";
import { filesOf, temporaryFolder } from "../temporary.ts";
import { newProject, scaffold, succeed } from "./terminal.ts";

const main = fileURLToPath(new URL("../../../generators/main.ts", import.meta.url));
const registry = ["--packages", "registry", "--skip-install"];

test("writes a project, says what is there and what to do next", async () => {
  using folder = temporaryFolder();
  const { out } = await succeed(folder.path, ["init", "--domain", "example.com", "--project-name", "cache-operator", ...registry]);
  const files = Object.keys(filesOf(folder.path));
  expect(files).toEqual(
    expect.arrayContaining([
      "PROJECT",
      "package.json",
      "tsconfig.json",
      "main.ts",
      "README.md",
      "Dockerfile",
      "LICENSE",
      "config/default/kustomization.yaml",
      "config/rbac/role.yaml",
    ]),
  );
  expect(out).toContain(`cache-operator is here: ${files.length} files.`);
  expect(out).toMatch(/Next:\n {2}npm install\n {2}npx scaffold create api --group cache --version v1alpha1 --kind Memcached$/);
});

test("asks on a terminal for what is missing, and again for what is wrong", async () => {
  using folder = temporaryFolder();
  const { code, questions, err } = await scaffold(folder.path, ["init", ...registry], ["Not A Domain", "example.com"]);
  expect({ code, questions }).toEqual({ code: 0, questions: ["Domain of your API groups", "Domain of your API groups"] });
  expect(err).toContain('The domain "Not A Domain" is not a DNS name');
});

test("asks for a name when the folder's cannot name a project", async () => {
  using folder = temporaryFolder();
  const project = join(folder.path, "42");
  mkdirSync(project);
  const args = ["init", "--domain", "example.com", ...registry];
  expect(await scaffold(project, args, ["cache-operator"])).toMatchObject({ code: 0, questions: ["Project name"] });
  const other = join(folder.path, "43");
  mkdirSync(other);
  expect(await scaffold(other, args)).toMatchObject({ code: 1, err: expect.stringContaining("(--project-name)") as unknown });
});

test("asks nothing on a terminal when every answer is given by flags", async () => {
  using folder = temporaryFolder();
  const { code, questions } = await scaffold(folder.path, ["init", "--domain", "example.com", ...registry], []);
  expect({ code, questions }).toEqual({ code: 0, questions: [] });
});

test("the project's name is the folder's when none is given", async () => {
  using folder = temporaryFolder();
  const project = join(folder.path, "Cache Operator");
  mkdirSync(project);
  await succeed(project, ["init", "--domain", "example.com", ...registry]);
  expect(readFileSync(join(project, "PROJECT"), "utf8")).toContain("projectName: cache-operator");
});

test("a dry run lists every file and writes none; with --diff it shows them", async () => {
  using folder = temporaryFolder();
  const args = ["init", "--domain", "example.com", "--project-name", "x", "--dry-run", ...registry];
  const dry = await succeed(folder.path, args);
  expect(dry.out).toContain("  create  main.ts\n");
  expect(dry.out).toMatch(/Nothing was written \(--dry-run\)\.$/);
  expect((await succeed(folder.path, [...args, "--diff"])).out).toContain("+++ b/main.ts\n@@ -0,0 +1,");
  expect(filesOf(folder.path)).toEqual({});
});

test.each([
  ["apache2", "Apache License", "Apache-2.0", "Copyright Example Inc., SPDX-License-Identifier: Apache-2.0"],
  ["mit", "MIT License", "MIT", "Copyright Example Inc., SPDX-License-Identifier: MIT"],
])("the license %s comes with its text, in package.json, and as a notice in the sources", async (license, title, spdx, notice) => {
  using folder = temporaryFolder();
  await newProject(folder.path, "--license", license, "--owner", "Example Inc.");
  const files = filesOf(folder.path);
  expect(files["LICENSE"]).toContain(title);
  expect(files["LICENSE"]).toContain("Example Inc.");
  expect(files["package.json"]).toContain(`"license": "${spdx}"`);
  expect(files["main.ts"]).toContain(`\n// ${notice}\n`);
});

test("without a license there is no text of one, and the sources name their owner", async () => {
  using folder = temporaryFolder();
  await newProject(folder.path, "--license", "none", "--owner", "Example Inc.");
  const files = filesOf(folder.path);
  expect(files["LICENSE"]).toBeUndefined();
  expect(JSON.parse(files["package.json"] ?? "")).not.toHaveProperty("license");
  expect(files["main.ts"]).toContain("\n// Copyright Example Inc. All rights reserved.\n");
});

test("when npm install fails, its output is shown and the project's files are there", () => {
  using folder = temporaryFolder();
  const [bin, project] = [join(folder.path, "bin"), join(folder.path, "cache-operator")];
  mkdirSync(bin);
  mkdirSync(project);
  writeFileSync(join(bin, "npm"), '#!/bin/sh\necho "npm error code ENOTFOUND"\nexit 3\n', { mode: 0o755 });
  const { status, stderr } = spawnSync(process.execPath, [main, "init", "--domain", "example.com", "--packages", "registry"], {
    cwd: project,
    encoding: "utf8",
    env: { PATH: `${bin}:/usr/bin:/bin` },
  });
  expect(status).toBe(1);
  expect(stderr).toMatch(
    /npm error code ENOTFOUND\nnpm install failed \(3\): the project's files are there, so mend the cause and run npm install again\.\n$/,
  );
  expect(Object.keys(filesOf(project))).toContain("package.json");
});
