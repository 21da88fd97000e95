import type { CustomResource } from "@kubescaffold/runtime/api";

export const values = { first: "Value1", second: "Value2" } as const;

export interface Enum extends CustomResource<{ field?: (typeof values)[keyof typeof values] } | undefined> {}
