/**
 * The functions that a schema module is written in terms of. Each module carries those that it uses, so that an operator needs no
 * library for them and a reader finds everything in one file. Messages are the API server's (k8s.io/kube-openapi and
 * k8s.io/apimachinery's field errors).
 */
const parts: readonly (readonly [name: string, source: string])[] = [
  [
    "required",
    `/** Null counts as absent, as the API server drops it. */
function required(parent: Fields, name: string, at: Path, errors: Violation[], check?: Check): void {
  const value = parent[name];
  if (value === undefined || value === null) report(errors, [...at, name], "required", "Required value");
  else check?.(value, [...at, name], errors);
}`,
  ],
  [
    "requiredOrNull",
    `function requiredOrNull(parent: Fields, name: string, at: Path, errors: Violation[], check?: Check): void {
  const value = parent[name];
  if (value === undefined) report(errors, [...at, name], "required", "Required value");
  else if (value !== null) check?.(value, [...at, name], errors);
}`,
  ],
  [
    "optional",
    `function optional(parent: Fields, name: string, at: Path, errors: Violation[], check: Check): void {
  const value = parent[name];
  if (value !== undefined && value !== null) check(value, [...at, name], errors);
}`,
  ],
  [
    "items",
    `function items(list: readonly unknown[], at: Path, errors: Violation[], check: Check): void {
  list.forEach((item, index) => {
    check(item, [...at, index], errors);
  });
}`,
  ],
  [
    "itemsOrNull",
    `function itemsOrNull(list: readonly unknown[], at: Path, errors: Violation[], check: Check): void {
  list.forEach((item, index) => {
    if (item !== null) check(item, [...at, index], errors);
  });
}`,
  ],
  [
    "values",
    `function values(map: Fields, at: Path, errors: Violation[], check: Check): void {
  for (const key of Object.keys(map)) optional(map, key, at, errors, check);
}`,
  ],
  [
    "uniqueBy",
    `/** Items of a list with keys are the same when their keys are. That an item is no object is said by its type. */
function uniqueBy(list: readonly unknown[], at: Path, errors: Violation[], keys: (item: Fields) => unknown): void {
  if (list.every((item) => isObject(item))) unique(list, at, errors, (item) => (isObject(item) ? keys(item) : item));
}`,
  ],
  [
    "unique",
    `/** Two items with the same identity are one too many; the API server reports the second only. */
function unique(list: readonly unknown[], at: Path, errors: Violation[], identity: (item: unknown) => unknown): void {
  const seen = new Map<string, number>();
  list.forEach((item, index) => {
    const key = JSON.stringify(identity(item));
    const count = (seen.get(key) ?? 0) + 1;
    seen.set(key, count);
    if (count === 2) report(errors, [...at, index], "unique", \`Duplicate value: \${key}\`);
  });
}`,
  ],
  [
    "oneOf",
    `/** That a list or an object is not allowed is said by its type alone. */
function oneOf(value: unknown, allowed: readonly unknown[], at: Path, errors: Violation[]): void {
  if (allowed.includes(value) || typeof value === "object") return;
  const supported = allowed.map((each) => JSON.stringify(String(each))).join(", ");
  report(errors, at, "enum", \`Unsupported value: \${JSON.stringify(value)}: supported values: \${supported}\`);
}`,
  ],
  [
    "expectText",
    `function expectText(value: unknown, at: Path, errors: Violation[]): value is string {
  if (typeof value === "string") return true;
  wrongType(value, "string", at, errors);
  return false;
}`,
  ],
  [
    "expectInteger",
    `function expectInteger(value: unknown, at: Path, errors: Violation[]): value is number {
  if (isInteger(value)) return true;
  wrongType(value, "integer", at, errors);
  return false;
}`,
  ],
  [
    "expectNumber",
    `function expectNumber(value: unknown, at: Path, errors: Violation[]): value is number {
  if (typeof value === "number") return true;
  wrongType(value, "number", at, errors);
  return false;
}`,
  ],
  [
    "expectBoolean",
    `function expectBoolean(value: unknown, at: Path, errors: Violation[]): value is boolean {
  if (typeof value === "boolean") return true;
  wrongType(value, "boolean", at, errors);
  return false;
}`,
  ],
  [
    "expectIntegerOrText",
    `function expectIntegerOrText(value: unknown, at: Path, errors: Violation[]): value is number | string {
  if (typeof value === "string" || isInteger(value)) return true;
  wrongType(value, "integer,string", at, errors);
  return false;
}`,
  ],
  [
    "expectList",
    `function expectList(value: unknown, at: Path, errors: Violation[]): value is readonly unknown[] {
  if (isList(value)) return true;
  wrongType(value, "array", at, errors);
  return false;
}`,
  ],
  [
    "expectObject",
    `function expectObject(value: unknown, at: Path, errors: Violation[]): value is Fields {
  if (isObject(value)) return true;
  wrongType(value, "object", at, errors);
  return false;
}`,
  ],
  [
    "wrongType",
    `function wrongType(value: unknown, type: string, at: Path, errors: Violation[]): void {
  const actual = typeName(value);
  report(errors, at, "type", \`Invalid value: "\${actual}": \${fieldOf(at)} in body must be of type \${type}: "\${actual}"\`);
}`,
  ],
  [
    "invalid",
    `function invalid(value: unknown, keyword: string, reason: string, at: Path, errors: Violation[]): void {
  report(errors, at, keyword, \`Invalid value: \${JSON.stringify(value)}: \${fieldOf(at)} in body \${reason}\`);
}`,
  ],
  [
    "report",
    `function report(errors: Violation[], at: Path, keyword: string, reason: string): void {
  const field = fieldOf(at);
  const instancePath = at.map((step) => \`/\${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}\`).join("");
  errors.push({ field, instancePath, keyword, message: \`\${field === "" ? "<nil>" : field}: \${reason}\` });
}`,
  ],
  [
    "fieldOf",
    `function fieldOf(at: Path): string {
  return at.map((step, index) => (typeof step === "number" ? \`[\${String(step)}]\` : index === 0 ? step : \`.\${step}\`)).join("");
}`,
  ],
  [
    "typeName",
    `function typeName(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return isInteger(value) ? "integer" : typeof value;
}`,
  ],
  [
    "lengthOf",
    `/** Characters, as the API server counts them, not units of UTF-16. */
function lengthOf(text: string): number {
  return Array.from(text).length;
}`,
  ],
  [
    "isInteger",
    `/** What Go reads as an int64. */
function isInteger(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && Math.abs(value) < 2 ** 63;
}`,
  ],
  [
    "isObject",
    `function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}`,
  ],
  [
    "isList",
    `function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}`,
  ],
  [
    "isAbsent",
    `/** Null counts as absent, as the API server drops it. */
function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}`,
  ],
];

/** The source of the functions that a text calls, and of those that they call, in the order above. */
export function usedFunctions(text: string): string {
  const used = new Set<string>();
  const follow = (source: string): void => {
    for (const [name, body] of parts) {
      if (used.has(name) || !new RegExp(`(?<![.\\w"])${name}(?=[(,)])`).test(source)) continue;
      used.add(name);
      follow(body);
    }
  };
  follow(text);
  return parts
    .filter(([name]) => used.has(name))
    .map(([, body]) => body)
    .join("\n\n");
}

/** Names that a compiled function must not take. */
export const reservedNames: ReadonlySet<string> = new Set([...parts.map(([name]) => name), "applyDefaults", "findViolations"]);
