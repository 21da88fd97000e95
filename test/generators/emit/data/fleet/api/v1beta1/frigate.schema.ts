// Derived from frigate.types.ts by `scaffold generate`: change the types, not this file.

/** One way in which an object breaks its schema. */
export interface Violation {
  /** As the API server names it: `spec.servers[0].port`. */
  readonly field: string;
  /** The same as a JSON pointer: `/spec/servers/0/port`. */
  readonly instancePath: string;
  /** The word of the schema that is broken: `maximum`. */
  readonly keyword: string;
  readonly message: string;
}

type Path = readonly (string | number)[];
type Fields = Record<string, unknown>;
type Check = (value: unknown, at: Path, errors: Violation[]) => void;

/** All ways in which an object breaks the schema of Frigate; none when it is right. CEL rules are the API server's to check. */
export function findViolations(object: unknown): Violation[] {
  const errors: Violation[] = [];
  checkFrigate(object, [], errors);
  return errors;
}

function checkFrigate(value: unknown, at: Path, errors: Violation[]): void {
  if (!expectObject(value, at, errors)) return;
  required(value, "spec", at, errors, checkSpec);
}

function checkSpec(value: unknown, at: Path, errors: Violation[]): void {
  if (!expectObject(value, at, errors)) return;
  optional(value, "crew", at, errors, expectInteger);
}

/** Null counts as absent, as the API server drops it. */
function required(parent: Fields, name: string, at: Path, errors: Violation[], check?: Check): void {
  const value = parent[name];
  if (value === undefined || value === null) report(errors, [...at, name], "required", "Required value");
  else check?.(value, [...at, name], errors);
}

function optional(parent: Fields, name: string, at: Path, errors: Violation[], check: Check): void {
  const value = parent[name];
  if (value !== undefined && value !== null) check(value, [...at, name], errors);
}

function expectInteger(value: unknown, at: Path, errors: Violation[]): value is number {
  if (isInteger(value)) return true;
  wrongType(value, "integer", at, errors);
  return false;
}

function expectObject(value: unknown, at: Path, errors: Violation[]): value is Fields {
  if (isObject(value)) return true;
  wrongType(value, "object", at, errors);
  return false;
}

function wrongType(value: unknown, type: string, at: Path, errors: Violation[]): void {
  const actual = typeName(value);
  report(errors, at, "type", `Invalid value: "${actual}": ${fieldOf(at)} in body must be of type ${type}: "${actual}"`);
}

function report(errors: Violation[], at: Path, keyword: string, reason: string): void {
  const field = fieldOf(at);
  const instancePath = at.map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
  errors.push({ field, instancePath, keyword, message: `${field === "" ? "<nil>" : field}: ${reason}` });
}

function fieldOf(at: Path): string {
  return at.map((step, index) => (typeof step === "number" ? `[${String(step)}]` : index === 0 ? step : `.${step}`)).join("");
}

function typeName(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return isInteger(value) ? "integer" : typeof value;
}

/** What Go reads as an int64. */
function isInteger(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && Math.abs(value) < 2 ** 63;
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
