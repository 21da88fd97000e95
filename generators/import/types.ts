import { quoted } from "../emit/code.ts";
import type { Resource, ResourceVersion, Schema } from "../model/index.ts";
import { comment } from "./comment.ts";
import { kindMarkersOf } from "./kind-markers.ts";
import { literalsOf, markersOf } from "./markers.ts";
import { itemWord, Names } from "./names.ts";
import { fieldsBase, isAsked, shapeOf } from "./shape.ts";

const apiNames = ["Base64", "CustomResource", "DateTime", "Double", "Float", "Int32", "Int64", "IntOrString", "Quantity"] as const;
type ApiName = (typeof apiNames)[number];

/**
 * The text of `<kind>.types.ts` for one version of an imported kind: interfaces with markers, from which the spec reader makes the same
 * schema again. Derived.
 */
export function emitTypes(resource: Resource, version: ResourceVersion): string {
  const body = new TypesWriter(resource.kind).write(resource, version);
  const lint = /\{\}[;[\] |]/.test(body)
    ? "/* eslint-disable @typescript-eslint/no-empty-object-type -- an object without fields is what the CRD says */\n"
    : "";
  return `// ${headerOf(resource)}: import it again rather than change it here.\n${lint}${body}`;
}

/** How the first line of every imported file begins, by which the spec reader knows that it is none of the project's own. */
export function headerOf({ plural, group }: Resource): string {
  return `Derived from the CRD ${plural}.${group} by \`scaffold import crd\``;
}

class TypesWriter {
  readonly #kind: string;
  readonly #names: Names;
  readonly #declarations: string[] = [];
  readonly #known = new Map<string, string>();
  readonly #imports = new Set<ApiName>();

  constructor(kind: string) {
    this.#kind = kind;
    this.#names = new Names(kind, apiNames);
  }

  write(resource: Resource, version: ResourceVersion): string {
    const kind = this.#kindInterface(resource, version);
    const imports = [...this.#imports].sort().map((name) => (this.#kind === name ? `${name} as ${this.#local(name)}` : name));
    return `import type { ${imports.join(", ")} } from "@kubescaffold/runtime/api";\n\n${[...this.#declarations, kind].join("\n\n")}\n`;
  }

  /** A kind may have the name of a type that its file imports. */
  #local(name: ApiName): string {
    this.#imports.add(name);
    return this.#kind === name ? `Api${name}` : name;
  }

  #kindInterface(resource: Resource, version: ResourceVersion): string {
    const { schema } = version;
    const { properties = {} } = schema;
    const { apiVersion: _apiVersion, kind: _kind, metadata: _metadata, spec, status, ...others } = properties;
    const own = { apiVersion: ownText("apiVersion", properties), kind: ownText("kind", properties), metadata: { type: "object" } } as const;
    // `unknown | undefined` is unknown, of which the reader cannot see that it may be absent.
    const isNeeded = (name: string): boolean => isAsked(name, schema) || (name === "spec" && isUnknown(properties[name] ?? {}));
    const asked = Object.keys(properties).filter((name) => isNeeded(name) && !Object.hasOwn(own, name));
    const base: Schema = { type: "object", properties: { ...properties, ...own }, ...(asked.length === 0 ? {} : { required: asked }) };
    const specType = spec === undefined ? "undefined" : `${this.#unnamed(spec, ["spec"], true)}${isNeeded("spec") ? "" : " | undefined"}`;
    const statusType = status === undefined ? undefined : this.#unnamed(status, ["status"], true);
    const fields = Object.entries(others).map(([name, field]) => this.#field(name, field, [name], isNeeded(name)));
    if (statusType !== undefined && isNeeded("status")) fields.push(`  status: ${statusType};`);
    const doc = comment(schema.description, [...kindMarkersOf(resource, version), ...markersOf(schema, base, true)], "");
    const parent = `${this.#local("CustomResource")}<${specType}${statusType === undefined ? "" : `, ${statusType}`}>`;
    return `${doc === undefined ? "" : `${doc}\n`}export interface ${this.#kind} extends ${parent} {${fields.length === 0 ? "" : `\n${fields.join("\n")}\n`}}`;
  }

  #field(name: string, schema: Schema, way: readonly string[], required: boolean): string {
    const { base } = shapeOf(schema);
    const doc = comment(schema.description, markersOf(schema, base), "  ");
    return `${doc === undefined ? "" : `${doc}\n`}  ${propertyName(name)}${required ? "" : "?"}: ${this.#type(schema, way)};`;
  }

  /** The type of a value that has no field whose comment could carry its markers: an item, a value of a map, a spec. */
  #unnamed(schema: Schema, way: readonly string[], always = false): string {
    const { shape, base } = shapeOf(schema);
    const doc = comment(schema.description, markersOf(schema, base), "");
    if (doc === undefined && (!always || shape.sort !== "fields")) return this.#type(schema, way);
    const suffix = base.nullable === true ? " | null" : "";
    if (shape.sort === "fields") return this.#interface(schema, way, doc) + suffix;
    const type = this.#plainType(schema, way, shape);
    return (
      this.#declare(`${doc ?? ""} ${type}`, way, (name) => `${doc === undefined ? "" : `${doc}\n`}export type ${name} = ${type};`) + suffix
    );
  }

  #type(schema: Schema, way: readonly string[]): string {
    const { shape, base } = shapeOf(schema);
    const type = this.#plainType(schema, way, shape);
    return base.nullable === true ? `${type} | null` : type;
  }

  #plainType(schema: Schema, way: readonly string[], shape: ReturnType<typeof shapeOf>["shape"]): string {
    switch (shape.sort) {
      case "api":
        return this.#local(shape.name);
      case "plain":
        return shape.name;
      case "literals":
        return (literalsOf(schema) ?? []).map((value) => (typeof value === "string" ? quoted(value) : JSON.stringify(value))).join(" | ");
      case "fields":
        return this.#interface(schema, way, undefined);
      case "list": {
        const item =
          schema.items === undefined ? "unknown" : this.#unnamed(schema.items, [...way.slice(0, -1), itemWord(way.at(-1) ?? "")]);
        return /[ |]/.test(item) && !item.startsWith("{") ? `(${item})[]` : `${item}[]`;
      }
      case "map": {
        const values = typeof schema.additionalProperties === "object" ? schema.additionalProperties : {};
        return `{ [key: string]: ${this.#unnamed(values, [...way, "value"])} }`;
      }
    }
  }

  /** Two objects with the same fields share an interface, unless a comment tells them apart. */
  #interface(schema: Schema, way: readonly string[], doc: string | undefined): string {
    const { properties = {} } = schema;
    return this.#declare(JSON.stringify([doc ?? null, fieldsBase(schema)]), way, (name) => {
      const fields = Object.entries(properties).map(([field, each]) => this.#field(field, each, [...way, field], isAsked(field, schema)));
      return `${doc === undefined ? "" : `${doc}\n`}export interface ${name} {\n${fields.join("\n")}\n}`;
    });
  }

  /** The declaration stands before those of what it holds. */
  #declare(key: string, way: readonly string[], source: (name: string) => string): string {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const name = this.#names.take(way);
    this.#known.set(key, name);
    const place = this.#declarations.push("") - 1;
    this.#declarations[place] = source(name);
    return name;
  }
}

/** What the reader says of apiVersion and kind, whatever the CRD does. */
function ownText(name: string, properties: Readonly<Record<string, Schema>>): Schema {
  const description = properties[name]?.description;
  return { type: "string", ...(description === undefined ? {} : { description }) };
}

function isUnknown(schema: Schema): boolean {
  const { shape } = shapeOf(schema);
  return shape.sort === "plain" && shape.name === "unknown";
}

function propertyName(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : quoted(name);
}
