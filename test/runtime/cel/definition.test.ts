/**
 * Rules that were put to the API server's own code, with what it made of them: `data/rules.jsonl`. Each line has a schema of `data/schemas.json` by its
 * name, rules by the place where they are put into it, and the answers: the estimated costs (least and most, of the rule and of its
 * `messageExpression`; none where an expression is refused), and the errors of the whole definition without the path of the schema.
 *
 * They were recorded by a small Go program that links `k8s.io/apiextensions-apiserver` v0.35.4: for each line it built a CustomResourceDefinition with
 * this schema as its only version and asked `validation.ValidateCustomResourceDefinition`; the costs it took from `EstimateCost` of the environment
 * that `environment.MustBaseEnvSet` gives, with the size estimator of the package `schema/cel`. Names of types (`selfType` and a number) lost their number.
 */
import { describe, expect, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { RULE_COST_LIMIT, schemaRules } from "../../../runtime/cel/index.ts";
import type { RulesReport } from "../../../runtime/cel/index.ts";
import type { JsonObject, JsonSchema } from "../../../runtime/schema/index.ts";

type Costs = readonly [readonly [number, number] | null, readonly [number, number] | null];

interface Recorded {
  readonly schema: string;
  readonly rules: Readonly<Record<string, JsonObject[]>>;
  readonly costs: Readonly<Record<string, Costs>>;
  readonly errors: readonly (readonly [string, string, string])[];
}

const PATH = "spec.validation.openAPIV3Schema";
const data = (name: string) => readFileSync(join(import.meta.dirname, "data", name), "utf8");
const schemas = JSON.parse(data("schemas.json")) as Record<string, JsonSchema>;
const recorded = data("rules.jsonl")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Recorded);

describe("the rules of a schema are checked and estimated as by the API server", () => {
  test.each(recorded.map((each) => [titleOf(each), each] as const))("%s", (_title, { schema, rules, costs, errors }) => {
    const report = schemaRules(withRules(schemas[schema] ?? {}, rules), PATH);
    expect(errorsOf(report)).toEqual(errors.map((error) => error.join("\n")).toSorted());
    // What is around or in a rule that is written wrongly is not estimated.
    const estimated = new Set(report.rules.map(({ path }) => path.slice(PATH.length)));
    expect(costsOf(report)).toEqual(Object.fromEntries(Object.entries(costs).filter(([path]) => estimated.has(path))));
    if (errors.length === 0) expect(report.rules).toHaveLength(Object.values(rules).flat().length);
  });

  test("the most that a rule costs is its cost times how often it may be evaluated", () => {
    const rules = { "properties.spec.properties.items.items.properties.tags.items": [{ rule: "self.matches('^a+$')" }] };
    const [limited] = schemaRules(withRules(schemas["limited"] ?? {}, rules), PATH).rules;
    expect(limited).toMatchObject({ cardinality: 8 * 4, total: 8 * 4 * (limited?.cost?.max ?? 0) });
    const [unlimited] = schemaRules(withRules(schemas["unlimited"] ?? {}, rules), PATH).rules;
    // As many empty strings and commas as fit into a request of 3 MiB.
    expect(unlimited?.cardinality).toBe(1024 * 1024);
    expect(unlimited?.total).toBeGreaterThan(RULE_COST_LIMIT);
  });
});

function titleOf({ schema, rules }: Recorded): string {
  const all = Object.entries(rules).map(([at, list]) => `${at}: ${JSON.stringify(list[0])}`);
  return `${schema} ${all.join(", ")}`.replaceAll("%", "%%");
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

function errorsOf({ errors }: RulesReport): string[] {
  return errors.map(({ type, field, message }) => [type, field.slice(PATH.length), message].join("\n")).toSorted();
}

function costsOf({ rules }: RulesReport): Record<string, Costs> {
  return Object.fromEntries(
    rules.map(({ path, cost, messageCost }) => [
      path.slice(PATH.length),
      [cost ? [cost.min, cost.max] : null, messageCost ? [messageCost.min, messageCost.max] : null],
    ]),
  );
}
