import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { parse, parseAllDocuments } from "yaml";
import { emitRole } from "../../../generators/emit/index.ts";
import { readFiles } from "../spec/cases.ts";

const folder = join(import.meta.dirname, "data", "roles");
/** The roles of a file, without what binds them. */
const plain = (yaml: string): unknown[] =>
  parseAllDocuments(yaml)
    .map((document) => document.toJS() as { kind: string })
    .filter(({ kind }) => kind === "ClusterRole" || kind === "Role");

test("rules become the roles that controller-gen makes of the same markers", async () => {
  const { accessRules, diagnostics } = await readFiles({ "controllers/access.ts": readFileSync(join(folder, "access.ts"), "utf8") });
  expect(diagnostics).toEqual([]);
  const text = emitRole(accessRules);
  if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(join(folder, "role.yaml"), text);
  expect(plain(text)).toEqual(plain(readFileSync(join(folder, "role.yaml"), "utf8")));
});

test("no rule is lost where two have the same resources in the end, as they have in controller-gen", async () => {
  const { accessRules } = await readFiles({
    "main.ts": `/** @rbac group=a resources=x verbs=get
 * @rbac group=b resources=x verbs=get
 * @rbac group=a,b resources=x verbs=list */
export const access = 1;`,
  });
  expect(parse(emitRole(accessRules))).toMatchObject({ rules: [{ apiGroups: ["a", "b"], resources: ["x"], verbs: ["get", "list"] }] });
});

test("a wrong marker of controller-gen is an error with its place", async () => {
  const { diagnostics } = await readFiles({
    "main.ts": "// +kubebuilder:rbac:group=apps,resources=deployments,verbs=get\nexport const a = 1;",
  });
  expect(diagnostics).toMatchObject([
    { code: "bad-marker", place: { file: "main.ts", line: 1, column: 4 }, message: "+kubebuilder:rbac is wrong: it has no group" },
  ]);
});
