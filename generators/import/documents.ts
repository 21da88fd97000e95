import { parseAllDocuments, type DocumentOptions, type ParseOptions, type SchemaOptions, type Tags } from "yaml";
import { ScaffoldError, reasonOf } from "../errors.ts";

/** A CustomResourceDefinition as it was read: JSON of which nothing has been checked but its kind. */
export type CrdDocument = Readonly<Record<string, unknown>>;

/** What `scaffold import crd` found in one text. */
export interface Documents {
  /** In the order of the text. */
  readonly crds: readonly CrdDocument[];
  /** How many documents are something else: a file of manifests usually holds more than CRDs. */
  readonly others: number;
}

/**
 * Finds the CRDs in a text of YAML or JSON with any number of documents; lists are looked into.
 *
 * @param name what the text is called in messages: a path, a URL
 * @throws ScaffoldError `bad-crd` for a text that is not YAML, or a CRD of the old `apiextensions.k8s.io/v1beta1`
 */
export function findCrds(text: string, name: string): Documents {
  const crds: CrdDocument[] = [];
  let others = 0;
  const visit = (value: unknown): void => {
    if (!isRecord(value)) return;
    if (typeof value["kind"] === "string" && value["kind"].endsWith("List") && Array.isArray(value["items"])) value["items"].forEach(visit);
    else if (value["kind"] === "CustomResourceDefinition") crds.push(checked(value, name));
    else others++;
  };
  for (const document of parseAllDocuments(text, asKubectl)) {
    const [error] = document.errors;
    if (error !== undefined) throw new ScaffoldError("bad-crd", notYaml(text, name, error.message));
    visit(toJs(document, name));
  }
  return { crds, others };
}

/** YAML 1.1 without its dates and base 60: `on` is true and 0644 is octal, as API servers get them, and of a key that is there twice the last counts. */
const asKubectl: ParseOptions & DocumentOptions & SchemaOptions = {
  version: "1.1",
  uniqueKeys: false,
  logLevel: "error",
  customTags: (tags: Tags) =>
    tags.filter(
      (tag) => typeof tag === "string" || !(tag.tag === "tag:yaml.org,2002:timestamp" || ("format" in tag && tag.format === "TIME")),
    ),
};

function notYaml(text: string, name: string, message: string): string {
  if (/^[^#\n]*\{\{-? /m.test(text)) return `${name} is a Helm template: pass what helm template prints of its chart.`;
  return `${name} is not YAML: ${(message.split("\n")[0] ?? "").replace(/:$/, "")}.`;
}

/** Aliases that would make a small text a huge tree are refused by the library. */
function toJs(document: ReturnType<typeof parseAllDocuments>[number], name: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 }) as unknown;
  } catch (error) {
    throw new ScaffoldError("bad-crd", `${name} cannot be read: ${reasonOf(error)}.`, {
      cause: error,
    });
  }
}

function checked(value: CrdDocument, name: string): CrdDocument {
  if (value["apiVersion"] === "apiextensions.k8s.io/v1") return value;
  throw new ScaffoldError(
    "bad-crd",
    `${name} holds a CustomResourceDefinition of ${String(value["apiVersion"])}: convert it to apiextensions.k8s.io/v1, as API servers since 1.22 need.`,
  );
}

/** True for a JSON object. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
