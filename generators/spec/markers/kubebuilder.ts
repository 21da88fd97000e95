import { parseLiteral } from "../literals.ts";
import { nearest } from "./arguments.ts";
import { goConfiguration, goWebhook } from "./go-webhook.ts";

/** A line such as `+kubebuilder:validation:Minimum=1`, translated. */
export type Translation =
  /** The same as markers of ours, each a name and a text. */
  | { readonly tags: readonly (readonly [name: string, text: string])[] }
  /** Says nothing to this generator. */
  | { readonly nothing: true }
  | { readonly problem: string; readonly instead: string };

/** The name and the text of a marker of controller-gen: what stands behind the plus sign, up to the first `=` or the first argument. */
export const goMarker =
  /^[ \t]*\+((?:kubebuilder|k8s|genclient|groupName|optional|required|nullable|default|listType|listMapKey|mapType|structType|enum)(?::[A-Za-z][\w]*)*)(?:([:=])(.*))?$/;

type Say = (text: string) => Translation;

const nothing: Translation = { nothing: true };
const as =
  (name: string): Say =>
  (text) => ({ tags: [[name, unquoted(text)]] });
const flag =
  (name: string): Say =>
  (text) =>
    text === "false" ? nothing : { tags: [[name, ""]] };
const patch = (schema: object): Translation => ({ tags: [["schema", JSON.stringify(schema)]] });
const words =
  (name: string): Say =>
  (text) => ({ tags: [[name, unquoted(text).replaceAll(";", " ")]] });

/** A marker whose arguments have other names here. */
const renamed =
  (name: string, keys: Readonly<Record<string, string>>, before = ""): Say =>
  (text) => {
    const found = splitArguments(text);
    if (found === undefined)
      return { problem: `${JSON.stringify(text)} is no list of key=value`, instead: "separate the pairs by commas, and quote texts" };
    const parts: string[] = [];
    for (const [key, value] of found) {
      const own = Object.hasOwn(keys, key) ? keys[key] : undefined;
      if (own === undefined)
        return {
          problem: `it has no ${key}`,
          instead: `write ${nearest(key, Object.keys(keys)) ?? `one of ${Object.keys(keys).join(", ")}`}`,
        };
      parts.push(`${own}=${quoted(list(value))}`);
    }
    return { tags: [[name, `${before}${parts.join(" ")}`]] };
  };

const intOrString = { type: null, format: null, anyOf: [{ type: "integer" }, { type: "string" }], "x-kubernetes-int-or-string": true };

const validations: Readonly<Record<string, Say>> = {
  Minimum: as("minimum"),
  Maximum: as("maximum"),
  ExclusiveMinimum: flag("exclusiveMinimum"),
  ExclusiveMaximum: flag("exclusiveMaximum"),
  MultipleOf: as("multipleOf"),
  MinLength: as("minLength"),
  MaxLength: as("maxLength"),
  Pattern: (text) => ({ tags: [["pattern", `\`${unquoted(text)}\``]] }),
  Format: as("format"),
  MinItems: as("minItems"),
  MaxItems: as("maxItems"),
  MinProperties: as("minProperties"),
  MaxProperties: as("maxProperties"),
  UniqueItems: (text) => (text === "false" ? nothing : { problem: "API servers refuse unique items", instead: "write +listType=set" }),
  Type: (text) => (unquoted(text) === "Any" ? patch({ type: null, "x-kubernetes-preserve-unknown-fields": true }) : as("type")(text)),
  Enum: (text) => patch({ enum: enumValues(text) }),
  EmbeddedResource: flag("embeddedResource"),
  XEmbeddedResource: flag("embeddedResource"),
  XIntOrString: () => patch(intOrString),
  XPreserveUnknownFields: flag("preserveUnknownFields"),
  Schemaless: () => ({ problem: "the type decides here", instead: "write unknown as the type" }),
  XValidation: renamed("validation", {
    rule: "rule",
    message: "message",
    messageExpression: "messageExpression",
    reason: "reason",
    fieldPath: "fieldPath",
    optionalOldSelf: "optionalOldSelf",
  }),
  ExactlyOneOf: words("exactlyOneOf"),
  AtMostOneOf: words("atMostOneOf"),
  AtLeastOneOf: words("atLeastOneOf"),
  Optional: () => ({ tags: [["optional", ""]] }),
  Required: () => ({ tags: [["required", ""]] }),
};

/** What applies to the items of a list (`+kubebuilder:validation:items:Pattern=…`): keywords by name. */
const itemKeywords: ReadonlySet<string> = new Set(
  "Minimum Maximum ExclusiveMinimum ExclusiveMaximum MultipleOf MinLength MaxLength Pattern Format MinItems MaxItems MinProperties MaxProperties Enum Type".split(
    " ",
  ),
);

const value: Say = (text) => ({ tags: [["default", literal(text)]] });

const markers: Readonly<Record<string, Say>> = {
  optional: () => ({ tags: [["optional", ""]] }),
  required: () => ({ tags: [["required", ""]] }),
  "k8s:immutable": () => ({ tags: [["immutable", ""]] }),
  "k8s:listType": as("listType"),
  "k8s:listMapKey": as("listMapKey"),
  "k8s:minimum": as("minimum"),
  "k8s:maximum": as("maximum"),
  "k8s:maxItems": as("maxItems"),
  "k8s:enum": () => ({ tags: [["enum", ""]] }),
  "k8s:optional": () => ({ tags: [["optional", ""]] }),
  "k8s:required": () => ({ tags: [["required", ""]] }),
  "kubebuilder:object:root": () => nothing,
  "kubebuilder:object:generate": () => nothing,
  "kubebuilder:validation": () => nothing,
  "kubebuilder:unservedversion": () => ({ tags: [["unserved", ""]] }),
  "kubebuilder:storageversion": () => ({ tags: [["storageVersion", ""]] }),
  "kubebuilder:deprecatedversion": (text) => {
    const warning = splitArguments(text)?.get("warning");
    return text !== "" && warning === undefined
      ? { problem: "it has a warning and nothing else", instead: 'write +kubebuilder:deprecatedversion:warning="…"' }
      : { tags: [["deprecatedVersion", warning ?? ""]] };
  },
  "kubebuilder:skip": () => ({ problem: "types are not skipped", instead: "leave out extends CustomResource" }),
  "kubebuilder:skipversion": () => ({ problem: "versions are not skipped", instead: "move the file out of api/" }),
  nullable: flag("nullable"),
  enum: () => ({ tags: [["enum", ""]] }),
  "kubebuilder:default": value,
  default: value,
  "kubebuilder:example": (text) => ({ tags: [["example", literal(text)]] }),
  "kubebuilder:title": as("title"),
  "kubebuilder:pruning:PreserveUnknownFields": flag("preserveUnknownFields"),
  "kubebuilder:externalDocs": renamed("externalDocs", { url: "url", description: "description" }),
  groupName: as("group"),
  listType: as("listType"),
  listMapKey: as("listMapKey"),
  mapType: as("mapType"),
  structType: as("mapType"),
  "kubebuilder:printcolumn": renamed("printColumn", {
    name: "name",
    type: "type",
    JSONPath: "jsonPath",
    description: "description",
    format: "format",
    priority: "priority",
  }),
  "kubebuilder:selectablefield": renamed("selectableField", { JSONPath: "jsonPath" }),
  "kubebuilder:resource": renamed("resource", {
    path: "plural",
    singular: "singular",
    shortName: "shortName",
    categories: "categories",
    scope: "scope",
  }),
  "kubebuilder:subresource:status": () => ({ tags: [["subresource", "status"]] }),
  "kubebuilder:subresource:scale": renamed(
    "subresource",
    { specpath: "specReplicasPath", statuspath: "statusReplicasPath", selectorpath: "labelSelectorPath" },
    "scale ",
  ),
  "kubebuilder:metadata": renamed("metadata", { labels: "labels", annotations: "annotations" }),
  "kubebuilder:rbac": renamed("rbac", {
    groups: "group",
    resources: "resources",
    resourceNames: "resourceNames",
    urls: "urls",
    verbs: "verbs",
    namespace: "namespace",
    roleName: "roleName",
  }),
  "kubebuilder:webhook": withArguments("webhook", goWebhook),
  "kubebuilder:webhookconfiguration": withArguments("webhookConfiguration", goConfiguration),
};

/** A marker whose arguments mean more than their names say. */
function withArguments(
  name: string,
  say: (found: ReadonlyMap<string, string>) => { readonly text: string } | { readonly problem: string; readonly instead: string },
): Say {
  return (text) => {
    const found = splitArguments(text);
    if (found === undefined)
      return { problem: `${JSON.stringify(text)} is no list of key=value`, instead: "separate the pairs by commas, and quote texts" };
    const said = say(new Map([...found].map(([key, value]) => [key, key === "patch" ? value : list(value)])));
    return "problem" in said ? said : { tags: [[name, said.text]] };
  };
}

/**
 * Says a marker of controller-gen in the markers that are native here. controller-gen's own meaning is kept; what has none in TypeScript
 * (deepcopy, client generators) says nothing.
 *
 * @see https://book.kubebuilder.io/reference/markers
 */
export function translate(line: string): Translation | undefined {
  const match = goMarker.exec(line);
  if (match === null) return undefined;
  const [, path = "", separator = "", rest = ""] = match;
  // `resource:path=x` has the first argument in the place where names go on.
  const cut = separator === "=" ? path.lastIndexOf(":") : -1;
  const asArguments = cut === -1 ? undefined : { name: path.slice(0, cut), text: `${path.slice(cut + 1)}=${rest}` };
  const text = rest.trim();
  if (path.startsWith("kubebuilder:validation:")) return validation(path.slice("kubebuilder:validation:".length), text, asArguments);
  if (asArguments !== undefined && Object.hasOwn(markers, asArguments.name)) return markers[asArguments.name]?.(asArguments.text.trim());
  if (Object.hasOwn(markers, path)) return markers[path]?.(separator === ":" && text.startsWith("=") ? text.slice(1) : text);
  if (/^(?:k8s|genclient)/.test(path)) return nothing;
  return { problem: `there is no marker +${path}`, instead: "see the reference of markers" };
}

function validation(name: string, text: string, asArguments: { name: string; text: string } | undefined): Translation {
  if (name.startsWith("XValidation:") && asArguments !== undefined)
    return (validations["XValidation"] ?? as("validation"))(asArguments.text.trim());
  if (name.startsWith("items:")) {
    const inner = name.slice("items:".length);
    if (inner === "XIntOrString") return patch({ items: intOrString });
    return itemKeywords.has(inner)
      ? patch({
          items: {
            [inner.charAt(0).toLowerCase() + inner.slice(1)]:
              inner === "Enum" ? enumValues(text) : (parseLiteral(literal(text))?.value ?? text),
          },
        })
      : { problem: `there is no ${inner} for items`, instead: "give the items a type of their own, with the marker on it" };
  }
  const say = Object.hasOwn(validations, name) ? validations[name] : undefined;
  return (
    say?.(text) ?? {
      problem: `there is no marker +kubebuilder:validation:${name}`,
      instead: `write one of ${Object.keys(validations).join(", ")}`,
    }
  );
}

/** `name="Size",type=integer,JSONPath=`…`` as pairs; undefined where it is none. */
function splitArguments(text: string): Map<string, string> | undefined {
  const found = new Map<string, string>();
  let rest = text;
  while (rest !== "") {
    const match = /^\s*([A-Za-z]\w*)=("(?:[^"\\]|\\.)*"|`[^`]*`|'(?:[^'\\]|\\.)*'|\{[^}]*\}|[^,]*)\s*(?:,|$)/.exec(rest);
    const key = match?.[1];
    if (match === null || key === undefined) return undefined;
    found.set(key, unquoted((match[2] ?? "").trim()));
    rest = rest.slice(match[0].length);
  }
  return found;
}

/** Texts in quotes of Go as they are meant; all else as it stands. */
function unquoted(text: string): string {
  // A list may begin and end with a text in quotes: `"";apps;""`.
  if (!/^(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)$/s.test(text)) return text;
  if (text.startsWith("`")) return text.slice(1, -1);
  const read = parseLiteral(text)?.value;
  return typeof read === "string" ? read : text.slice(1, -1);
}

/** `{a,b}` and `a;b` are lists. */
function list(text: string): string {
  return /^\{.*\}$/.test(text) ? text.slice(1, -1) : text;
}

function quoted(text: string): string {
  return JSON.stringify(text);
}

/** A value as Go's markers write it: `{a,b}` is a list, `{a: 1}` an object, a word is a text. */
function literal(text: string): string {
  const items = /^\{(.*)\}$/s.exec(text)?.[1];
  if (items === undefined || parseLiteral(text) !== undefined) return /^`.*`$/s.test(text) ? JSON.stringify(text.slice(1, -1)) : text;
  return `[${items
    .split(/[,;]/)
    .map((item) => (parseLiteral(item) === undefined ? JSON.stringify(item.trim()) : item))
    .join(", ")}]`;
}

function enumValues(text: string): unknown[] {
  return list(text)
    .split(";")
    .map((word) => parseLiteral(word.trim())?.value ?? word.trim());
}

/** All markers of controller-gen that are translated, for the reference page. */
export const goMarkerNames: readonly string[] = [
  ...Object.keys(validations).map((name) => `kubebuilder:validation:${name}`),
  ...Object.keys(markers).filter((name) => name !== "kubebuilder:validation"),
];
