import { describe, expect, test } from "@jest/globals";
import { formatDiagnostic } from "../../../generators/model/index.ts";
import { readFiles } from "./cases.ts";
import { refusals, replaced, right, rightConditions, wrongConditions } from "./webhook-refusals.ts";

/** What is said about a marker, from the column on. */
async function lines(...markers: string[]): Promise<string[]> {
  const comment = `/**\n${markers.map((marker) => ` * ${marker}`).join("\n")}\n */`;
  const { diagnostics } = await readFiles(
    {
      "api/v1/ship.types.ts": `import type { CustomResource } from "@kubescaffold/runtime/api";
/** @resource plural=fleet */
export interface Ship extends CustomResource<{ crew?: number }> {}`,
      "controllers/ship.controller.ts": `${comment}\nexport class ShipReconciler {}\n`,
    },
    "fleet.io",
  );
  return diagnostics.map(formatDiagnostic).map((line) => line.replace("controllers/ship.controller.ts:", ""));
}

describe("@webhook", () => {
  test("of which all is right is no error", async () => {
    expect(await lines(`@webhook ${right}`)).toEqual([]);
  });

  test.each([
    ["without its sort", `@webhook ${right.replace("validating ", "")}`, "@webhook begins with mutating or validating"],
    [
      "with a slip in its sort",
      replaced("validating", "validatin"),
      '@webhook begins with mutating or validating, not "validatin": write validating',
    ],
    ["with an unknown key", replaced("operations", "opertions"), '@webhook has no "opertions": write operations'],
    ["with the key of controller-gen", replaced("operations", "verbs"), '@webhook has no "verbs": write operations'],
    ["without operations", replaced(" operations=CREATE", ""), "@webhook needs operations=…"],
    ["with a key twice", `@webhook ${right} path=/x`, "@webhook has path twice"],
    ["with a number that is none", `@webhook ${right} timeoutSeconds=ten`, '@webhook needs a whole number for timeoutSeconds, not "ten"'],
    [
      "with a selector that is none",
      `@webhook ${right} objectSelector="a ~ b"`,
      '@webhook needs a label selector, not "a ~ b" for objectSelector',
    ],
    [
      "with conditions that are no list",
      `@webhook ${right} matchConditions="a"`,
      '@webhook needs matchConditions=[{ name: "…", expression: "…" }]',
    ],
  ])("%s", async (_name, marker, message) => {
    expect(await lines(marker)).toEqual([expect.stringContaining(`2:4: ${message}`)]);
  });

  test.each(refusals)("%s is refused as the API server would", async (_name, marker, message) => {
    expect(await lines(marker)).toEqual([`2:4: @webhook: ${message}`]);
  });

  test.each(wrongConditions)("the match condition %s is an error", async (expression, message) => {
    expect(await lines(`@webhook ${right} matchConditions=[{ name: "large", expression: ${JSON.stringify(expression)} }]`)).toEqual([
      `2:4: @webhook: the match condition large ${message}`,
    ]);
  });

  test.each(rightConditions)("the match condition %s is none", async (expression) => {
    expect(await lines(`@webhook ${right} matchConditions=[{ name: "a", expression: ${JSON.stringify(expression)} }]`)).toEqual([]);
  });

  test("a name, and a path for the same resources, are there once", async () => {
    const other = replaced("name=ships.fleet.io", "name=boats.fleet.io");
    expect(
      await lines(
        `@webhook ${right}`,
        `@webhook ${right.replace("/validate-", "/x-")}`,
        other,
        other.replace("CREATE", "UPDATE").replace("boats", "rafts"),
      ),
    ).toEqual([
      "3:4: the validating webhook ships.fleet.io is at controllers/ship.controller.ts:2 already; give one another name",
      "4:4: /validate-fleet-io-v1-ship is asked about the same resources at controllers/ship.controller.ts:2 already; keep one of them",
    ]);
    expect(await lines(`@webhook ${right}`, replaced("validating", "mutating"))).toEqual([
      "3:4: /validate-fleet-io-v1-ship is the path of a validating webhook at controllers/ship.controller.ts:2; give each a path of its own",
    ]);
  });

  test("is an error on a kind", async () => {
    const { diagnostics } = await readFiles({
      "api/v1/ship.types.ts": `import type { CustomResource } from "@kubescaffold/runtime/api";
/** @webhook ${right} */
export interface Ship extends CustomResource<{ crew?: number }> {}`,
    });
    expect(diagnostics.map(formatDiagnostic)).toEqual([
      "api/v1/ship.types.ts:2:5: @webhook is for the code that serves the webhook; move it to the class in controllers/ or webhooks/",
    ]);
  });
});

describe("a patch", () => {
  const conditions = '[{ name: "a", expression: "true" }, { name: "b", expression: "false" }]';

  test.each([
    [
      "of a list with a key merges by it",
      '{ matchConditions: [{ name: "b", expression: "1 == 1" }, { name: "c", expression: "2 == 2" }] }',
      ["a true", "b 1 == 1", "c 2 == 2"],
    ],
    ["takes an item out", '{ matchConditions: [{ name: "a", $patch: "delete" }] }', ["b false"]],
    ["replaces a list", '{ matchConditions: [{ $patch: "replace" }, { name: "c", expression: "true" }] }', ["c true"]],
    ["orders a list", '{ "$setElementOrder/matchConditions": [{ name: "b" }, { name: "a" }] }', ["b false", "a true"]],
    ["takes a list away", "{ matchConditions: null }", []],
  ])("%s", async (_name, patch, expected) => {
    const { webhooks, diagnostics } = await readFiles({
      "main.ts": `/** @webhook ${right} matchConditions=${conditions} patch=${patch} */\nexport const code = 1;`,
    });
    expect(diagnostics.map(formatDiagnostic)).toEqual([]);
    const found = webhooks.webhooks[0]?.settings.matchConditions ?? [];
    expect(found.map(({ name, expression }) => `${name} ${expression}`)).toEqual(expected);
  });

  test("keeps no other fields than those that it names", async () => {
    const { webhooks } = await readFiles({
      "main.ts": `/** @webhook ${right} patch={ clientConfig: { service: { $retainKeys: ["name", "namespace"], name: "other" } } } */\nexport const code = 1;`,
    });
    expect(webhooks.webhooks[0]?.settings.clientConfig).toEqual({ service: { name: "other", namespace: "system" } });
  });
});

describe("+kubebuilder:webhook", () => {
  const go =
    "+kubebuilder:webhook:path=/a,mutating=false,failurePolicy=fail,sideEffects=None,groups=fleet.io,resources=ships,verbs=create,versions=v1,name=ships.fleet.io,admissionReviewVersions=v1";

  test.each([
    ["without reviews", go.replace(",admissionReviewVersions=v1", ""), "it needs admissionReviewVersions; write admissionReviewVersions=…"],
    ["without side effects", go.replace("sideEffects=None,", ""), "it needs sideEffects; write sideEffects=…"],
    ["without its sort", go.replace("mutating=false,", ""), "it needs mutating; write mutating=…"],
    [
      "of no sort",
      go.replace("mutating=false", "mutating=no"),
      "it does not say whether it is mutating; write mutating=true or mutating=false",
    ],
    ["with an unknown key", go.replace("verbs=", "verb="), "it has no verb; write verbs"],
    [
      "of an old version",
      `${go},webhookVersions=v1beta1`,
      "there are no webhook configurations of v1beta1 any more; write webhookVersions=v1, or leave it out",
    ],
    ["of no key=value", go.replace("mutating=false", "mutating"), '"path=/a,mutating,failurePolicy=fail,sideEffects=None,groups=fleet.io'],
  ])("%s is an error", async (_name, marker, message) => {
    expect(await lines(marker)).toEqual([expect.stringContaining(`2:4: +kubebuilder:webhook is wrong: ${message}`)]);
  });

  test.each([
    ["a path and a url", `${go},url="https://a/b"`, "has a path of a Service and a url; keep one of them"],
    [
      "neither",
      go.replace("path=/a,", ""),
      "has neither a path nor a url; say where it is served, such as path=/validate-fleet-example-com-v1-ship",
    ],
    ["side effects", go.replace("sideEffects=None", "sideEffects=some"), 'sideEffects is "some"; write None or NoneOnDryRun'],
    ["a long timeout", `${go},timeoutSeconds=40`, "timeoutSeconds is 40; write a whole number of seconds from 1 to 30"],
    ["a negative timeout", `${go},timeoutSeconds=-1`, "timeoutSeconds is -1; write a whole number of seconds from 1 to 30"],
    ["a failure policy of its own", go.replace("failurePolicy=fail", "failurePolicy=ask"), 'failurePolicy is "ask"; write Fail or Ignore'],
    ["a match policy of its own", `${go},matchPolicy=about`, 'matchPolicy is "about"; write Equivalent or Exact'],
  ])("%s is refused", async (_name, marker, message) => {
    expect(await lines(marker)).toEqual([`2:4: @webhook: ${message}`]);
  });

  test("a patch that is no JSON is refused", async () => {
    expect(await lines(`${go},patch=\`{invalid\``)).toEqual([expect.stringContaining("2:4: @webhook needs an object for patch")]);
  });
});

test("each sort of configuration has one name", async () => {
  expect(await lines("@webhookConfiguration mutating name=a", "+kubebuilder:webhookconfiguration:mutating=true,name=b")).toEqual([
    "3:4: the mutating webhooks are in the configuration a already; keep one @webhookConfiguration for each sort",
  ]);
  expect(await lines("@webhookConfiguration mutating name=A_b")).toEqual([
    expect.stringContaining('@webhookConfiguration has the name "A_b": write lower case letters, digits and hyphens'),
  ]);
  expect(await lines("+kubebuilder:webhookconfiguration:mutating=true,nam=b")).toEqual([
    "2:4: +kubebuilder:webhook is wrong: it has no nam; write name",
  ]);
});
