import type { Int32 } from "@kubescaffold/runtime/api";

/** A port number.
 *  @minimum 1
 *  @maximum 65535 */
export type Port = Int32;

/** A name that DNS takes as a label.
 *  @minLength 1
 *  @maxLength 63
 *  @pattern ^[a-z0-9]([-a-z0-9]*[a-z0-9])?$ */
export type Label = string;

/** Something with a name, and a value of any sort. */
export interface Named<T> {
  name: Label;
  /** What goes by that name. */
  value: T;
}

export const Colour = { Red: "red", Green: "green", Off: "off", Yes: "yes" } as const;
export type Colour = (typeof Colour)[keyof typeof Colour];
