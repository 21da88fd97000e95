import {
  webhookProblems,
  webhookService,
  webhookWords,
  type Resource,
  type Webhook,
  type WebhookProblem,
  type WebhookRule,
  type Webhooks,
  type WebhookSettings,
  type WebhookSort,
} from "../model/index.ts";
import { builtinSchema } from "./builtin/data.ts";
import { admissionVariables, celProblem } from "./cel.ts";
import { codeTags } from "./code-tags.ts";
import { fieldName, fieldProblems, type JsonMap } from "./fields.ts";
import type { Argument } from "./markers/arguments.ts";
import { configurationExample, configurationMarker, markerKeyOf, webhookExample, webhookMarker } from "./markers/webhook-marker.ts";
import type { Report, Spot } from "./report.ts";
import { pluralInstead } from "./resource-names.ts";
import type { Sources } from "./sources.ts";
import { applyPatch } from "./webhook-patch.ts";

/** A webhook as the code says it, before anything of it is checked. */
export interface WebhookDraft {
  readonly sort: WebhookSort;
  readonly settings: JsonMap;
  readonly patch?: JsonMap;
  readonly spot: Spot;
  /** Before each message: `@webhook`, or the registration's kind. */
  readonly subject: string;
  /** Where a field of the API is said in the code, and what it is called there. */
  spotOf(field: string): Spot;
  nameOf(field: string): string;
}

/** Of both sorts of configuration. */
type Names = { -readonly [Sort in WebhookSort]?: string };

/**
 * The webhooks of a project: `@webhook` markers (`+kubebuilder:webhook` too) of the code, and `manager.webhook(Kind)` in the program.
 *
 * @param registrations what the program registers
 */
export function readWebhooks(
  report: Report,
  sources: Sources,
  registrations: readonly WebhookDraft[],
  resources: readonly Resource[],
): Omit<Webhooks, "conversions"> {
  const drafts: WebhookDraft[] = [];
  const names: Names = {};
  for (const tag of codeTags(sources, ["webhook", "webhookConfiguration"], /@webhook(Configuration)?\b|\+kubebuilder:webhook/)) {
    const { spot } = tag;
    if (tag.problem !== undefined)
      report.add("bad-marker", spot, `+kubebuilder:webhook is wrong: ${tag.problem.problem}`, tag.problem.instead);
    else if (tag.name === "webhookConfiguration") readName(report, names, configurationMarker(tag.text), spot);
    else {
      const argument = webhookMarker(tag.text);
      if ("problem" in argument) report.add("bad-marker", spot, `@webhook ${argument.problem}`, `write it like ${webhookExample}`);
      else
        drafts.push({ ...argument.value, spot, subject: "@webhook", spotOf: () => spot, nameOf: (field) => markerKeyOf[field] ?? field });
    }
  }
  drafts.push(...registrations);
  const webhooks = drafts.flatMap((draft) => toWebhook(report, draft, resources) ?? []);
  reportDuplicates(report, webhooks);
  return { webhooks, names };
}

function readName(
  report: Report,
  names: Names,
  argument: Argument<{ readonly sort: WebhookSort; readonly name: string }>,
  spot: Spot,
): void {
  if ("problem" in argument) {
    report.add("bad-marker", spot, `@webhookConfiguration ${argument.problem}`, `write it like ${configurationExample}`);
    return;
  }
  const { sort, name } = argument.value;
  if (names[sort] === undefined) names[sort] = name;
  else
    report.add(
      "duplicate-marker",
      spot,
      `the ${sort} webhooks are in the configuration ${names[sort]} already`,
      "keep one @webhookConfiguration for each sort",
    );
}

const schemas: { readonly [Sort in WebhookSort]: string } = {
  mutating: "IoK8sApiAdmissionregistrationV1MutatingWebhook",
  validating: "IoK8sApiAdmissionregistrationV1ValidatingWebhook",
};

/** Fields whose own fields are said without them in the code. */
const wrappers: readonly (string | number)[] = ["rules", "clientConfig", "service"];

/** Checks a draft from the outside in: names and types of fields, then what the API server refuses, then what nobody can mean. */
function toWebhook(report: Report, draft: WebhookDraft, resources: readonly Resource[]): Webhook | undefined {
  const { sort, spot, subject } = draft;
  const tell = (field: string, message: string, instead: string): void =>
    report.add("bad-webhook", draft.spotOf(field), `${subject}: ${message}`, instead);
  const schema = builtinSchema(schemas[sort]) ?? {};
  const patched = draft.patch === undefined ? { value: draft.settings } : applyPatch(schema, draft.settings, draft.patch);
  if ("problem" in patched) {
    tell("patch", `${patched.problem.message} (in the patch)`, patched.problem.instead);
    return undefined;
  }
  const { value } = patched;
  if (sort === "validating" && value["reinvocationPolicy"] !== undefined) {
    tell("reinvocationPolicy", "reinvocationPolicy is for mutating webhooks", "take it out");
    return undefined;
  }
  // API servers have stopped to take two of the words that the type of the API still has.
  const properties = { ...schema.properties, sideEffects: { type: "string", enum: webhookWords.sideEffects } as const };
  const [odd] = fieldProblems({ ...schema, properties }, value, false);
  if (odd !== undefined) {
    const path = odd.path.filter((step, index) => !wrappers.includes(step) && odd.path[index - 1] !== "rules");
    const [field = "", ...rest] = path;
    const own = [draft.nameOf(String(field)), ...rest];
    tell(String(field), path.length === 0 ? odd.message : odd.message.replace(fieldName(odd.path), fieldName(own)), odd.instead);
    return undefined;
  }
  const webhook: Webhook = { sort, settings: settingsOf(value), place: report.place(spot) };
  const found = [...webhookProblems(webhook), ...conditionExpressions(webhook), ...singulars(webhook, resources)];
  for (const { field, message, instead } of found) {
    const own = draft.nameOf(field);
    tell(field, own === field ? message : message.replace(new RegExp(`^${field}\\b`), own), instead);
  }
  return webhook;
}

/** The boundary: names and types of the fields have been compared with the API's own. */
function settingsOf(value: JsonMap): WebhookSettings {
  const settings = value as unknown as Partial<WebhookSettings> &
    Pick<WebhookSettings, "name" | "clientConfig" | "admissionReviewVersions">;
  const rules = (settings.rules ?? []).map((rule: Partial<WebhookRule>) => ({
    apiGroups: [],
    apiVersions: [],
    resources: [],
    operations: [],
    ...rule,
  }));
  return { ...settings, rules };
}

function* conditionExpressions({ settings }: Webhook): Generator<WebhookProblem> {
  for (const { name, expression } of settings.matchConditions ?? []) {
    const problem = expression.trim() === "" ? undefined : celProblem(expression, admissionVariables, ["bool"]);
    if (problem !== undefined)
      yield { field: "matchConditions", message: `the match condition ${name} ${problem.message}`, instead: problem.instead };
  }
}

function* singulars({ settings }: Webhook, resources: readonly Resource[]): Generator<WebhookProblem> {
  for (const { apiGroups, resources: names } of settings.rules) {
    for (const name of names) {
      const plural = pluralInstead(name, apiGroups, resources);
      if (plural !== undefined) yield { field: "resources", message: `the resource ${name} is no plural`, instead: `write ${plural}` };
    }
  }
}

/** Names that the API server takes once only, and paths where one request would be answered twice. */
function reportDuplicates(report: Report, webhooks: readonly Webhook[]): void {
  const seen: Webhook[] = [];
  for (const webhook of webhooks) {
    const { sort, settings, place } = webhook;
    const where = clientOf(webhook);
    const named = seen.find((other) => other.sort === sort && other.settings.name === settings.name);
    const served = seen.find((other) => clientOf(other) === where && (other.sort !== sort || overlap(other.settings, settings)));
    const at = ({ place: { file, line } }: Webhook): string => `${file}:${line}`;
    if (named !== undefined) {
      report.addAt("duplicate-webhook", place, `the ${sort} webhook ${settings.name} is at ${at(named)} already`, "give one another name");
    } else if (served !== undefined) {
      report.addAt(
        "duplicate-webhook",
        place,
        served.sort === sort
          ? `${where} is asked about the same resources at ${at(served)} already`
          : `${where} is the path of a ${served.sort} webhook at ${at(served)}`,
        served.sort === sort ? "keep one of them" : "give each a path of its own",
      );
    }
    seen.push(webhook);
  }
}

/** Where a webhook is served: `/validate`, with its Service where that is not the usual one; or a URL. */
function clientOf({ settings: { clientConfig } }: Webhook): string {
  const { service, url } = clientConfig;
  if (service === undefined) return url ?? "";
  const own = service.name === webhookService.name && service.namespace === webhookService.namespace && service.port === undefined;
  return `${own ? "" : `${service.name}.${service.namespace}:${service.port ?? 443}`}${service.path ?? "/"}`;
}

/** Whether some request matches rules of both; selectors and conditions are not looked at. */
function overlap(a: WebhookSettings, b: WebhookSettings): boolean {
  const lists = ["apiGroups", "apiVersions", "resources", "operations"] as const;
  const meet = (x: readonly string[], y: readonly string[]): boolean =>
    x.includes("*") || y.includes("*") || x.some((each) => y.includes(each));
  return a.rules.some((x) => b.rules.some((y) => lists.every((list) => meet(x[list], y[list]))));
}
