import type { CustomResource, Int32 } from "@kubescaffold/runtime/api";

interface Two {
  foo?: string;
  bar?: string;
}

interface Four {
  a?: string;
  b?: string;
  c?: string;
  d?: string;
}

/** @validation rule="self >= 100 && self <= 1000" message="invalid CustomTypeAlias value" */
type Hundreds = Int32;

interface OneofSpec {
  /** @validation rule="!(has(self.foo) && has(self.bar))" message="only one of foo|bar may be set"
   *  @atMostOneOf foo bar */
  firstTypeWithOneof?: Two;
  /** @atMostOneOf a b
   *  @atMostOneOf c d */
  secondTypeWithOneof?: Four;
  /** @exactlyOneOf foo bar */
  firstTypeWithExactOneof?: Two;
  /** @exactlyOneOf a b
   *  @exactlyOneOf c d */
  secondTypeWithExactOneof?: Four;
  /** @atLeastOneOf a b
   *  @atLeastOneOf c d */
  typeWithMultipleAtLeastOneOf?: Four;
  /** @atMostOneOf a b
   *  @exactlyOneOf c d
   *  @atLeastOneOf e f */
  typeWithAllOneOf?: Four & { e?: string; f?: string };
  /** @atMostOneOf foo bar */
  typeWithOmitZero?: Two;
  /** @exactlyOneOf a b */
  typeWithOmitZeroExact?: Pick<Four, "a" | "b">;
  // +kubebuilder:validation:AtLeastOneOf=c;d
  typeWithOmitZeroAtLeastOneOf?: Omit<Four, "a" | "b">;
  firstCustomTypeAlias?: Hundreds;
  secondCustomTypeAlias?: Hundreds;
}

export interface Oneof extends CustomResource<OneofSpec> {}
