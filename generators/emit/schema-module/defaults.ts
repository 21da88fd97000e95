import type { Schema } from "../../model/index.ts";
import { identifier, literal, quoted } from "../code.ts";
import { reservedNames } from "./runtime.ts";

/**
 * Compiles a schema's defaults into functions that fill them in, one for each object, list or map that has some inside. As on the API
 * server, a default is filled in where the field is absent, or null without being nullable, and the defaults inside it follow.
 */
export class DefaultCompiler {
  readonly #bySchema = new Map<string, string>();
  readonly #names = new Set(reservedNames);
  readonly #functions: string[] = [];
  readonly #root: string;

  /** @param root the name of the kind, for the function that completes the whole. */
  constructor(root: string) {
    this.#root = root;
  }

  get source(): string {
    return this.#functions.join("\n\n");
  }

  /** The function that completes a value of the schema, or undefined when there is nothing to fill in. */
  fill(schema: Schema, words: readonly string[]): string | undefined {
    if (!hasDefaultsInside(schema)) return undefined;
    const key = JSON.stringify(schema);
    const known = this.#bySchema.get(key);
    if (known !== undefined) return known;
    const wanted = identifier(["complete", ...(words.length === 0 ? [this.#root] : words)]);
    let name = wanted;
    for (let count = 2; this.#names.has(name); count++) name = `${wanted}${count}`;
    this.#names.add(name);
    this.#bySchema.set(key, name);
    const place = this.#functions.push("") - 1;
    this.#functions[place] = `function ${name}(value: unknown): void {\n${this.#body(schema, words)
      .map((line) => `  ${line}\n`)
      .join("")}}`;
    return name;
  }

  #body(schema: Schema, words: readonly string[]): string[] {
    const { items, properties = {}, additionalProperties } = schema;
    const ofItems = items === undefined ? undefined : this.fill(items, [...words, "item"]);
    if (ofItems !== undefined) return [`if (isList(value)) value.forEach(${ofItems});`];
    const lines = ["if (!isObject(value)) return;"];
    for (const [name, property] of Object.entries(properties)) {
      const field = `value[${quoted(name)}]`;
      if (property.default !== undefined) lines.push(`${absent(field, property)} ${field} = ${literal(property.default, "  ")};`);
      const inside = this.fill(property, [...words, name]);
      if (inside !== undefined) lines.push(`${inside}(${field});`);
    }
    const ofValues = typeof additionalProperties === "object" ? this.fill(additionalProperties, [...words, "value"]) : undefined;
    if (ofValues !== undefined) lines.push(`Object.values(value).forEach(${ofValues});`);
    return lines;
  }
}

function absent(field: string, property: Schema): string {
  return property.nullable === true ? `if (${field} === undefined)` : `if (isAbsent(${field}))`;
}

function hasDefaultsInside({ items, properties, additionalProperties }: Schema): boolean {
  const inner: Schema[] = [
    ...Object.values(properties ?? {}),
    ...(items === undefined ? [] : [items]),
    ...(typeof additionalProperties === "object" ? [additionalProperties] : []),
  ];
  return inner.some((each) => hasDefault(each));
}

function hasDefault(schema: Schema): boolean {
  return schema.default !== undefined || hasDefaultsInside(schema);
}
