import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

/** A checkout with the entry of the npm scripts, and an npm that notes what it was asked for. */
describe("the npm scripts", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "kubescaffold-entering-"));
    for (const file of ["run.js", "install.js"]) {
      cpSync(resolve("test", file), join(root, "test", file));
    }
    put("package.json", { type: "module" });
    put("package-lock.json", {
      packages: { "": {}, "node_modules/jest": { version: "1.0.0" }, "node_modules/x": { version: "1.0.0", optional: true } },
    });
    put("npm-cli.cjs", `require("fs").appendFileSync(${JSON.stringify(join(root, "asked"))}, process.argv.slice(2).join(" ") + "\\n");`);
    put("node_modules/jest/bin/jest.js", "console.log(JSON.stringify(process.argv.slice(2))); process.exitCode = 3;");
  });
  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  function put(path: string, content: unknown): void {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), typeof content === "string" ? content : JSON.stringify(content));
  }

  function installed(packages: Record<string, unknown>): void {
    put("node_modules/.package-lock.json", { packages });
  }

  function run(args: string[], environment: Record<string, string> = {}): { status: number | null; stdout: string; stderr: string } {
    return spawnSync(process.execPath, [join(root, "test", "run.js"), ...args], {
      encoding: "utf8",
      env: { PATH: process.env["PATH"], npm_execpath: join(root, "npm-cli.cjs"), ...environment },
    });
  }

  function asked(): string {
    return existsSync(join(root, "asked")) ? readFileSync(join(root, "asked"), "utf8") : "";
  }

  test("install what package-lock.json names when nothing is installed", () => {
    const { stderr } = run(["unit"]);
    expect(stderr).toContain("Installing the dependencies (npm ci)");
    expect(asked()).toBe("ci --no-audit --no-fund\n");
  });

  test("install again when another version is locked", () => {
    installed({ "node_modules/jest": { version: "0.9.0" } });
    run(["unit"]);
    expect(asked()).toContain("ci");
  });

  test("install nothing when all that is locked is there, save what is optional", () => {
    installed({ "node_modules/jest": { version: "1.0.0" } });
    run(["unit"]);
    expect(asked()).toBe("");
  });

  test("install without the lock's exact form when npm ci refuses it", () => {
    put(
      "npm-cli.cjs",
      `require("fs").appendFileSync(${JSON.stringify(join(root, "asked"))}, process.argv[2] + "\\n");
       if (process.argv[2] === "ci") { console.error("npm error code EUSAGE"); process.exitCode = 1; }`,
    );
    const { stderr } = run(["unit"]);
    expect(stderr).toContain("npm error code EUSAGE");
    expect(asked()).toBe("ci\ninstall\n");
  });

  test("say in one line that the installation failed", () => {
    put("npm-cli.cjs", `console.error("npm error code ENOSPC"); process.exitCode = 1;`);
    const { status, stderr } = run(["unit"]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/npm error code ENOSPC\s+npm install failed, see above: mend that, then try again\.\n$/);
  });

  test("pass arguments and the exit code through", () => {
    installed({ "node_modules/jest": { version: "1.0.0" } });
    expect(run(["unit", "--", "-t", "name of a test"])).toMatchObject({
      status: 3,
      stdout: '["--config=test/jest.config.js","-t","name of a test"]\n',
    });
  });

  test("run every step, and add up what each did", () => {
    installed({ "node_modules/jest": { version: "1.0.0" } });
    for (const path of ["prettier/bin/prettier.cjs", "eslint/bin/eslint.js", "knip/bin/knip.js"]) {
      put(`node_modules/${path}`, "");
    }
    put("test/api/report.ts", "");
    put("examples/memcached-operator/package.json", {});
    put("node_modules/typescript/bin/tsc", "process.exitCode = 2;");
    put("node_modules/typescript/package.json", {});
    const reports = join(root, "reports");
    const { status, stderr } = run(["test"], { KUBESCAFFOLD_REPORTS: reports });
    expect(status).toBe(2);
    expect(stderr).toMatch(
      /ok {6}the format.*\n {2}FAILED {2}the types.*\n {2}ok {6}the lint.*\n {2}ok {6}unused.*\n {2}ok {6}the public API.*\n {2}FAILED {2}the tests.*\n {2}FAILED {2}the own tests of the example memcached-operator/,
    );

    writeFileSync(
      join(reports, "tests.json"),
      JSON.stringify({ numPassedTests: 5, numFailedTests: 2, numRuntimeErrorTestSuites: 1, numPendingTests: 1, numTodoTests: 0 }),
    );
    const report = spawnSync(process.execPath, [resolve("test/report.js"), reports, "test-cluster"], { encoding: "utf8" });
    expect(report.status).toBe(1);
    expect(report.stdout).toContain("test-cluster: NOT RUN");
    expect(report.stdout.trimEnd().split("\n").at(-1)).toBe("9 passed, 5 failed, 2 skipped");
  });

  test("name the tasks when none is given", () => {
    expect(run([])).toMatchObject({ status: 1, stderr: expect.stringMatching(/^Which task\? test, unit, test:cluster, .*\n$/) });
  });

  test("hand a signal on to the step, and end by it too", async () => {
    installed({ "node_modules/jest": { version: "1.0.0" } });
    put("node_modules/jest/bin/jest.js", `console.log("runs"); setInterval(() => undefined, 60000);`);
    const child = spawn(process.execPath, [join(root, "test", "run.js"), "unit"], { stdio: ["ignore", "pipe", "inherit"] });
    await once(child.stdout, "data");
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([null, "SIGTERM"]);
  });
});
