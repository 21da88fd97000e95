import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { ChangeSet } from "../../../generators/changes/index.ts";
import { ProjectFile, type Resource } from "../../../generators/project/index.ts";
import { temporaryFolder } from "../temporary.ts";

const memcached: Resource = {
  group: "cache",
  version: "v1alpha1",
  kind: "Memcached",
  plural: "memcacheds",
  namespaced: true,
  controller: true,
  path: "api/v1alpha1",
};

function read(text: string): ProjectFile {
  using folder = temporaryFolder();
  writeFileSync(join(folder.path, "PROJECT"), text);
  return ProjectFile.read(new ChangeSet(folder.path));
}

function example(): ProjectFile {
  const file = ProjectFile.create({ domain: "example.com", projectName: "memcached-operator", owner: "Example Inc.", license: "mit" });
  file.setResource(memcached);
  file.setFile("main.ts", { class: "shared" });
  file.setFile("Dockerfile", { class: "yours", hash: "0123456789abcdef" });
  return file;
}

test("is written as YAML that people can read, files sorted by path", () => {
  expect(example().toString())
    .toBe(`# shared: what kubescaffold has generated in this project, and with which answers. Keep it in version control.
# A file of the class "yours" is left alone as soon as its text differs from the hash.

layout: kubescaffold/v1
domain: example.com
projectName: memcached-operator
owner: Example Inc.
license: mit
resources:
  - group: cache
    version: v1alpha1
    kind: Memcached
    plural: memcacheds
    namespaced: true
    controller: true
    path: api/v1alpha1
files:
  Dockerfile: { class: yours, hash: 0123456789abcdef }
  main.ts: { class: shared }
`);
});

test("what was written is read back the same", () => {
  const file = read(example().toString());
  expect(file.answers).toEqual({ domain: "example.com", projectName: "memcached-operator", owner: "Example Inc.", license: "mit" });
  expect(file.resources).toEqual([memcached]);
  expect(Object.fromEntries(file.files)).toEqual({
    "main.ts": { class: "shared" },
    Dockerfile: { class: "yours", hash: "0123456789abcdef" },
  });
  expect(file.toString()).toBe(example().toString());
});

test("an edit keeps comments, order and unknown keys of people", () => {
  const text = example().toString().replace("resources:\n", "# our team\nteam: blue # by the way\nresources:\n");
  const file = read(text);
  file.setResource({ ...memcached, version: "v1beta1", path: "api/v1beta1" });
  expect(file.toString()).toContain("# our team\nteam: blue # by the way\nresources:\n");
  expect(file.resources.map(({ version }) => version)).toEqual(["v1alpha1", "v1beta1"]);
});

test("a resource is replaced, not doubled", () => {
  const file = example();
  file.setResource({ ...memcached, controller: false });
  expect(file.resources).toEqual([{ ...memcached, controller: false }]);
  expect(read(file.toString()).resources).toEqual([{ ...memcached, controller: false }]);
});

test("outputs are kept, and taken out with the last of them", () => {
  const file = example();
  file.setOutputs({ maxDescriptionLength: 0, jsonSchema: "schemas" });
  expect(read(file.toString()).outputs).toEqual({ maxDescriptionLength: 0, jsonSchema: "schemas" });
  file.setOutputs({});
  expect(file.toString()).toBe(example().toString());
});

const good = example().toString();

test.each([
  [
    "broken YAML",
    good.replace("domain: example.com", "domain: [example.com"),
    /^PROJECT:\d+:\d+ is not YAML \(.*\): mend it, or take the last good one/,
  ],
  [
    "a merge conflict",
    good.replace("license: mit", "<<<<<<< HEAD\nlicense: mit\n=======\nlicense: none\n>>>>>>> other"),
    /^PROJECT:\d+:\d+ is not YAML/,
  ],
  ["an empty file", "", /^PROJECT is not a YAML map/],
  ["a list", "- a\n", /^PROJECT is not a YAML map/],
  ["no domain", good.replace("domain: example.com\n", ""), /^PROJECT has domain missing/],
  ["a bad domain", good.replace("example.com", "Example_com"), /^PROJECT has domain "Example_com" that is not valid/],
  [
    "another layout",
    good.replace("kubescaffold/v1", "kubescaffold/v9"),
    /^PROJECT has the layout "kubescaffold\/v9", and this version of kubescaffold writes kubescaffold\/v1/,
  ],
  [
    "a kind with a path",
    good.replace("kind: Memcached", "kind: ../Memcached"),
    /^PROJECT has resources\[0\]\.kind "\.\.\/Memcached" that is not valid/,
  ],
  [
    "an API folder that leads out",
    good.replace("path: api/v1alpha1", "path: api/../.."),
    /^PROJECT has resources\[0\]\.path "api\/\.\.\/\.\." that is not valid/,
  ],
  [
    "a flag that is text",
    good.replace("namespaced: true", "namespaced: yes please"),
    /^PROJECT has resources\[0\]\.namespaced that is neither true nor false/,
  ],
  ["resources that are text", good.replace(/resources:\n( .*\n)+/, "resources: none\n"), /^PROJECT has resources that is not a list/],
  ["outputs that are text", `${good}generate: all\n`, /^PROJECT has generate that is not a map/],
  ["an output that leads out", `${good}generate: { jsonSchema: ../x }\n`, /^PROJECT has generate\.jsonSchema that is not valid/],
  [
    "a length that is none",
    `${good}generate: { maxDescriptionLength: short }\n`,
    /^PROJECT has generate\.maxDescriptionLength that is not valid/,
  ],
  [
    "a file of no known class",
    good.replace("class: shared", "class: mine"),
    /^PROJECT has files\["main.ts"\]\.class that is not derived, yours or shared/,
  ],
])("%s is one clear line", (_what, text, message) => {
  expect(() => read(text)).toThrow(expect.objectContaining({ code: "corrupt-project", message: expect.stringMatching(message) }));
  expect(() => read(text)).toThrow(/^[^\n]*$/);
});

test("a folder without the file is told how to get one", () => {
  using folder = temporaryFolder();
  expect(() => ProjectFile.read(new ChangeSet(folder.path))).toThrow(
    /^There is no PROJECT file in .*: go to a project's folder, or start one in an empty folder with "scaffold init"\.$/,
  );
});
