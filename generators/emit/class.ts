import type { Resource, ResourceVersion } from "../model/index.ts";
import { docComment, literal } from "./code.ts";
import { sampleObject } from "./sample.ts";
import { hasDefaults, schemaName } from "./schema-module.ts";

/** Where the class goes: beside the types, `api/v1alpha1/memcached.ts`. */
export function classPath(resource: Resource, version: ResourceVersion): string {
  return `${folderOf(version)}${resource.kind.toLowerCase()}.ts`;
}

/** Where the schema goes by which the class checks its objects: `api/v1alpha1/memcached.schema.ts`. */
export function schemaPath(resource: Resource, version: ResourceVersion): string {
  return `${folderOf(version)}${resource.kind.toLowerCase()}.schema.ts`;
}

function folderOf({ typesFile }: ResourceVersion): string {
  return typesFile.slice(0, typesFile.lastIndexOf("/") + 1);
}

/**
 * The class of one version of a kind: a kubernetes-models `Model` with static apiVersion, kind, is, example and default, which checks
 * itself. Derived. At run time it needs `@kubernetes-models/base` and the schema module beside it.
 */
export function emitClass(resource: Resource, version: ResourceVersion): string {
  const { kind, group } = resource;
  const apiVersion = `${group}/${version.name}`;
  const types = version.typesFile.slice(version.typesFile.lastIndexOf("/") + 1);
  const { properties = {}, required = [], description = "" } = version.schema;
  const fields = Object.keys(properties).filter((name) => name !== "apiVersion" && name !== "kind");
  const schema = schemaName(kind);
  // What is required and has a default may be left out: the API server fills it in first.
  const isRequired = (name: string): boolean => required.includes(name) && properties[name]?.default === undefined;
  // CustomResource always has a spec; a kind may have none, or one that may be left out.
  const optionalSpec = Object.hasOwn(properties, "spec") && !isRequired("spec");
  // A kind may be called like something that its class is made of.
  const [model, modelData, guard] = ["Model", "ModelData", "TypeMetaGuard"].map((name) => (name === kind ? `Base${name}` : name));
  const imported = (name: string, local = name): string => (name === local ? name : `${name} as ${local}`);
  const parent = isRequired("spec") ? `${kind}Type` : `${utility("Omit", kind)}<${kind}Type, "spec">`;
  const { apiVersion: _apiVersion, kind: _kind, ...data } = sampleObject(resource, version);

  return `// Derived from ${types} by \`scaffold generate\`: change the types, not this file.
import { createTypeMetaGuard, ${imported("Model", model)}, type ${imported("ModelData", modelData)}, type ${imported("TypeMetaGuard", guard)} } from "@kubernetes-models/base";
import { ${schema} } from "./${kind.toLowerCase()}.schema.ts";
import type { ${kind} as ${kind}Type } from "./${types}";

${docComment(`${description === "" ? `A ${kind}` : description}\n\nThis is the plain object, as the API server sends it.`, "")}
export interface I${kind} extends ${parent} {
  apiVersion: ${literal(apiVersion)};
  kind: ${literal(kind)};${optionalSpec ? `\n  spec?: ${utility("Exclude", kind)}<${kind}Type["spec"], undefined>;` : ""}
}

${docComment(description === "" ? `A ${kind}.` : description, "")}
export class ${kind} extends ${model}<I${kind}> implements I${kind} {
  static readonly apiVersion: I${kind}["apiVersion"] = ${literal(apiVersion)};
  static readonly kind: I${kind}["kind"] = ${literal(kind)};
  /** Whether a value is an object of this kind and version; its fields are not looked at. */
  static readonly is: ${guard}<I${kind}> = createTypeMetaGuard(${kind});

  declare apiVersion: I${kind}["apiVersion"];
  declare kind: I${kind}["kind"];
${fields.map((name) => fieldDeclaration(kind, name, isRequired(name) || name === "metadata")).join("\n")}

  constructor(data?: ${modelData}<I${kind}>) {
    super();
    this.apiVersion = ${kind}.apiVersion;
    this.kind = ${kind}.kind;
    this.setDefinedProps(data);
  }

  /** A new object with the examples and defaults of the types. */
  static get example(): ${kind} {
    return new ${kind}(${literal(data, "    ")});
  }

  /** Fills in the defaults of absent fields, as the API server does. Changes the object and returns it. */
  static default<T extends ${modelData}<I${kind}>>(object: T): T {
    ${hasDefaults(version) ? `${schema}.applyDefaults(object);` : "// The types have no defaults."}
    return object;
  }

  /**
   * Checks the object as the API server would if it were created: against its schema and its CEL rules.
   *
   * @throws ValidationError with the API server's message, and \`errors\` that name each field
   */
  override validate(): void {
    ${schema}.validate(this);
  }

  /**
   * Checks the object as the API server would if it took the place of \`old\`: what was wrong before and is unchanged is tolerated, and
   * rules may compare the two.
   *
   * @throws ValidationError with the API server's message, and \`errors\` that name each field
   */
  validateUpdate(old: I${kind}): void {
    ${schema}.validate(this, old);
  }
}
`;
}

/** `declare`, or a field of the class would hide what the constructor of the base class has set. */
function fieldDeclaration(kind: string, name: string, required: boolean): string {
  const type = `I${kind}[${literal(name)}]`;
  return required
    ? `  declare ${propertyName(name)}: ${type};`
    : `  declare ${propertyName(name)}?: ${utility("Exclude", kind)}<${type}, undefined>;`;
}

/** A utility type of TypeScript, also where the kind itself has its name. */
function utility(name: "Omit" | "Exclude", kind: string): string {
  return name === kind ? `globalThis.${name}` : name;
}

function propertyName(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : literal(name);
}
