// Derived from harbour.types.ts by `scaffold generate`: change the types, not this file.

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

/** All ways in which an object breaks the schema of Harbour; none when it is right. CEL rules are the API server's to check. */
export function findViolations(object: unknown): Violation[] {
  const errors: Violation[] = [];
  checkHarbour(object, [], errors);
  return errors;
}

const specCountryPattern = /^[A-Z]{2}$/u;

function checkHarbour(value: unknown, at: Path, errors: Violation[]): void {
  if (!expectObject(value, at, errors)) return;
  required(value, "spec", at, errors, checkSpec);
}

function checkSpec(value: unknown, at: Path, errors: Violation[]): void {
  if (!expectObject(value, at, errors)) return;
  required(value, "country", at, errors, checkSpecCountry);
  required(value, "depth", at, errors, expectNumber);
  required(value, "open", at, errors, expectBoolean);
}

function checkSpecCountry(value: unknown, at: Path, errors: Violation[]): void {
  if (!expectText(value, at, errors)) return;
  if (!specCountryPattern.test(value)) invalid(value, "pattern", "should match '^[A-Z]{2}$'", at, errors);
}

/** Null counts as absent, as the API server drops it. */
function required(parent: Fields, name: string, at: Path, errors: Violation[], check?: Check): void {
  const value = parent[name];
  if (value === undefined || value === null) report(errors, [...at, name], "required", "Required value");
  else check?.(value, [...at, name], errors);
}

function expectText(value: unknown, at: Path, errors: Violation[]): value is string {
  if (typeof value === "string") return true;
  wrongType(value, "string", at, errors);
  return false;
}

function expectNumber(value: unknown, at: Path, errors: Violation[]): value is number {
  if (typeof value === "number") return true;
  wrongType(value, "number", at, errors);
  return false;
}

function expectBoolean(value: unknown, at: Path, errors: Violation[]): value is boolean {
  if (typeof value === "boolean") return true;
  wrongType(value, "boolean", at, errors);
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

function invalid(value: unknown, keyword: string, reason: string, at: Path, errors: Violation[]): void {
  report(errors, at, keyword, `Invalid value: ${JSON.stringify(value)}: ${fieldOf(at)} in body ${reason}`);
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
