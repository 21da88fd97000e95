import { describe, expect, test } from "@jest/globals";
import { formatDiagnostic } from "../../../generators/model/index.ts";
import { readFiles } from "./cases.ts";

const read = (comment: string, path = "controllers/ship.controller.ts"): ReturnType<typeof readFiles> =>
  readFiles({ [path]: `import { nothing } from "nowhere";\n/**\n${comment}\n */\nexport class ShipReconciler {}\n` });

describe("@rbac", () => {
  test("gives the rules above a class, its methods and functions, with their places", async () => {
    const { accessRules, diagnostics } = await readFiles({
      "controllers/ship.controller.ts": `/** @rbac group=apps resources=deployments,replicasets verbs=get;list;watch */
export class ShipReconciler {
  /** @rbac group="" resources=pods/log resourceNames=a,b verbs=get namespace=ships */
  reconcile() {}
}
/** @rbac urls=/metrics,/healthz/* verbs=get */
function f() {}`,
      "main.ts": "/** @rbac group=* resources=* verbs=* */\nconst a = 1;\n",
      "controllers/ship.controller.test.ts": "/** @rbac group=x resources=y verbs=get */\nclass A {}",
    });
    expect(diagnostics).toEqual([]);
    expect(accessRules).toEqual([
      {
        groups: ["apps"],
        resources: ["deployments", "replicasets"],
        verbs: ["get", "list", "watch"],
        place: { file: "controllers/ship.controller.ts", line: 1, column: 5 },
      },
      {
        groups: [""],
        resources: ["pods/log"],
        resourceNames: ["a", "b"],
        verbs: ["get"],
        namespace: "ships",
        place: { file: "controllers/ship.controller.ts", line: 3, column: 7 },
      },
      {
        groups: [],
        resources: [],
        urls: ["/metrics", "/healthz/*"],
        verbs: ["get"],
        place: { file: "controllers/ship.controller.ts", line: 6, column: 5 },
      },
      { groups: ["*"], resources: ["*"], verbs: ["*"], place: { file: "main.ts", line: 1, column: 5 } },
    ]);
  });

  test.each([
    ["@rbac", "@rbac needs verbs=…"],
    ["@rbac group=apps verbs=get", "@rbac needs resources=… (with group=…, empty for the core group), or urls=… alone"],
    ["@rbac resources=pods verbs=get", '@rbac needs group=…; the core group (pods, services, secrets) is group=""'],
    [
      "@rbac group=apps resources=deployments verbs=read",
      '@rbac has the verb "read": write get, list, watch, create, update, patch, delete, deletecollection or *',
    ],
    ["@rbac group=apps resources=Deployments verbs=get", '@rbac has the name "Deployments": resources are in the plural and lower case'],
    ["@rbac group=apps resource=deployments verbs=get", '@rbac has no "resource": write resources'],
    ["@rbac group=apps resources=a, b verbs=get", '@rbac needs key=value, not "b verbs=get"'],
    ["@rbac urls=/x resources=pods verbs=get", "@rbac needs resources=… (with group=…, empty for the core group), or urls=… alone"],
  ])("%s is an error with its place", async (marker, message) => {
    const { diagnostics, accessRules } = await read(` * ${marker}`);
    expect(accessRules).toEqual([]);
    expect(diagnostics.map(formatDiagnostic)).toEqual([
      `controllers/ship.controller.ts:3:4: ${message}; write it like @rbac group=apps resources=deployments verbs=get,list,watch`,
    ]);
  });

  test("other tags of the code are none of its business", async () => {
    expect(await read(" * @param x\n * @whatever\n * @minimum 3")).toMatchObject({ accessRules: [], diagnostics: [] });
  });
});
