import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { parse, parseAllDocuments } from "yaml";
import { derivedArtefacts, emitWebhooks } from "../../../generators/emit/index.ts";
import { formatDiagnostic } from "../../../generators/model/index.ts";
import { readFiles } from "../spec/cases.ts";
import { webhookCases } from "./webhook-cases.ts";

const plain = (yaml: string): unknown[] => parseAllDocuments(yaml).map((document) => document.toJS() as unknown);

/** Files whose only code stands below these comments. */
function files(lines: Readonly<Record<string, readonly string[]>>, doc: boolean): Record<string, string> {
  const comment = (each: readonly string[]): string =>
    doc ? `/**\n${each.map((line) => ` * ${line.replaceAll("\n", "\n *")}`).join("\n")}\n */` : each.join("\n");
  return Object.fromEntries(Object.entries(lines).map(([path, each]) => [path, `${comment(each)}\nexport const code = 1;\n`]));
}

describe.each(Object.entries(webhookCases))("%s", (name, { go, tags }) => {
  const golden = join(import.meta.dirname, "data", "webhooks", `${name}.yaml`);

  test("becomes the configurations that controller-gen makes of the same markers", async () => {
    const { webhooks, diagnostics } = await readFiles(files(go, false));
    expect(diagnostics.map(formatDiagnostic)).toEqual([]);
    const text = emitWebhooks(webhooks) ?? "";
    if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(golden, text);
    expect(plain(text)).toEqual(plain(readFileSync(golden, "utf8")));
  });

  test("says the same in our own markers", async () => {
    const { webhooks, diagnostics } = await readFiles(files(tags, true));
    expect(diagnostics.map(formatDiagnostic)).toEqual([]);
    expect(plain(emitWebhooks(webhooks) ?? "")).toEqual(plain(readFileSync(golden, "utf8")));
  });
});

test("the Service is there for the webhooks that name it, and for no others", async () => {
  const paths = async (name: string): Promise<string[]> =>
    derivedArtefacts(await readFiles(files(webhookCases[name]?.go ?? {}, false)), { projectName: "fleet" })
      .map(({ path }) => path)
      .filter((path) => path.startsWith("config/webhook/"));
  expect(await paths("one-of-each-sort")).toEqual(["config/webhook/manifests.yaml", "config/webhook/service.yaml"]);
  expect(await paths("at-a-url")).toEqual(["config/webhook/manifests.yaml"]);
  expect(await paths("none")).toEqual([]);
});

test.each([
  { selector: "", expected: ["fleet-system"] },
  { selector: ', namespaceSelector: { matchLabels: { team: "a" } }', expected: ["fleet-system"] },
  {
    selector: ', namespaceSelector: { matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "NotIn", values: ["x"] }] }',
    expected: ["x", "fleet-system"],
  },
  {
    selector: ', namespaceSelector: { matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "In", values: ["x"] }] }',
    expected: ["x"],
  },
  { selector: ', namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "x" } }', expected: [] },
])("a webhook for a kind of Kubernetes leaves the operator's namespace out$selector", async ({ selector, expected }) => {
  const main = `import { Manager } from "@kubescaffold/runtime";
import { Deployment } from "kubernetes-models/apps/v1/Deployment";
const manager = await Manager.create();
manager.webhook(Deployment).validateWith({ validateCreate: () => [] }, { timeoutSeconds: 5${selector} });
`;
  const artefacts = derivedArtefacts(await readFiles({ "main.ts": main }), { projectName: "fleet" });
  const manifests = parse(artefacts.find(({ path }) => path === "config/webhook/manifests.yaml")?.text ?? "") as {
    webhooks: { namespaceSelector: { matchExpressions?: { values: string[] }[] } }[];
  };
  expect(manifests.webhooks[0]?.namespaceSelector.matchExpressions?.flatMap(({ values }) => values) ?? []).toEqual(expected);
});

test("each webhook is below its place in the code, and the order of the files does not matter", async () => {
  const go = webhookCases["by-name-across-files"]?.go ?? {};
  const text = emitWebhooks((await readFiles(files(go, false))).webhooks) ?? "";
  expect(text).toContain("# controllers/b.ts:2\n- admissionReviewVersions:");
  const reversed: typeof go = Object.fromEntries(Object.entries(go).toReversed());
  expect(emitWebhooks((await readFiles(files(reversed, false))).webhooks)).toBe(text);
});
