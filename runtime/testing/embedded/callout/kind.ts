import { isObject, stringAt, type JsonValue } from "../../../schema/index.ts";

/** The kind of a review, which its answer is to have as well. */
export interface ReviewKind {
  readonly group: string;
  readonly version: "v1" | "v1beta1";
  readonly kind: string;
}

/**
 * Checks that an answer is of the kind that was asked for; what it does not say is taken for granted. Throws an Error with the server's
 * words.
 */
export function checkReview(answer: JsonValue, { group, version, kind }: ReviewKind): void {
  if (!isObject(answer)) {
    const type = answer === null ? "null" : Array.isArray(answer) ? "array" : typeof answer === "boolean" ? "bool" : typeof answer;
    const target = 'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';
    throw new Error(`couldn't get version/kind; json parse error: json: cannot unmarshal ${type} into Go value of type ${target}`);
  }
  const apiVersion = stringAt(answer, "apiVersion") ?? "";
  const givenKind = stringAt(answer, "kind") ?? "";
  const [givenGroup, given] = apiVersion === "" ? [group, version] : apiVersion.split("/", 2);
  const isKnown = givenGroup === group && (given === "v1" || given === "v1beta1") && (givenKind === "" || givenKind === kind);
  if (!isKnown)
    throw new Error(
      `no kind ${JSON.stringify(givenKind)} is registered for version ${JSON.stringify(apiVersion)} in scheme "pkg/runtime/scheme.go:111"`,
    );
  if (given !== version) throw new Error(`converting (${given}.${kind}) to (${version}.${kind}): unknown conversion`);
}
