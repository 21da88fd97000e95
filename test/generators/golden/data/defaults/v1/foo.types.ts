import type { CustomResource } from "@kubescaffold/runtime/api";

interface FooSpec {
  /** @default fooDefaultString
   *  @example fooExampleString */
  defaultedString: string;
}

interface ZooSpec {
  /** @default zooDefaultString
   *  @example zooExampleString */
  defaultedString: string;
}

/** A status without fields, of which none is kept.
 *  @schema { "x-kubernetes-preserve-unknown-fields": null } */
type Nothing = object;

export interface Foo extends CustomResource<FooSpec | undefined, Nothing> {}

export interface Zoo extends CustomResource<ZooSpec | undefined, Nothing> {}
