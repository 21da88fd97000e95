/** What a keyword of a schema may hold, for `@schema`, whose argument is any JSON. */
type Shape = (value: unknown, path: string) => string | undefined;

const types = ["string", "integer", "number", "boolean", "object", "array"];

const of =
  (words: string, test: (value: unknown) => boolean): Shape =>
  (value, path) =>
    test(value) ? undefined : `needs ${words} for ${path}`;
const text = of("a text", (value) => typeof value === "string");
const number = of("a number", (value) => typeof value === "number");
const count = of("a whole number from 0", (value) => Number.isSafeInteger(value) && Number(value) >= 0);
const flag = of("true or false", (value) => typeof value === "boolean");
const only = of("true", (value) => value === true);
const texts = of("a list of texts", (value) => Array.isArray(value) && value.every((each) => typeof each === "string"));
const words = (...known: readonly string[]): Shape => of(`one of ${known.join(", ")}`, (value) => known.some((each) => each === value));
const anything: Shape = () => undefined;

const schema: Shape = (value, path) => schemaProblem(value, path);
const schemas: Shape = (value, path) => {
  if (!Array.isArray(value)) return `needs a list of schemas for ${path}`;
  return firstProblem(value.map((each: unknown, index) => schemaProblem(each, `${path}[${index}]`)));
};
const schemasByName: Shape = (value, path) => {
  if (!isMap(value)) return `needs a map of schemas for ${path}`;
  return firstProblem(Object.entries(value).map(([name, each]) => (each === null ? undefined : schemaProblem(each, `${path}.${name}`))));
};
const rules: Shape = (value, path) => {
  const isRule = (each: unknown): boolean => isMap(each) && typeof each["rule"] === "string" && each["rule"].trim() !== "";
  return Array.isArray(value) && value.every(isRule) ? undefined : `needs a list of { rule: … } for ${path}`;
};

/** Every keyword of a structural schema. */
const shapes: Readonly<Record<string, Shape>> = {
  type: words(...types),
  format: text,
  title: text,
  description: text,
  pattern: text,
  default: anything,
  example: anything,
  externalDocs: of("a map", isMap),
  nullable: flag,
  enum: of("a list", Array.isArray),
  minimum: number,
  maximum: number,
  exclusiveMinimum: flag,
  exclusiveMaximum: flag,
  multipleOf: number,
  minLength: count,
  maxLength: count,
  minItems: count,
  maxItems: count,
  uniqueItems: flag,
  minProperties: count,
  maxProperties: count,
  items: schema,
  not: schema,
  properties: schemasByName,
  additionalProperties: (value, path) => (typeof value === "boolean" ? undefined : schemaProblem(value, path)),
  required: texts,
  allOf: schemas,
  anyOf: schemas,
  oneOf: schemas,
  "x-kubernetes-embedded-resource": only,
  "x-kubernetes-int-or-string": only,
  "x-kubernetes-preserve-unknown-fields": only,
  "x-kubernetes-list-map-keys": texts,
  "x-kubernetes-list-type": words("atomic", "set", "map"),
  "x-kubernetes-map-type": words("atomic", "granular"),
  "x-kubernetes-validations": rules,
};

/** The names of all keywords. */
export const keywords: readonly string[] = Object.keys(shapes);

/** What is wrong with a schema, or a patch of one, in which null takes a keyword out; undefined when it is one. */
export function schemaProblem(value: unknown, path = ""): string | undefined {
  if (!isMap(value)) return `needs an object of the schema's keywords${path === "" ? "" : ` for ${path}`}`;
  return firstProblem(
    Object.entries(value).map(([keyword, each]) => {
      const at = path === "" ? keyword : `${path}.${keyword}`;
      const shape = Object.hasOwn(shapes, keyword) ? shapes[keyword] : undefined;
      return each === null && keyword !== "default" ? undefined : shape === undefined ? `has no ${JSON.stringify(at)}` : shape(each, at);
    }),
  );
}

function firstProblem(problems: readonly (string | undefined)[]): string | undefined {
  return problems.find((problem) => problem !== undefined);
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
