import type { Environment } from "@marcbachmann/cel-js";
import { Optional } from "@marcbachmann/cel-js";
import { dns1035Label, dns1123Label, dns1123Subdomain, labelValue, qualifiedName } from "../../schema/index.ts";
import { formatTest } from "../../schema/formats.ts";
import { urlError } from "./urls.ts";

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
  dns1123LabelPrefix: (text) => dns1123Label(withoutDash(text)),
  dns1123SubdomainPrefix: (text) => dns1123Subdomain(withoutDash(text)),
  dns1035LabelPrefix: (text) => dns1035Label(withoutDash(text)),
  uri: (text) => [urlError(text) ?? []].flat(),
  uuid: (text) => (/^[\da-f]{8}(?:-?[\da-f]{4}){3}-?[\da-f]{12}$/i.test(text) ? [] : ["does not match the UUID format"]),
  byte: (text) => byTest("byte", text, "invalid base64"),
  date: (text) => byTest("date", text, "invalid date"),
  datetime: (text) => byTest("date-time", text, "invalid datetime"),
};

/** A prefix of a name may end with a dash: what is generated follows it. */
function withoutDash(text: string): string {
  return text.length > 1 && text.endsWith("-") ? `${text.slice(0, -2)}a` : text;
}

function byTest(format: string, text: string, otherwise: string): string[] {
  return formatTest(format)?.(text) === false ? [otherwise] : [];
}

/** Kubernetes' `format` library: `format.dns1123Label().validate(self.name)` has a value when the name is wrong. */
export function registerFormats(environment: Environment): void {
  environment.registerType("kubernetes.Format", Format);
  environment.registerType("kubernetes.Formats", Formats);
  environment.registerConstant("format", "kubernetes.Formats", new Formats());
  const byName = new Map(Object.entries(FORMATS).map(([name, errors]) => [name, new Format(errors)]));
  for (const [name, format] of byName) {
    environment.registerFunction(`kubernetes.Formats.${name}(): kubernetes.Format`, () => format);
  }
  environment.registerFunction("kubernetes.Formats.named(string): dyn", (_: Formats, name: string) => {
    const format = byName.get(name);
    return format === undefined ? Optional.none() : Optional.of(format);
  });
  environment.registerFunction("kubernetes.Format.validate(string): dyn", ({ errors }: Format, text: string) => {
    const found = errors(text);
    return found.length === 0 ? Optional.none() : Optional.of([...found]);
  });
}
