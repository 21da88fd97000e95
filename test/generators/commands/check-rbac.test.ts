import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, jest, test } from "@jest/globals";
import { temporaryFolder } from "../temporary.ts";
import { memcached, newProject, scaffold, succeed } from "./terminal.ts";

// Each command reads TypeScript, which takes its time on a machine that is busy.
jest.setTimeout(30_000);

interface Asked {
  readonly verb: string;
  readonly group?: string;
  readonly resource: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly allowed?: boolean;
}

/** What an operator of the scaffold's own asks for. */
const usual: readonly Asked[] = [
  { verb: "watch", group: "cache.example.com", resource: "memcacheds" },
  { verb: "patch", group: "cache.example.com", resource: "memcacheds/status", namespace: "default", name: "sample" },
];

function logOf(folder: string, asked: readonly Asked[]): string {
  const log = join(folder, "log");
  mkdirSync(log, { recursive: true });
  const user = "system:serviceaccount:system:controller-manager";
  const lines = asked.map((each) => JSON.stringify({ user, group: "", namespace: "", name: "", allowed: true, ...each }));
  writeFileSync(join(log, "one.jsonl"), `${lines.join("\n")}\n`);
  return log;
}

async function project(path: string): Promise<void> {
  await newProject(path);
  await succeed(path, ["create", "api", ...memcached]);
}

function mark(path: string, marker: string): void {
  const controller = join(path, "controllers/memcached.controller.ts");
  writeFileSync(controller, readFileSync(controller, "utf8").replace("\n */\nexport class", `\n * @rbac ${marker}\n */\nexport class`));
}

describe("scaffold check rbac", () => {
  test("is content with rules that were all used", async () => {
    using folder = temporaryFolder();
    await project(folder.path);
    const shown = await scaffold(folder.path, ["check", "rbac", "--log", logOf(folder.path, usual)]);
    expect(shown).toMatchObject({ code: 0, out: "The tests used 2 of 2 access rules that markers and calls ask for.", err: "" });
  });

  test("names what a marker grants and nothing used, and what no test comes to", async () => {
    using folder = temporaryFolder();
    await project(folder.path);
    mark(folder.path, "group=example.com resources=widgets,gears verbs=get,list");
    const log = logOf(folder.path, [usual[0] as Asked, { verb: "get", group: "example.com", resource: "widgets" }]);
    const { code, out } = await scaffold(folder.path, ["check", "rbac", "--log", log]);
    expect(code).toBe(1);
    expect(out.split("\n")).toEqual([
      expect.stringMatching(/^ {2}unused {3}list widgets\.example\.com \(@rbac at controllers\/memcached\.controller\.ts:\d+\)$/),
      expect.stringMatching(/^ {2}unused {3}get gears\.example\.com /),
      expect.stringMatching(/^ {2}unused {3}list gears\.example\.com /),
      expect.stringMatching(
        /^ {2}untried {2}patch memcacheds\/status\.cache\.example\.com \(no test comes to controllers\/memcached\.controller\.ts:\d+\)$/,
      ),
      "The tests used 2 of 6 access rules that markers and calls ask for.",
    ]);
  });

  test("names what was refused, with what to do about it", async () => {
    using folder = temporaryFolder();
    await project(folder.path);
    const log = logOf(folder.path, [
      ...usual,
      { verb: "list", resource: "secrets", namespace: "vault", allowed: false },
      { verb: "watch", group: "cache.example.com", resource: "memcacheds", allowed: false },
    ]);
    const { code, out } = await scaffold(folder.path, ["check", "rbac", "--log", log]);
    expect(code).toBe(1);
    expect(out).toContain("refused  list secrets in vault (no call shows that it is needed: add @rbac above the code that does it)");
    expect(out).toContain("refused  watch memcacheds.cache.example.com (config/rbac is not up to date: run scaffold generate)");
  });

  test("knows names, namespaces, URLs and wildcards", async () => {
    using folder = temporaryFolder();
    await project(folder.path);
    mark(folder.path, 'group="" resources=secrets resourceNames=ca namespace=vault verbs=get');
    mark(folder.path, "urls=/metrics,/healthz/* verbs=get");
    mark(folder.path, "group=* resources=*\\/scale verbs=*");
    const user = { user: "system:serviceaccount:a:b", allowed: true, verb: "get" };
    const log = logOf(folder.path, [
      ...usual,
      { verb: "get", resource: "secrets", namespace: "vault", name: "other" },
      { verb: "get", resource: "secrets", namespace: "default", name: "ca" },
      { verb: "patch", group: "apps", resource: "deployments/scale", namespace: "default", name: "x" },
    ]);
    writeFileSync(join(log, "two.jsonl"), `${JSON.stringify({ ...user, url: "/healthz/etcd" })}\n`);
    const { out } = await scaffold(folder.path, ["check", "rbac", "--log", log]);
    expect(out.split("\n").filter((line) => line.includes("unused"))).toEqual([
      expect.stringContaining("get secrets ca in vault "),
      expect.stringContaining("get /metrics "),
    ]);
  });

  test("runs the project's tests, and shows why when they fail", async () => {
    using folder = temporaryFolder();
    await project(folder.path);
    const manifest = join(folder.path, "package.json");
    const asked = JSON.stringify({
      user: "system:serviceaccount:a:b",
      group: "cache.example.com",
      resource: "memcacheds",
      verb: "watch",
      allowed: true,
    });
    const write = `require("fs").writeFileSync(process.env.KUBESCAFFOLD_ACCESS_LOG + "/x.jsonl", ${JSON.stringify(asked)}); console.log("it broke"); process.exit(1)`;
    writeFileSync(join(folder.path, "suite.cjs"), write);
    writeFileSync(manifest, readFileSync(manifest, "utf8").replace(/"test": .*/, '"test": "node suite.cjs",'));
    const { code, out, err } = await scaffold(folder.path, ["check", "rbac"]);
    expect(err).toBe("it broke\nThe tests failed: what follows is what the operator asked for until then.");
    expect(out).toContain("The tests used 1 of 2 access rules");
    expect(code).toBe(0);
  });

  test("says what to do where no test runs the operator as itself, or the folder is none", async () => {
    using folder = temporaryFolder();
    await project(folder.path);
    mkdirSync(join(folder.path, "empty"));
    expect(await scaffold(folder.path, ["check", "rbac", "--log", "empty"])).toMatchObject({
      code: 1,
      err: "No test ran the operator as a service account: start its manager with kubeconfig: await operatorKubeconfig(cluster).",
    });
    expect(await scaffold(folder.path, ["check", "rbac", "--log", "nowhere"])).toMatchObject({
      code: 1,
      err: "There is no folder nowhere: pass the one that KUBESCAFFOLD_ACCESS_LOG named.",
    });
  });
});
