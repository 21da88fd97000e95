import ts from "../typescript.cjs";

/**
 * How a type is written, which the checker forgets: it knows that a field is a `string`, the type node still says `ImageName`, an alias
 * with a comment and markers of its own. The checker's type decides the structure; a hint only adds what its names say.
 */
export interface Hint {
  readonly node: ts.TypeNode;
  /** What type parameters stand for here. */
  readonly arguments: ReadonlyMap<ts.Symbol, Hint>;
}

/** A hint with its names looked up. */
export interface NamedHint {
  /** Declarations of the aliases, interfaces and enums on the way, from the outermost to the innermost; none of the language's own. */
  readonly names: readonly ts.Declaration[];
  /** The node behind all aliases. */
  readonly hint: Hint;
}

export const noArguments: ReadonlyMap<ts.Symbol, Hint> = new Map();

/** Follows aliases, type parameters, parentheses, and unions of one type with null or undefined. */
export function lookUp(checker: ts.TypeChecker, hint: Hint): NamedHint {
  const names: ts.Declaration[] = [];
  let current = hint;
  for (let steps = 0; steps < 100; steps++) {
    const next = step(checker, current, names);
    if (next === undefined) break;
    current = next;
  }
  return { names, hint: current };
}

function step(checker: ts.TypeChecker, { node, arguments: known }: Hint, names: ts.Declaration[]): Hint | undefined {
  if (ts.isParenthesizedTypeNode(node)) return { node: node.type, arguments: known };
  if (ts.isTypeOperatorNode(node) && node.operator === ts.SyntaxKind.ReadonlyKeyword) return { node: node.type, arguments: known };
  if (ts.isUnionTypeNode(node)) {
    const [only, ...others] = node.types.filter((each) => !isNullish(each));
    return only !== undefined && others.length === 0 && node.types.length > 1 ? { node: only, arguments: known } : undefined;
  }
  const symbol = symbolOf(checker, node);
  if (symbol === undefined) return undefined;
  const substitute = known.get(symbol);
  if (substitute !== undefined) return substitute;
  const declaration = symbol.declarations?.find(
    (each) => ts.isTypeAliasDeclaration(each) || ts.isInterfaceDeclaration(each) || ts.isEnumDeclaration(each),
  );
  if (declaration === undefined || isOfTheLanguage(declaration)) return undefined;
  names.push(declaration);
  return ts.isTypeAliasDeclaration(declaration)
    ? { node: declaration.type, arguments: withArguments(checker, known, declaration, node) }
    : undefined;
}

/** What the type parameters of all declarations that make up the members of a type stand for. */
export function memberArguments(checker: ts.TypeChecker, hint: Hint, depth = 0): ReadonlyMap<ts.Symbol, Hint> {
  const { node, arguments: known } = hint;
  if (depth > 50) return known;
  if (ts.isParenthesizedTypeNode(node)) return memberArguments(checker, { node: node.type, arguments: known }, depth + 1);
  if (ts.isUnionTypeNode(node) || ts.isIntersectionTypeNode(node)) {
    return merged(
      known,
      node.types.map((each) => memberArguments(checker, { node: each, arguments: known }, depth + 1)),
    );
  }
  const symbol = symbolOf(checker, node);
  if (symbol === undefined) return known;
  const substitute = known.get(symbol);
  if (substitute !== undefined) return memberArguments(checker, substitute, depth + 1);
  const found: ReadonlyMap<ts.Symbol, Hint>[] = [];
  for (const declaration of symbol.declarations ?? []) {
    if (ts.isTypeAliasDeclaration(declaration)) {
      if (isOfTheLanguage(declaration)) {
        // Partial, Pick and the like: the members are those of their first argument.
        const first = typeArguments(node)[0];
        if (first !== undefined) found.push(memberArguments(checker, { node: first, arguments: known }, depth + 1));
      } else {
        found.push(
          memberArguments(checker, { node: declaration.type, arguments: withArguments(checker, known, declaration, node) }, depth + 1),
        );
      }
    } else if (ts.isInterfaceDeclaration(declaration)) {
      found.push(interfaceArguments(checker, declaration, withArguments(checker, known, declaration, node), depth));
    }
  }
  return merged(known, found);
}

/** The same for an interface and all that it extends. */
export function interfaceArguments(
  checker: ts.TypeChecker,
  declaration: ts.InterfaceDeclaration,
  known: ReadonlyMap<ts.Symbol, Hint>,
  depth = 0,
): ReadonlyMap<ts.Symbol, Hint> {
  const bases = (declaration.heritageClauses ?? []).flatMap(({ types }) => types);
  return merged(
    known,
    bases.map((base) => memberArguments(checker, { node: base, arguments: known }, depth + 1)),
  );
}

/** The type of the values of a map or the items of an array, as written. */
export function elementHint(checker: ts.TypeChecker, hint: Hint): Hint | undefined {
  const { node, arguments: known } = hint;
  if (ts.isArrayTypeNode(node)) return { node: node.elementType, arguments: known };
  if (ts.isTypeLiteralNode(node)) {
    const index = node.members.find((member) => ts.isIndexSignatureDeclaration(member));
    return index === undefined ? undefined : { node: index.type, arguments: known };
  }
  const name = symbolOf(checker, node)?.name;
  const written = typeArguments(node);
  const element = name === "Record" ? written[1] : name === "Array" || name === "ReadonlyArray" ? written[0] : undefined;
  return element === undefined ? undefined : { node: element, arguments: known };
}

/** True for what TypeScript's own libraries declare (Record, Partial, Date …). */
export function isOfTheLanguage(declaration: ts.Node): boolean {
  return /\/typescript\/lib\/lib\.[^/]*\.?d\.ts$/.test(declaration.getSourceFile().fileName);
}

function isNullish(node: ts.TypeNode): boolean {
  return node.kind === ts.SyntaxKind.UndefinedKeyword || (ts.isLiteralTypeNode(node) && node.literal.kind === ts.SyntaxKind.NullKeyword);
}

function symbolOf(checker: ts.TypeChecker, node: ts.TypeNode): ts.Symbol | undefined {
  const name = ts.isTypeReferenceNode(node) ? node.typeName : ts.isExpressionWithTypeArguments(node) ? node.expression : undefined;
  if (name === undefined) return undefined;
  const symbol = checker.getSymbolAtLocation(name);
  return symbol !== undefined && (symbol.flags & ts.SymbolFlags.Alias) !== 0 ? checker.getAliasedSymbol(symbol) : symbol;
}

function typeArguments(node: ts.TypeNode): readonly ts.TypeNode[] {
  return (ts.isTypeReferenceNode(node) || ts.isExpressionWithTypeArguments(node) ? node.typeArguments : undefined) ?? [];
}

function withArguments(
  checker: ts.TypeChecker,
  known: ReadonlyMap<ts.Symbol, Hint>,
  declaration: ts.TypeAliasDeclaration | ts.InterfaceDeclaration,
  reference: ts.TypeNode,
): ReadonlyMap<ts.Symbol, Hint> {
  const parameters = declaration.typeParameters ?? [];
  if (parameters.length === 0) return known;
  const written = typeArguments(reference);
  const result = new Map(known);
  parameters.forEach((parameter, index) => {
    const symbol = checker.getSymbolAtLocation(parameter.name);
    const node = written[index] ?? parameter.default;
    // An argument is looked up in the scope of the reference: a map of its own, or a parameter could come to stand for itself.
    if (symbol !== undefined && node !== undefined) result.set(symbol, { node, arguments: known });
  });
  return result;
}

function merged(known: ReadonlyMap<ts.Symbol, Hint>, others: readonly ReadonlyMap<ts.Symbol, Hint>[]): ReadonlyMap<ts.Symbol, Hint> {
  return others.length === 0 ? known : new Map([...known, ...others.flatMap((other) => [...other])]);
}
