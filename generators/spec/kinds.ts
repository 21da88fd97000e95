import ts from "typescript";
import type { Json, PrintColumn, ResourceVersion, ScaleSubresource, Schema } from "../model/index.ts";
import { docOf, type Tag } from "./docs.ts";
import { interfaceArguments, noArguments } from "./hints.ts";
import { fieldSchema } from "./objects.ts";
import { parseLiteral } from "./literals.ts";
import { kindMarkers } from "./markers/kind-markers.ts";
import { isDocumentation, suggestion } from "./markers/names.ts";
import { schemaMarkers } from "./markers/schema-markers.ts";
import type { Pairs } from "./markers/arguments.ts";
import { checkPaths } from "./paths.ts";
import { isOfApi, type Reading } from "./reading.ts";
import { spotOf, type Spot } from "./report.ts";

/** What one interface says about its kind besides the version: to be brought together with the kind's other versions. */
export interface KindVersion {
  readonly kind: string;
  readonly version: ResourceVersion;
  readonly spot: Spot;
  readonly storage: boolean;
  /** What `@resource` says. */
  readonly names: {
    readonly plural?: string;
    readonly singular?: string;
    readonly shortNames?: readonly string[];
    readonly categories?: readonly string[];
    readonly scope?: "Namespaced" | "Cluster";
  };
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

const byName = new Map(kindMarkers.map((marker) => [marker.name, marker]));

/** The kinds of a types file: its exported interfaces that extend CustomResource. */
export function readKinds(reading: Reading, file: ts.SourceFile, typesFile: string, versionName: string): KindVersion[] {
  const kinds: KindVersion[] = [];
  for (const statement of file.statements) {
    if (ts.isTypeAliasDeclaration(statement) && isCustomResource(reading.checker.getTypeAtLocation(statement))) {
      reading.report.add(
        "bad-layout",
        spotOf(statement.name),
        `${statement.name.text} is a type alias`,
        `write: export interface ${statement.name.text} extends CustomResource<…> {}`,
      );
    }
    if (
      !ts.isInterfaceDeclaration(statement) ||
      statement.typeParameters !== undefined ||
      !extendsCustomResource(reading.checker, statement)
    )
      continue;
    if (statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) !== true) {
      reading.report.add(
        "bad-layout",
        spotOf(statement.name),
        `${statement.name.text} is a kind, but is not exported`,
        "write export before interface",
      );
      continue;
    }
    kinds.push(readKind(reading, statement, typesFile, versionName));
  }
  return kinds;
}

function readKind(reading: Reading, declaration: ts.InterfaceDeclaration, typesFile: string, versionName: string): KindVersion {
  const { checker, report } = reading;
  const kind = declaration.name.text;
  const spot = spotOf(declaration.name);
  if (!/^[A-Z][A-Za-z0-9]{0,62}$/.test(kind))
    report.add("bad-name", spot, `${kind} is no name for a kind`, "write letters and digits in UpperCamelCase, 63 at most");
  const doc = docOf(declaration);
  const markers = new KindMarkers(reading, doc.tags);
  const schema = rootSchema(reading, declaration, spot, doc.description, markers.schemaTags);
  const [scale] = markers.all("subresource").filter((found) => found.has("scale"));
  const columns = markers.all("printColumn").map(printColumn);
  const warning = markers.first("deprecatedVersion")?.get("warning")?.[0];
  const version: ResourceVersion = {
    name: versionName,
    served: markers.first("unserved") === undefined,
    storage: false,
    ...(warning === undefined ? {} : { deprecated: warning === "" ? {} : { warning } }),
    schema,
    printColumns: columns,
    selectableFields: markers.all("selectableField").map((found) => only(found, "jsonPath")),
    status: markers.all("subresource").some((found) => found.has("status")),
    ...(scale === undefined ? {} : { scale: scaleOf(scale) }),
    ...exampleOf(doc.tags),
    typesFile,
    place: report.place(spot),
  };
  checkPaths(reading, version, spot, doc.tags);
  const resource = markers.first("resource");
  return {
    kind,
    version,
    spot,
    storage: markers.first("storageVersion") !== undefined,
    names: namesOf(resource),
    ...metadataOf(markers.all("metadata")),
  };

  function rootSchema(_reading: Reading, node: ts.InterfaceDeclaration, at: Spot, description: string, tags: readonly Tag[]): Schema {
    const type = checker.getTypeAtLocation(node);
    const known = interfaceArguments(checker, node, noArguments);
    const use = { spot: at, name: "", hint: undefined, within: [type], cut: false };
    const properties: [string, Schema][] = [
      ["apiVersion", { type: "string", description: "The group and version of this object's schema, such as apps/v1." }],
      ["kind", { type: "string", description: "The kind of this object, in UpperCamelCase; it cannot be changed." }],
      ["metadata", { type: "object" }],
    ];
    const required: string[] = [];
    for (const field of type.getProperties()) {
      if (properties.some(([name]) => name === field.name)) continue;
      const fieldType = checker.getTypeOfSymbol(field);
      const absent = ts.TypeFlags.Undefined | ts.TypeFlags.Never | ts.TypeFlags.Void;
      if ((fieldType.flags & absent) !== 0) continue; // CustomResource without a status, or without a spec
      const read = fieldSchema(reading, field, use, known);
      if (read === undefined) continue;
      properties.push([field.name, read.schema]);
      if (!read.optional) required.push(field.name);
    }
    const root: Schema = {
      type: "object",
      ...(description === "" ? {} : { description }),
      properties: Object.fromEntries(properties),
      ...(required.length === 0 ? {} : { required }),
    };
    return applyRootMarkers(reading, root, tags, kind);
  }
}

/** Markers for schemas that make sense on a whole object. */
const rootMarkers = new Map(
  ["validation", "externalDocs", "title"].map((name) => [name, schemaMarkers.find((marker) => marker.name === name)]),
);

function applyRootMarkers(reading: Reading, root: Schema, tags: readonly Tag[], kind: string): Schema {
  let schema = root;
  for (const tag of tags) {
    const result = rootMarkers.get(tag.name)?.apply(tag.text, schema, "object");
    if (result === undefined) continue;
    if ("problem" in result)
      reading.report.add(
        "bad-marker",
        tag.spot,
        `@${tag.name} ${result.problem}`,
        `write it like ${rootMarkers.get(tag.name)?.example ?? kind}`,
      );
    else schema = result.value;
  }
  return schema;
}

/** The kind's markers, read and checked. */
class KindMarkers {
  readonly #found: { readonly name: string; readonly pairs: Pairs }[] = [];
  readonly schemaTags: readonly Tag[];

  constructor(reading: Reading, tags: readonly Tag[]) {
    this.schemaTags = tags.filter(({ name }) => rootMarkers.has(name));
    const seen = new Set<string>();
    for (const tag of tags) {
      if (rootMarkers.has(tag.name) || tag.name === "example") continue;
      const marker = byName.get(tag.name);
      if (marker === undefined) {
        reportStranger(reading, tag);
        continue;
      }
      const identity = marker.repeatable === true ? `${tag.name} ${tag.text}` : tag.name;
      if (seen.has(identity)) {
        reading.report.add("duplicate-marker", tag.spot, `@${tag.name} stands twice on the kind`, "keep one of them");
        continue;
      }
      seen.add(identity);
      const argument = marker.read(tag.text);
      if ("problem" in argument)
        reading.report.add("bad-marker", tag.spot, `@${tag.name} ${argument.problem}`, `write it like ${marker.example}`);
      else this.#found.push({ name: tag.name, pairs: argument.value });
    }
  }

  all(name: string): Pairs[] {
    return this.#found.filter((each) => each.name === name).map(({ pairs }) => pairs);
  }

  first(name: string): Pairs | undefined {
    return this.all(name)[0];
  }
}

function reportStranger({ report }: Reading, tag: Tag): void {
  if (schemaMarkers.some(({ name }) => name === tag.name)) {
    report.add("misplaced-marker", tag.spot, `@${tag.name} is for fields and their types`, "move it into the spec or the status");
  } else if (tag.name === "rbac") {
    report.add(
      "misplaced-marker",
      tag.spot,
      "@rbac is for the code that needs the access",
      "move it to the reconciler's class in controllers/",
    );
  } else if (!isDocumentation(tag.name)) {
    report.add("unknown-marker", tag.spot, `there is no marker @${tag.name}`, suggestion(tag.name));
  }
}

function printColumn(found: Pairs): PrintColumn {
  const [description, format, priority] = ["description", "format", "priority"].map((key) => found.get(key)?.[0]);
  return {
    name: only(found, "name"),
    type: only(found, "type") as PrintColumn["type"], // checked where the marker is read
    jsonPath: only(found, "jsonPath"),
    ...(description === undefined ? {} : { description }),
    ...(format === undefined ? {} : { format }),
    ...(priority === undefined || priority === "0" ? {} : { priority: Number(priority) }),
  };
}

function scaleOf(found: Pairs): ScaleSubresource {
  const labelSelectorPath = found.get("labelSelectorPath")?.[0];
  return {
    specReplicasPath: only(found, "specReplicasPath"),
    statusReplicasPath: only(found, "statusReplicasPath"),
    ...(labelSelectorPath === undefined ? {} : { labelSelectorPath }),
  };
}

function namesOf(found: Pairs | undefined): KindVersion["names"] {
  if (found === undefined) return {};
  const [plural, singular, scope] = ["plural", "singular", "scope"].map((key) => found.get(key)?.[0]);
  const [shortNames, categories] = [found.get("shortName"), found.get("categories")];
  return {
    ...(plural === undefined ? {} : { plural }),
    ...(singular === undefined ? {} : { singular }),
    ...(shortNames === undefined ? {} : { shortNames }),
    ...(categories === undefined ? {} : { categories }),
    ...(scope === undefined ? {} : { scope: scope === "Cluster" ? "Cluster" : "Namespaced" }),
  };
}

function metadataOf(found: readonly Pairs[]): Pick<KindVersion, "labels" | "annotations"> {
  const entries = (key: string): Record<string, string> =>
    Object.fromEntries(
      found.flatMap((pairs) => pairs.get(key) ?? []).map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]),
    );
  return { labels: entries("labels"), annotations: entries("annotations") };
}

function exampleOf(tags: readonly Tag[]): { readonly example?: Json } {
  for (const { name, text } of tags) {
    const value = name === "example" ? parseLiteral(text)?.value : undefined;
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return { example: value };
  }
  return {};
}

function only(found: Pairs, key: string): string {
  return found.get(key)?.[0] ?? "";
}

function extendsCustomResource(checker: ts.TypeChecker, declaration: ts.InterfaceDeclaration): boolean {
  const type = checker.getTypeAtLocation(declaration);
  const seen = new Set<ts.Type>();
  const visit = (each: ts.Type): boolean => {
    if (isCustomResource(each)) return true;
    if (seen.has(each)) return false;
    seen.add(each);
    const target = (each as Partial<ts.TypeReference>).target ?? each;
    return target.isClassOrInterface() && checker.getBaseTypes(target).some(visit);
  };
  return visit(type);
}

function isCustomResource(type: ts.Type): boolean {
  const symbol = type.symbol as ts.Symbol | undefined;
  return symbol?.name === "CustomResource" && symbol.declarations?.some((declaration) => isOfApi(declaration)) === true;
}
