import type { Schema } from "../model/index.ts";

/** What sort of value a schema takes. */
export type Sort = NonNullable<Schema["type"]> | "int-or-string" | "any";

export function sortOf(schema: Schema): Sort {
  return schema["x-kubernetes-int-or-string"] === true ? "int-or-string" : (schema.type ?? "any");
}

export function nameOf(sort: Sort): string {
  return sort === "int-or-string" ? "integer or string" : sort;
}

/** True when every value of the one sort is of the other too. */
export function isWider(wide: Sort, narrow: Sort): boolean {
  if (wide === narrow || wide === "any") return true;
  if (wide === "number") return narrow === "integer";
  return wide === "int-or-string" && (narrow === "integer" || narrow === "string");
}
