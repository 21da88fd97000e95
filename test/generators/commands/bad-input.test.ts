import { mkdirSync, symlinkSync, writeFileSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, jest, test } from "@jest/globals";
import { EmbeddedCluster } from "@kubescaffold/runtime/testing";
import { filesOf, temporaryFolder } from "../temporary.ts";
import { memcached, newProject, scaffold, succeed } from "./terminal.ts";

// Each command reads TypeScript, which takes its time on a machine that is busy.
jest.setTimeout(30_000);

/** Runs a command that has to fail, and checks what every failure has in common: one line, exit code 1, nothing written. */
async function refusal(folder: string, args: readonly string[]): Promise<string> {
  const before = filesOf(folder);
  const { code, out, err } = await scaffold(folder, args);
  expect({ code, out }).toEqual({ code: 1, out: "" });
  expect(err).toMatch(/^[^\n]+$/);
  expect(filesOf(folder)).toEqual(before);
  return err;
}

const init = ["init", "--domain", "example.com", "--project-name", "x", "--packages", "registry", "--skip-install"];

test("init in a folder that is not empty", async () => {
  using folder = temporaryFolder();
  writeFileSync(join(folder.path, "notes.txt"), "mine");
  writeFileSync(join(folder.path, "todo.txt"), "mine");
  expect(await refusal(folder.path, init)).toBe(`The folder ${folder.path} is not empty (notes.txt and 1 more): start in an empty one.`);
});

test("init where a project is already", async () => {
  using folder = temporaryFolder();
  await newProject(folder.path);
  expect(await refusal(folder.path, init)).toBe(
    `There is a project in ${folder.path} already: add an API with "scaffold create api", or start in an empty folder.`,
  );
});

test("init does not mind version control and editors", async () => {
  using folder = temporaryFolder();
  mkdirSync(join(folder.path, ".git"));
  mkdirSync(join(folder.path, ".vscode"));
  await newProject(folder.path);
});

test("init over a dot file of somebody else's", async () => {
  using folder = temporaryFolder();
  writeFileSync(join(folder.path, ".gitignore"), "mine\n");
  expect(await refusal(folder.path, init)).toBe(".gitignore exists and was not written by scaffold: move it away.");
});

test.each([
  [["init", "--domain", "Example_com"], /^The domain "Example_com" is not a DNS name: use lower case letters/],
  [["init", "--domain=-x.com"], /^The domain "-x.com" is not a DNS name/],
  [["init", "--domain", "ships.k8s.io"], /^The domain "ships.k8s.io" belongs to the Kubernetes project/],
  [
    ["init", "--domain", "example.com", "--project-name", "../evil"],
    /^The project name "..\/evil" cannot name a Kubernetes namespace: use up to 47 lower case letters/,
  ],
  [["init", "--domain", "example.com", "--project-name", "My Operator"], /^The project name "My Operator"/],
  [["init", "--domain", "example.com", "--owner", "a\nb"], /^The owner "a\\nb" is not a line of text/],
  [
    ["init", "--domain", "example.com", "--license", "gpl"],
    /^Invalid values: Argument: license, Given: "gpl", Choices: "apache2", "mit", "none"/,
  ],
  [["init", "--project-name", "x"], /^--domain is missing: pass it, such as --domain example.com\.$/],
  [["init", "--domain"], /^Not enough arguments following: domain/],
  [["init", "--domian", "example.com"], /^There is no option --domian: did you mean --domain\?$/],
  [["create", "api", "--kidn", "X"], /^There is no option --kidn: did you mean --kind\?$/],
  [["creat", "api"], /^There is no command creat: did you mean create\?$/],
  [["create", "aip"], /^There is no command aip: did you mean api\?$/],
  [["generate", "extra"], /^There is no command extra: see scaffold --help$/],
  [["dev", "--port", "99999"], /^--port is not a port number: use one from 1 to 65535\.$/],
])("scaffold %j", async (args, message) => {
  using folder = temporaryFolder();
  expect(await refusal(folder.path, args)).toMatch(message);
});

test.each([["create", "api", ...memcached], ["generate"], ["dev"]])("scaffold %s %s outside a project", async (...args) => {
  using folder = temporaryFolder();
  expect(await refusal(folder.path, args)).toBe(
    `There is no PROJECT file in ${folder.path}: go to a project's folder, or start one in an empty folder with "scaffold init".`,
  );
});

const api = (group: string, version: string, kind: string, ...more: string[]): string[] => [
  "create",
  "api",
  "--group",
  group,
  "--version",
  version,
  "--kind",
  kind,
  ...more,
];

test.each([
  [
    api("cache", "v1", "memcached"),
    /^The kind "memcached" is not UpperCamelCase: use letters and digits that begin with a capital, such as Memcached\.$/,
  ],
  [api("cache", "v1", "Mem-Cached"), /^The kind "Mem-Cached" is not UpperCamelCase.* such as MemCached\.$/],
  [api("cache", "v1", "../../Evil"), /^The kind "..\/..\/Evil" is not UpperCamelCase/],
  [api("cache", "v1", "Condition"), /^The kind Condition has a name that TypeScript or Kubernetes uses already/],
  [api("Cache", "v1", "Memcached"), /^The group "Cache" is not a DNS name/],
  [api("../cache", "v1", "Memcached"), /^The group "..\/cache" is not a DNS name/],
  [api("cache_x", "v1", "Memcached"), /^The group "cache_x" is not a DNS name/],
  [api("cache", "1", "Memcached"), /^The version "1" is not an API version: use v1, or v1beta1, v1alpha1 while it may still change\.$/],
  [api("cache", "v1gamma1", "Memcached"), /^The version "v1gamma1" is not an API version/],
  [api("cache", "v1/../..", "Memcached"), /^The version "v1\/..\/.." is not an API version/],
  [api("cache", "v1", "Memcached", "--plural", "../x"), /^The plural "..\/x" is not a resource name/],
  [api("cache", "v1", "Memcached", "--plural", "Memcacheds"), /^The plural "Memcacheds" is not a resource name/],
  [
    api("cache", "v1", "Memcached", "--no-resource", "--no-controller"),
    /^--no-resource and --no-controller together leave nothing to write/,
  ],
  [
    api("cache", "v1", "Memcached", "--no-resource"),
    /^This project has no API cache\/v1 Memcached to control: drop --no-resource to write it\.$/,
  ],
  [["create", "api", "--group", "cache", "--version", "v1"], /^--kind is missing: pass it, such as --kind Memcached\.$/],
])("scaffold %j", async (args, message) => {
  using folder = temporaryFolder();
  await newProject(folder.path);
  expect(await refusal(folder.path, args)).toMatch(message);
});

test("an API that exists, without --force", async () => {
  using folder = temporaryFolder();
  await newProject(folder.path);
  await succeed(folder.path, ["create", "api", ...memcached]);
  expect(await refusal(folder.path, ["create", "api", ...memcached])).toBe(
    "The API cache/v1alpha1 Memcached exists already: edit its files, or pass --force to write them anew.",
  );
});

test("a controller for a second version, where one controller sees the objects of all", async () => {
  using folder = temporaryFolder();
  await newProject(folder.path);
  await succeed(folder.path, ["create", "api", ...memcached]);
  expect(await refusal(folder.path, api("cache", "v1beta1", "Memcached", "--controller"))).toMatch(
    /^Memcached has a controller already, for v1alpha1.*pass --no-controller\.$/,
  );
});

test("names that clash with those of another kind", async () => {
  using folder = temporaryFolder();
  await newProject(folder.path);
  await succeed(folder.path, ["create", "api", ...memcached]);
  expect(await refusal(folder.path, api("fleet", "v1", "Memcached"))).toMatch(
    /^This project has a kind Memcached already, in cache\/v1alpha1: choose another name/,
  );
  expect(await refusal(folder.path, api("cache", "v1alpha1", "Other", "--plural", "memcacheds"))).toMatch(
    /^Memcached has the plural memcacheds in cache already/,
  );
  expect(await refusal(folder.path, api("cache", "v1beta1", "Memcached", "--plural", "others"))).toMatch(
    /^cache\/v1beta1 Memcached must have the plural and the scope of v1alpha1/,
  );
  expect(await refusal(folder.path, api("cache", "v1beta1", "Memcached", "--no-namespaced"))).toMatch(
    /^cache\/v1beta1 Memcached must have the plural and the scope of v1alpha1/,
  );
});

test("a corrupt PROJECT file", async () => {
  using folder = temporaryFolder();
  await newProject(folder.path);
  const path = join(folder.path, "PROJECT");
  writeFileSync(path, readFileSync(path, "utf8").replace("domain: example.com", "domain: [example.com"));
  for (const args of [["create", "api", ...memcached], ["generate"], ["dev"]])
    expect(await refusal(folder.path, args)).toMatch(/^PROJECT:\d+:\d+ is not YAML \(.+\): mend it, or take the last good one/);
});

test("a spec that does not compile is told with file, line and column", async () => {
  using folder = temporaryFolder();
  await newProject(folder.path, "--packages", "link");
  await succeed(folder.path, ["create", "api", ...memcached]);
  const path = join(folder.path, "api/v1alpha1/memcached.types.ts");
  const good = readFileSync(path, "utf8");
  const line = good.split("\n").findIndex((text) => text.includes("foo?: string")) + 1;
  writeFileSync(path, good.replace("foo?: string", "foo?: Strin"));
  for (const args of [["generate"], api("cache", "v1alpha1", "Other"), ["dev"]])
    expect(await refusal(folder.path, args)).toMatch(new RegExp(`^api/v1alpha1/memcached\\.types\\.ts:${line}:9: .+`));
  writeFileSync(path, good.replace("foo?: string", "foo?: Map<string, string>"));
  expect(await refusal(folder.path, ["generate"])).toMatch(new RegExp(`^api/v1alpha1/memcached\\.types\\.ts:${line}:3: .+write Record<`));
});

test("a symbolic link that leads out of the project", async () => {
  using folder = temporaryFolder();
  using outside = temporaryFolder();
  await newProject(folder.path);
  symlinkSync(outside.path, join(folder.path, "api"));
  expect(await refusal(folder.path, ["create", "api", ...memcached])).toMatch(/leads out of the project by a symbolic link/);
  expect(filesOf(outside.path)).toEqual({});
});

test("a file of somebody else's where a new one has to go", async () => {
  using folder = temporaryFolder();
  await newProject(folder.path);
  mkdirSync(join(folder.path, "controllers"));
  writeFileSync(join(folder.path, "controllers/memcached.controller.ts"), "mine");
  expect(await refusal(folder.path, ["create", "api", ...memcached])).toBe(
    "controllers/memcached.controller.ts exists and was not written by scaffold: move it away, or pass --force to overwrite it.",
  );
  await succeed(folder.path, ["create", "api", ...memcached, "--force"]);
});

test("a project whose dependencies are not installed", async () => {
  using folder = temporaryFolder();
  await newProject(folder.path);
  expect(await refusal(folder.path, ["dev"])).toBe("The project's dependencies are not installed: run npm install.");
});

test("a port that is in use", async () => {
  using folder = temporaryFolder();
  await succeed(folder.path, ["init", "--domain", "example.com", "--packages", "link"]);
  await using cluster = await EmbeddedCluster.start();
  const { port } = new URL(cluster.url);
  expect(await refusal(folder.path, ["dev", "--port", port])).toBe(
    `Port ${port} is in use: pass another --port, or none for any that is free.`,
  );
});

test("a cluster that is not reachable", async () => {
  using folder = temporaryFolder();
  await newProject(folder.path, "--packages", "link");
  await succeed(folder.path, ["create", "api", ...memcached]);
  const kubeconfig = join(folder.path, ".kubeconfig");
  const cluster = (server: string): string =>
    `apiVersion: v1\nkind: Config\ncurrent-context: gone\ncontexts: [{ name: gone, context: { cluster: c, user: u } }]\nclusters: [{ name: c, cluster: { server: "${server}" } }]\nusers: [{ name: u, user: {} }]\n`;
  writeFileSync(kubeconfig, cluster("http://127.0.0.1:1"));
  expect(await refusal(folder.path, ["dev", "--kubeconfig", kubeconfig])).toMatch(
    /^The cluster of the kubeconfig's current context is not reachable \(.*127\.0\.0\.1:1.*\): is it running, and does kubectl reach it\?$/,
  );
  expect(await refusal(folder.path, ["dev", "--kubeconfig", kubeconfig, "--context", "gone"])).toMatch(
    /^The cluster of context gone is not reachable/,
  );
  expect(await refusal(folder.path, ["dev", "--kubeconfig", kubeconfig, "--context", "other"])).toMatch(
    /there is no context named other\.$/,
  );
  rmSync(kubeconfig);
  expect(await refusal(folder.path, ["dev", "--kubeconfig", kubeconfig])).toMatch(/cannot read the kubeconfig/);
});
