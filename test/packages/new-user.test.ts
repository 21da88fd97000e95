import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { eventually } from "@kubescaffold/runtime/testing";
import { packPackages } from "../../generators/packages/index.ts";
import { temporaryFolder } from "../generators/temporary.ts";
import { startRegistry, type Registry } from "./registry.ts";

const folder = temporaryFolder();
const project = join(folder.path, "fleet-operator");
let registry: Registry;

/** Types a command into the project's folder, as a user does, and returns what the terminal shows. */
function type(command: string, ...args: string[]): string {
  try {
    return execFileSync(command, args, { cwd: project, env: registry.environment, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${[command, ...args].join(" ")}\n${stdout}${stderr}`, { cause: error });
  }
}

beforeAll(async () => {
  const tarballs = join(folder.path, "tarballs");
  mkdirSync(tarballs);
  mkdirSync(project);
  const packed = packPackages(tarballs);
  registry = await startRegistry(join(folder.path, "registry"));
  for (const { file } of packed) registry.publish(join(tarballs, file));
}, 240_000);

afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

test("a new user gets from an empty folder to passing tests with what is on the registry", () => {
  const init = type("npx", "-y", "-p", "kubescaffold", "scaffold", "init", "--domain", "ships.io");
  expect(init).toContain("npx scaffold create api");
  expect(
    type(
      "npx",
      "scaffold",
      "create",
      "api",
      "--group",
      "fleet",
      "--version",
      "v1beta1",
      "--kind",
      "FrigateCrew",
      "--plural",
      "frigatecrew",
    ),
  ).toContain("config/crd/bases/fleet.ships.io_frigatecrew.yaml");
  type("npm", "run", "typecheck");
  type("npm", "run", "lint");
  type("npm", "test");
  expect(type("npx", "scaffold", "generate")).toContain("Nothing to do");
}, 600_000);

test("what is installed are the published packages, and the lock file names no registry", () => {
  const manifest = readFileSync(join(project, "package.json"), "utf8");
  expect(manifest).toContain('"kubescaffold": "^0.1.0"');
  expect(manifest).toContain('"@kubescaffold/runtime": "^0.1.0"');
  expect(existsSync(join(project, "vendor"))).toBe(false);
  expect(existsSync(join(project, "node_modules/kubescaffold/generators/main.js"))).toBe(true);
  expect(existsSync(join(project, "node_modules/kubescaffold/generators/main.ts"))).toBe(false);
  expect(readFileSync(join(project, "package-lock.json"), "utf8")).not.toContain("127.0.0.1");
});

test("the commands of the README's part on one's own operator work as they stand there", async () => {
  const own = join(folder.path, "memcached-operator");
  mkdirSync(own);
  const commands = commandsUnder("Your own operator");
  expect(commands.at(-1)).toBe("npm run dev");
  const shell = { cwd: own, env: { ...registry.environment, npm_config_yes: "true" } };
  for (const command of commands.slice(0, -1)) {
    execFileSync("sh", ["-c", command], { ...shell, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  }

  const dev = spawn("npm", ["run", "dev"], { ...shell, stdio: ["ignore", "pipe", "pipe"], detached: true });
  let output = "";
  for (const stream of [dev.stdout, dev.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  const ended = once(dev, "exit");
  try {
    await eventually(() => expect(output).toContain("Starting Controller"), { timeout: 60_000 });
  } finally {
    // As Ctrl-C in a terminal does: to npm and to all that it started.
    process.kill(-(dev.pid ?? 0), "SIGINT");
    await ended;
  }
  expect(output).toContain("export KUBECONFIG=");
}, 600_000);

/** The commands of the first block below a heading of the README, without their comments. */
function commandsUnder(heading: string): string[] {
  const text = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  const [, block = ""] = /```console\n([^]*?)```/.exec(text.slice(text.indexOf(`## ${heading}`))) ?? [];
  return block
    .split("\n")
    .filter((line) => line.startsWith("$ "))
    .map((line) => line.slice(2).replace(/\s+#.*$/, ""));
}
