import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { ScaffoldError } from "../errors.ts";
import type { AccessRule } from "../model/index.ts";
import { Project } from "../project/index.ts";
import { covers, describePermission, isUntestable, permissionsOf, shows, type AccessRequest, type Permission } from "./check/usage.ts";
import { paint, type Console } from "./console.ts";
import { readSources } from "./derive.ts";
import type { CommandFactory } from "./options.ts";

/** `scaffold check rbac`: whether the access rules are those that the operator needs, as far as its tests show. */
export const checkRbacCommand: CommandFactory = (start) => ({
  command: "rbac",
  describe: "Run the tests, and compare what the operator asked for with its access rules",
  builder: (yargs) =>
    yargs
      .option("log", {
        type: "string",
        requiresArg: true,
        describe: "Take what an earlier run left in this folder (KUBESCAFFOLD_ACCESS_LOG=<folder> npm test) instead of running the tests",
      })
      .example("$0 check rbac", "run npm test and list the rules that nothing used"),
  handler: ({ log }) => start((console) => checkRbac(typeof log === "string" ? log : undefined, console)),
});

async function checkRbac(log: string | undefined, console: Console): Promise<number> {
  const project = Project.open(console.cwd);
  const { marked, called } = await readSources(project);
  if (log !== undefined) return report(marked, called, readLog(resolve(console.cwd, log), log), console);
  const folder = mkdtempSync(join(tmpdir(), "kubescaffold-access-"));
  try {
    await runTests(console, folder);
    return report(marked, called, readLog(folder, folder), console);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs the project's tests, and says so when they fail: then more may be unused than if they had gone on. */
async function runTests(console: Console, folder: string): Promise<void> {
  if (!existsSync(join(console.cwd, "package.json")))
    throw new ScaffoldError("no-project", "There is no package.json here to run npm test by.");
  const child = spawn("npm", ["test", "--silent"], {
    cwd: console.cwd,
    env: { ...process.env, KUBESCAFFOLD_ACCESS_LOG: folder },
    stdio: ["ignore", "pipe", "pipe"],
    shell: process.platform === "win32",
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (part: Buffer) => (output += part.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  if (code === 0) return;
  for (const line of output.trimEnd().split("\n").slice(-40)) console.err(line);
  console.err("The tests failed: what follows is what the operator asked for until then.");
}

function readLog(folder: string, name: string): AccessRequest[] {
  if (!existsSync(folder))
    throw new ScaffoldError("bad-option", `There is no folder ${name}: pass the one that KUBESCAFFOLD_ACCESS_LOG named.`);
  return readdirSync(folder)
    .filter((file) => file.endsWith(".jsonl"))
    .flatMap((file) => readFileSync(join(folder, file), "utf8").trimEnd().split("\n"))
    .map((line) => JSON.parse(line) as AccessRequest);
}

/** @returns 1 when a marker grants what nothing used, or something was refused that no rule grants */
function report(
  marked: readonly AccessRule[],
  called: readonly AccessRule[],
  requests: readonly AccessRequest[],
  console: Console,
): number {
  if (requests.length === 0) {
    throw new ScaffoldError(
      "bad-option",
      "No test ran the operator as a service account: start its manager with kubeconfig: await operatorKubeconfig(cluster).",
    );
  }
  const used = (permission: Permission): boolean => isUntestable(permission) || requests.some((request) => shows(request, permission));
  const [byMarker, byCall] = [permissionsOf(marked), permissionsOf(called)];
  const needless = byMarker.filter((permission) => !used(permission));
  // Some verbs of a call are for what seldom happens, such as a conflict: a call is tried when one of its verbs was needed.
  const untried = called.filter((rule) => !permissionsOf([rule]).some(used));
  const refused = requests.filter(({ allowed }) => !allowed);

  for (const permission of needless) line(console, "red", "unused", describePermission(permission), `@rbac at ${placesOf(permission)}`);
  for (const [what, request] of distinct(refused)) {
    const granted = [...byMarker, ...byCall].some((permission) => covers(permission, request));
    const advice = granted
      ? "config/rbac is not up to date: run scaffold generate"
      : "no call shows that it is needed: add @rbac above the code that does it";
    line(console, "red", "refused", what, advice);
  }
  for (const rule of untried) {
    for (const permission of permissionsOf([rule]))
      line(console, "yellow", "untried", describePermission(permission), `no test comes to ${placesOf(permission)}`);
  }
  const all = byMarker.length + called.length;
  console.out(`The tests used ${all - needless.length - untried.length} of ${all} access rules that markers and calls ask for.`);
  return needless.length > 0 || refused.length > 0 ? 1 : 0;
}

function line(console: Console, color: "red" | "yellow", verdict: string, what: string, why: string): void {
  console.out(`  ${paint(console, color, verdict.padEnd(7))}  ${what} (${why})`);
}

function placesOf({ places }: Permission): string {
  return [...new Set(places.map(({ file, line: at }) => `${file}:${at}`))].join(", ");
}

function distinct(refused: readonly AccessRequest[]): Map<string, AccessRequest> {
  return new Map(
    refused.map((request) => {
      const { verb, group = "", resource = "", url, namespace } = request;
      const where = namespace === undefined || namespace === "" ? {} : { namespace };
      return [describePermission({ verb, group, resource, ...(url === undefined ? {} : { url }), ...where }), request];
    }),
  );
}
