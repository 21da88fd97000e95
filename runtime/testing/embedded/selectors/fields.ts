import { badRequest } from "../errors.ts";
import { valueAt, type JsonObject } from "../../../schema/index.ts";
import { type Resource, traitsOf } from "../resources/index.ts";

/** A field selector, read. */
export interface FieldSelector {
  /** A test of the stored object. */
  readonly test: (object: JsonObject) => boolean;
  /** Set when the selector asks for exactly one name. */
  readonly name: string | undefined;
}

const METADATA: Readonly<Record<string, readonly string[]>> = {
  "metadata.name": ["metadata", "name"],
  "metadata.namespace": ["metadata", "namespace"],
};

/** Reads the text of the `fieldSelector` parameter. Throws StatusFailure 400 with the server's words. */
export function parseFieldSelector(text: string, resource: Resource): FieldSelector | undefined {
  if (text === "") return undefined;
  const tests: ((object: JsonObject) => boolean)[] = [];
  let name: string | undefined;
  for (const term of splitTerms(text)) {
    const match = /^(?<label>.*?)(?<operator>!=|==|=)(?<value>.*)$/s.exec(term);
    if (!match?.groups) throw badRequest(`invalid selector: '${text}'; can't understand '${term}'`);
    const { label = "", operator, value: escaped = "" } = match.groups;
    const value = unescape(escaped);
    const path = pathOf(label, resource);
    if (path === undefined) throw badRequest(unsupported(label, resource));
    if (label === "metadata.name" && operator !== "!=") name = value;
    const equal = (object: JsonObject) => textOf(valueAt(object, ...path), label) === value;
    tests.push(operator === "!=" ? (object) => !equal(object) : equal);
  }
  return { test: (object) => tests.every((test) => test(object)), name };
}

/** Kinds with labels of their own have another text than those with the two common ones. */
function unsupported(label: string, resource: Resource): string {
  if (traitsOf(resource).fields !== undefined) return `field label not supported: ${label}`;
  return `${JSON.stringify(label)} is not a known field selector: only "metadata.name", "metadata.namespace"`;
}

function pathOf(label: string, resource: Resource): readonly string[] | undefined {
  return METADATA[label] ?? traitsOf(resource).fields?.[label];
}

/** Field sets are texts: an absent number is 0, an absent boolean false. */
const ZERO: Readonly<Record<string, string>> = {
  "spec.unschedulable": "false",
  "spec.hostNetwork": "false",
  "status.replicas": "0",
  "status.successful": "0",
};

function textOf(value: unknown, label: string): string {
  if (value === undefined || value === null) return ZERO[label] ?? "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Splits at commas that are not escaped. */
function splitTerms(text: string): string[] {
  const terms: string[] = [];
  let term = "";
  for (let index = 0; index < text.length; index++) {
    const character = text[index] ?? "";
    if (character === "\\") {
      term += character + (text[++index] ?? "");
    } else if (character === ",") {
      terms.push(term);
      term = "";
    } else {
      term += character;
    }
  }
  terms.push(term);
  return terms.filter((each) => each !== "");
}

function unescape(value: string): string {
  return value.replaceAll(/\\([\\,=])/g, "$1");
}
