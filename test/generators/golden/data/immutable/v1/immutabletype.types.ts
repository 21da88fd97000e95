import type { CustomResource } from "@kubescaffold/runtime/api";

interface Entry {
  key: string;
  value: string;
}

interface ImmutableSpec {
  /** @immutable */
  requiredString: string;
  /** @immutable */
  optionalString?: string;
  // +k8s:immutable
  // +optional
  optionalLiteralString?: string;
  /** @immutable */
  requiredStruct: Entry;
  /** @immutable */
  optionalStruct?: Entry;
  /** @immutable */
  optionalOmitZeroStruct?: Entry;
  /** @immutable */
  requiredSlice: string[];
  /** @immutable */
  optionalSlice?: string[];
  /** @immutable */
  requiredMap: Record<string, string>;
  /** @immutable */
  optionalMap?: Record<string, string>;
  mutableString: string;
}

export interface ImmutableType extends CustomResource<ImmutableSpec> {}
