import { compileSchema, equalJson, isObject, setField, type JsonObject, type JsonSchema, type JsonValue } from "../schema/index.ts";

/** Numbers in [0, 1), the same ones for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Tries to find a value that is valid in all respects, before it is given up. */
const TRIES = 200;

/**
 * Makes up a value of a structural schema: any of its fields may be there, numbers lie within their bounds, and so on.
 *
 * @param random numbers in [0, 1)
 * @throws Error when nothing valid is found, for a pattern that is hard to meet by chance
 */
export function sampleOf(schema: JsonSchema, random: () => number): JsonValue {
  const compiled = compileSchema(schema);
  let problem = "";
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const value = new Sampler(random).value(schema) ?? null;
    const [error] = [...compiled.validate(value), ...compiled.validateLists(value)];
    if (error === undefined) return value;
    problem = `${error.field}: ${error.message}`;
  }
  throw new Error(`no valid sample of the schema is found by chance (${problem}); give samples of your own`);
}

const TEXTS = [
  "a",
  "b",
  "web",
  "example.com",
  "A1",
  "2.0.0",
  "100m",
  "128Mi",
  "30s",
  "10.0.0.1",
  "text with spaces",
  "é",
  "",
  "a-longer-text-of-some-length",
];
const FORMATS: Readonly<Record<string, readonly string[]>> = {
  "date-time": ["2026-01-01T00:00:00Z", "2024-02-29T12:30:00.5+02:00"],
  date: ["2026-01-01"],
  duration: ["30s", "1h30m"],
  byte: ["", "AQID"],
  uri: ["https://example.com/path"],
  uuid: ["705ab4f5-6393-11e8-b7cc-42010a800002"],
  ipv4: ["10.0.0.1"],
  ipv6: ["2001:db8::1"],
  cidr: ["10.0.0.0/8"],
};
const KEYS = ["a", "b", "example.com/c", "__proto__"];

class Sampler {
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  value(schema: JsonSchema): JsonValue | undefined {
    if (schema.nullable === true && this.#random() < 0.1) return null;
    if (schema.enum !== undefined) return this.#oneOf(schema.enum);
    if (schema["x-kubernetes-int-or-string"] === true) return this.#random() < 0.5 ? this.#integer(0, 100) : this.#oneOf(["50%", "http"]);
    switch (schema.type) {
      case "object":
        return this.#object(schema);
      case "array":
        return this.#list(schema);
      case "string":
        return this.#text(schema);
      case "integer":
        return this.#number(schema, true);
      case "number":
        return this.#number(schema, false);
      case "boolean":
        return this.#random() < 0.5;
      default:
        return schema["x-kubernetes-preserve-unknown-fields"] === true ? this.#oneOf([{}, "text", 1, { any: ["thing"] }]) : undefined;
    }
  }

  #object(schema: JsonSchema): JsonObject {
    const object: JsonObject = {};
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      const needed = schema.required?.includes(name) === true;
      const value = needed || this.#random() < 0.6 ? this.value(property) : undefined;
      if (value !== undefined) setField(object, name, value);
    }
    const { additionalProperties } = schema;
    if (isSchema(additionalProperties)) {
      const least = schema.minProperties ?? 0;
      const count = this.#integer(least, Math.min(schema.maxProperties ?? KEYS.length, Math.max(least, KEYS.length)));
      for (const name of KEYS.slice(0, count)) setField(object, name, this.value(additionalProperties) ?? null);
    }
    if (schema["x-kubernetes-preserve-unknown-fields"] === true && this.#random() < 0.3) object["unknown"] = { deep: [1] };
    return object;
  }

  #list(schema: JsonSchema): JsonValue[] {
    const least = schema.minItems ?? 0;
    const count = this.#integer(least, Math.min(schema.maxItems ?? least + 3, least + 3));
    const items: JsonValue[] = [];
    for (let index = 0; index < count; index++) {
      const item = this.value(schema.items ?? {});
      if (item !== undefined && !items.some((other) => isSame(schema, item, other))) items.push(item);
    }
    return items;
  }

  #text(schema: JsonSchema): string {
    const { format = "", pattern, minLength = 0, maxLength = 40 } = schema;
    const known = FORMATS[format];
    if (known !== undefined) return this.#oneOf(known);
    const fitting = TEXTS.filter((text) => text.length >= minLength && text.length <= maxLength && matches(text, pattern));
    if (fitting.length > 0) return this.#oneOf(fitting);
    if (typeof schema.default === "string") return schema.default;
    return "x".repeat(minLength);
  }

  #number(schema: JsonSchema, whole: boolean): number {
    const { minimum = -10, multipleOf = whole ? 1 : 0.25 } = schema;
    const { maximum = Math.max(minimum, 0) + 1000 } = schema;
    const steps = this.#integer(Math.ceil(minimum / multipleOf), Math.floor(maximum / multipleOf));
    return steps * multipleOf;
  }

  #integer(least: number, most: number): number {
    return least + Math.floor(this.#random() * (Math.max(most, least) - least + 1));
  }

  #oneOf<T>(values: readonly [T, ...T[]] | readonly T[]): T {
    return values[Math.floor(this.#random() * values.length)] as T;
  }
}

function isSchema(value: JsonSchema | boolean | undefined): value is JsonSchema {
  return typeof value === "object";
}

/** Whether a list may not hold both. */
function isSame(schema: JsonSchema, one: JsonValue, other: JsonValue): boolean {
  const keys = schema["x-kubernetes-list-map-keys"];
  if (keys !== undefined && isObject(one) && isObject(other)) return keys.every((key) => equalJson(one[key], other[key]));
  return schema["x-kubernetes-list-type"] === "set" && equalJson(one, other);
}

function matches(text: string, pattern: string | undefined): boolean {
  if (pattern === undefined) return true;
  try {
    return new RegExp(pattern, "u").test(text);
  } catch {
    return true; // written in RE2's own way: the schema's validation decides
  }
}
