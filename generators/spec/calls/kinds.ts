import ts from "../../typescript.cjs";

/** A kind as objects and kind tokens name it. */
export interface KindName {
  readonly apiVersion: string;
  readonly kind: string;
}

/** How far declarations are followed from one to the next. */
const MAX_STEPS = 10;

/**
 * Says of which kinds an expression may be: an object, a kind token, or a list of them is read from its type, and where the type says
 * only `string`, from the literal that it was made of.
 */
export class KindFinder {
  readonly #checker: ts.TypeChecker;
  readonly #interfaces: ReadonlyMap<string, KindName>;

  /** @param interfaces the kinds of the project's own interfaces, by {@link interfaceKey} */
  constructor(checker: ts.TypeChecker, interfaces: ReadonlyMap<string, KindName>) {
    this.#checker = checker;
    this.#interfaces = interfaces;
  }

  /** The kinds of an expression; undefined when they cannot be seen. */
  of(expression: ts.Expression): readonly KindName[] | undefined {
    return this.ofType(this.#checker.getTypeAtLocation(expression)) ?? this.#ofSource(expression, 0);
  }

  /** The kinds of a type; undefined when they cannot be seen. Of code that does not compile there is none, which the compiler will tell. */
  ofType(type: ts.Type): readonly KindName[] | undefined {
    if (isErrorType(type)) return [];
    if (type.isUnion()) {
      const parts = type.types.filter(({ flags }) => (flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Null | ts.TypeFlags.Void)) === 0);
      return all(parts.map((part) => this.ofType(part)));
    }
    if ((type.flags & ts.TypeFlags.TypeParameter) !== 0) {
      const constraint = this.#checker.getBaseConstraintOfType(type);
      return constraint === undefined || constraint === type ? undefined : this.ofType(constraint);
    }
    for (const declaration of type.getSymbol()?.declarations ?? []) {
      const own = ts.isInterfaceDeclaration(declaration) ? this.#interfaces.get(interfaceKey(declaration)) : undefined;
      if (own !== undefined) return [own];
    }
    return named(this.#textsOf(type, "apiVersion"), this.#textsOf(type, "kind"));
  }

  /** The text of an expression, where its type or its source says which; several for a union. */
  texts(expression: ts.Expression): readonly string[] | undefined {
    return literals(this.#checker.getTypeAtLocation(expression));
  }

  /** The object literal that an expression is or was made of. */
  literal(expression: ts.Expression): ts.ObjectLiteralExpression | undefined {
    let current = expression;
    for (let step = 0; step < MAX_STEPS; step++) {
      current = unwrapped(current);
      if (ts.isObjectLiteralExpression(current)) return current;
      const made = this.constant(current);
      if (made === undefined) return undefined;
      current = made;
    }
    return undefined;
  }

  /** What a `const` was initialised with, for its name. */
  constant(expression: ts.Expression): ts.Expression | undefined {
    if (!ts.isIdentifier(expression)) return undefined;
    const declaration = this.#declarationOf(expression);
    if (declaration === undefined || !ts.isVariableDeclaration(declaration) || !ts.isVariableDeclarationList(declaration.parent))
      return undefined;
    return (declaration.parent.flags & ts.NodeFlags.Const) === 0 ? undefined : declaration.initializer;
  }

  #declarationOf(identifier: ts.Identifier): ts.Declaration | undefined {
    const symbol = this.#checker.getSymbolAtLocation(identifier);
    const target = symbol !== undefined && (symbol.flags & ts.SymbolFlags.Alias) !== 0 ? this.#checker.getAliasedSymbol(symbol) : symbol;
    return target?.valueDeclaration;
  }

  #ofSource(expression: ts.Expression, step: number): readonly KindName[] | undefined {
    if (step > MAX_STEPS) return undefined;
    const next = (each: ts.Expression): readonly KindName[] | undefined =>
      this.ofType(this.#checker.getTypeAtLocation(each)) ?? this.#ofSource(each, step + 1);
    const source = unwrapped(expression);
    if (ts.isObjectLiteralExpression(source)) return this.#ofLiteral(source, next);
    if (ts.isConditionalExpression(source)) return all([next(source.whenTrue), next(source.whenFalse)]);
    if (ts.isCallExpression(source)) {
      const { declaration } = this.#checker.getResolvedSignature(source) ?? {};
      const returned = declaration === undefined ? [] : returnsOf(declaration);
      return returned.length === 0 ? undefined : all(returned.map(next));
    }
    const made = this.constant(source);
    return made === undefined ? undefined : next(made);
  }

  #ofLiteral(
    literal: ts.ObjectLiteralExpression,
    next: (each: ts.Expression) => readonly KindName[] | undefined,
  ): readonly KindName[] | undefined {
    const [apiVersion, kind] = [propertyOf(literal, "apiVersion"), propertyOf(literal, "kind")];
    if (apiVersion !== undefined && kind !== undefined) return named(this.texts(apiVersion), this.texts(kind));
    const spread = literal.properties.findLast((each) => ts.isSpreadAssignment(each));
    return spread === undefined ? undefined : next(spread.expression);
  }

  #textsOf(type: ts.Type, name: string): readonly string[] | undefined {
    const property = type.getProperty(name);
    return property === undefined ? undefined : literals(this.#checker.getTypeOfSymbol(property));
  }
}

/** The key of an interface among a project's kinds. */
export function interfaceKey(declaration: ts.InterfaceDeclaration): string {
  return `${declaration.getSourceFile().fileName}#${declaration.name.text}`;
}

/** What a property of an object literal is set to; undefined where it is not, or cannot be seen. */
export function propertyOf(literal: ts.ObjectLiteralExpression, name: string): ts.Expression | undefined {
  for (const property of literal.properties.toReversed()) {
    if (property.name === undefined || !ts.isPropertyName(property.name) || ts.isComputedPropertyName(property.name)) continue;
    if (property.name.text !== name) continue;
    if (ts.isPropertyAssignment(property)) return property.initializer;
    if (ts.isShorthandPropertyAssignment(property)) return property.name;
  }
  return undefined;
}

/** An expression without what says nothing about its value. */
export function unwrapped(expression: ts.Expression): ts.Expression {
  let current = expression;
  while (
    ts.isParenthesizedExpression(current) ||
    ts.isAsExpression(current) ||
    ts.isSatisfiesExpression(current) ||
    ts.isNonNullExpression(current) ||
    ts.isAwaitExpression(current)
  ) {
    current = current.expression;
  }
  return current;
}

/** What a function with a body returns. */
function returnsOf(declaration: ts.SignatureDeclaration | ts.JSDocSignature): ts.Expression[] {
  if (!("body" in declaration) || declaration.body === undefined) return [];
  if (!ts.isBlock(declaration.body)) return [declaration.body];
  const found: ts.Expression[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node)) return;
    if (ts.isReturnStatement(node) && node.expression !== undefined) found.push(node.expression);
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(declaration.body, visit);
  return found;
}

/** The texts of a string literal type or a union of them, but for undefined. */
function literals(type: ts.Type): readonly string[] | undefined {
  const parts = (type.isUnion() ? type.types : [type]).filter(({ flags }) => (flags & ts.TypeFlags.Undefined) === 0);
  const texts = parts.flatMap((part) => (part.isStringLiteral() ? [part.value] : []));
  return texts.length > 0 && texts.length === parts.length ? texts : undefined;
}

function named(apiVersions: readonly string[] | undefined, kinds: readonly string[] | undefined): readonly KindName[] | undefined {
  // With several of both it could not be seen which belong together.
  if (apiVersions === undefined || kinds === undefined || (apiVersions.length > 1 && kinds.length > 1)) return undefined;
  return apiVersions.flatMap((apiVersion) => kinds.map((kind) => ({ apiVersion, kind })));
}

function all(parts: readonly (readonly KindName[] | undefined)[]): readonly KindName[] | undefined {
  const found: KindName[] = [];
  for (const part of parts) {
    if (part === undefined) return undefined;
    found.push(...part);
  }
  return parts.length === 0 ? undefined : found;
}

/** The type of what has an error in it, which is an `any` that nobody wrote. */
function isErrorType(type: ts.Type): boolean {
  return (type.flags & ts.TypeFlags.Any) !== 0 && "intrinsicName" in type && type.intrinsicName === "error";
}
