import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { objectAt, type JsonObject, type JsonSchema } from "../../runtime/schema/index.ts";
import { ControlPlane } from "../../runtime/testing/controlplane/index.ts";
import { readKubeconfig } from "../../runtime/testing/controlplane/kubeconfig.ts";
import { EmbeddedCluster } from "../../runtime/testing/embedded/index.ts";
import { Side } from "./fidelity/side.ts";

interface RecordedRules {
  readonly schema: string;
  readonly rules: Readonly<Record<string, JsonObject[]>>;
}

const DATA = join(import.meta.dirname, "../runtime/cel/data");
const schemas = JSON.parse(readFileSync(join(DATA, "schemas.json"), "utf8")) as Record<string, JsonSchema>;
const recorded = readFileSync(join(DATA, "rules.jsonl"), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as RecordedRules);
const PATH = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

/** Both servers are asked to create the same definitions: whether they do, and what they say when they don't, is the same. */
describe("definitions with rules are accepted and refused as by kube-apiserver", () => {
  let real: ControlPlane;
  let embedded: EmbeddedCluster;
  let sides: readonly [Side, Side];
  beforeAll(async () => {
    [real, embedded] = await Promise.all([ControlPlane.start(), EmbeddedCluster.start()]);
    sides = [new Side(await readKubeconfig(real.kubeconfig), "default"), new Side({ url: embedded.url }, "default")];
  }, 120_000);
  afterAll(() => Promise.all([real.stop(), embedded.stop()]));

  test.each(["limited", "unlimited"])(
    "every rule of the %s schema",
    async (name) => {
      const differences: unknown[] = [];
      let refused = 0;
      const each = recorded.filter(({ schema }) => schema === name);
      for (const { schema, rules } of each) {
        const definition = definitionOf(withRules(schemas[schema] ?? {}, rules));
        const [wanted, given] = await Promise.all(sides.map((side) => answer(side, "POST", `${PATH}?dryRun=All`, definition)));
        if (wanted?.code === 422) refused++;
        if (JSON.stringify(given) !== JSON.stringify(wanted)) differences.push({ rules, wanted, given });
      }
      expect(differences).toEqual([]);
      expect(refused).toBeGreaterThan(100);
      expect(refused).toBeLessThan(each.length);
    },
    120_000,
  );

  test("an update is refused for its rules too", async () => {
    const cheap = withRules(schemas["unlimited"] ?? {}, { "properties.spec": [{ rule: "self.flag" }] });
    const dear = withRules(schemas["unlimited"] ?? {}, { "properties.spec": [{ rule: "self.words.all(w, self.words.all(v, v != w))" }] });
    const wrong = withRules(schemas["unlimited"] ?? {}, { "properties.spec": [{ rule: "self.flag == 1" }] });
    const answers = await Promise.all(
      sides.map(async (side) => {
        const first = await answer(side, "POST", PATH, definitionOf(cheap));
        const change = (schema: JsonSchema) =>
          answer(side, "PATCH", `${PATH}/rulings.rules.example.com`, definitionOf(schema), "application/merge-patch+json");
        return [first, await change(cheap), await change(dear), await change(wrong)];
      }),
    );
    expect(answers[0]?.map(({ code }) => code)).toEqual([201, 200, 422, 422]);
    expect(answers[1]).toEqual(answers[0]);
  }, 60_000);
});

/** The code of an answer, and the causes that it tells, sorted. */
async function answer(
  side: Side,
  method: string,
  path: string,
  body: JsonObject,
  type?: string,
): Promise<{ code: number; causes: string[] }> {
  const { code, text } = await side.send(method, path, { body, ...(type === undefined ? {} : { type }) });
  const causes = objectAt(JSON.parse(text) as JsonObject, "details")?.["causes"];
  const lines = (Array.isArray(causes) ? causes : []).map((cause) => JSON.stringify(cause));
  // Types of schemas are named by the time at which the server reads them.
  return { code, causes: lines.map((line) => line.replaceAll(/selfType\d+/g, "selfType")).toSorted() };
}

function definitionOf(schema: JsonSchema): JsonObject {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "rulings.rules.example.com" },
    spec: {
      group: "rules.example.com",
      names: { plural: "rulings", singular: "ruling", kind: "Ruling", listKind: "RulingList" },
      scope: "Namespaced",
      versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: schema as unknown as JsonObject } }],
    },
  };
}

/** A schema with rules at some places (`properties.spec.items`). */
function withRules(schema: JsonSchema, rules: Readonly<Record<string, JsonObject[]>>): JsonSchema {
  const copy = structuredClone(schema);
  for (const [at, list] of Object.entries(rules)) {
    let node = copy as unknown as Record<string, unknown>;
    for (const step of at === "" ? [] : at.split(".")) node = node[step] as Record<string, unknown>;
    node["x-kubernetes-validations"] = list;
  }
  return copy;
}
