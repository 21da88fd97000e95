import type { Call, Comprehension, Ident, Issue, Literal, Node } from "./nodes.ts";

/** What a macro became, the reason that it cannot be one, or nothing when a call is none. */
type Expansion = Node | { readonly issue: Issue } | undefined;

const ACCUMULATOR = "@result";

/** Expands a call when it is a macro of the API server's language. */
export function expandMacro({ name, target, args, at }: Call): Expansion {
  const [first, second] = args;
  if (target === undefined) return name === "has" && args.length === 1 && first ? presence(first, at) : undefined;
  if (first === undefined) return undefined;
  const make = new Maker(target, at);
  if (args.length === 2 && second) return expandOneVariable(name, make, first, second);
  const [, , third, fourth] = args;
  if (second === undefined || third === undefined) return undefined;
  if (args.length === 3 && name === "map") return make.list(oneVariable(first, "argument is not an identifier"), third, second);
  if (args.length === 3 || (args.length === 4 && name.startsWith("transform")))
    return expandTwoVariables(name, make, [first, second], fourth ?? third, fourth === undefined ? undefined : third);
  return undefined;
}

function expandOneVariable(name: string, make: Maker, first: Node, body: Node): Expansion {
  switch (name) {
    case "all":
    case "exists":
    case "exists_one":
      return make.quantifier(name, oneVariable(first, "argument must be a simple name"), body);
    case "map":
      return make.list(oneVariable(first, "argument is not an identifier"), body);
    case "filter":
      return make.list(oneVariable(first, "argument is not an identifier"), first, body);
    case "optMap":
    case "optFlatMap":
      if (first.kind !== "ident") return { issue: { at: first.at, message: `${name}() variable name must be a simple identifier` } };
      return make.optional(first.name, body, name === "optFlatMap");
    case "sortBy":
      return make.sorted(oneVariable(first, "argument is not an identifier"), body);
    default:
      return undefined;
  }
}

function expandTwoVariables(name: string, make: Maker, names: readonly [Node, Node], body: Node, filter: Node | undefined): Expansion {
  switch (name) {
    case "all":
    case "exists":
    case "exists_one":
      return make.quantifier(name, twoVariables(names), body);
    case "existsOne":
      return make.quantifier("exists_one", twoVariables(names), body);
    case "transformList":
      return make.list(twoVariables(names), body, filter);
    case "transformMap":
      return make.map(twoVariables(names), body, true, filter);
    case "transformMapEntry":
      return make.map(twoVariables(names), body, false, filter);
    default:
      return undefined;
  }
}

type Variables = { readonly variable: string; readonly variable2?: string } | { readonly issue: Issue };

function oneVariable(node: Node, otherwise: string): Variables {
  if (node.kind !== "ident") return { issue: { at: node.at, message: otherwise } };
  return overwrites(node) ?? { variable: node.name };
}

function twoVariables([first, second]: readonly [Node, Node]): Variables {
  for (const each of [first, second])
    if (each.kind !== "ident") return { issue: { at: each.at, message: "argument must be a simple name" } };
  if (first.kind !== "ident" || second.kind !== "ident") return oneVariable(first, "argument must be a simple name");
  if (first.name === second.name) return { issue: { at: second.at, message: `duplicate variable name: ${first.name}` } };
  return overwrites(first) ?? overwrites(second) ?? { variable: first.name, variable2: second.name };
}

function overwrites({ name, at }: Ident): { issue: Issue } | undefined {
  return name === "__result__" ? { issue: { at, message: "iteration variable overwrites accumulator variable" } } : undefined;
}

function presence(argument: Node, at: number): Expansion {
  if (argument.kind !== "select") return { issue: { at: argument.at, message: "invalid argument to has() macro" } };
  return { kind: "select", operand: argument.operand, field: argument.field, test: true, at };
}

/** Makes the nodes of an expansion; all are where the macro is. */
class Maker {
  readonly #range: Node;
  readonly #at: number;

  constructor(range: Node, at: number) {
    this.#range = range;
    this.#at = at;
  }

  quantifier(kind: "all" | "exists" | "exists_one", variables: Variables, body: Node): Expansion {
    if (kind === "exists_one") {
      const step = this.#call("_?_:_", body, this.#call("_+_", this.#accumulator(), this.#int(1n)), this.#accumulator());
      const result = this.#call("_==_", this.#accumulator(), this.#int(1n));
      return this.#fold(variables, this.#int(0n), this.#bool(true), step, result);
    }
    const all = kind === "all";
    const lasting = all ? this.#accumulator() : this.#call("!_", this.#accumulator());
    const step = this.#call(all ? "_&&_" : "_||_", this.#accumulator(), body);
    return this.#fold(variables, this.#bool(all), this.#call("@not_strictly_false", lasting), step);
  }

  list(variables: Variables, item: Node, filter?: Node): Expansion {
    const added = this.#call("_+_", this.#accumulator(), this.#list(item));
    return this.#fold(variables, this.#list(), this.#bool(true), this.#filtered(added, filter));
  }

  map(variables: Variables, body: Node, keyed: boolean, filter?: Node): Expansion {
    const key: Node[] = keyed && "variable" in variables ? [{ kind: "ident", name: variables.variable, at: this.#at }] : [];
    const added = this.#call("cel.@mapInsert", this.#accumulator(), ...key, body);
    const empty: Node = { kind: "map", entries: [], at: this.#at };
    return this.#fold(variables, empty, this.#bool(true), this.#filtered(added, filter));
  }

  optional(variable: string, body: Node, flat: boolean): Node {
    const bound = this.#bind(variable, { kind: "call", name: "value", target: copy(this.#range), args: [], at: this.#at }, body);
    const has: Node = { kind: "call", name: "hasValue", target: this.#range, args: [], at: this.#at };
    return this.#call("_?_:_", has, flat ? bound : this.#call("optional.of", bound), this.#call("optional.none"));
  }

  sorted(variables: Variables, body: Node): Expansion {
    const { kind, at } = this.#range;
    if (kind === "literal" || kind === "map" || kind === "message") {
      const message = "sortBy can only be applied to a list, identifier, comprehension, call or select expression";
      return { issue: { at, message } };
    }
    const name = "@__sortBy_input__";
    const input = (): Ident => ({ kind: "ident", name, at: this.#at });
    const keys = new Maker(input(), this.#at).list(variables, body);
    if (keys === undefined || "issue" in keys) return keys;
    return this.#bind(name, this.#range, {
      kind: "call",
      name: "@sortByAssociatedKeys",
      target: input(),
      args: [keys],
      at: this.#at,
    });
  }

  /** A local variable is a loop that never runs. */
  #bind(variable: string, value: Node, body: Node): Comprehension {
    return {
      kind: "comprehension",
      range: this.#list(),
      variable: "#unused",
      accumulator: variable,
      init: value,
      condition: this.#bool(false),
      step: { kind: "ident", name: variable, at: this.#at },
      result: body,
      at: this.#at,
    };
  }

  #filtered(step: Node, filter: Node | undefined): Node {
    return filter === undefined ? step : this.#call("_?_:_", filter, step, this.#accumulator());
  }

  #fold(variables: Variables, init: Node, condition: Node, step: Node, result: Node = this.#accumulator()): Expansion {
    if ("issue" in variables) return variables;
    return {
      kind: "comprehension",
      range: this.#range,
      ...variables,
      accumulator: ACCUMULATOR,
      init,
      condition,
      step,
      result,
      at: this.#at,
    };
  }

  #accumulator(): Ident {
    return { kind: "ident", name: ACCUMULATOR, at: this.#at };
  }

  #call(name: string, ...args: Node[]): Call {
    return { kind: "call", name, args, at: this.#at };
  }

  #list(...elements: Node[]): Node {
    return { kind: "list", elements, optional: new Set(), at: this.#at };
  }

  #bool(value: boolean): Literal {
    return { kind: "literal", type: "bool", value, at: this.#at };
  }

  #int(value: bigint): Literal {
    return { kind: "literal", type: "int", value, at: this.#at };
  }
}

/** A copy with identities of its own: each place in a tree has a type of its own. */
function copy(node: Node): Node {
  switch (node.kind) {
    case "literal":
    case "ident":
      return { ...node };
    case "select":
      return { ...node, operand: copy(node.operand) };
    case "call":
      return { ...node, args: node.args.map(copy), ...(node.target === undefined ? {} : { target: copy(node.target) }) };
    case "list":
      return { ...node, elements: node.elements.map(copy) };
    case "map":
      return { ...node, entries: node.entries.map((entry) => ({ ...entry, key: copy(entry.key), value: copy(entry.value) })) };
    case "message":
      return { ...node, fields: node.fields.map((field) => ({ ...field, value: copy(field.value) })) };
    case "comprehension":
      return {
        ...node,
        range: copy(node.range),
        init: copy(node.init),
        condition: copy(node.condition),
        step: copy(node.step),
        result: copy(node.result),
      };
  }
}
