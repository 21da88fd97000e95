import { line, none, oneOf, pairs, type Argument, type Keys, type Pairs } from "./arguments.ts";

const scopes = oneOf(["Namespaced", "Cluster"]);
/** What the API server can show in a column. */
export const columnTypes = ["integer", "number", "string", "boolean", "date"] as const;

/** A marker for the interface of a kind. */
export interface KindMarker {
  readonly name: string;
  readonly repeatable?: true;
  /** One sentence for the reference page. */
  readonly summary: string;
  readonly example: string;
  /** Reads the text; what kinds.ts makes of it depends on the marker. */
  read(text: string): Argument<Pairs>;
}

/** Every marker of the kind's interface; the reference page lists them in this order. */
export const kindMarkers: readonly KindMarker[] = [
  {
    name: "resource",
    summary:
      "How the resource is called and where it lives: plural, singular, list kind, short names, categories, scope (Namespaced by default).",
    example: "@resource shortName=mc,mcd scope=Namespaced categories=all",
    read: checked({ plural: {}, singular: {}, listKind: {}, shortName: { list: true }, categories: { list: true }, scope: {} }, (found) =>
      check(scopes, "scope", found),
    ),
  },
  {
    name: "group",
    summary: "The API group, whole, where it is to be another than that of the project.",
    example: "@group fleet.example.com",
    read: (text) =>
      groupName.test(text) && text.length <= 253
        ? { value: new Map([["group", [text]]]) }
        : { problem: "needs a domain with a dot in it, in lower case letters, digits and hyphens" },
  },
  {
    name: "categories",
    summary: "Groups of resources that `kubectl get` knows the kind by; `@resource categories=` says the same.",
    example: "@categories all fleet",
    read: (text) => {
      const words = text.split(/[\s,;]+/).filter((word) => word !== "");
      return words.length === 0 ? { problem: "needs a name at least" } : { value: new Map([["categories", words]]) };
    },
  },
  {
    name: "subresource",
    repeatable: true,
    summary: "`status` gives the status an endpoint of its own; `scale` lets kubectl scale and autoscalers work.",
    example: "@subresource scale specReplicasPath=.spec.size statusReplicasPath=.status.size labelSelectorPath=.status.selector",
    read: subresource,
  },
  {
    name: "printColumn",
    repeatable: true,
    summary: "A column of `kubectl get`. Type: integer, number, string, boolean or date. A priority above 0 shows with `-o wide` only.",
    example: '@printColumn name=Size type=integer jsonPath=.spec.size description="Pods asked for"',
    read: checked(
      {
        name: { required: true },
        type: { required: true },
        jsonPath: { required: true },
        description: {},
        format: {},
        priority: { count: true },
      },
      (found) =>
        check(oneOf(columnTypes), "type", found) ??
        (found.get("jsonPath")?.[0]?.startsWith(".") === true ? undefined : "needs a jsonPath that begins with a dot"),
    ),
  },
  {
    name: "selectableField",
    repeatable: true,
    summary: "A field that `--field-selector` may use: a string, an integer or a boolean.",
    example: "@selectableField jsonPath=.spec.colour",
    read: checked({ jsonPath: { required: true } }, (found) =>
      found.get("jsonPath")?.[0]?.startsWith(".") === true ? undefined : "needs a jsonPath that begins with a dot",
    ),
  },
  { name: "storageVersion", summary: "Of several versions, the one that is stored.", example: "@storageVersion", read: bare },
  { name: "unserved", summary: "The version exists for stored objects only; clients cannot use it.", example: "@unserved", read: bare },
  {
    name: "deprecatedVersion",
    summary: "Clients that use the version get a warning: the text, or the API server's own.",
    example: "@deprecatedVersion example.com/v1alpha1 Ship is deprecated; use v1",
    read: (text) => {
      const argument = text === "" ? { value: "" } : line(text);
      if ("value" in argument && Buffer.byteLength(argument.value) > mostWarningBytes)
        return { problem: `needs a text of ${mostWarningBytes} bytes at most` };
      return "problem" in argument ? argument : { value: new Map([["warning", [argument.value]]]) };
    },
  },
  {
    name: "metadata",
    repeatable: true,
    summary:
      "Labels and annotations of the CustomResourceDefinition itself: `labels=` and `annotations=` take several, `label=` and `annotation=` one with any value.",
    example: "@metadata labels=team=fleet,tier=core annotations=example.com/docs=none",
    read: checked({ labels: { list: true }, annotations: { list: true }, label: {}, annotation: {} }, metadataProblem),
  },
];

const mostWarningBytes = 256;

const groupName = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)+$/;

const qualifiedName =
  /^(?:(?=[^/]{1,253}\/)[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*\/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const labelValue = /^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;

/** Names and values as API servers take them. */
function metadataProblem(found: Pairs): string | undefined {
  for (const [key, pairsOfKey] of found) {
    for (const pair of pairsOfKey) {
      const [, name = "", value = ""] = /^([^=\s]+)=(.*)$/s.exec(pair) ?? [];
      if (name === "") return "needs name=value after labels= and annotations=";
      const isLabel = key.startsWith("label");
      if (!qualifiedName.test(isLabel ? name : name.toLowerCase()))
        return `has the name ${JSON.stringify(name)}, which is none for a label or an annotation`;
      if (isLabel && !labelValue.test(value)) return `has the label's value ${JSON.stringify(value)}, which is none`;
    }
  }
  return undefined;
}

function checked(keys: Keys, problemOf: (found: Pairs) => string | undefined): KindMarker["read"] {
  return (text) => {
    const argument = pairs(text, keys);
    if ("problem" in argument) return argument;
    const problem = problemOf(argument.value);
    return problem === undefined ? argument : { problem };
  };
}

function check(parse: (text: string) => Argument<string>, key: string, found: Pairs): string | undefined {
  const value = found.get(key)?.[0];
  const argument = value === undefined ? undefined : parse(value);
  return argument !== undefined && "problem" in argument ? `${argument.problem} for ${key}` : undefined;
}

function bare(text: string): Argument<Pairs> {
  const argument = none(text);
  return "problem" in argument ? argument : { value: new Map() };
}

const scalePaths: Keys = { specReplicasPath: { required: true }, statusReplicasPath: { required: true }, labelSelectorPath: {} };

function subresource(text: string): Argument<Pairs> {
  const [name, rest] = [/^\S*/.exec(text)?.[0] ?? "", text.replace(/^\S*\s*/, "")];
  if (name === "status") return rest === "" ? { value: new Map([["status", []]]) } : { problem: "status takes no argument" };
  if (name !== "scale") return { problem: "needs status or scale" };
  const argument = pairs(rest, scalePaths);
  if ("problem" in argument) return argument;
  const wrong = [...argument.value].find(
    ([key, [path = ""]]) => !path.startsWith(key === "specReplicasPath" ? ".spec." : key === "statusReplicasPath" ? ".status." : "."),
  );
  if (wrong !== undefined)
    return { problem: `needs a path below ${wrong[0] === "specReplicasPath" ? ".spec" : ".status"} for ${wrong[0]}` };
  return { value: new Map([["scale", []], ...argument.value]) };
}
