import { FUNCTIONS } from "./functions.ts";
import {
  DOUBLE,
  DYN,
  BYTES,
  BOOL,
  DURATION,
  INT,
  listOf,
  mapOf,
  NULL,
  opaque,
  optionalOf,
  parameter,
  readType,
  readTypes,
  STRING,
  TIMESTAMP,
  typeOf,
  TYPE,
  UINT,
  type Type,
} from "./types.ts";

export interface Overload {
  readonly id: string;
  /** It is called on its first argument. */
  readonly member: boolean;
  readonly args: readonly Type[];
  readonly result: Type;
  readonly parameters: readonly string[];
}

let declared: ReadonlyMap<string, readonly Overload[]> | undefined;

/** The overloads of a function; none when there is no such function. */
export function overloadsOf(name: string): readonly Overload[] | undefined {
  declared ??= read();
  return declared.get(name.replace(/^\./, ""));
}

function read(): Map<string, Overload[]> {
  const functions = new Map<string, Overload[]>();
  for (const line of FUNCTIONS.trim().split("\n")) {
    const [, name = "", dot = "", id = "", args = "", result = ""] = /^(\S+) (\.?)([^(]+)\((.*)\) (.+)$/.exec(line) ?? [];
    const parameters = new Set((`${args} ${result}`.match(/\b[A-Z]\b/g) ?? []).map(String));
    const overload = { id, member: dot !== "", args: readTypes(args), result: readType(result), parameters: [...parameters] };
    functions.set(name, [...(functions.get(name) ?? []), overload]);
  }
  return functions;
}

/** What names of types mean in expressions: `type(self) == string`. */
export const TYPE_NAMES: ReadonlyMap<string, Type> = new Map([
  ["bool", typeOf(BOOL)],
  ["bytes", typeOf(BYTES)],
  ["double", typeOf(DOUBLE)],
  ["google.protobuf.Duration", typeOf(DURATION)],
  ["google.protobuf.Timestamp", typeOf(TIMESTAMP)],
  ["int", typeOf(INT)],
  ["list", typeOf(listOf(parameter("A")))],
  ["map", typeOf(mapOf(parameter("A"), parameter("B")))],
  ["net.CIDR", typeOf(opaque("net.CIDR"))],
  ["net.IP", typeOf(opaque("net.IP"))],
  ["null_type", typeOf(NULL)],
  ["optional_type", typeOf(optionalOf(parameter("V")))],
  ["string", typeOf(STRING)],
  ["type", typeOf(TYPE)],
  ["uint", typeOf(UINT)],
  ["dyn", typeOf(DYN)],
]);
