import { join } from "node:path";
import ts from "../typescript.cjs";
import type { AdmissionPolicy, Json } from "../model/index.ts";
import { constantOf, nodeAt } from "./constants.ts";
import { fieldName, isArray, isMap, type JsonMap, type Path } from "./fields.ts";
import { nearest } from "./markers/arguments.ts";
import { bindingProblems, policyProblems } from "./policy-problems.ts";
import type { KindName } from "./calls/kinds.ts";
import { groupVersionOf, type ProgramKinds } from "./program-kinds.ts";
import { isOfApi } from "./reading.ts";
import { spotOf, type Report } from "./report.ts";
import { reportTypeErrors } from "./type-errors.ts";

/** A constant of the type AdmissionPolicy, and the kind that the type names. */
interface Declared {
  readonly name: ts.Identifier;
  readonly initializer: ts.Expression;
  readonly kind: ts.TypeNode | undefined;
}

/** The policies of a project: exported constants of the type AdmissionPolicy in its `*.policy.ts`, evaluated without running them. */
export function readPolicies(reading: ProgramKinds): AdmissionPolicy[] {
  const { report, sources, program } = reading;
  const policies: AdmissionPolicy[] = [];
  for (const path of sources.policies) {
    const file = program.getSourceFile(join(sources.root, path));
    if (file === undefined) continue;
    const before = report.size;
    const declared = declaredIn(reading, file);
    if (declared.length === 0 && report.size === before)
      report.add("bad-policy", { file, offset: 0 }, `${path} has no policy`, "write export const name: AdmissionPolicy<Kind> = { … }");
    for (const each of declared) policies.push(...readPolicy(reading, each));
    // Where nothing better was said, what does not compile is told by the compiler.
    if (report.size === before) reportTypeErrors(program, report, file);
  }
  reportDoubles(report, policies);
  return policies.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function declaredIn({ checker, report }: ProgramKinds, file: ts.SourceFile): Declared[] {
  const found: Declared[] = [];
  for (const statement of file.statements) {
    if (!ts.isVariableStatement(statement)) continue;
    for (const { name, type, initializer } of statement.declarationList.declarations) {
      if (initializer === undefined || !ts.isIdentifier(name)) continue;
      const satisfied = ts.isSatisfiesExpression(initializer) ? initializer.type : undefined;
      const reference = [type, satisfied].find((node) => node !== undefined && isPolicyType(checker, node));
      if (reference === undefined || !ts.isTypeReferenceNode(reference)) continue;
      const isExported = statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true;
      const isConst = (statement.declarationList.flags & ts.NodeFlags.Const) !== 0;
      if (isExported && isConst) found.push({ name, initializer, kind: reference.typeArguments?.[0] });
      else report.add("bad-policy", spotOf(name), `the policy ${name.text} is no exported constant`, `write export const ${name.text}`);
    }
  }
  return found;
}

function isPolicyType(checker: ts.TypeChecker, node: ts.TypeNode): boolean {
  if (!ts.isTypeReferenceNode(node)) return false;
  const symbol = checker.getSymbolAtLocation(node.typeName);
  const target = symbol !== undefined && (symbol.flags & ts.SymbolFlags.Alias) !== 0 ? checker.getAliasedSymbol(symbol) : symbol;
  return target?.name === "AdmissionPolicy" && target.declarations?.some((declaration) => isOfApi(declaration)) === true;
}

const members = [
  ...[
    "name",
    "labels",
    "annotations",
    "operations",
    "bindings",
    "matchConstraints",
    "matchConditions",
    "failurePolicy",
    "paramKind",
    "variables",
  ],
  ...["validations", "auditAnnotations"],
];

function readPolicy(reading: ProgramKinds, { name, initializer, kind: kindNode }: Declared): AdmissionPolicy[] {
  const { report, checker } = reading;
  const constant = constantOf(checker, initializer);
  if ("problem" in constant) {
    report.add(
      "bad-policy",
      spotOf(constant.node),
      `a part of the policy ${name.text} ${constant.problem}`,
      "write a literal, or a const that is made of literals",
    );
    return [];
  }
  const said = constant.value;
  const tell = (path: Path, message: string, instead: string): void =>
    report.add("bad-policy", spotOf(nodeAt(checker, initializer, path)), `the policy ${name.text}: ${message}`, instead);
  if (!isMap(said)) {
    tell([], "it is no object", "write one with validations");
    return [];
  }
  const odd = Object.keys(said).find((key) => !members.includes(key));
  if (odd !== undefined) {
    tell([odd], `there is no field ${odd}`, `write ${nearest(odd, members) ?? `one of ${members.join(", ")}`}`);
    return [];
  }
  const kinds = kindsOf(reading, kindNode);
  if (kinds === undefined) return [];
  const policy = toPolicy(reading, name, said, kinds);
  for (const { path, message, instead } of [...shapeProblems(said, kinds), ...policyProblems(policy, said), ...bindingProblems(policy)]) {
    const own = kinds.length === 0 ? path : pathInConstant(path);
    tell(own, message.replace(fieldName(path), fieldName(own)), instead);
  }
  return [policy];
}

/** Of a policy for a kind: its rule is made of the constant's own operations. */
function pathInConstant(path: Path): Path {
  const [list, rules, , field, ...rest] = path;
  return list === "matchConstraints" && rules === "resourceRules" && field === "operations" ? [field, ...rest] : path;
}

/** The kinds that the type names; undefined where that was wrong. */
function kindsOf({ report, checker, finder, names }: ProgramKinds, node: ts.TypeNode | undefined): readonly KindName[] | undefined {
  if (node === undefined || node.kind === ts.SyntaxKind.UndefinedKeyword) return [];
  const kinds = finder.ofType(checker.getTypeFromTypeNode(node)) ?? [];
  if (kinds.length === 0) {
    const instead = "write an interface that extends CustomResource, or one of kubernetes-models such as IDeployment";
    report.add("bad-policy", spotOf(node), `${node.getText()} is no kind`, instead);
    return undefined;
  }
  const strange = kinds.find((kind) => names.find(kind) === undefined);
  if (strange === undefined) return kinds;
  const message = `how ${strange.kind} of ${strange.apiVersion} is called on the API server is not known`;
  report.add(
    "bad-policy",
    spotOf(node),
    message,
    "import its CRD (scaffold import crd), or write matchConstraints.resourceRules and no kind",
  );
  return undefined;
}

function toPolicy({ report, names }: ProgramKinds, name: ts.Identifier, said: JsonMap, kinds: readonly KindName[]): AdmissionPolicy {
  const { name: own, labels, annotations, operations, bindings, matchConstraints, ...rest } = said;
  const called = typeof own === "string" ? own : kebab(name.text);
  const rules = kinds.map((kind): Json => {
    const { group, version } = groupVersionOf(kind.apiVersion);
    const resource = names.find(kind)?.plural ?? "";
    return { apiGroups: [group], apiVersions: [version], operations: operations ?? ["CREATE", "UPDATE"], resources: [resource] };
  });
  const constraints = isMap(matchConstraints) ? matchConstraints : {};
  const listed = isArray(bindings) ? bindings.filter(isMap) : [{}];
  return {
    name: called,
    ...(isMap(labels) ? { labels: textsOf(labels) } : {}),
    ...(isMap(annotations) ? { annotations: textsOf(annotations) } : {}),
    spec: {
      failurePolicy: "Fail",
      matchConstraints: rules.length === 0 ? constraints : { ...constraints, resourceRules: rules },
      ...rest,
    },
    bindings: listed.map(({ name: bindingName, ...spec }, index) => ({
      name: typeof bindingName === "string" ? bindingName : index === 0 ? called : `${called}-${index + 1}`,
      spec: { policyName: called, validationActions: ["Deny"], ...spec },
    })),
    place: report.place(spotOf(name)),
  };
}

function textsOf(map: JsonMap): Record<string, string> {
  return Object.fromEntries(
    Object.entries(map).map(([key, value]): [string, string] => [key, typeof value === "string" ? value : JSON.stringify(value)]),
  );
}

/** What the type says already, for those who get around it. */
function* shapeProblems(said: JsonMap, kinds: readonly KindName[]): Generator<{ path: Path; message: string; instead: string }> {
  const lists: Readonly<Record<string, (value: Json) => boolean>> = {
    name: (value) => typeof value === "string",
    labels: (value) => isMap(value) && Object.values(value).every((each) => typeof each === "string"),
    annotations: (value) => isMap(value) && Object.values(value).every((each) => typeof each === "string"),
    operations: isArray,
    bindings: (value) => isArray(value) && value.every(isMap),
    matchConstraints: isMap,
  };
  for (const [key, fits] of Object.entries(lists)) {
    const value = said[key];
    if (value !== undefined && !fits(value))
      yield { path: [key], message: `${fieldName([key])} is of another type`, instead: "write what the type AdmissionPolicy says" };
  }
  const constraints = said["matchConstraints"];
  const ownRules = isMap(constraints) && constraints["resourceRules"] !== undefined;
  if (kinds[0] !== undefined && ownRules)
    yield {
      path: ["matchConstraints", "resourceRules"],
      message: `it is about ${kinds[0].kind} by its type already`,
      instead: "take out the kind, or the resourceRules",
    };
  if (kinds.length === 0 && said["operations"] !== undefined)
    yield {
      path: ["operations"],
      message: "operations go with a kind",
      instead: "write AdmissionPolicy<Kind>, or say the operations in matchConstraints.resourceRules",
    };
}

function reportDoubles(report: Report, policies: readonly AdmissionPolicy[]): void {
  const named = new Map<string, AdmissionPolicy>();
  for (const policy of policies) {
    const { name, place } = policy;
    for (const key of [`policy ${name}`, ...policy.bindings.map((binding) => `binding ${binding.name}`)]) {
      const other = named.get(key);
      if (other !== undefined)
        report.addAt("bad-policy", place, `the ${key} is at ${other.place.file}:${other.place.line} already`, "give one another name");
      else named.set(key, policy);
    }
  }
}

/** `crewed-ships` for `crewedShips`. */
function kebab(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1-$2")
    .replace(/[^A-Za-z0-9]+/g, "-")
    .replace(/^-|-$/g, "")
    .toLowerCase();
}
