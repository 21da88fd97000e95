import { posix } from "node:path";
import type { GeneratedFile } from "../changes/index.ts";
import type { ProjectAnswers } from "./file.ts";
import { baseContext, variableName } from "./scaffolds.ts";
import { renderTree } from "./templates.ts";
import type { WebhookType } from "./webhook-entry.ts";

/** A kind that webhooks are written for. */
export interface WebhookTarget {
  /** As in PROJECT and in `apiVersion`: the full group, "" for the core. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** Whether its class is made from types of this project, own or imported. */
  readonly own: boolean;
  /** What its class is imported from: a module relative to the project, or of a package. */
  readonly classModule: string;
  /** The interface of its objects, and what that is imported from. */
  readonly typeName: string;
  readonly typeModule: string;
  /** A valid object of it as source, with this as the source of its name; undefined where none is known. */
  readonly sample: ((name: string) => string) | undefined;
}

/** Another version of a kind, with the module of its types. */
export interface SpokeTarget {
  readonly version: string;
  readonly typeModule: string;
}

/** Of the builder of webhooks, what each type of webhook is registered by. */
export const webhookMethods: { readonly [Type in WebhookType]: string } = {
  defaulting: "defaultWith",
  validation: "validateWith",
  conversion: "convertWith",
};

/** What the handler's module is called after its kind, and what it exports. */
const words: { readonly [Type in WebhookType]: string } = { defaulting: "defaulter", validation: "validator", conversion: "converter" };

/** A handler: its module, what that exports, and what the builder is given. */
export function handlerOf(target: WebhookTarget, type: WebhookType): { file: string; test: string; name: string; argument: string } {
  const word = words[type];
  const stem = `webhooks/${target.kind.toLowerCase()}.${word}`;
  const name = `${type === "conversion" ? variableName(target.kind) : target.kind}${word.charAt(0).toUpperCase()}${word.slice(1)}`;
  return { file: `${stem}.ts`, test: `${stem}.test.ts`, name, argument: type === "conversion" ? name : `new ${name}()` };
}

/** The handler of one type and its test. */
export function webhookFiles(
  answers: ProjectAnswers,
  target: WebhookTarget,
  type: WebhookType,
  options: { readonly paths?: string | undefined; readonly spokes?: readonly SpokeTarget[] },
): GeneratedFile[] {
  const { group, version, kind, own, sample } = target;
  const relative = (module: string): string => (module.endsWith(".ts") ? posix.relative("webhooks", module) : module);
  return renderTree(`webhook-${type}`, {
    ...baseContext(answers),
    ...{ kind, own, typeName: target.typeName, paths: options.paths ?? "", hubVersion: version },
    webhookFolder: "webhooks",
    lower: kind.toLowerCase(),
    variable: variableName(kind),
    apiVersion: group === "" ? version : `${group}/${version}`,
    classImport: relative(target.classModule),
    typeImport: relative(target.typeModule),
    sample: sample?.('"sample"') ?? "",
    longSample: sample?.('"n".repeat(53)') ?? "",
    spokes: (options.spokes ?? []).map((spoke) => ({
      version: spoke.version,
      type: `${kind}${spoke.version.charAt(0).toUpperCase()}${spoke.version.slice(1)}`,
      import: relative(spoke.typeModule),
    })),
  });
}
