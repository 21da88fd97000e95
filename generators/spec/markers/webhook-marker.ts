import { configurationNames, webhookService, type Json, type WebhookSort } from "../../model/index.ts";
import { parseLiteral } from "../literals.ts";
import { parseSelector } from "../label-selector.ts";
import { isArray, isMap, type JsonMap } from "../fields.ts";
import { nearest, pairs, type Argument, type Keys, type Pairs } from "./arguments.ts";

/** What a `@webhook` marker says, in the form of the API, and a patch of it. */
export interface WebhookMarker {
  readonly sort: WebhookSort;
  readonly settings: JsonMap;
  readonly patch?: JsonMap;
}

/** The keys of `@webhook`, which `WebhookOptions` of a registration share as far as they are about the same. */
const keys: Keys = {
  name: {},
  path: {},
  url: {},
  group: { list: true, required: true },
  version: { list: true, required: true },
  resources: { list: true, required: true },
  operations: { list: true, required: true },
  scope: {},
  failurePolicy: {},
  matchPolicy: {},
  sideEffects: {},
  timeoutSeconds: {},
  reinvocationPolicy: {},
  admissionReviewVersions: { list: true },
  namespaceSelector: { literal: true },
  objectSelector: { literal: true },
  matchConditions: { literal: true },
  serviceName: {},
  serviceNamespace: {},
  servicePort: {},
  patch: { literal: true },
};

/** For the reference: each key, what it says, and what holds without it. */
export const webhookKeys: readonly (readonly [key: keyof typeof keys & string, summary: string, otherwise: string])[] = [
  ["path", "Where the webhook server serves it.", "required, or `url`"],
  ["url", "Where it is served by something else: `https://host:port/path`.", ""],
  ["group", 'API groups; the core group is `""` or `core`, all are `*`.', "required"],
  ["version", "API versions, or `*`.", "required"],
  ["resources", "Resources in the plural, `pods/status` for a subresource, or `*`.", "required"],
  ["operations", "CREATE, UPDATE, DELETE, CONNECT, or `*`.", "required"],
  ["scope", "Namespaced, Cluster or `*`.", "`*`"],
  [
    "name",
    "A domain with three labels at least, of which there is one in the configuration.",
    "such as `validate.ships.v1.fleet.example.com`",
  ],
  ["failurePolicy", "Fail or Ignore: what becomes of a request when the webhook cannot be asked.", "Fail"],
  ["matchPolicy", "Equivalent or Exact: whether it is asked about other versions of the same objects too.", "Equivalent"],
  ["sideEffects", "None or NoneOnDryRun.", "None"],
  ["timeoutSeconds", "How long it may take, from 1 to 30.", "10"],
  ["reinvocationPolicy", "Never or IfNeeded: whether a mutating webhook is asked again after others have changed the object.", "Never"],
  ["admissionReviewVersions", "Versions of AdmissionReview that it understands.", "v1"],
  ["namespaceSelector", "Only objects in these namespaces: a selector as kubectl has it, in quotes, or an object.", "all"],
  ["objectSelector", "Only objects with these labels, likewise.", "all"],
  ["matchConditions", 'CEL that has to hold: `[{ name: "not-leases", expression: "request.resource.resource != \'leases\'" }]`.', "none"],
  ["serviceName", "Another Service than the operator's own.", "`webhook-service`"],
  ["serviceNamespace", "Its namespace.", "`system`, which kustomize replaces"],
  ["servicePort", "Its port.", "443"],
  ["patch", "What no other key says, as a strategic merge patch of the webhook.", ""],
];

export const webhookExample =
  "@webhook validating path=/validate-fleet-example-com-v1-ship group=fleet.example.com version=v1 resources=ships operations=CREATE,UPDATE";

/** What each field of the API is called in the marker. */
export const markerKeyOf: Readonly<Record<string, string>> = {
  apiGroups: "group",
  apiVersions: "version",
  port: "servicePort",
  service: "serviceName",
};

/** `validating path=/validate … group=apps version=v1 resources=deployments operations=CREATE` */
export function webhookMarker(text: string): Argument<WebhookMarker> {
  const word = /^\S*/.exec(text)?.[0] ?? "";
  if (word !== "mutating" && word !== "validating") {
    const near = nearest(word, ["mutating", "validating"]);
    return { problem: `begins with mutating or validating${near === undefined ? "" : `, not ${JSON.stringify(word)}: write ${near}`}` };
  }
  const argument = pairs(text.slice(word.length).trimStart(), keys);
  // What RBAC and controller-gen call operations.
  if ("problem" in argument)
    return argument.problem.startsWith('has no "verbs"') ? { problem: 'has no "verbs": write operations' } : argument;
  return settingsOf(word, argument.value);
}

function settingsOf(sort: WebhookSort, found: Pairs): Argument<WebhookMarker> {
  const one = (key: string): string | undefined => found.get(key)?.[0];
  const list = (key: string): readonly string[] => found.get(key) ?? [];
  const rule: JsonMap = {
    apiGroups: coreGroup(list("group")),
    apiVersions: list("version"),
    resources: list("resources"),
    operations: list("operations"),
    ...defined({ scope: one("scope") }),
  };
  const given = readValues(found);
  if ("problem" in given) return given;
  const { timeoutSeconds, servicePort, patch, ...selectors } = given.value;
  const service = defined({ path: one("path"), port: servicePort });
  const url = one("url");
  const hasService = one("path") !== undefined || ["serviceName", "serviceNamespace", "servicePort"].some((key) => found.has(key));
  return {
    value: {
      sort,
      settings: {
        ...defined({ name: one("name") ?? defaultName(sort, rule) }),
        clientConfig: {
          ...(hasService || url === undefined
            ? {
                service: {
                  name: one("serviceName") ?? webhookService.name,
                  namespace: one("serviceNamespace") ?? webhookService.namespace,
                  ...service,
                },
              }
            : {}),
          ...defined({ url }),
        },
        rules: [rule],
        failurePolicy: one("failurePolicy") ?? "Fail",
        sideEffects: one("sideEffects") ?? "None",
        ...defined({ matchPolicy: one("matchPolicy"), timeoutSeconds, reinvocationPolicy: one("reinvocationPolicy") }),
        admissionReviewVersions: found.has("admissionReviewVersions") ? list("admissionReviewVersions") : ["v1"],
        ...selectors,
      },
      ...(isMap(patch) ? { patch } : {}),
    },
  };
}

/** The values that are no plain words. */
function readValues(found: Pairs): Argument<JsonMap> {
  const values: Record<string, Json> = {};
  for (const key of ["timeoutSeconds", "servicePort"]) {
    const text = found.get(key)?.[0];
    if (text === undefined) continue;
    if (!/^-?\d+$/.test(text)) return { problem: `needs a whole number for ${key}, not ${JSON.stringify(text)}` };
    values[key] = Number(text);
  }
  for (const key of ["namespaceSelector", "objectSelector"]) {
    const text = found.get(key)?.[0];
    if (text === undefined) continue;
    const literal = parseLiteral(text)?.value;
    const selector = isMap(literal) ? { value: literal } : parseSelector(text);
    if ("problem" in selector) return { problem: `${selector.problem} for ${key}` };
    // Of a selector that was parsed, which is plain data.
    values[key] = selector.value as Json;
  }
  const conditions = found.get("matchConditions")?.[0];
  if (conditions !== undefined) {
    const literal = parseLiteral(conditions)?.value;
    if (!isArray(literal)) return { problem: 'needs matchConditions=[{ name: "…", expression: "…" }]' };
    values["matchConditions"] = literal;
  }
  const patch = found.get("patch")?.[0];
  if (patch !== undefined) {
    const literal = parseLiteral(patch)?.value;
    if (!isMap(literal)) return { problem: "needs an object for patch, such as patch={ timeoutSeconds: 5 }" };
    values["patch"] = literal;
  }
  return { value: values };
}

/** `core` is a name that people write for the group that has none. */
function coreGroup(groups: readonly string[]): readonly string[] {
  return groups.map((group) => (group === "core" ? "" : group));
}

/** `validate.ships.v1.fleet.example.com`, where that is a name. */
export function defaultName(sort: WebhookSort, rule: JsonMap): string | undefined {
  const first = (key: string): string => {
    const values = rule[key];
    return isArray(values) && typeof values[0] === "string" ? values[0] : "*";
  };
  const [group, version, resource] = [first("apiGroups"), first("apiVersions"), first("resources")];
  if ([group, version, resource].includes("*")) return undefined;
  return [
    sort === "mutating" ? "mutate" : "validate",
    resource.replaceAll("/", "-").replaceAll("*", "all"),
    version,
    ...(group === "" ? [] : [group]),
  ].join(".");
}

/** The entries that have a value. */
function defined(entries: Readonly<Record<string, Json | undefined>>): JsonMap {
  return Object.fromEntries(Object.entries(entries).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])));
}

/** `@webhookConfiguration validating name=…`: the name of the configuration itself. */
export function configurationMarker(text: string): Argument<{ readonly sort: WebhookSort; readonly name: string }> {
  const word = /^\S*/.exec(text)?.[0] ?? "";
  if (word !== "mutating" && word !== "validating") return { problem: "begins with mutating or validating" };
  const argument = pairs(text.slice(word.length).trimStart(), { name: {} });
  if ("problem" in argument) return argument;
  const name = argument.value.get("name")?.[0] ?? configurationNames[word];
  if (!/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/.test(name))
    return { problem: `has the name ${JSON.stringify(name)}: write lower case letters, digits and hyphens` };
  return { value: { sort: word, name } };
}

export const configurationExample = "@webhookConfiguration validating name=ships-are-right";
