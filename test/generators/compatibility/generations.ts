import type { Resource } from "../../../generators/model/index.ts";
import { readSpecs } from "../spec/cases.ts";
import { changes } from "./changes.ts";

/** The old and the new kind of each change, by its name. */
export async function generations(): Promise<Map<string, { readonly before: Resource; readonly after: Resource }>> {
  const source = (members: string): string => `interface Spec {\n${members}\nother?: string;\n}`;
  const [before, after] = await Promise.all(
    (["before", "after"] as const).map((side) =>
      readSpecs(
        Object.fromEntries(Object.entries(changes).map(([name, change]) => [name, source(change[side])])) as Record<string, string>,
      ),
    ),
  );
  return new Map(
    Object.keys(changes).map((name) => {
      const [old, now] = [before?.[name], after?.[name]];
      const lines = [...(old?.lines ?? []), ...(now?.lines ?? [])];
      if (old?.resource === undefined || now?.resource === undefined || lines.length > 0) throw new Error(`${name}: ${lines.join("\n")}`);
      return [name, { before: old.resource, after: now.resource }];
    }),
  );
}
