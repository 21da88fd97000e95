import type { ValidationRule } from "../model/index.ts";
import { celName } from "./cel-names.ts";

/** What `@immutable` says on the value itself; as a transition rule it runs only where the value was there before and still is. */
export const immutableRule: ValidationRule = { rule: "self == oldSelf", message: "field is immutable" };

/** A field as far as its removal matters. */
export interface Removable {
  readonly name: string;
  readonly optional: boolean;
  readonly immutable: boolean;
}

/** The other half of `@immutable`: an optional field could be taken out and set anew, so the object around it keeps it. */
export function immutableRules(fields: readonly Removable[]): readonly ValidationRule[] {
  return fields
    .filter(({ optional, immutable }) => optional && immutable)
    .map(({ name }) => ({
      rule: `!has(oldSelf.${celName(name)}) || has(self.${celName(name)})`,
      message: `field ${name} is immutable once set`,
    }));
}
