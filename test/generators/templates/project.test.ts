import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, jest, test } from "@jest/globals";
import { parse, parseAllDocuments } from "yaml";
import { NODE_FLAGS, START_ENVIRONMENT } from "../../../generators/project/index.ts";
import { newProject, succeed } from "../commands/terminal.ts";
import { filesOf, temporaryFolder } from "../temporary.ts";

// Each command reads TypeScript, which takes its time on a machine that is busy.
jest.setTimeout(30_000);

async function wholeProject(folder: string): Promise<Record<string, string>> {
  await newProject(folder);
  await succeed(folder, ["create", "api", "--group", "fleet", "--version", "v1beta1", "--kind", "FrigateCrew", "--plural", "frigatecrew"]);
  await succeed(folder, ["create", "api", "--group", "port", "--version", "v1", "--kind", "Harbor", "--no-namespaced"]);
  return filesOf(folder);
}

test("every file that can say it tells in its first line whose it is, as PROJECT does", async () => {
  using folder = temporaryFolder();
  const files = await wholeProject(folder.path);
  const recorded = (parse(files["PROJECT"] ?? "") as { files: Record<string, { class: string }> }).files;
  for (const [path, text] of Object.entries(files)) {
    if (/\.(ts|js|yaml)$|Dockerfile/.test(path)) expect(`${path}: ${text.split("\n")[0] ?? ""}`).toMatch(new RegExp(`^${path}: (//|#) ?${recorded[path]?.class ?? "missing"}(:| from) `, "i"));
    if (path !== "PROJECT") expect(Object.keys(recorded)).toContain(path);
  }
});

test("every kustomization lists files and folders that are there, and every manifest is listed", async () => {
  using folder = temporaryFolder();
  const files = await wholeProject(folder.path);
  for (const path of Object.keys(files).filter((name) => name.endsWith("kustomization.yaml"))) {
    const { resources } = parse(files[path] ?? "") as { resources: string[] };
    const at = join(folder.path, path, "..");
    expect(resources.length).toBeGreaterThan(0);
    for (const entry of resources) expect([entry, existsSync(join(at, entry))]).toEqual([entry, true]);
  }
  for (const [path, kustomization] of [["config/crd/bases", "config/crd"], ["config/rbac", "config/rbac"], ["config/samples", "config/samples"]] as const) {
    const listed = (parse(files[`${kustomization}/kustomization.yaml`] ?? "") as { resources: string[] }).resources.map((entry) => join(kustomization, entry));
    const there = Object.keys(files).filter((name) => name.startsWith(`${path}/`) && !name.endsWith("kustomization.yaml"));
    expect(listed.sort()).toEqual(there.sort());
  }
});

test("every YAML file is one or more Kubernetes objects, a kustomization or a patch", async () => {
  using folder = temporaryFolder();
  for (const [path, text] of Object.entries(await wholeProject(folder.path))) {
    if (!path.endsWith(".yaml")) continue;
    for (const document of parseAllDocuments(text)) {
      expect([path, document.errors]).toEqual([path, []]);
      const object: unknown = document.toJS();
      const known = Array.isArray(object) || (typeof object === "object" && object !== null && ("resources" in object || ("kind" in object && "apiVersion" in object)));
      expect([path, known]).toEqual([path, true]);
    }
  }
});

test("the operator's Deployment meets the restricted Pod Security Standard and has probes", async () => {
  using folder = temporaryFolder();
  const [, deployment] = parseAllDocuments((await wholeProject(folder.path))["config/manager/manager.yaml"] ?? "").map((document) => document.toJS() as unknown);
  expect(deployment).toMatchObject({
    spec: {
      template: {
        spec: {
          securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
          containers: [
            {
              securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
              args: expect.arrayContaining(["--leader-elect"]) as unknown,
              livenessProbe: expect.anything(),
              readinessProbe: expect.anything(),
              resources: { limits: expect.anything(), requests: expect.anything() },
            },
          ],
        },
      },
    },
  });
});

test("every command that makes and moves an operator has its npm script, and npm runs none of them by itself when it installs", async () => {
  using folder = temporaryFolder();
  const files = await wholeProject(folder.path);
  const { scripts } = JSON.parse(files["package.json"] ?? "") as { scripts: Record<string, string> };
  expect(scripts).toMatchObject({
    build: "scaffold build",
    deploy: "scaffold deploy",
    undeploy: "scaffold undeploy",
    "install:crds": "scaffold install",
    "uninstall:crds": "scaffold uninstall",
  });
  const installation = /^(?:pre|post)?(?:un)?install$|^(?:pre|post)?prepare$|^prepublish$/;
  expect(Object.keys(scripts).filter((name) => installation.test(name))).toEqual([]);
});

test("npm start and the image start the operator in the same way, and the Deployment adds arguments only", async () => {
  using folder = temporaryFolder();
  const files = await wholeProject(folder.path);
  const { scripts } = JSON.parse(files["package.json"] ?? "") as { scripts: Record<string, string> };
  expect(scripts["start"]).toBe(["node", ...NODE_FLAGS, "dist/main.js"].join(" "));
  const [, entrypoint = ""] = /^ENTRYPOINT (.*)$/m.exec(files["Dockerfile"] ?? "") ?? [];
  expect(JSON.parse(entrypoint)).toEqual(["/nodejs/bin/node", ...NODE_FLAGS, "main.js"]);
  for (const [name, value] of Object.entries(START_ENVIRONMENT)) expect(files["Dockerfile"]).toMatch(new RegExp(`^ENV .*\\b${name}=${value}\\b`, "m"));
  // `command` would take the place of the ENTRYPOINT.
  expect(files["config/manager/manager.yaml"]).not.toContain("command:");
});

test("the start options limit the heap to half of the memory that there is", () => {
  const script = "process.stdout.write(String(v8.getHeapStatistics().heap_size_limit / Math.min(process.constrainedMemory(), os.totalmem())))";
  const { stdout, stderr } = spawnSync(process.execPath, [...NODE_FLAGS, "-e", script], { encoding: "utf8" });
  expect(stderr).toBe("");
  expect(Number(stdout)).toBeCloseTo(0.5, 1);
});

test("text ends with one line end and has no blanks at the ends of lines", async () => {
  using folder = temporaryFolder();
  for (const [path, text] of Object.entries(await wholeProject(folder.path))) {
    expect([path, /[^\n]\n$/.test(text), /[ \t]$/m.test(text)]).toEqual([path, true, false]);
  }
});

test("a new project asks for the versions that this repository is tested with", async () => {
  using folder = temporaryFolder();
  await newProject(folder.path);
  type Manifest = Record<"dependencies" | "devDependencies" | "allowScripts" | "overrides", Record<string, string>>;
  const read = (path: string): Manifest => JSON.parse(readFileSync(path, "utf8")) as Manifest;
  const root = join(import.meta.dirname, "../../..");
  const [project, ours, runtime] = [join(folder.path, "package.json"), join(root, "package.json"), join(root, "runtime/package.json")].map(read) as [Manifest, Manifest, Manifest];
  const known = { ...runtime.dependencies, ...ours.dependencies, ...ours.devDependencies };
  const bare = (version: string | undefined): string | undefined => version?.replace(/^[~^]/, "");
  for (const [name, range] of Object.entries({ ...project.dependencies, ...project.devDependencies })) {
    if (name in known && !name.includes("kubescaffold")) expect([name, bare(range)]).toEqual([name, bare(known[name])]);
  }
  expect(project.allowScripts).toEqual(ours.allowScripts);
  expect(project.overrides).toEqual(ours.overrides);
});
