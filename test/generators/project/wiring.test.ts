import { expect, test } from "@jest/globals";
import { addController, type Wiring } from "../../../generators/project/index.ts";

const memcached: Wiring = {
  kind: "Memcached",
  alias: "MemcachedApi",
  classFile: "api/v1alpha1/memcached.ts",
  reconciler: "MemcachedReconciler",
  reconcilerFile: "controllers/memcached.controller.ts",
};
const ship: Wiring = {
  ...memcached,
  kind: "Ship",
  alias: "ShipApi",
  classFile: "api/v1/ship.ts",
  reconciler: "ShipReconciler",
  reconcilerFile: "controllers/ship.controller.ts",
};

const scaffolded = `// shared
import { Manager, managerOptions } from "@kubescaffold/runtime";

const manager = await Manager.create(
  managerOptions(process.argv.slice(2)),
);

await manager.run(); // until SIGTERM
`;

function added(source: string, wiring = memcached): string {
  const result = addController("main.ts", source, wiring);
  if (result.outcome === "no-place") throw new Error(result.reason);
  return result.text;
}

test("adds the imports after the others and the controller before the manager runs", () => {
  expect(added(scaffolded)).toBe(`// shared
import { Manager, managerOptions } from "@kubescaffold/runtime";
import { Memcached } from "./api/v1alpha1/memcached.ts";
import { MemcachedReconciler } from "./controllers/memcached.controller.ts";

const manager = await Manager.create(
  managerOptions(process.argv.slice(2)),
);

manager.controller(Memcached).reconcileWith(new MemcachedReconciler());
await manager.run(); // until SIGTERM
`);
});

test("a second controller goes behind the first", () => {
  const text = added(added(scaffolded), ship);
  expect(text).toContain(
    "manager.controller(Memcached).reconcileWith(new MemcachedReconciler());\nmanager.controller(Ship).reconcileWith(new ShipReconciler());\nawait",
  );
});

test("adding what is there already changes nothing, however the user has extended it", () => {
  const once = added(scaffolded);
  const extended = once.replace(".reconcileWith", "\n  .owns(Deployment)\n  .reconcileWith");
  expect(addController("main.ts", once, memcached)).toEqual({ outcome: "there-already", text: once });
  expect(addController("main.ts", extended, memcached)).toEqual({ outcome: "there-already", text: extended });
});

test("finds the manager when it was renamed, reformatted, moved into a function and imported by another name", () => {
  const source = `import { Manager as ControllerManager } from '@kubescaffold/runtime'

export async function main(argv: string[]) {
\tconst operators = (await ControllerManager
\t\t.create({ metrics: false }))
\ttry {
\t\tawait operators.run()
\t} finally {
\t\tconsole.log('bye')
\t}
}
`;
  const text = added(source);
  expect(text).toContain("import { Memcached } from './api/v1alpha1/memcached.ts';");
  expect(text).toContain(
    "\t\t.create({ metrics: false }))\n\toperators.controller(Memcached).reconcileWith(new MemcachedReconciler());\n\ttry {",
  );
});

test("finds the manager of a namespace import, and one that is assigned later", () => {
  const source = `import * as runtime from "@kubescaffold/runtime";\nlet m: runtime.Manager;\nm = await runtime.Manager.create({});\nvoid m.run();\n`;
  expect(added(source)).toContain(
    "m = await runtime.Manager.create({});\nm.controller(Memcached).reconcileWith(new MemcachedReconciler());\nvoid m.run();",
  );
});

test("is not misled by comments, strings and other things that are called Manager", () => {
  const source = `import { Manager } from "@kubescaffold/runtime";
import { Manager as Other } from "./other.ts";
// const manager = await Manager.create(); await manager.run();
const text = "const manager = await Manager.create()";
const decoy = await Other.create();
const real = await Manager.create({ name: text });
await decoy.run();
await real.run();
`;
  expect(added(source)).toContain(
    "await decoy.run();\nreal.controller(Memcached).reconcileWith(new MemcachedReconciler());\nawait real.run();",
  );
});

test("takes another name when the kind's own is taken in the file", () => {
  const source = scaffolded.replace("\n\nconst", '\nimport { Memcached } from "./unrelated.ts";\n\nconst');
  const text = added(source);
  expect(text).toContain('import { Memcached as MemcachedApi } from "./api/v1alpha1/memcached.ts";');
  expect(text).toContain("manager.controller(MemcachedApi).reconcileWith(");
});

test("keeps Windows line ends", () => {
  expect(added(scaffolded.replaceAll("\n", "\r\n"))).toBe(added(scaffolded).replaceAll("\n", "\r\n"));
});

test.each([
  ["has no variable that holds the result of Manager.create()", "console.log('no manager here');\n"],
  ["is not valid TypeScript", "const manager = await Manager.create(;\n"],
])("when the file %s, the lines to add are given", (reason, source) => {
  expect(addController("main.ts", source, memcached)).toEqual({
    outcome: "no-place",
    reason,
    lines: [
      expect.stringMatching(/^import \{ Memcached \} from/),
      expect.stringMatching(/^import \{ MemcachedReconciler \} from/),
      "manager.controller(Memcached).reconcileWith(new MemcachedReconciler());",
    ],
  });
});
