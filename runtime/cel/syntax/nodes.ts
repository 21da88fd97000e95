/**
 * Expressions as trees, macros expanded as the API server's parser expands them: the checker and the cost estimate need the loops that
 * `all`, `map` and the others become, and the place of every operator, which the engine's own trees do not have.
 */

/** Where a node is: an offset in UTF-16 units. An operation is where its operator is, a call where its bracket is. */
interface Place {
  readonly at: number;
}

export type LiteralType = "bool" | "bytes" | "double" | "int" | "null" | "string" | "uint";

export interface Literal extends Place {
  readonly kind: "literal";
  readonly type: LiteralType;
  readonly value: string | bigint | number | boolean | null | Uint8Array;
}

export interface Ident extends Place {
  readonly kind: "ident";
  readonly name: string;
}

export interface Select extends Place {
  readonly kind: "select";
  readonly operand: Node;
  readonly field: string;
  /** It is what `has()` asks: whether the field is there. */
  readonly test: boolean;
}

/** A function, a method (with a target) or an operator (`_+_`, `!_`, `_?_:_`, `_[_]`, `_?._`, `_[?_]`, `@in`). */
export interface Call extends Place {
  readonly kind: "call";
  readonly name: string;
  readonly target?: Node;
  readonly args: readonly Node[];
}

export interface List extends Place {
  readonly kind: "list";
  readonly elements: readonly Node[];
  /** Indices of elements that are left out when they are empty optionals. */
  readonly optional: ReadonlySet<number>;
}

export interface Entry extends Place {
  readonly key: Node;
  readonly value: Node;
  readonly optional: boolean;
}

export interface MapNode extends Place {
  readonly kind: "map";
  readonly entries: readonly Entry[];
}

export interface Field extends Place {
  readonly name: string;
  readonly value: Node;
  readonly optional: boolean;
}

export interface Message extends Place {
  readonly kind: "message";
  readonly type: string;
  readonly fields: readonly Field[];
}

/** A fold over a list or map: what macros expand to. */
export interface Comprehension extends Place {
  readonly kind: "comprehension";
  readonly range: Node;
  readonly variable: string;
  /** The second variable: the value, when the first is the index or key. */
  readonly variable2?: string;
  readonly accumulator: string;
  readonly init: Node;
  readonly condition: Node;
  readonly step: Node;
  readonly result: Node;
}

export type Node = Literal | Ident | Select | Call | List | MapNode | Message | Comprehension;

/** Something wrong with an expression. */
export interface Issue extends Place {
  readonly message: string;
}

/** `a.b.c` as one name, when a node is nothing but that. */
export function qualifiedName(node: Node): string | undefined {
  if (node.kind === "ident") return node.name;
  if (node.kind !== "select" || node.test) return undefined;
  const prefix = qualifiedName(node.operand);
  return prefix === undefined ? undefined : `${prefix}.${node.field}`;
}
