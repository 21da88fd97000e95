import type { CustomResource } from "@kubescaffold/runtime/api";

/** @externalDocs url=https://example.com/type-docs description="type-level external docs" */
type Documented = string;

interface ExternalDocSpec {
  /** @externalDocs url=https://example.com/docs description="external docs description" */
  fieldWithExternalDoc?: string;
  /** @externalDocs url=https://example.com/docs */
  fieldWithExternalDocURLOnly?: string;
  typeWithExternalDoc?: Documented;
}

export interface ExternalDoc extends CustomResource<ExternalDocSpec | undefined> {}
