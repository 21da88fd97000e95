import { expect, test } from "@jest/globals";
import { findCrds } from "../../../generators/import/index.ts";

const crd = (name: string, rest = ""): string =>
  `apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: ${name}\n${rest}`;

const namesIn = (text: string): unknown[] => findCrds(text, "in.yaml").crds.map(({ metadata }) => metadata);

test("finds CRDs in several documents, in lists, in lists of lists, and in JSON", () => {
  const item = (name: string) =>
    JSON.parse(JSON.stringify({ apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition", metadata: { name } })) as object;
  const list = { apiVersion: "v1", kind: "List", items: [item("c"), { kind: "ConfigMap" }, { kind: "List", items: [item("d")] }] };
  const typed = { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinitionList", items: [item("e")] };
  const text = [
    "# a comment only",
    crd("a"),
    "",
    crd("b"),
    "kind: Namespace",
    JSON.stringify(list),
    JSON.stringify(typed),
    "null",
    "- 1",
  ].join("\n---\n");
  expect(namesIn(text)).toEqual(["a", "b", "c", "d", "e"].map((name) => ({ name })));
  expect(findCrds(text, "in.yaml").others).toBe(2);
});

test("reads YAML as kubectl does: what a cluster gets from a file is what is imported from it", () => {
  const spec = 'spec: {values: [on, Off, yes, 0644, 0x1f, 1_000, 1:30, 2020-01-02, "on", ~, <<, 1e3], on: 1, twice: 1, twice: 2}\n';
  expect(findCrds(crd("a", spec), "in.yaml").crds[0]?.["spec"]).toEqual({
    values: [true, false, true, 420, 31, 1000, "1:30", "2020-01-02", "on", null, "<<", 1000],
    true: 1,
    twice: 2,
  });
});

test("merge keys and aliases are followed", () => {
  const spec = "x: &base {a: 1}\nspec: {<<: *base, b: 2}\n";
  expect(findCrds(crd("a", spec), "in.yaml").crds[0]?.["spec"]).toEqual({ a: 1, b: 2 });
});

test("a Helm template is called by its name", () => {
  for (const text of [crd("a", 'spec:\n  labels: {{- include "x" . }}\n    a: b\n'), `{{- if .Values.crds }}\n${crd("a")}{{- end }}\n`])
    expect(() => findCrds(text, "in.yaml")).toThrow("in.yaml is a Helm template: pass what helm template prints of its chart.");
});
