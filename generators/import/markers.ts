import { knownFormats, type Json, type Schema, type ValidationRule } from "../model/index.ts";
import { isPlainLine, jsonText } from "./comment.ts";

type Keyword = keyof Schema;

/**
 * The tags that turn the schema of a TypeScript type alone (`base`) into the wanted one. What no marker of its own says goes into one
 * `@schema` at the end, a JSON merge patch, so that nothing of a foreign schema is lost.
 *
 * @param base what the spec reader makes of the type that is written, without its comment
 * @param isKind for the schema of a whole object, on whose interface few of the markers may stand
 */
export function markersOf(schema: Schema, base: Schema, isKind = false): string[] {
  const { description: _description, ...rest } = schema;
  const wanted: Schema = rest;
  const tags: string[] = [];
  const said = new Set<Keyword>();
  const say = (keywords: readonly Keyword[], lines: readonly string[] | undefined): void => {
    if (isKind && !keywords.every((keyword) => ofKinds.has(keyword))) return;
    if (lines === undefined || keywords.every((keyword) => isSame(keyword, wanted[keyword], base[keyword]))) return;
    for (const keyword of keywords) said.add(keyword);
    tags.push(...lines);
  };
  const only = (condition: boolean, ...lines: readonly string[]): readonly string[] | undefined => (condition ? lines : undefined);
  const { type } = wanted;
  const isNumber = type === "number" || type === "integer";
  const isText = type === "string";

  say(["type"], only(type !== undefined, `@type ${type ?? ""}`));
  say(
    ["x-kubernetes-embedded-resource"],
    only(type === "object" && wanted["x-kubernetes-embedded-resource"] === true, "@embeddedResource"),
  );
  say(
    ["x-kubernetes-preserve-unknown-fields"],
    only(type === "object" && wanted["x-kubernetes-preserve-unknown-fields"] === true, "@preserveUnknownFields"),
  );
  say(["nullable"], only(wanted.nullable === true && wanted.enum === undefined, "@nullable"));
  say(["title"], only(isPlainLine(wanted.title ?? ""), `@title ${wanted.title ?? ""}`));
  say(["format"], only((isText || isNumber) && knownFormats.includes(wanted.format ?? ""), `@format ${wanted.format ?? ""}`));
  for (const side of ["minimum", "maximum"] as const) {
    const flag = side === "minimum" ? "exclusiveMinimum" : "exclusiveMaximum";
    const bound = wanted[side];
    if (bound !== undefined && isNumber) say([side, flag], [wanted[flag] === true ? `@${flag} ${bound}` : `@${side} ${bound}`]);
  }
  const { multipleOf } = wanted;
  say(["multipleOf"], only(isNumber && Number.isInteger(multipleOf) && (multipleOf ?? 0) > 0, `@multipleOf ${multipleOf ?? ""}`));
  for (const [keyword, sort] of counts) {
    const value = wanted[keyword];
    say([keyword], only(type === sort && Number.isSafeInteger(value) && (value ?? -1) >= 0, `@${keyword} ${value ?? ""}`));
  }
  say(
    ["pattern"],
    only(
      (isText || wanted["x-kubernetes-int-or-string"] === true) && isPlainPattern(wanted.pattern ?? ""),
      `@pattern ${wanted.pattern ?? ""}`,
    ),
  );
  say(
    ["x-kubernetes-list-type"],
    only(
      type === "array" && /^(?:atomic|set|map)$/.test(wanted["x-kubernetes-list-type"] ?? ""),
      `@listType ${wanted["x-kubernetes-list-type"] ?? ""}`,
    ),
  );
  const keys = wanted["x-kubernetes-list-map-keys"] ?? [];
  say(
    ["x-kubernetes-list-map-keys"],
    only(type === "array" && keys.length > 0 && keys.every(isPlainLine), ...keys.map((key) => `@listMapKey ${key}`)),
  );
  say(
    ["x-kubernetes-map-type"],
    only(
      type === "object" && /^(?:atomic|granular)$/.test(wanted["x-kubernetes-map-type"] ?? ""),
      `@mapType ${wanted["x-kubernetes-map-type"] ?? ""}`,
    ),
  );
  say(["x-kubernetes-validations"], rules(wanted["x-kubernetes-validations"]));
  say(["externalDocs"], docs(wanted.externalDocs));
  for (const keyword of ["default", "example"] as const) {
    const value = wanted[keyword];
    if (value !== undefined && (!isText || typeof value === "string")) say([keyword], [`@${keyword} ${jsonText(value)}`]);
  }
  const unsaid = patch(without(base, said), without(wanted, said));
  return unsaid === undefined ? tags : [...tags, `@schema ${jsonText(unsaid)}`];
}

const ofKinds: ReadonlySet<Keyword> = new Set([
  "x-kubernetes-preserve-unknown-fields",
  "title",
  "x-kubernetes-validations",
  "externalDocs",
]);

const counts = [
  ["minLength", "string"],
  ["maxLength", "string"],
  ["minItems", "array"],
  ["maxItems", "array"],
  ["minProperties", "object"],
  ["maxProperties", "object"],
] as const;

/** The JSON merge patch (RFC 7386) from one schema to another; undefined when they are the same. */
function patch(from: object, to: object): object | undefined {
  const [old, wanted] = [new Map<string, unknown>(Object.entries(from)), new Map<string, unknown>(Object.entries(to))];
  const changes: [string, unknown][] = [...old.keys()].filter((key) => !wanted.has(key)).map((key) => [key, null]);
  for (const [key, value] of wanted) {
    const before = old.get(key);
    if (isSame(key, value, before)) continue;
    changes.push([key, isObject(before) && isObject(value) ? patch(before, value) : value]);
  }
  return changes.length === 0 ? undefined : Object.fromEntries(changes);
}

/** The order of required fields means nothing. */
function isSame(keyword: string, a: unknown, b: unknown): boolean {
  if (keyword === "required" && Array.isArray(a) && Array.isArray(b)) return inOrder(a) === inOrder(b);
  return a === b || canonical(a) === canonical(b);
}

function inOrder(list: readonly unknown[]): string {
  return JSON.stringify(list.toSorted());
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) =>
    isObject(each) ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1))) : each,
  );
}

function without(schema: Schema, said: ReadonlySet<string>): object {
  return Object.fromEntries(Object.entries(schema).filter(([keyword]) => !said.has(keyword)));
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Quotes around a pattern are taken for a slip by the reader, backticks for a quotation. */
function isPlainPattern(pattern: string): boolean {
  return isPlainLine(pattern) && !/^`.*`$/.test(pattern) && !/^(["'])(\^.*|.*\$)\1$/.test(pattern);
}

const reasons = ["FieldValueInvalid", "FieldValueForbidden", "FieldValueRequired", "FieldValueDuplicate"];

function rules(found: readonly ValidationRule[] | undefined): readonly string[] | undefined {
  if (found === undefined || found.some(({ reason }) => reason !== undefined && !reasons.includes(reason))) return undefined;
  return found.map(({ rule, optionalOldSelf, ...words }) => {
    const named = Object.entries(words).map(([key, word]) => ` ${key}=${jsonText(word)}`);
    return `@validation rule=${jsonText(rule)}${named.join("")}${optionalOldSelf === true ? " optionalOldSelf=true" : ""}`;
  });
}

function docs(found: Schema["externalDocs"]): readonly string[] | undefined {
  if (found?.url === undefined) return undefined;
  return [
    `@externalDocs url=${jsonText(found.url)}${found.description === undefined ? "" : ` description=${jsonText(found.description)}`}`,
  ];
}

/** The JSON values of an enum as a union of literals that gives the same enum again, or undefined where there is none. */
export function literalsOf({ type, enum: values }: Schema): readonly Json[] | undefined {
  if (values === undefined || values.length === 0 || new Set(values).size < values.length) return undefined;
  const fits = (value: Json): boolean =>
    type === "string"
      ? typeof value === "string"
      : type === "boolean"
        ? typeof value === "boolean" && values.length === 1
        : (type === "integer" || type === "number") && typeof value === "number" && Number.isFinite(value) && !Object.is(value, -0);
  return values.every(fits) ? values : undefined;
}
