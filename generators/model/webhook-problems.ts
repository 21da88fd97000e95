import type { LabelSelector, Webhook, WebhookClient, WebhookRule } from "./webhook.ts";

/** Something that an API server would refuse in a webhook, or that nobody can mean. */
export interface WebhookProblem {
  /** The field of the webhook, as the API names it: what the code's own name for it is found by. */
  readonly field: string;
  readonly message: string;
  readonly instead: string;
}

/** The words that each field may have; case counts. */
export const webhookWords = {
  operations: ["CREATE", "UPDATE", "DELETE", "CONNECT", "*"],
  failurePolicy: ["Fail", "Ignore"],
  matchPolicy: ["Equivalent", "Exact"],
  sideEffects: ["None", "NoneOnDryRun"],
  reinvocationPolicy: ["Never", "IfNeeded"],
  scope: ["Namespaced", "Cluster", "*"],
} as const;

/** Checks one webhook as kube-apiserver does when its configuration is created; expressions of CEL are for `spec/`. */
export function* webhookProblems({ sort, settings }: Webhook): Generator<WebhookProblem> {
  yield* nameProblems(settings.name);
  yield* clientProblems(settings.clientConfig);
  if (settings.rules.length === 0) yield { field: "rules", message: "has no rule", instead: "say which resources it is for" };
  for (const rule of settings.rules) yield* ruleProblems(rule);
  for (const field of ["failurePolicy", "matchPolicy", "sideEffects"] as const) yield* wordProblems(field, settings[field]);
  if (sort === "mutating") yield* wordProblems("reinvocationPolicy", settings.reinvocationPolicy);
  else if (settings.reinvocationPolicy !== undefined)
    yield { field: "reinvocationPolicy", message: "reinvocationPolicy is for mutating webhooks", instead: "take it out" };
  if (settings.sideEffects === undefined) yield wrong("sideEffects", "sideEffects is missing", "write None or NoneOnDryRun");
  const { timeoutSeconds, admissionReviewVersions } = settings;
  if (timeoutSeconds !== undefined && !(Number.isInteger(timeoutSeconds) && timeoutSeconds >= 1 && timeoutSeconds <= 30)) {
    yield wrong("timeoutSeconds", `timeoutSeconds is ${timeoutSeconds}`, "write a whole number of seconds from 1 to 30");
  }
  yield* reviewProblems(admissionReviewVersions);
  for (const field of ["namespaceSelector", "objectSelector"] as const) yield* selectorProblems(field, settings[field]);
  yield* conditionProblems(settings.matchConditions ?? []);
}

function wrong(field: string, message: string, instead: string): WebhookProblem {
  return { field, message, instead };
}

function* wordProblems(field: keyof typeof webhookWords, value: string | undefined): Generator<WebhookProblem> {
  const words: readonly string[] = webhookWords[field];
  if (value === undefined || words.includes(value)) return;
  const near = words.find((word) => word.toLowerCase() === value.toLowerCase());
  yield wrong(field, `${field} is ${JSON.stringify(value)}`, `write ${near ?? listed(words)}`);
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} or ${words.at(-1) ?? ""}`;
}

const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

function* nameProblems(name: string): Generator<WebhookProblem> {
  const labels = name.split(".");
  if (name.length > 253 || !labels.every((each) => each.length <= 63 && label.test(each))) {
    yield wrong(
      "name",
      `the name ${JSON.stringify(name)} is no domain`,
      "write lower case letters, digits and hyphens, such as ships.fleet.example.com",
    );
  } else if (labels.length < 3) {
    yield wrong(
      "name",
      `the name ${name} has ${labels.length === 1 ? "one label" : "two labels"}`,
      "write a domain of three or more, such as ships.fleet.example.com",
    );
  }
}

function* clientProblems({ service, url }: WebhookClient): Generator<WebhookProblem> {
  if (service !== undefined && url !== undefined) {
    yield wrong("url", "has a path of a Service and a url", "keep one of them");
    return;
  }
  if (url !== undefined) yield* urlProblems(url);
  else if (service?.path === undefined)
    yield wrong("path", "has neither a path nor a url", "say where it is served, such as path=/validate-fleet-example-com-v1-ship");
  if (service === undefined) return;
  const { name, namespace, path, port } = service;
  if (path !== undefined && !isPath(path))
    yield wrong("path", `the path ${JSON.stringify(path)} is none`, "write it like /validate-fleet-example-com-v1-ship");
  if (name === "" || namespace === "") yield wrong("service", "the Service has no name or no namespace", "write both, or leave them out");
  if (port !== undefined && !(Number.isInteger(port) && port >= 1 && port <= 65535))
    yield wrong("port", `the Service's port is ${port}`, "write a whole number from 1 to 65535");
}

/** Each step of the path has to be a DNS name; a slash at the end is taken. */
function isPath(path: string): boolean {
  if (path === "/") return true;
  const steps = path.slice(1).split("/");
  if (steps.at(-1) === "") steps.pop();
  return (
    path.startsWith("/") &&
    steps.length > 0 &&
    steps.every((step) => step.length <= 253 && step.split(".").every((each) => label.test(each)))
  );
}

function* urlProblems(text: string): Generator<WebhookProblem> {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const reason =
    url === undefined || !/^[a-z]+:\/\/[^/]/i.test(text)
      ? "is no URL"
      : url.protocol !== "https:"
        ? "is not https"
        : url.username !== "" || url.password !== ""
          ? "has a user's name in it"
          : text.includes("#")
            ? "has a fragment"
            : text.includes("?")
              ? "has a query"
              : undefined;
  if (reason !== undefined) yield wrong("url", `the url ${JSON.stringify(text)} ${reason}`, "write it like https://host:9443/path");
}

/** What is wrong with which requests something is about. */
export function* ruleProblems(rule: WebhookRule): Generator<WebhookProblem> {
  for (const field of ["apiGroups", "apiVersions", "resources", "operations"] as const) {
    const values = rule[field];
    if (values.length === 0) yield wrong(field, `${field} is empty`, "write one or more, or *");
    else if (field !== "resources" && values.length > 1 && values.includes("*"))
      yield wrong(field, `${field} has * beside others`, "write * alone, which is all of them");
    if (values.includes("") && field !== "apiGroups") yield wrong(field, `${field} has an empty name`, "take it out");
  }
  for (const operation of rule.operations) {
    const words: readonly string[] = webhookWords.operations;
    if (operation === "" || words.includes(operation)) continue;
    const near = words.find((word) => word.startsWith(operation.toUpperCase().slice(0, 3)));
    yield wrong("operations", `the operation ${JSON.stringify(operation)} is none`, `write ${near ?? listed(words)}`);
  }
  yield* wordProblems("scope", rule.scope);
  const odd = rule.apiGroups.find((group) => group !== "" && group !== "*" && !group.split(".").every((each) => label.test(each)));
  if (odd !== undefined)
    yield wrong(
      "apiGroups",
      `the group ${JSON.stringify(odd)} is no domain`,
      'write it like apps or fleet.example.com, and "" for the core group',
    );
  yield* resourceProblems(rule.resources);
}

function* resourceProblems(resources: readonly string[]): Generator<WebhookProblem> {
  const plain = resources.filter((each) => !each.includes("/"));
  for (const [index, each] of resources.entries()) {
    const [resource = "", subresource, more] = each.split("/");
    const named = [resource, ...(subresource === undefined ? [] : [subresource])];
    if (each !== "" && (more !== undefined || !named.every((part) => part === "*" || label.test(part)))) {
      yield wrong("resources", `the resource ${JSON.stringify(each)} is none`, pluralAdvice(each.toLowerCase()));
      continue;
    }
    // Like the API server, which takes a wildcard after what it covers.
    const before = resources.slice(0, index);
    const covering = subresource === undefined ? [] : [`${resource}/*`, `*/${subresource}`].filter((wide) => before.includes(wide));
    if (resources.includes("*/*") && each !== "*/*") covering.push("*/*");
    if (subresource === undefined && each !== "*" && plain.includes("*") && plain.at(-1) !== "*") covering.push("*");
    if (covering[0] !== undefined) yield wrong("resources", `the resource ${each} is in ${covering[0]} already`, "keep one of the two");
  }
}

function pluralAdvice(resource: string): string {
  const example = /^[a-z]+$/.test(resource) ? (resource.endsWith("s") ? resource : `${resource}s`) : "pods or pods/status";
  return `write it in the plural and lower case, such as ${example}`;
}

function* reviewProblems(versions: readonly string[]): Generator<WebhookProblem> {
  const field = "admissionReviewVersions";
  if (versions.length === 0) yield wrong(field, `${field} is missing`, "write v1");
  else if (!versions.includes("v1") && !versions.includes("v1beta1"))
    yield wrong(field, `${field} has no version that API servers speak`, "write v1");
  const odd = versions.find((version) => version.length > 63 || !/^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(version));
  if (odd !== undefined) yield wrong(field, `${field} has ${JSON.stringify(odd)}, which is no version`, "write v1");
  const twice = versions.find((version, index) => versions.indexOf(version) < index);
  if (twice !== undefined) yield wrong(field, `${field} has ${twice} twice`, "keep one of them");
}

const labelName = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;

/** A label's key, or another qualified name: a name, with a domain and a slash before it or not. */
export function isQualifiedName(text: string): boolean {
  const [name = "", prefix, ...more] = text.split("/").reverse();
  const isPrefix = prefix === undefined || (prefix.length <= 253 && prefix.split(".").every((each) => label.test(each)));
  return more.length === 0 && isPrefix && name.length <= 63 && labelName.test(name);
}

function isLabelValue(text: string): boolean {
  return text === "" || (text.length <= 63 && labelName.test(text));
}

const operators = ["In", "NotIn", "Exists", "DoesNotExist"];

/** What is wrong with a label selector, as API servers judge one. */
export function* selectorProblems(field: string, selector: LabelSelector | undefined): Generator<WebhookProblem> {
  for (const [key, value] of Object.entries(selector?.matchLabels ?? {})) {
    if (!isQualifiedName(key))
      yield wrong(field, `${field} has the label ${JSON.stringify(key)}, which is none`, "write it like team or example.com/team");
    else if (!isLabelValue(value))
      yield wrong(
        field,
        `${field} has ${JSON.stringify(value)} for ${key}, which no label can be`,
        "write 63 letters, digits, dots, underscores and hyphens at most",
      );
  }
  for (const { key, operator, values = [] } of selector?.matchExpressions ?? []) {
    if (!isQualifiedName(key))
      yield wrong(field, `${field} has the label ${JSON.stringify(key)}, which is none`, "write it like team or example.com/team");
    else if (!operators.includes(operator))
      yield wrong(field, `${field} has the operator ${JSON.stringify(operator)}`, `write ${listed(operators)}`);
    else if (/In$/.test(operator) !== values.length > 0)
      yield wrong(
        field,
        `${field} has ${key} ${operator} with ${values.length === 0 ? "no" : ""} values`.replace("  ", " "),
        /In$/.test(operator) ? "say which values" : "take the values out",
      );
    const odd = values.find((value) => !isLabelValue(value));
    if (odd !== undefined)
      yield wrong(
        field,
        `${field} has ${JSON.stringify(odd)} for ${key}, which no label can be`,
        "write 63 letters, digits, dots, underscores and hyphens at most",
      );
  }
}

/** What is wrong with match conditions apart from their expressions. */
export function* conditionProblems(
  conditions: readonly { readonly name: string; readonly expression: string }[],
): Generator<WebhookProblem> {
  const field = "matchConditions";
  if (conditions.length > 64) yield wrong(field, `there are ${conditions.length} match conditions`, "write 64 at most");
  const names = new Set<string>();
  for (const { name, expression } of conditions) {
    if (!isQualifiedName(name))
      yield wrong(
        field,
        `the match condition ${JSON.stringify(name)} has no proper name`,
        "write letters, digits and hyphens, such as not-by-nodes",
      );
    if (names.has(name)) yield wrong(field, `the match condition ${name} is there twice`, "give one another name");
    names.add(name);
    if (expression.trim() === "") yield wrong(field, `the match condition ${name} is empty`, "write an expression of CEL");
  }
}
