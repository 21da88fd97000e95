// yours: tests what `inject` makes of files.
// Copyright the authors of sidecar-injector, SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "@jest/globals";
import { injectText } from "./manifests.ts";
import { readTemplate, Templates } from "./template.ts";
import { readYaml } from "./yaml.ts";
import { silentLogger } from "@kubescaffold/runtime";

const template = readTemplate("containers: [{ name: sidecar, image: sidecar:1 }]\nvolumes: [{ name: data, emptyDir: {} }]");
const podTemplate = { metadata: { labels: { app: "a" } }, spec: { containers: [{ name: "app", image: "app:1" }] } };

function values(text: string, byDefault = true): unknown[] {
  return readYaml(injectText(text, template, byDefault).text).map(({ value }) => value);
}

const injected = {
  metadata: { annotations: { "sidecar-injector.example.com/status": "injected" } },
  spec: { containers: [{ name: "app" }, { name: "sidecar", image: "sidecar:1" }], volumes: [{ name: "data" }] },
};

describe("the sidecar comes into", () => {
  test.each([
    ["v1", "ReplicationController"],
    ["apps/v1", "Deployment"],
    ["apps/v1", "StatefulSet"],
    ["apps/v1", "DaemonSet"],
    ["apps/v1", "ReplicaSet"],
    ["batch/v1", "Job"],
  ])("the Pods of %s %s", (apiVersion, kind) => {
    const [object] = values(JSON.stringify({ apiVersion, kind, metadata: { name: "a" }, spec: { template: podTemplate } }));
    expect(object).toMatchObject({ kind, spec: { template: injected } });
    expect(object).toHaveProperty("metadata", { name: "a" });
  });

  test("the Pods of CronJobs and of PodTemplates, and Pods", () => {
    const spec = { schedule: "@daily", jobTemplate: { spec: { template: podTemplate } } };
    expect(values(JSON.stringify({ apiVersion: "batch/v1", kind: "CronJob", spec }))).toMatchObject([
      { spec: { jobTemplate: { spec: { template: injected } } } },
    ]);
    expect(values(JSON.stringify({ apiVersion: "v1", kind: "PodTemplate", template: podTemplate }))).toMatchObject([
      { template: injected },
    ]);
    expect(values(JSON.stringify({ apiVersion: "v1", kind: "Pod", ...podTemplate }))).toMatchObject([injected]);
  });

  test("what is in Lists, also in Lists of Lists", () => {
    const pod = { apiVersion: "v1", kind: "Pod", ...podTemplate };
    const service = { apiVersion: "v1", kind: "Service", metadata: { name: "a" } };
    const list = { apiVersion: "v1", kind: "List", items: [service, { apiVersion: "v1", kind: "List", items: [pod] }] };
    expect(values(JSON.stringify(list))).toMatchObject([{ items: [service, { items: [injected] }] }]);
  });

  test("each of several documents, and the others stay with their comments", () => {
    const pod = `apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n  containers:\n    - name: app\n      image: app:1\n`;
    const service = `# keeps this\napiVersion: v1\nkind: Service\nmetadata:\n  name: a # and this\n`;
    const { text } = injectText(`${pod}---\n${service}---\n${pod}`, template, true);
    expect(text).toContain(`---\n${service}---\n`);
    expect(readYaml(text).map(({ value }) => value)).toMatchObject([injected, { kind: "Service" }, injected]);
  });
});

describe("nothing is changed", () => {
  const pod = (annotations?: object) =>
    JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata: { name: "a", annotations }, spec: podTemplate.spec });

  test("a second time", () => {
    const once = injectText(pod(), template, true).text;
    expect(injectText(once, template, true).text).toBe(once);
  });

  test("where an annotation says so, or none asks for it in a namespace without the label", () => {
    for (const [annotations, byDefault] of [
      [{ inject: "false" }, true],
      [undefined, false],
    ] as const)
      expect(values(pod(annotations), byDefault)).toEqual([JSON.parse(pod(annotations))]);
    expect(values(pod({ inject: "true" }), false)).toMatchObject([injected]);
  });

  test("of other kinds, kinds by the same name, and what has no Pods", () => {
    const others = [
      { apiVersion: "example.com/v1", kind: "Deployment", spec: { template: podTemplate } },
      { apiVersion: "apps/v1", kind: "Deployment" },
      { apiVersion: "v1", kind: "ConfigMap", data: { a: "b" } },
      { apiVersion: "v1", kind: "List", items: [] },
    ];
    for (const other of others) expect(values(JSON.stringify(other))).toEqual([other]);
  });

  test("of a file without objects", () => {
    for (const text of ["", "# nothing here\n", "---\n---\n"]) expect(values(text).filter((value) => value !== null)).toEqual([]);
  });
});

test("files are read and written as kubectl does it", () => {
  const source = `apiVersion: v1
kind: Pod
metadata: { name: a, labels: { date: 2001-12-14, time: 22:22, answer: "on", yes: "no" } }
spec:
  hostNetwork: yes
  containers:
    - &app { name: app, image: app:1, env: [{ name: MODE, value: "0644" }], command: [sh, -c, "${"long ".repeat(40)}"] }
    - { <<: *app, name: other }
  volumes:
    - name: files
      configMap: { name: files, defaultMode: 0644 }
`;
  const { text } = injectText(source, template, true);
  // What YAML 1.1 would read as something else stands in quotes.
  expect(text).toContain('answer: "on"');
  expect(text).toContain('"0644"');
  expect(readYaml(text)[0]?.value).toMatchObject({
    metadata: { labels: { date: "2001-12-14", time: "22:22", answer: "on", true: "no" } },
    spec: {
      hostNetwork: true,
      containers: [
        { name: "app", env: [{ value: "0644" }], command: ["sh", "-c", "long ".repeat(40)] },
        { name: "other", image: "app:1" },
        { name: "sidecar" },
      ],
      volumes: [{ configMap: { defaultMode: 420 } }, { name: "data" }],
    },
  });
  expect(text).not.toMatch(/[&*]\w/);
});

test("what is no object is told with its place", () => {
  expect(() => injectText("a: 1\n", template, true)).toThrow("document 1 is no Kubernetes object");
  expect(() => injectText("apiVersion: v1\nkind: Pod\n---\n7\n", template, true)).toThrow("document 2 is no Kubernetes object");
  expect(() => injectText("a: [1\n", template, true)).toThrow("line 2");
});

describe("a template", () => {
  test.each([
    ["", "one map with initContainers, containers, volumes"],
    ["7", "one map with"],
    ["containers: []", "is empty"],
    ["containers: { name: a }", "containers of the template is no list"],
    ["containers: [{ image: a }]", "containers[0] of the template has no name"],
    ["sidecars: []", "but no sidecars"],
    ["kind: ConfigMap\ndata: {}", "no template.yaml"],
    ["containers: [", "line 1"],
  ])("that is wrong says so: %j", (text, message) => {
    expect(() => readTemplate(text)).toThrow(message);
  });

  test("may be in its ConfigMap", () => {
    expect(readTemplate("kind: ConfigMap\ndata:\n  template.yaml: |\n    containers: [{ name: a }]\n").containers).toEqual([{ name: "a" }]);
  });

  test("has to be right once; then it stays while the next is wrong, which is logged once", async () => {
    let text = "containers: none";
    const errors: unknown[] = [];
    const templates = new Templates(() => Promise.resolve(text), { ...silentLogger, error: (_message, error) => errors.push(error) });
    await expect(templates.current()).rejects.toThrow("no list");
    text = "containers: [{ name: a }]";
    const right = await templates.current();
    text = "containers: none";
    expect([await templates.current(), await templates.current()]).toEqual([right, right]);
    expect(errors).toHaveLength(1);
    text = "containers: [{ name: b }]";
    expect((await templates.current()).containers).toEqual([{ name: "b" }]);
  });
});
