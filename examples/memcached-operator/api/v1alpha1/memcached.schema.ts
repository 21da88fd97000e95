// Derived from memcached.types.ts by `scaffold generate`: change the types, not this file.

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

/** All ways in which an object breaks the schema of Memcached; none when it is right. CEL rules are the API server's to check. */
export function findViolations(object: unknown): Violation[] {
  const errors: Violation[] = [];
  checkMemcached(object, [], errors);
  return errors;
}

/** Fills in the defaults of Memcached, in the object itself. */
export function applyDefaults(object: unknown): void {
  completeMemcached(object);
}

const statusConditionsItemTypePattern = /^(?:[a-z0-9](?:[\-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[\-a-z0-9]*[a-z0-9])?)*\/)?(?:(?:[A-Za-z0-9][\-A-Za-z0-9_.]*)?[A-Za-z0-9])$/u;
const dateTimeFormat = /^(?:\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|1\d|2[0-8]))|(?:\d{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29)[Tt](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:[.,]\d+)?(?:[Zz]|[+-](?:[01]\d|2[0-4]):(?:[0-5]\d|60))$/;
const statusConditionsItemReasonPattern = /^[A-Za-z](?:[A-Za-z0-9_,:]*[A-Za-z0-9_])?$/u;

function checkMemcached(value: unknown, at: Path, errors: Violation[]): void {
  if (!expectObject(value, at, errors)) return;
  required(value, "spec", at, errors, checkSpec);
  optional(value, "status", at, errors, checkStatus);
}

function checkSpec(value: unknown, at: Path, errors: Violation[]): void {
  if (!expectObject(value, at, errors)) return;
  optional(value, "size", at, errors, checkSpecSize);
  optional(value, "containerPort", at, errors, checkSpecContainerPort);
}

function checkSpecSize(value: unknown, at: Path, errors: Violation[]): void {
  expectInteger(value, at, errors);
  if (typeof value === "number") {
    if (value < 1) invalid(value, "minimum", "should be greater than or equal to 1", at, errors);
    if (value > 5) invalid(value, "maximum", "should be less than or equal to 5", at, errors);
  }
}

function checkSpecContainerPort(value: unknown, at: Path, errors: Violation[]): void {
  expectInteger(value, at, errors);
  if (typeof value === "number") {
    if (value < 1) invalid(value, "minimum", "should be greater than or equal to 1", at, errors);
    if (value > 65535) invalid(value, "maximum", "should be less than or equal to 65535", at, errors);
  }
}

function checkStatus(value: unknown, at: Path, errors: Violation[]): void {
  if (!expectObject(value, at, errors)) return;
  optional(value, "nodes", at, errors, checkStatusNodes);
  optional(value, "conditions", at, errors, checkStatusConditions);
}

function checkStatusNodes(value: unknown, at: Path, errors: Violation[]): void {
  if (!expectList(value, at, errors)) return;
  items(value, at, errors, expectText);
  unique(value, at, errors, (item) => item);
}

function checkStatusConditions(value: unknown, at: Path, errors: Violation[]): void {
  if (!expectList(value, at, errors)) return;
  items(value, at, errors, checkStatusConditionsItem);
  uniqueBy(value, at, errors, (item) => ({ "type": item["type"] }));
}

function checkStatusConditionsItem(value: unknown, at: Path, errors: Violation[]): void {
  if (!expectObject(value, at, errors)) return;
  required(value, "type", at, errors, checkStatusConditionsItemType);
  required(value, "status", at, errors, checkStatusConditionsItemStatus);
  optional(value, "observedGeneration", at, errors, checkStatusConditionsItemObservedGeneration);
  required(value, "lastTransitionTime", at, errors, checkStatusConditionsItemLastTransitionTime);
  required(value, "reason", at, errors, checkStatusConditionsItemReason);
  required(value, "message", at, errors, checkStatusConditionsItemMessage);
}

function checkStatusConditionsItemType(value: unknown, at: Path, errors: Violation[]): void {
  if (!expectText(value, at, errors)) return;
  if (lengthOf(value) > 316) report(errors, at, "maxLength", "Too long: may not be more than 316 bytes");
  else if (!statusConditionsItemTypePattern.test(value)) invalid(value, "pattern", "should match '^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$'", at, errors);
}

function checkStatusConditionsItemStatus(value: unknown, at: Path, errors: Violation[]): void {
  oneOf(value, ["True", "False", "Unknown"], at, errors);
  expectText(value, at, errors);
}

function checkStatusConditionsItemObservedGeneration(value: unknown, at: Path, errors: Violation[]): void {
  expectInteger(value, at, errors);
  if (typeof value === "number") {
    if (value < 0) invalid(value, "minimum", "should be greater than or equal to 0", at, errors);
  }
}

function checkStatusConditionsItemLastTransitionTime(value: unknown, at: Path, errors: Violation[]): void {
  if (!expectText(value, at, errors)) return;
  if (!dateTimeFormat.test(value)) invalid(value, "format", `must be of type date-time: ${JSON.stringify(value)}`, at, errors);
}

function checkStatusConditionsItemReason(value: unknown, at: Path, errors: Violation[]): void {
  if (!expectText(value, at, errors)) return;
  if (lengthOf(value) > 1024) report(errors, at, "maxLength", "Too long: may not be more than 1024 bytes");
  else if (lengthOf(value) < 1) invalid(value, "minLength", "should be at least 1 chars long", at, errors);
  else if (!statusConditionsItemReasonPattern.test(value)) invalid(value, "pattern", "should match '^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$'", at, errors);
}

function checkStatusConditionsItemMessage(value: unknown, at: Path, errors: Violation[]): void {
  if (!expectText(value, at, errors)) return;
  if (lengthOf(value) > 32768) report(errors, at, "maxLength", "Too long: may not be more than 32768 bytes");
}

function completeMemcached(value: unknown): void {
  if (!isObject(value)) return;
  completeSpec(value["spec"]);
}

function completeSpec(value: unknown): void {
  if (!isObject(value)) return;
  if (isAbsent(value["size"])) value["size"] = 3;
  if (isAbsent(value["containerPort"])) value["containerPort"] = 11211;
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

function items(list: readonly unknown[], at: Path, errors: Violation[], check: Check): void {
  list.forEach((item, index) => {
    check(item, [...at, index], errors);
  });
}

/** Items of a list with keys are the same when their keys are. That an item is no object is said by its type. */
function uniqueBy(list: readonly unknown[], at: Path, errors: Violation[], keys: (item: Fields) => unknown): void {
  if (list.every((item) => isObject(item))) unique(list, at, errors, (item) => (isObject(item) ? keys(item) : item));
}

/** Two items with the same identity are one too many; the API server reports the second only. */
function unique(list: readonly unknown[], at: Path, errors: Violation[], identity: (item: unknown) => unknown): void {
  const seen = new Map<string, number>();
  list.forEach((item, index) => {
    const key = JSON.stringify(identity(item));
    const count = (seen.get(key) ?? 0) + 1;
    seen.set(key, count);
    if (count === 2) report(errors, [...at, index], "unique", `Duplicate value: ${key}`);
  });
}

/** That a list or an object is not allowed is said by its type alone. */
function oneOf(value: unknown, allowed: readonly unknown[], at: Path, errors: Violation[]): void {
  if (allowed.includes(value) || typeof value === "object") return;
  const supported = allowed.map((each) => JSON.stringify(String(each))).join(", ");
  report(errors, at, "enum", `Unsupported value: ${JSON.stringify(value)}: supported values: ${supported}`);
}

function expectText(value: unknown, at: Path, errors: Violation[]): value is string {
  if (typeof value === "string") return true;
  wrongType(value, "string", at, errors);
  return false;
}

function expectInteger(value: unknown, at: Path, errors: Violation[]): value is number {
  if (isInteger(value)) return true;
  wrongType(value, "integer", at, errors);
  return false;
}

function expectList(value: unknown, at: Path, errors: Violation[]): value is readonly unknown[] {
  if (isList(value)) return true;
  wrongType(value, "array", at, errors);
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

/** Characters, as the API server counts them, not units of UTF-16. */
function lengthOf(text: string): number {
  return Array.from(text).length;
}

/** What Go reads as an int64. */
function isInteger(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && Math.abs(value) < 2 ** 63;
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

/** Null counts as absent, as the API server drops it. */
function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}
