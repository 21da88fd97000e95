import { posix } from "node:path";
import ts from "../typescript.cjs";
import { pluralOf, webhookService, type Json, type WebhookSort } from "../model/index.ts";
import { constantOf, initializerOf, nodeAt, unwrapped } from "./constants.ts";
import { isArray, isMap, type JsonMap } from "./fields.ts";
import { nearest } from "./markers/arguments.ts";
import { defaultName } from "./markers/webhook-marker.ts";
import { ownFiles } from "./calls/index.ts";
import { groupVersionOf, kindsOf, type ProgramKinds } from "./program-kinds.ts";
import { spotOf, type Report } from "./report.ts";
import type { Sources } from "./sources.ts";
import type { WebhookDraft } from "./webhooks.ts";

/** A call such as `defaultWith(…)` on what `manager.webhook(Kind, paths)` gave. */
export interface Registration {
  readonly method: string;
  readonly call: ts.CallExpression;
  readonly begin: ts.CallExpression;
}

const sorts: Readonly<Record<string, WebhookSort>> = { defaultWith: "mutating", validateWith: "validating" };

/** `WebhookOptions` of the runtime; those of the same name as a field of the API mean that field. */
const optionNames = [
  ...["name", "url", "service", "operations", "resources", "scope", "failurePolicy", "matchPolicy", "sideEffects", "timeoutSeconds"],
  ...["admissionReviewVersions", "namespaceSelector", "objectSelector", "matchConditions", "reinvocationPolicy"],
];

/** Whether the program may register webhooks, so that its types are worth reading. Looks into what `main.ts` imports, not into packages. */
export function registersWebhooks(sources: Sources): boolean {
  const pending = ["main.ts", ...sources.controllers];
  const seen = new Set<string>();
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    if (seen.has(path) || /^(?:api|node_modules)\//.test(path)) continue;
    seen.add(path);
    const text = sources.text(path) ?? "";
    if (/\.\s*webhook\s*\(/.test(text)) return true;
    for (const [, target = ""] of text.matchAll(/(?:from|import)\s*\(?\s*["'](\.\.?\/[^"']+)["']/g))
      pending.push(posix.join(posix.dirname(path), target));
  }
  return false;
}

/** The webhooks that the program registers: one for each path and kind, whatever the number of handlers. */
export function readRegistrations(kinds: ProgramKinds): WebhookDraft[] {
  const { report, checker } = kinds;
  const drafts = new Map<string, WebhookDraft>();
  for (const { method, call, begin } of registrationsIn(kinds, Object.keys(sorts))) {
    const sort = sorts[method];
    const [kindNode, pathsNode] = begin.arguments;
    if (kindNode === undefined || sort === undefined) continue;
    const found = kindsOf(kinds, kindNode);
    if (found === undefined) {
      report.add(
        "bad-webhook",
        spotOf(kindNode),
        "the kind of this webhook is not known before the program runs",
        "write the class of a kind, or say it with @webhook",
      );
      continue;
    }
    const paths = read(report, checker, pathsNode, ["mutate", "validate"]);
    const options = read(report, checker, call.arguments[1], optionNames);
    if (paths === undefined || options === undefined) continue;
    for (const { apiVersion, kind } of found) {
      const plural = kinds.names.find({ apiVersion, kind })?.plural;
      if (plural === undefined && options.value["resources"] === undefined) {
        report.add(
          "bad-webhook",
          spotOf(kindNode),
          `how ${kind} of ${apiVersion} is called on the API server is not known`,
          `import its CRD (scaffold import crd), or say it in the options: { resources: ["${pluralOf(kind)}"] }`,
        );
        continue;
      }
      const operations = operationsOf(checker, sort, call.arguments[0]);
      const draft = toDraft({
        sort,
        call,
        kind,
        ...groupVersionOf(apiVersion),
        plural: plural ?? pluralOf(kind),
        paths,
        options,
        operations,
      });
      const key = `${sort} ${JSON.stringify(draft.settings["clientConfig"])} ${apiVersion}/${kind}`;
      const before = drafts.get(key);
      drafts.set(key, before === undefined ? draft : together(report, before, draft, call));
    }
  }
  return [...drafts.values()];
}

/** The calls of these methods of the builder in the project's own files. */
export function* registrationsIn({ program, sources, checker }: ProgramKinds, methods: readonly string[]): Generator<Registration> {
  const called = new RegExp(`\\.(?:${methods.join("|")})\\b`);
  for (const file of ownFiles(program, sources.root)) {
    if (!called.test(file.text)) continue;
    const found: Registration[] = [];
    const visit = (node: ts.Node): void => {
      const registration = registrationOf(checker, node);
      if (registration !== undefined && methods.includes(registration.method)) found.push(registration);
      ts.forEachChild(node, visit);
    };
    visit(file);
    // A chain is nested from its end; people read it from its beginning.
    yield* found.sort((a, b) => a.call.expression.end - b.call.expression.end);
  }
}

function registrationOf(checker: ts.TypeChecker, node: ts.Node): Registration | undefined {
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return undefined;
  const { name, expression } = node.expression;
  const begin = name.text === "webhook" ? undefined : beginOf(checker, expression);
  return begin === undefined ? undefined : { method: name.text, call: node, begin };
}

/** The `manager.webhook(…)` that a builder comes from, through other calls on it and through constants. */
function beginOf(checker: ts.TypeChecker, builder: ts.Expression): ts.CallExpression | undefined {
  const node = unwrapped(builder);
  if (ts.isIdentifier(node)) {
    const initializer = initializerOf(checker, node);
    return initializer === undefined ? undefined : beginOf(checker, initializer);
  }
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return undefined;
  const { name, expression } = node.expression;
  if (name.text !== "webhook") return beginOf(checker, expression);
  // Before dependencies are installed nothing is known of the manager, and the names have to do.
  const type = checker.getTypeAtLocation(expression);
  return (type.flags & ts.TypeFlags.Any) !== 0 || type.getSymbol()?.name === "Manager" ? node : undefined;
}

/** An object literal of options, with its names checked. No argument is an empty one. */
function read(report: Report, checker: ts.TypeChecker, node: ts.Expression | undefined, names: readonly string[]): Options | undefined {
  if (node === undefined) return { value: {}, at: () => undefined };
  const constant = constantOf(checker, node);
  if ("problem" in constant) {
    report.add(
      "bad-webhook",
      spotOf(constant.node),
      `an option of a webhook ${constant.problem}`,
      "write a literal, or a const that is made of literals",
    );
    return undefined;
  }
  if (!isMap(constant.value)) {
    report.add("bad-webhook", spotOf(node), "the options of a webhook are no object", `write one with ${names.slice(0, 4).join(", ")} …`);
    return undefined;
  }
  const odd = Object.keys(constant.value).find((name) => !names.includes(name));
  if (odd !== undefined) {
    report.add(
      "bad-webhook",
      spotOf(nodeAt(checker, node, [odd])),
      `there is no option ${odd} for a webhook`,
      `write ${nearest(odd, names) ?? `one of ${names.join(", ")}`}`,
    );
    return undefined;
  }
  return { value: constant.value, at: (name) => nodeAt(checker, node, [name]) };
}

interface Options {
  readonly value: JsonMap;
  at(name: string): ts.Node | undefined;
}

interface Parts {
  readonly sort: WebhookSort;
  readonly call: ts.CallExpression;
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly paths: Options;
  readonly options: Options;
  readonly operations: readonly string[];
}

function toDraft({ sort, call, group, version, kind, plural, paths, options, operations }: Parts): WebhookDraft {
  const verb = sort === "mutating" ? "mutate" : "validate";
  const { name, url, service, operations: own, resources, scope, ...rest } = options.value;
  const rule: JsonMap = {
    apiGroups: [group],
    apiVersions: [version],
    resources: resources ?? [plural],
    operations: own ?? operations,
    ...(scope === undefined ? {} : { scope }),
  };
  const path = paths.value[verb] ?? `/${verb}-${group.replaceAll(".", "-")}-${version}-${kind.toLowerCase()}`;
  const label = defaultName(sort, { ...rule, resources: [plural] });
  const settings: Record<string, Json> = {
    name: name ?? label ?? "",
    clientConfig: url === undefined ? { service: { ...webhookService, ...(isMap(service) ? service : {}), path } } : { url },
    rules: [rule],
    failurePolicy: "Fail",
    sideEffects: "None",
    admissionReviewVersions: ["v1"],
    ...rest,
  };
  const method = ts.isPropertyAccessExpression(call.expression) ? call.expression.name : call;
  const optionOf = (field: string): string => (field === "port" ? "service" : field);
  return {
    sort,
    settings,
    spot: spotOf(method),
    subject: `the webhook of ${kind}`,
    spotOf: (field) => spotOf((field === "path" ? paths.at(verb) : options.at(optionOf(field))) ?? method),
    nameOf: optionOf,
  };
}

/** A further handler at the same path is asked by the same webhook: its operations are added. */
function together(report: Report, first: WebhookDraft, second: WebhookDraft, call: ts.CallExpression): WebhookDraft {
  if (call.arguments[1] !== undefined) {
    report.add(
      "duplicate-webhook",
      spotOf(call.arguments[1]),
      `${second.subject} has its options at another handler already`,
      "say them once, at the first one",
    );
  }
  const rules = [first, second].map(({ settings }) => (isArray(settings["rules"]) ? settings["rules"][0] : undefined)).filter(isMap);
  const operations = new Set(rules.flatMap((rule) => (isArray(rule["operations"]) ? rule["operations"] : [])));
  const ordered = ["CREATE", "UPDATE", "DELETE", "CONNECT", "*"].filter((each) => operations.has(each));
  return { ...first, settings: { ...first.settings, rules: [{ ...rules[0], operations: ordered }] } };
}

const validatorMethods = { validateCreate: "CREATE", validateUpdate: "UPDATE", validateDelete: "DELETE" } as const;

/** What the API server has to ask about: of a validator, what it has a method for. */
function operationsOf(checker: ts.TypeChecker, sort: WebhookSort, handler: ts.Expression | undefined): readonly string[] {
  const usual = ["CREATE", "UPDATE"];
  if (sort === "mutating" || handler === undefined) return usual;
  const type = checker.getTypeAtLocation(handler);
  if ((type.flags & ts.TypeFlags.Any) !== 0) return usual;
  const found = Object.entries(validatorMethods).flatMap(([name, operation]) => (type.getProperty(name) === undefined ? [] : [operation]));
  return found.length === 0 ? usual : found;
}
