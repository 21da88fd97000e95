/** Types of expressions. */

export type Kind =
  | "any"
  | "bool"
  | "bytes"
  | "double"
  | "duration"
  | "dyn"
  | "error"
  | "int"
  | "list"
  | "map"
  | "null"
  | "opaque"
  | "param"
  | "string"
  | "struct"
  | "timestamp"
  | "type"
  | "uint";

export interface Type {
  readonly kind: Kind;
  /** Of structs, opaque types and type parameters. */
  readonly name: string;
  readonly params: readonly Type[];
}

const simple = (kind: Kind): Type => ({ kind, name: kind, params: [] });

export const BOOL = simple("bool");
export const BYTES = simple("bytes");
export const DOUBLE = simple("double");
export const DURATION = simple("duration");
export const DYN = simple("dyn");
export const ERROR = simple("error");
export const INT = simple("int");
export const NULL = simple("null");
export const STRING = simple("string");
export const TIMESTAMP = simple("timestamp");
export const TYPE = simple("type");
export const UINT = simple("uint");

export const listOf = (item: Type): Type => ({ kind: "list", name: "list", params: [item] });
export const mapOf = (key: Type, value: Type): Type => ({ kind: "map", name: "map", params: [key, value] });
export const optionalOf = (value: Type): Type => opaque("optional_type", value);
export const typeOf = (type: Type): Type => ({ kind: "type", name: "type", params: [type] });
export const struct = (name: string): Type => ({ kind: "struct", name, params: [] });
export const opaque = (name: string, ...params: Type[]): Type => ({ kind: "opaque", name, params });
export const parameter = (name: string): Type => ({ kind: "param", name, params: [] });

export const isDyn = ({ kind }: Type): boolean => kind === "dyn" || kind === "any";

/** The parameter of an unary type (list, optional), or of a map by its index. */
export function paramOf(type: Type, index = 0): Type {
  return type.params[index] ?? DYN;
}

/** The type inside of an optional; of any other type itself. */
export function unwrapOptional(type: Type): { readonly type: Type; readonly optional: boolean } {
  const optional = type.kind === "opaque" && type.name === "optional_type";
  return { type: optional ? paramOf(type) : type, optional };
}

export function sameType(left: Type, right: Type): boolean {
  return (
    left.kind === right.kind &&
    left.name === right.name &&
    left.params.length === right.params.length &&
    left.params.every((param, index) => sameType(param, paramOf(right, index)))
  );
}

/** A type as errors show it. */
export function typeText({ kind, name, params }: Type): string {
  if (kind === "error") return "!error!";
  return params.length === 0 ? name : `${name}(${params.map(typeText).join(", ")})`;
}

const SIMPLE: ReadonlyMap<string, Type> = new Map(
  [BOOL, BYTES, DOUBLE, DURATION, DYN, INT, NULL, STRING, TIMESTAMP, TYPE, UINT].map((type) => [type.name, type]),
);
const OPAQUE: ReadonlySet<string> = new Set(["net.IP", "net.CIDR", "optional_type"]);

/** Reads a type as `typeText` writes it. */
export function readType(text: string): Type {
  const open = text.indexOf("(");
  const name = open < 0 ? text : text.slice(0, open);
  const params = open < 0 ? [] : readTypes(text.slice(open + 1, -1));
  const [first = DYN, second = DYN] = params;
  if (name === "list") return listOf(first);
  if (name === "map") return mapOf(first, second);
  if (name === "type" && params.length > 0) return typeOf(first);
  if (/^[A-Z]$/.test(name)) return parameter(name);
  return SIMPLE.get(name) ?? (OPAQUE.has(name) ? opaque(name, ...params) : struct(name));
}

/** Reads types with commas between them. */
export function readTypes(text: string): Type[] {
  const types: Type[] = [];
  let depth = 0;
  let start = 0;
  for (let index = 0; index <= text.length; index++) {
    const letter = text[index];
    if (letter === "(") depth++;
    else if (letter === ")") depth--;
    else if ((letter === "," || letter === undefined) && depth === 0) {
      const one = text.slice(start, index).trim();
      if (one !== "") types.push(readType(one));
      start = index + 1;
    }
  }
  return types;
}
