import { ScaffoldError } from "../errors.ts";

const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const labelMax = 63;
const subdomainMax = 253;

/** Longest name that still leaves room for `<name>-metrics-service`, which a Service allows 63 characters for. */
const projectNameMax = 47;

/** Names that a `.types.ts` file imports or takes from the language, so that a kind of that name would shadow them. */
const takenKinds = new Set(
  [
    "Array Boolean Date Error Function Map Number Object Partial Pick Promise Record RegExp Required Set String Symbol",
    "Base64 Condition CustomResource DateTime Double Duration Float Int32 Int64 IntOrString ManagedFieldsEntry ObjectMeta OwnerReference Quantity",
    "List Status",
  ].flatMap((line) => line.split(" ")),
);

/** Checks a DNS name of one or more labels (RFC 1123): the domain of a project. */
export function checkDomain(domain: string): string {
  if (!isSubdomain(domain)) {
    throw bad(`The domain ${quoted(domain)} is not a DNS name: use lower case letters, digits, "-" and ".", such as example.com.`);
  }
  const reserved = /(^|\.)(k8s\.io|kubernetes\.io)$/.exec(domain)?.[2];
  if (reserved)
    throw bad(
      `The domain ${quoted(domain)} belongs to the Kubernetes project, whose API servers refuse others' kinds under ${reserved}: use a domain of your own.`,
    );
  return domain;
}

/** Checks an API group's own part, the one before the domain. */
export function checkGroup(group: string): string {
  if (!isSubdomain(group)) {
    throw bad(
      `The group ${quoted(group)} is not a DNS name: use lower case letters, digits and "-", such as cache; the project's domain is added to it.`,
    );
  }
  return group;
}

/** Checks a version by the rule that the API server sorts versions by: v1, v1beta2, v2alpha1. */
export function checkVersion(version: string): string {
  if (!/^v[1-9][0-9]*((alpha|beta)[1-9][0-9]*)?$/.test(version)) {
    throw bad(`The version ${quoted(version)} is not an API version: use v1, or v1beta1, v1alpha1 while it may still change.`);
  }
  return version;
}

/** Checks a kind: UpperCamelCase, since it becomes a class and, in lower case, a name in URLs. */
export function checkKind(kind: string): string {
  if (!/^[A-Z][A-Za-z0-9]*$/.test(kind) || kind.length > labelMax) {
    const better = upperCamelCase(kind);
    throw bad(
      `The kind ${quoted(kind)} is not UpperCamelCase: use letters and digits that begin with a capital, such as ${better || "Memcached"}.`,
    );
  }
  if (takenKinds.has(kind))
    throw bad(`The kind ${kind} has a name that TypeScript or Kubernetes uses already: choose another, such as ${kind}Set.`);
  return kind;
}

/** Checks a plural: the resource's name in URLs and in `kubectl get`. */
export function checkPlural(plural: string): string {
  if (!/^[a-z]/.test(plural) || !isLabel(plural)) {
    throw bad(`The plural ${quoted(plural)} is not a resource name: use lower case letters, digits and "-", such as memcacheds.`);
  }
  return plural;
}

/** Checks a project's name, which prefixes everything that it deploys and names its npm package and its namespace. */
export function checkProjectName(name: string): string {
  if (!/^[a-z]/.test(name) || !isLabel(name) || name.length > projectNameMax) {
    throw bad(
      `The project name ${quoted(name)} cannot name a Kubernetes namespace: use up to ${projectNameMax} lower case letters, digits and "-", beginning with a letter, such as memcached-operator (--project-name).`,
    );
  }
  return name;
}

/** Checks the name of the copyright's holder: one line of text. */
export function checkOwner(owner: string): string {
  if (owner.trim() === "" || /[\u0000-\u001f\u007f]/.test(owner))
    throw bad(`The owner ${quoted(owner)} is not a line of text: pass a name, such as --owner "Example Inc.".`);
  return owner.trim();
}

/** A valid project name made from a folder's name, as far as there is one. */
export function projectNameFrom(folder: string): string {
  return folder
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^[^a-z]+|-+$/g, "");
}

function isLabel(text: string): boolean {
  return text.length <= labelMax && label.test(text);
}

function isSubdomain(text: string): boolean {
  return text.length <= subdomainMax && text.split(".").every(isLabel);
}

function upperCamelCase(text: string): string {
  return text
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join("")
    .replace(/^[0-9]+/, "");
}

/** Long or strange input is shown cut and escaped, so that the message stays one line. */
function quoted(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}...` : text);
}

function bad(message: string): ScaffoldError {
  return new ScaffoldError("bad-name", message);
}
