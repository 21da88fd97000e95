import type { Environment } from "@marcbachmann/cel-js";
import { Optional } from "@marcbachmann/cel-js";
import { dns1035Label, dns1123Label, dns1123Subdomain, labelValue, qualifiedName } from "../../schema/index.ts";

class Format {
  readonly errors: (text: string) => readonly string[];

  constructor(errors: (text: string) => readonly string[]) {
    this.errors = errors;
  }
}

/** What `format` is in an expression: a value whose only use is its functions. */
class Formats {
  readonly name = "format";
}

const FORMATS: Readonly<Record<string, (text: string) => readonly string[]>> = {
  dns1123Label,
  dns1123Subdomain,
  dns1035Label,
  qualifiedName,
  labelValue,
};

/** Kubernetes' `format` library: `format.dns1123Label().validate(self.name)` has a value when the name is wrong. */
export function registerFormats(environment: Environment): void {
  environment.registerType("kubernetes.Format", Format);
  environment.registerType("kubernetes.Formats", Formats);
  environment.registerConstant("format", "kubernetes.Formats", new Formats());
  for (const [name, errors] of Object.entries(FORMATS)) {
    const format = new Format(errors);
    environment.registerFunction(`kubernetes.Formats.${name}(): kubernetes.Format`, () => format);
  }
  environment.registerFunction("kubernetes.Format.validate(string): dyn", ({ errors }: Format, text: string) => {
    const found = errors(text);
    return found.length === 0 ? Optional.none() : Optional.of([...found]);
  });
}
