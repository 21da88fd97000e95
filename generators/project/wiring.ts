import { posix } from "node:path";
import ts from "../typescript.cjs";

/** A controller to be added to a program that starts a manager. */
export interface Wiring {
  readonly kind: string;
  /** Used for the class when its plain name means something else in the file already. */
  readonly alias: string;
  /** The module of the kind's class, relative to the project: `api/v1alpha1/memcached.ts`. */
  readonly classFile: string;
  readonly reconciler: string;
  readonly reconcilerFile: string;
}

/** `text` is the new source; without a place to edit, `lines` is what has to be added by hand. */
export type WiringResult =
  | { readonly outcome: "added" | "there-already"; readonly text: string }
  | { readonly outcome: "no-place"; readonly lines: readonly string[]; readonly reason: string };

/** A handler of webhooks to be added to such a program. */
export interface WebhookWiring {
  readonly kind: string;
  readonly alias: string;
  /** What the kind's class is imported from: a module relative to the project, or of a package. */
  readonly classModule: string;
  /** What the handler's module exports. */
  readonly handler: string;
  readonly handlerFile: string;
  /** Of the builder: `defaultWith`. */
  readonly method: string;
  /** What it is given: `new ShipDefaulter()`. */
  readonly argument: string;
  /** The second argument of `manager.webhook`, as source. */
  readonly paths?: string | undefined;
}

interface Edit {
  readonly position: number;
  readonly text: string;
}

const runtimeModule = "@kubescaffold/runtime";

/**
 * Adds the imports and the `manager.controller(Kind)…` statement of a controller to a source file. It looks at the
 * syntax tree: the manager is whatever variable holds the result of `Manager.create`, however named, formatted or imported.
 * This parses one file; it needs neither types nor the program that `spec/` builds.
 *
 * @param file the file's path relative to the project, `main.ts`
 */
export function addController(file: string, source: string, wiring: Wiring): WiringResult {
  return addCall(file, source, {
    ...{ kind: wiring.kind, alias: wiring.alias, classModule: wiring.classFile },
    ...{ helper: wiring.reconciler, helperFile: wiring.reconcilerFile, after: ["controller"] },
    statement: ({ manager, kind, helper }) => `${manager}.controller(${kind}).reconcileWith(new ${helper}());`,
    isThere: ({ kind, calls }) =>
      kind !== undefined && calls.some(({ method, node }) => method === "controller" && isIdentifier(node.arguments[0], kind)),
  });
}

/**
 * Adds the imports and the `manager.webhook(Kind).method(…)` statement of a handler to a source file: at the end of a statement that wires webhooks of
 * the kind at the same paths, else as one of its own.
 */
export function addWebhook(file: string, source: string, wiring: WebhookWiring): WiringResult {
  const call = `.${wiring.method}(${wiring.argument})`;
  return addCall(file, source, {
    ...{ kind: wiring.kind, alias: wiring.alias, classModule: wiring.classModule },
    ...{ helper: wiring.handler, helperFile: wiring.handlerFile, after: ["webhook", "controller"] },
    statement: ({ manager, kind }) => `${manager}.webhook(${kind}${wiring.paths === undefined ? "" : `, ${wiring.paths}`})${call};`,
    isThere: ({ helper }) => helper !== undefined,
    chained: ({ kind, calls }) => {
      const same = calls.find(
        ({ method, node }) =>
          method === "webhook" &&
          kind !== undefined &&
          isIdentifier(node.arguments[0], kind) &&
          node.arguments[1]?.getText() === wiring.paths,
      );
      return same && { position: endOfChain(same.node), text: call };
    },
  });
}

/** A call on the manager that something is wired by, and what it imports. */
interface AddedCall {
  readonly kind: string;
  readonly alias: string;
  readonly classModule: string;
  /** What else is imported: the reconciler, the handler. */
  readonly helper: string;
  readonly helperFile: string;
  /** The methods of the manager whose last call it comes after. */
  readonly after: readonly string[];
  statement(names: { readonly manager: string; readonly kind: string; readonly helper: string }): string;
  isThere(found: Found): boolean;
  /** The edit that does for the statement, where there is one that it can join. */
  chained?(found: Found): Edit | undefined;
}

/** What a program has of it already: the local names of imports, and all calls on the manager. */
interface Found {
  readonly kind: string | undefined;
  readonly helper: string | undefined;
  readonly calls: readonly ManagerCall[];
}

function addCall(file: string, source: string, added: AddedCall): WiringResult {
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true, ts.ScriptKind.TS);
  const newline = source.includes("\r\n") ? "\r\n" : "\n";
  const imports = tree.statements.filter(ts.isImportDeclaration);
  const classModule = added.classModule.endsWith(".ts") ? specifier(file, added.classModule) : added.classModule;
  const helperModule = specifier(file, added.helperFile);
  const kind = importedName(imports, classModule, added.kind);
  const helper = importedName(imports, helperModule, added.helper);

  const kindName = kind ?? (declaredNames(tree).has(added.kind) ? added.alias : added.kind);
  const quote = quoteOf(imports);
  const missingImports = [
    ...(kind === undefined ? [importLine(added.kind, kindName, classModule, quote)] : []),
    ...(helper === undefined ? [importLine(added.helper, added.helper, helperModule, quote)] : []),
  ];
  const statement = (manager: string): string => added.statement({ manager, kind: kindName, helper: helper ?? added.helper });
  const noPlace = (reason: string): WiringResult => ({ outcome: "no-place", reason, lines: [...missingImports, statement("manager")] });

  if (hasSyntaxErrors(file, source)) return noPlace("is not valid TypeScript");
  const manager = findManager(tree, imports);
  if (!manager) return noPlace("has no variable that holds the result of Manager.create()");
  const calls = callsOn(tree, manager.name);
  const found = { kind, helper, calls };
  if (added.isThere(found)) return { outcome: "there-already", text: source };
  const last = calls.filter(({ method }) => added.after.includes(method)).at(-1);
  const run = calls.find(({ method }) => method === "run" || method === "start");
  const edit = added.chained?.(found) ?? statementEdit(source, tree, { manager, last, run }, statement(manager.name), newline);
  return { outcome: "added", text: apply(source, [importEdit(tree, imports, missingImports, newline), edit]) };
}

/** Where the calls that are chained to a call end. */
function endOfChain(call: ts.CallExpression): number {
  const { parent } = call;
  const next = ts.isPropertyAccessExpression(parent) && parent.expression === call ? parent.parent : undefined;
  return next !== undefined && ts.isCallExpression(next) ? endOfChain(next) : call.end;
}

interface Places {
  readonly manager: { readonly statement: ts.Statement };
  readonly last: ManagerCall | undefined;
  readonly run: ManagerCall | undefined;
}

/** A statement after the last of its like; without one, before that which runs the manager, where both are in the same block. */
function statementEdit(source: string, tree: ts.SourceFile, { manager, last, run }: Places, statement: string, newline: string): Edit {
  const anchor = run ? statementOf(run.node) : undefined;
  const after = last ? statementOf(last.node) : manager.statement;
  return last || !anchor || anchor.parent !== after.parent
    ? { position: after.end, text: newline + indentOf(source, after.getStart(tree)) + statement }
    : { position: anchor.getStart(tree), text: `${statement}${newline}${indentOf(source, anchor.getStart(tree))}` };
}

function specifier(from: string, to: string): string {
  const path = posix.relative(posix.dirname(from), to);
  return path.startsWith(".") ? path : `./${path}`;
}

function importLine(exported: string, local: string, module: string, quote: string): string {
  return `import { ${exported === local ? exported : `${exported} as ${local}`} } from ${quote}${module}${quote};`;
}

/** The local name of a named import, if the file has it as a value. */
function importedName(imports: readonly ts.ImportDeclaration[], module: string, exported: string): string | undefined {
  for (const declaration of imports) {
    const bindings = declaration.importClause?.namedBindings;
    if (moduleOf(declaration) !== module || declaration.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword) continue;
    if (!bindings || !ts.isNamedImports(bindings)) continue;
    const found = bindings.elements.find((element) => !element.isTypeOnly && (element.propertyName ?? element.name).text === exported);
    if (found) return found.name.text;
  }
  return undefined;
}

function moduleOf(declaration: ts.ImportDeclaration): string {
  return ts.isStringLiteral(declaration.moduleSpecifier) ? declaration.moduleSpecifier.text : "";
}

/** Every name that the file binds anywhere, so that an import cannot hide or clash with one. */
function declaredNames(tree: ts.SourceFile): Set<string> {
  const names = new Set<string>();
  visit(tree, (node) => {
    if (
      ts.isImportSpecifier(node) ||
      ts.isVariableDeclaration(node) ||
      ts.isParameter(node) ||
      ts.isBindingElement(node) ||
      ts.isFunctionDeclaration(node) ||
      ts.isClassDeclaration(node) ||
      ts.isInterfaceDeclaration(node) ||
      ts.isTypeAliasDeclaration(node) ||
      ts.isImportClause(node) ||
      ts.isNamespaceImport(node)
    ) {
      if (node.name && ts.isIdentifier(node.name)) names.add(node.name.text);
    }
  });
  return names;
}

/** The variable that `Manager.create(…)` is assigned to, with or without `await`, in whatever function. */
function findManager(tree: ts.SourceFile, imports: readonly ts.ImportDeclaration[]): { name: string; statement: ts.Statement } | undefined {
  const className = importedName(imports, runtimeModule, "Manager");
  const namespace = imports
    .filter((declaration) => moduleOf(declaration) === runtimeModule)
    .map((declaration) => declaration.importClause?.namedBindings)
    .find((bindings) => bindings !== undefined && ts.isNamespaceImport(bindings))?.name.text;
  const isManagerClass = (node: ts.Expression): boolean =>
    isIdentifier(node, className) ||
    (ts.isPropertyAccessExpression(node) && node.name.text === "Manager" && isIdentifier(node.expression, namespace));

  let found: { name: string; statement: ts.Statement } | undefined;
  const look = (target: ts.Node, value: ts.Expression | undefined): void => {
    const call = value && unwrap(value);
    if (found || !call || !ts.isIdentifier(target) || !ts.isCallExpression(call) || !ts.isPropertyAccessExpression(call.expression)) return;
    const { name, expression } = call.expression;
    if (name.text === "create" && isManagerClass(expression)) found = { name: target.text, statement: statementOf(target) };
  };
  visit(tree, (node) => {
    if (ts.isVariableDeclaration(node)) look(node.name, node.initializer);
    else if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken) look(node.left, node.right);
  });
  return found;
}

interface ManagerCall {
  readonly method: string;
  readonly node: ts.CallExpression;
}

function callsOn(tree: ts.SourceFile, variable: string): ManagerCall[] {
  const calls: ManagerCall[] = [];
  visit(tree, (node) => {
    if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression) && isIdentifier(node.expression.expression, variable)) {
      calls.push({ method: node.expression.name.text, node });
    }
  });
  return calls;
}

function unwrap(expression: ts.Expression): ts.Expression {
  return ts.isAwaitExpression(expression) ||
    ts.isParenthesizedExpression(expression) ||
    ts.isAsExpression(expression) ||
    ts.isSatisfiesExpression(expression)
    ? unwrap(expression.expression)
    : expression;
}

/** The statement of a block (or of the file) that a node is part of. */
function statementOf(node: ts.Node): ts.Statement {
  let current = node;
  while (!ts.isBlock(current.parent) && !ts.isSourceFile(current.parent)) current = current.parent;
  return current as ts.Statement;
}

function isIdentifier(node: ts.Node | undefined, name: string | undefined): boolean {
  return node !== undefined && name !== undefined && ts.isIdentifier(node) && node.text === name;
}

function hasSyntaxErrors(file: string, source: string): boolean {
  const { diagnostics } = ts.transpileModule(source, {
    fileName: file,
    reportDiagnostics: true,
    compilerOptions: { target: ts.ScriptTarget.Latest },
  });
  return (diagnostics ?? []).length > 0;
}

function quoteOf(imports: readonly ts.ImportDeclaration[]): string {
  return imports[0]?.moduleSpecifier.getText().startsWith("'") ? "'" : '"';
}

/** After the last import; before the first statement when there is none. */
function importEdit(tree: ts.SourceFile, imports: readonly ts.ImportDeclaration[], lines: readonly string[], newline: string): Edit {
  const last = imports.at(-1);
  return last
    ? { position: last.end, text: lines.map((line) => newline + line).join("") }
    : { position: tree.statements[0]?.getStart(tree) ?? tree.end, text: lines.map((line) => line + newline).join("") };
}

function indentOf(source: string, position: number): string {
  const lineStart = source.lastIndexOf("\n", position - 1) + 1;
  return /^[ \t]*/.exec(source.slice(lineStart, position))?.[0] ?? "";
}

function apply(source: string, edits: readonly Edit[]): string {
  return [...edits]
    .sort((a, b) => b.position - a.position)
    .reduce((text, { position, text: added }) => text.slice(0, position) + added + text.slice(position), source);
}

function visit(node: ts.Node, visitor: (node: ts.Node) => void): void {
  visitor(node);
  ts.forEachChild(node, (child) => visit(child, visitor));
}
