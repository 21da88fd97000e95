import type { CustomResource } from "@kubescaffold/runtime/api";

export interface TestQuota extends CustomResource<undefined> {
  test?: string;
}
