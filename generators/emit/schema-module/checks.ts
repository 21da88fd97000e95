import { formats, readPattern, type Json, type Schema } from "../../model/index.ts";
import { identifier, literal, quoted } from "../code.ts";
import { reservedNames } from "./runtime.ts";

/**
 * Compiles a schema into functions that check a value, one for each object, list or bounded value; equal schemas share one.
 * `call` is what checks a value of a schema: the name of a function, or undefined where anything is right.
 */
export class CheckCompiler {
  readonly #bySchema = new Map<string, string>();
  readonly #names = new Set(reservedNames);
  readonly #functions: string[] = [];
  readonly #constants: string[] = [];
  readonly #root: string;

  /** @param root the name of the kind, for the function that checks the whole. */
  constructor(root: string) {
    this.#root = root;
  }

  /** Source of the functions, in the order in which they are first used. */
  get source(): string {
    return [...(this.#constants.length === 0 ? [] : [this.#constants.join("\n")]), ...this.#functions].join("\n\n");
  }

  /** @param words where the schema is, for the function's name. */
  check(schema: Schema, words: readonly string[]): string | undefined {
    const plain = plainCheck(schema);
    if (plain !== undefined) return plain.name;
    const key = JSON.stringify(essence(schema));
    const known = this.#bySchema.get(key);
    if (known !== undefined) return known;
    const name = this.#newName(identifier(["check", ...(words.length === 0 ? [this.#root] : words)]));
    this.#bySchema.set(key, name);
    const place = this.#functions.push("") - 1; // before the functions of what is inside
    this.#functions[place] = `function ${name}(value: unknown, at: Path, errors: Violation[]): void {\n${this.#body(schema, words)
      .map((line) => `  ${line}\n`)
      .join("")}}`;
    return name;
  }

  #body(schema: Schema, words: readonly string[]): string[] {
    const lines: string[] = [];
    if (schema.enum !== undefined) lines.push(`oneOf(value, ${literal(schema.enum)}, at, errors);`);
    if (schema["x-kubernetes-int-or-string"] === true) {
      const inside = [
        ...guarded('typeof value === "number"', numberLines(schema)),
        ...guarded('typeof value === "string"', this.#textLines(schema, words)),
      ];
      return [...lines, ...typed("expectIntegerOrText", inside)];
    }
    switch (schema.type) {
      case "string":
        return [...lines, ...typed("expectText", this.#textLines(schema, words))];
      case "integer":
        return [...lines, "expectInteger(value, at, errors);", ...guarded('typeof value === "number"', numberLines(schema))];
      case "number":
        return [...lines, ...typed("expectNumber", numberLines(schema))];
      case "boolean":
        return [...lines, ...typed("expectBoolean", [])];
      case "array":
        return [...lines, ...typed("expectList", this.#listLines(schema, words))];
      case "object":
        return [...lines, ...typed("expectObject", this.#objectLines(schema, words))];
      default:
        return lines;
    }
  }

  /** The API server reports the first of a text's lengths and pattern only, and its format. */
  #textLines({ maxLength, minLength, pattern, format }: Schema, words: readonly string[]): string[] {
    const chain: string[] = [];
    if (maxLength !== undefined)
      chain.push(
        `if (lengthOf(value) > ${maxLength}) report(errors, at, "maxLength", "Too long: may not be more than ${maxLength} bytes");`,
      );
    if (minLength !== undefined)
      chain.push(
        `if (lengthOf(value) < ${minLength}) invalid(value, "minLength", "should be at least ${minLength} chars long", at, errors);`,
      );
    const read = pattern === undefined ? undefined : readPattern(pattern);
    if (pattern !== undefined && read !== undefined && !("problem" in read) && read.source !== undefined) {
      const regExp = this.#constant([...words, "pattern"], regExpLiteral(read.source, read.flags ?? "u"));
      chain.push(`if (!${regExp}.test(value)) invalid(value, "pattern", ${quoted(`should match '${pattern}'`)}, at, errors);`);
    }
    const lines = chain.map((line, index) => (index === 0 ? line : `else ${line}`));
    const expression = format === undefined ? undefined : formats.get(format);
    if (format !== undefined && expression !== undefined) {
      const regExp = this.#constant([format, "format"], `/${expression.source}/`);
      lines.push(
        `if (!${regExp}.test(value)) invalid(value, "format", \`must be of type ${format}: \${JSON.stringify(value)}\`, at, errors);`,
      );
    }
    return lines;
  }

  #listLines(schema: Schema, words: readonly string[]): string[] {
    const { minItems, maxItems, items } = schema;
    const lines: string[] = [];
    if (minItems !== undefined) {
      lines.push(
        `if (value.length < ${minItems}) invalid(value.length, "minItems", "should have at least ${minItems} items", at, errors);`,
      );
    }
    if (maxItems !== undefined) {
      lines.push(
        `if (value.length > ${maxItems}) report(errors, at, "maxItems", \`Too many: \${String(value.length)}: must have at most ${maxItems} items\`);`,
      );
    }
    const check = items === undefined ? undefined : this.check(items, [...words, "item"]);
    if (check !== undefined) lines.push(`${items?.nullable === true ? "itemsOrNull" : "items"}(value, at, errors, ${check});`);
    const type = schema["x-kubernetes-list-type"];
    if (type === "set") lines.push("unique(value, at, errors, (item) => item);");
    if (type === "map") lines.push(`uniqueBy(value, at, errors, (item) => ({ ${keyFields(schema)} }));`);
    return lines;
  }

  #objectLines(schema: Schema, words: readonly string[]): string[] {
    const { minProperties, maxProperties, properties = {}, additionalProperties } = schema;
    const lines: string[] = [];
    const mayBeNull = typeof additionalProperties === "object" && additionalProperties.nullable === true;
    const present = mayBeNull ? "each !== undefined" : "!isAbsent(each)";
    if (minProperties !== undefined || maxProperties !== undefined)
      lines.push(`const count = Object.values(value).filter((each) => ${present}).length;`);
    if (minProperties !== undefined) {
      lines.push(
        `if (count < ${minProperties}) invalid(count, "minProperties", "should have at least ${minProperties} properties", at, errors);`,
      );
    }
    if (maxProperties !== undefined) {
      lines.push(
        `if (count > ${maxProperties}) report(errors, at, "maxProperties", \`Too many: \${String(count)}: must have at most ${maxProperties} items\`);`,
      );
    }
    const embedded = schema["x-kubernetes-embedded-resource"] === true ? ["apiVersion", "kind"] : [];
    const required = new Set([...(schema.required ?? []), ...embedded]);
    for (const name of embedded)
      if (!Object.hasOwn(properties, name)) lines.push(`required(value, ${quoted(name)}, at, errors, expectText);`);
    for (const [name, property] of Object.entries(properties))
      lines.push(...this.#propertyLines(name, property, required.has(name), words));
    const values = typeof additionalProperties === "object" ? this.check(additionalProperties, [...words, "value"]) : undefined;
    if (values !== undefined) lines.push(`values(value, at, errors, ${values});`);
    return lines;
  }

  /** A required field with a default is never missing: the API server fills it in first. */
  #propertyLines(name: string, property: Schema, required: boolean, words: readonly string[]): string[] {
    const check = this.check(property, [...words, name]);
    const call = `(value, ${quoted(name)}, at, errors${check === undefined ? "" : `, ${check}`});`;
    if (required && property.default === undefined) return [`${property.nullable === true ? "requiredOrNull" : "required"}${call}`];
    return check === undefined ? [] : [`optional${call}`];
  }

  /** Regular expressions are made once, not for every value. */
  #constant(words: readonly string[], source: string): string {
    const known = this.#bySchema.get(source);
    if (known !== undefined) return known;
    const name = this.#newName(identifier(words));
    this.#bySchema.set(source, name);
    this.#constants.push(`const ${name} = ${source};`);
    return name;
  }

  #newName(wanted: string): string {
    let name = wanted;
    for (let count = 2; this.#names.has(name); count++) name = `${wanted}${count}`;
    this.#names.add(name);
    return name;
  }
}

const expectations: Readonly<Partial<Record<NonNullable<Schema["type"]>, string>>> = {
  string: "expectText",
  integer: "expectInteger",
  number: "expectNumber",
  boolean: "expectBoolean",
};

/** The shared function for a schema that says no more than its type; `{}` for one that says nothing. */
function plainCheck(schema: Schema): { readonly name?: string } | undefined {
  const { type } = schema;
  const words = Object.keys(essence(schema)).filter(
    (key) => key !== "type" && !(key === "format" && (type !== "string" || !formats.has(schema.format ?? ""))),
  );
  if (words.length > 0) return undefined;
  if (type === undefined) return {};
  const name = expectations[type];
  return name === undefined ? undefined : { name };
}

/** What matters to a check. */
function essence(schema: Schema): object {
  const {
    description: _description,
    title: _title,
    example: _example,
    externalDocs: _externalDocs,
    default: _default,
    nullable: _nullable,
    anyOf: _anyOf,
    "x-kubernetes-preserve-unknown-fields": _preserve,
    "x-kubernetes-map-type": _mapType,
    "x-kubernetes-validations": _rules,
    ...rest
  } = schema;
  // What is inside a field decides too: whether it may be null, whether it has a default.
  return {
    ...rest,
    ...(rest.items === undefined ? {} : { items: inner(rest.items) }),
    ...(rest.properties === undefined
      ? {}
      : { properties: Object.entries(rest.properties).map(([name, property]) => [name, inner(property)]) }),
  };
}

function inner(schema: Schema): object {
  return { ...essence(schema), nullable: schema.nullable, default: schema.default };
}

function typed(expectation: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [`${expectation}(value, at, errors);`] : [`if (!${expectation}(value, at, errors)) return;`, ...lines];
}

function guarded(condition: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  return [`if (${condition}) {`, ...lines.map((line) => `  ${line}`), "}"];
}

function numberLines({ minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf }: Schema): string[] {
  const lines: string[] = [];
  if (multipleOf !== undefined)
    lines.push(`if (value % ${multipleOf} !== 0) invalid(value, "multipleOf", "should be a multiple of ${multipleOf}", at, errors);`);
  if (minimum !== undefined) {
    const [operator, words] = exclusiveMinimum === true ? ["<=", "should be greater than"] : ["<", "should be greater than or equal to"];
    lines.push(...boundLines("minimum", minimum, operator, words));
  }
  if (maximum !== undefined) {
    const [operator, words] = exclusiveMaximum === true ? [">=", "should be less than"] : [">", "should be less than or equal to"];
    lines.push(...boundLines("maximum", maximum, operator, words));
  }
  return lines;
}

/** For a whole number the API server drops the fraction of a bound. */
function boundLines(keyword: string, limit: number, operator: string, words: string): string[] {
  if (Number.isInteger(limit)) return [`if (value ${operator} ${limit}) invalid(value, "${keyword}", "${words} ${limit}", at, errors);`];
  return [
    `const ${keyword} = isInteger(value) ? ${Math.trunc(limit)} : ${limit};`,
    `if (value ${operator} ${keyword}) invalid(value, "${keyword}", \`${words} \${String(${keyword})}\`, at, errors);`,
  ];
}

/** The fields that identify an item, with their defaults, as the API server compares items after it has filled these in. */
function keyFields(schema: Schema): string {
  const keys = [...(schema["x-kubernetes-list-map-keys"] ?? [])].sort().map((key) => {
    const fallback: Json | undefined = schema.items?.properties?.[key]?.default;
    return `${quoted(key)}: item[${quoted(key)}]${fallback === undefined ? "" : ` ?? ${literal(fallback)}`}`;
  });
  return keys.join(", ");
}

function regExpLiteral(source: string, flags: string): string {
  return source === "" ? `/(?:)/${flags}` : `/${source}/${flags}`;
}
