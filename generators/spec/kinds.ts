import ts from "../typescript.cjs";
import type { ResourceVersion } from "../model/index.ts";
import { docOf } from "./docs.ts";
import { exampleOf, KindMarkers, metadataOf, namesOf, only, printColumn, scaleOf, type KindNames } from "./markers/kind-reader.ts";
import { isKindName } from "./names.ts";
import { checkPaths } from "./paths.ts";
import { isOfApi, isReference, type Reading } from "./reading.ts";
import { spotOf, type Spot } from "./report.ts";
import { rootSchema } from "./root.ts";

/** What one interface says about its kind besides the version: to be brought together with the kind's other versions. */
export interface KindVersion {
  readonly kind: string;
  readonly version: ResourceVersion;
  readonly spot: Spot;
  readonly storage: boolean;
  /** `@group`, where it is there. */
  readonly group?: string;
  readonly names: KindNames;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

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
  const { report } = reading;
  const kind = declaration.name.text;
  const spot = spotOf(declaration.name);
  if (!isKindName(kind))
    report.add("bad-name", spot, `${kind} is no name for a kind`, "write letters and digits in UpperCamelCase, 63 at most");
  const doc = docOf(declaration);
  const markers = new KindMarkers(reading, doc.tags);
  const schema = rootSchema(reading, declaration);
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
  const group = markers.first("group")?.get("group")?.[0];
  return {
    kind,
    version,
    spot,
    storage: markers.first("storageVersion") !== undefined,
    ...(group === undefined ? {} : { group }),
    names: namesOf(markers.first("resource"), markers.first("categories")?.get("categories")),
    ...metadataOf(markers.all("metadata")),
  };
}

function extendsCustomResource(checker: ts.TypeChecker, declaration: ts.InterfaceDeclaration): boolean {
  const type = checker.getTypeAtLocation(declaration);
  const seen = new Set<ts.Type>();
  const visit = (each: ts.Type): boolean => {
    if (isCustomResource(each)) return true;
    if (seen.has(each)) return false;
    seen.add(each);
    const target = isReference(each) ? each.target : each;
    return target.isClassOrInterface() && checker.getBaseTypes(target).some(visit);
  };
  return visit(type);
}

function isCustomResource(type: ts.Type): boolean {
  const symbol = type.getSymbol();
  return symbol?.name === "CustomResource" && symbol.declarations?.some((declaration) => isOfApi(declaration)) === true;
}
