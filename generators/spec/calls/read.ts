import ts from "../../typescript.cjs";
import type { AccessRule } from "../../model/index.ts";
import { docOf } from "../docs.ts";
import { isReference } from "../reading.ts";
import { spotOf, type Report } from "../report.ts";
import { propertyOf, unwrapped, type KindFinder, type KindName } from "./kinds.ts";
import { callNeeds, eventCalls, nameable, sameCalls, type CallNeed } from "./needs.ts";
import type { RuleResources } from "./resources.ts";

/** What the reader of calls works with. */
export interface CallReading {
  readonly checker: ts.TypeChecker;
  readonly report: Report;
  readonly finder: KindFinder;
  readonly resources: RuleResources;
}

/** Where a call's objects are, as far as its source says. */
interface Reach {
  readonly namespaces?: readonly string[];
  readonly names?: readonly string[];
}

/** The access rules that follow from the calls in some files: one for each call and kind. */
export function readCallRules(reading: CallReading, files: readonly ts.SourceFile[]): AccessRule[] {
  const calls = files
    .flatMap((file) => callsIn(file))
    .flatMap((call) => {
      const name = runtimeName(reading.checker, call);
      return name === undefined ? [] : [{ call, name }];
    });
  const managed = calls
    .filter(({ name }) => name === "Manager.create")
    .map(({ call }) => textsOf(reading, call.arguments[0], "namespaces"));
  // A manager that is limited to some namespaces caches only these; with several managers, or names that cannot be seen, it may be any.
  const everywhere = managed.length === 1 ? managed[0] : undefined;
  return calls.flatMap(({ call, name }) => rulesOf(reading, call, name, everywhere));
}

function callsIn(file: ts.SourceFile): ts.CallExpression[] {
  const found: ts.CallExpression[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) found.push(node);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/** `Client.apply` for a call of a method of the runtime, `createOrUpdate` for one of its functions. */
function runtimeName(checker: ts.TypeChecker, call: ts.CallExpression): string | undefined {
  const declaration = declarationOf(checker, call);
  if (declaration === undefined || !isOfRuntime(declaration.getSourceFile())) return undefined;
  if (ts.isFunctionDeclaration(declaration)) return declaration.name?.text;
  if (!ts.isMethodSignature(declaration) && !ts.isMethodDeclaration(declaration)) return undefined;
  const { name, parent } = declaration;
  const type = ts.isInterfaceDeclaration(parent) || ts.isClassDeclaration(parent) ? (parent.name?.text ?? "") : "";
  return ts.isIdentifier(name) ? `${sameCalls.get(type) ?? type}.${name.text}` : undefined;
}

/** What is called. By its name where that says it, for then no argument has to be looked at; else by the call's signature. */
function declarationOf(checker: ts.TypeChecker, call: ts.CallExpression): ts.Node | undefined {
  const symbol = checker.getSymbolAtLocation(calledName(call));
  const target = symbol !== undefined && (symbol.flags & ts.SymbolFlags.Alias) !== 0 ? checker.getAliasedSymbol(symbol) : symbol;
  const declaration = target?.declarations?.[0];
  if (
    declaration !== undefined &&
    (ts.isFunctionDeclaration(declaration) || ts.isMethodSignature(declaration) || ts.isMethodDeclaration(declaration))
  )
    return declaration;
  return checker.getResolvedSignature(call)?.declaration;
}

function isOfRuntime({ fileName }: ts.SourceFile): boolean {
  return /\/runtime\/(?:[\w-]+\/)*[\w-]+\.(?:d\.)?ts$/.test(fileName);
}

function rulesOf(reading: CallReading, call: ts.CallExpression, name: string, everywhere: readonly string[] | undefined): AccessRule[] {
  const { report } = reading;
  const place = report.place(spotOf(calledName(call)));
  if (eventCalls.has(name)) return [{ groups: ["events.k8s.io"], resources: ["events"], verbs: ["create", "patch"], place }];
  const need = callNeeds.get(name);
  if (need === undefined || !applies(reading, call, need)) return [];
  const kinds = kindsOf(reading, call, need);
  const subresource = need.subresource === "called" ? calledSubresource(reading, call) : need.subresource;
  if (kinds === undefined || (need.subresource !== undefined && subresource === undefined)) {
    if (!isMarked(call)) {
      const what = kinds === undefined ? "which kind this is about" : "which subresource this is about";
      report.add("unseen-access", spotOf(calledName(call)), `${name}: ${what} cannot be seen from the types`, advice(need));
    }
    return [];
  }
  const reach = reachOf(reading, call, need);
  return kinds.flatMap((kind) => {
    const resource = reading.resources.find(kind);
    if (resource === undefined) {
      if (!isMarked(call)) {
        const message = `${name}: how ${kind.kind} of ${kind.apiVersion} is called in access rules is not known`;
        report.add("unseen-access", spotOf(calledName(call)), message, reading.resources.advice(kind, need.verbs));
      }
      return [];
    }
    const resources = [subresource === undefined ? resource.plural : `${resource.plural}/${subresource}`];
    const namespaces = resource.namespaced ? (reach.namespaces ?? everywhere ?? [undefined]) : [undefined];
    return namespaces.flatMap((namespace) =>
      byName(need.verbs, reach.names).map(({ verbs, names }) => ({
        groups: [resource.group],
        resources,
        verbs,
        ...(names === undefined ? {} : { resourceNames: names }),
        ...(namespace === undefined ? {} : { namespace }),
        place,
      })),
    );
  });
}

/** Where the call says a name, only that object is granted, for verbs where that means anything. */
function byName(
  verbs: readonly string[],
  names: readonly string[] | undefined,
): { verbs: readonly string[]; names: readonly string[] | undefined }[] {
  if (names === undefined) return [{ verbs, names }];
  const [some, all] = [verbs.filter((verb) => nameable.has(verb)), verbs.filter((verb) => !nameable.has(verb))];
  return [...(some.length > 0 ? [{ verbs: some, names }] : []), ...(all.length > 0 ? [{ verbs: all, names: undefined }] : [])];
}

function advice({ verbs }: CallNeed): string {
  return `give it a type with a literal apiVersion and kind, or say it above the function or class: @rbac group=… resources=… verbs=${verbs.join(",")}`;
}

function applies({ checker }: CallReading, call: ts.CallExpression, { onlyWith }: CallNeed): boolean {
  if (onlyWith === undefined) return true;
  const argument = call.arguments[onlyWith.argument];
  return argument !== undefined && checker.getTypeAtLocation(argument).getProperty(onlyWith.method) !== undefined;
}

function kindsOf({ checker, finder }: CallReading, call: ts.CallExpression, { kind }: CallNeed): readonly KindName[] | undefined {
  if (kind !== "receiver") {
    const argument = call.arguments[kind];
    return argument === undefined ? undefined : finder.of(argument);
  }
  const receiver = receiverOf(call);
  if (receiver === undefined) return undefined;
  const type = checker.getTypeAtLocation(receiver);
  const [of] = isReference(type) ? checker.getTypeArguments(type) : [];
  return of === undefined ? undefined : finder.ofType(of);
}

function receiverOf({ expression }: ts.CallExpression): ts.Expression | undefined {
  return ts.isPropertyAccessExpression(expression) || ts.isElementAccessExpression(expression) ? expression.expression : undefined;
}

function calledName({ expression }: ts.CallExpression): ts.Node {
  if (ts.isPropertyAccessExpression(expression)) return expression.name;
  return ts.isElementAccessExpression(expression) ? expression.argumentExpression : expression;
}

/** `client.status` is status, `client.subresource("eviction")` is eviction. */
function calledSubresource({ finder }: CallReading, call: ts.CallExpression): string | undefined {
  for (const part of chainOf(finder, call)) {
    if (ts.isPropertyAccessExpression(part) && part.name.text === "status") return "status";
    if (ts.isCallExpression(part) && methodOf(part) === "subresource") {
      const [name] = part.arguments;
      const texts = name === undefined ? undefined : finder.texts(name);
      return texts?.length === 1 ? texts[0] : undefined;
    }
  }
  return undefined;
}

/** What a call is made on, from the call to the beginning: `client.inNamespace("a").status` before `client.inNamespace("a")`. */
function* chainOf(finder: KindFinder, call: ts.CallExpression): Generator<ts.Expression> {
  let current = receiverOf(call);
  while (current !== undefined) {
    current = unwrapped(finder.constant(current) ?? current);
    yield current;
    if (ts.isCallExpression(current)) current = receiverOf(current);
    else current = ts.isPropertyAccessExpression(current) ? current.expression : undefined;
  }
}

function methodOf(call: ts.CallExpression): string | undefined {
  return ts.isPropertyAccessExpression(call.expression) ? call.expression.name.text : undefined;
}

function reachOf(reading: CallReading, call: ts.CallExpression, { key, options }: CallNeed): Reach {
  const at = (index: number | undefined): ts.Expression | undefined => (index === undefined ? undefined : call.arguments[index]);
  const object = key === undefined ? undefined : metadataOf(reading, at(key));
  const namespaces =
    textsOf(reading, object ?? at(key), "namespace") ??
    textsOf(reading, at(options), "namespace") ??
    textsOf(reading, at(options), "namespaces") ??
    inNamespace(reading, call);
  const names = textsOf(reading, object ?? at(key), "name");
  return { ...(namespaces === undefined ? {} : { namespaces }), ...(names === undefined ? {} : { names }) };
}

/** The metadata of an object literal. */
function metadataOf({ finder }: CallReading, expression: ts.Expression | undefined): ts.Expression | undefined {
  const literal = expression === undefined ? undefined : finder.literal(expression);
  return literal === undefined ? undefined : propertyOf(literal, "metadata");
}

/** The texts of a property of an object literal, which may be a list of texts. */
function textsOf({ finder }: CallReading, expression: ts.Expression | undefined, name: string): readonly string[] | undefined {
  const literal = expression === undefined ? undefined : finder.literal(expression);
  const property = literal === undefined ? undefined : propertyOf(literal, name);
  if (property === undefined) return undefined;
  const value = unwrapped(finder.constant(property) ?? property);
  if (!ts.isArrayLiteralExpression(value)) return finder.texts(property);
  const texts = value.elements.map((each) => finder.texts(each));
  return texts.includes(undefined) ? undefined : texts.flatMap((each) => each ?? []);
}

function inNamespace({ finder }: CallReading, call: ts.CallExpression): readonly string[] | undefined {
  for (const part of chainOf(finder, call)) {
    if (!ts.isCallExpression(part) || methodOf(part) !== "inNamespace") continue;
    const [namespace] = part.arguments;
    return namespace === undefined ? undefined : finder.texts(namespace);
  }
  return undefined;
}

/** Whether a statement or class member around the call says with `@rbac` what cannot be seen. */
function isMarked(call: ts.Node): boolean {
  for (let node: ts.Node = call; !ts.isSourceFile(node); node = node.parent) {
    if ((ts.isStatement(node) || ts.isClassElement(node)) && docOf(node).tags.some(({ name }) => name === "rbac")) return true;
  }
  return false;
}
