import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, parseAllDocuments } from "yaml";
import { isOwnService, ownConversion, projectCrds, type Crd } from "../crds.ts";
import type { Fields } from "./record.ts";

/** How the API server reaches a webhook. */
export interface ClientConfig {
  readonly service?: { readonly name: string; readonly namespace?: string; readonly path?: string };
  readonly url?: string;
  readonly caBundle?: string;
}

/** One webhook of a configuration. */
export interface WebhookEntry extends Fields {
  readonly name: string;
  readonly clientConfig: ClientConfig;
}

export type ConfigurationKind = "MutatingWebhookConfiguration" | "ValidatingWebhookConfiguration";

/** One configuration of the project, under the name that it has in a cluster. */
export interface Configuration {
  readonly kind: ConfigurationKind;
  readonly name: string;
  readonly webhooks: readonly WebhookEntry[];
}

/** `spec.conversion` of one of the project's CRDs, where a webhook of the operator converts. */
export interface Conversion {
  readonly crd: string;
  readonly conversion: NonNullable<Crd["spec"]["conversion"]>;
}

/** What the API server asks the operator. */
export interface ProjectWebhooks {
  readonly configurations: readonly Configuration[];
  readonly conversions: readonly Conversion[];
}

const manifests = "config/webhook/manifests.yaml";
/** From the inside out: what each of them puts before and after a name. */
const kustomizations = ["config/webhook/kustomization.yaml", "config/default/kustomization.yaml"];

/** Reads what `scaffold generate` has derived from the code. */
export function readWebhooks(project: string): ProjectWebhooks {
  const named = clusterName(project);
  return {
    configurations: documents(join(project, manifests))
      .filter(isConfiguration)
      .map(({ kind, metadata, webhooks = [] }) => ({ kind, name: named(metadata.name), webhooks })),
    conversions: projectCrds(project).flatMap((crd) => {
      const conversion = ownConversion(crd);
      return conversion === undefined ? [] : [{ crd: crd.metadata.name, conversion }];
    }),
  };
}

/** True when there is something for the operator to serve. */
export function hasOwn({ configurations, conversions }: ProjectWebhooks): boolean {
  return (
    conversions.length > 0 || configurations.some(({ webhooks }) => webhooks.some(({ clientConfig }) => isOwnService(clientConfig.service)))
  );
}

/** The name that kustomize makes of a name of the project. */
export function clusterName(project: string): (name: string) => string {
  const around = kustomizations.map((path) => {
    const file = join(project, path);
    const kustomization: unknown = existsSync(file) ? parse(readFileSync(file, "utf8")) : undefined;
    return [textIn(kustomization, "namePrefix"), textIn(kustomization, "nameSuffix")] as const;
  });
  return (name) => around.reduce((inner, [prefix, suffix]) => `${prefix}${inner}${suffix}`, name);
}

function textIn(value: unknown, key: string): string {
  const text = typeof value === "object" && value !== null ? new Map<string, unknown>(Object.entries(value)).get(key) : undefined;
  return typeof text === "string" ? text : "";
}

function documents(file: string): unknown[] {
  if (!existsSync(file)) return [];
  return [...parseAllDocuments(readFileSync(file, "utf8"))].map((document): unknown => document.toJS() as unknown);
}

interface Manifest {
  readonly kind: ConfigurationKind;
  readonly metadata: { readonly name: string };
  readonly webhooks?: readonly WebhookEntry[];
}

function isConfiguration(value: unknown): value is Manifest {
  return (
    typeof value === "object" && value !== null && "kind" in value && /^(Mutating|Validating)WebhookConfiguration$/.test(String(value.kind))
  );
}
