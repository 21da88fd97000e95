import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { succeed } from "../commands/terminal.ts";
import { temporaryFolder } from "../temporary.ts";

const folder = temporaryFolder();

/** Names that are easy to get wrong: a plural of one's own, a leading acronym, a kind without a namespace, a second group. */
beforeAll(async () => {
  const init = ["init", "--domain", "ships.io", "--project-name", "fleet-operator", "--owner", 'Ships & "Boats" Inc.', "--packages", "link"];
  await succeed(folder.path, init);
  await succeed(folder.path, ["create", "api", "--group", "fleet", "--version", "v1beta1", "--kind", "FrigateCrew", "--plural", "frigatecrew"]);
  await succeed(folder.path, ["create", "api", "--group", "port", "--version", "v1", "--kind", "HTTPHarbor", "--no-namespaced"]);
  // Webhooks for all sorts of kinds: one with a second version, one without a namespace, of Kubernetes with and without a known valid object.
  const crew = ["--group", "fleet", "--kind", "FrigateCrew"];
  await succeed(folder.path, ["create", "api", ...crew, "--version", "v1", "--no-controller"]);
  const webhooks = [
    [...crew, "--version", "v1", "--defaulting", "--validation", "--conversion"],
    ["--group", "port", "--version", "v1", "--kind", "HTTPHarbor", "--defaulting", "--validation"],
    ["--group", "apps", "--version", "v1", "--kind", "Deployment", "--defaulting", "--validation", "--path", "/mutate"],
    ["--group", "core", "--version", "v1", "--kind", "Service", "--defaulting", "--path", "/mutate"],
    ["--group", "rbac.authorization.k8s.io", "--version", "v1", "--kind", "Role", "--defaulting", "--validation"],
  ];
  for (const args of webhooks) await succeed(folder.path, ["create", "webhook", ...args]);
}, 60_000);

afterAll(() => folder[Symbol.dispose]());

test.each(["typecheck", "lint", "test"])("a scaffolded project passes its own npm run %s as it comes out", (script) => {
  const { status, stdout, stderr } = spawnSync("npm", ["run", script], {
    cwd: folder.path,
    encoding: "utf8",
    // Jest tells its children that they are its workers.
    env: Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("JEST_") && name !== "NODE_OPTIONS")),
  });
  expect([status, stdout, stderr]).toEqual([0, expect.anything(), expect.anything()]);
  if (script === "test") expect(stderr).toMatch(/Tests: +16 passed, 16 total/);
}, 120_000);

test("its operator tells its flags, and a wrong one in one line", () => {
  const run = (...args: string[]): { status: number | null; stdout: string; stderr: string } =>
    spawnSync(process.execPath, [join(folder.path, "main.ts"), ...args], { cwd: folder.path, encoding: "utf8" });
  const { status, stdout } = run("--help");
  expect(status).toBe(0);
  for (const flag of ["metrics-bind-address", "metrics-secure", "health-probe-bind-address", "leader-elect", "webhook-port", "log-level", "kubeconfig"]) {
    expect(stdout).toContain(`--${flag}`);
  }
  expect(run("--no-such-flag")).toMatchObject({ status: 1, stderr: expect.stringMatching(/^[^\n]+\n$/) as unknown });
});
