/**
 * Estimates what an expression costs at most, as the API server does before it accepts a rule: a unit is about 50 ns of its time. Sizes of what an
 * object holds come from its schema, along the path by which the expression gets there; a loop costs its body times the size of its range.
 */
import type { Checked } from "../check/checker.ts";
import type { Type } from "../check/types.ts";
import { paramOf } from "../check/types.ts";
import type { Call, Comprehension, Node } from "../syntax/nodes.ts";
import type { SchemaType } from "../schematypes.ts";
import { callCost, type Argument, type CallCost } from "./calls.ts";
import { add, EMPTY, fixed, multiply, UNKNOWN, union, ZERO, type Range } from "./range.ts";

/** What it costs to evaluate an expression of which the types were checked. `root` is the type of `self`. */
export function estimateCost(node: Node, checked: Checked, root: SchemaType): Range {
  return new Estimator(checked, root).cost(node);
}

/** How large the keys and values of a list or map are. */
interface EntrySize {
  readonly container: "list" | "map";
  readonly key: Range;
  readonly value: Range;
}

interface Local {
  readonly path: readonly string[];
  readonly size: Range | undefined;
  readonly entry: EntrySize | undefined;
}

const ONE = fixed(1);

class Estimator {
  readonly #checked: Checked;
  readonly #root: SchemaType;
  readonly #paths = new Map<Node, readonly string[]>();
  readonly #sizes = new Map<Node, Range>();
  readonly #entries = new Map<Node, EntrySize>();
  readonly #locals = new Map<string, Local[]>();

  constructor(checked: Checked, root: SchemaType) {
    this.#checked = checked;
    this.#root = root;
  }

  cost(node: Node): Range {
    if (this.#checked.isName(node)) {
      this.#paths.set(node, [nameText(node)]);
      return ONE;
    }
    switch (node.kind) {
      case "literal":
        return ZERO;
      case "ident":
        this.#paths.set(node, this.#local(node.name)?.path ?? [node.name]);
        return ONE;
      case "select":
        return this.#select(node);
      case "call":
        return this.#call(node);
      case "list":
        return this.#list(node, node.elements);
      case "map": {
        const keys = node.entries.map(({ key }) => key);
        const values = node.entries.map(({ value }) => value);
        const costs = node.entries.map(({ key, value }) => add(this.cost(key), this.cost(value)));
        this.#entries.set(node, { container: "map", key: this.#spread(keys), value: this.#spread(values) });
        return add(...costs, fixed(30));
      }
      case "message":
        return add(...node.fields.map(({ value }) => this.cost(value)), fixed(40));
      case "comprehension":
        return isBinding(node) ? this.#binding(node) : this.#loop(node);
    }
  }

  #select(node: Node & { kind: "select" }): Range {
    const operand = this.cost(node.operand);
    if (node.test) return operand;
    const { kind } = this.#checked.typeOf(node.operand);
    this.#paths.set(node, [...this.#path(node.operand), node.field]);
    return kind === "map" || kind === "struct" || kind === "param" ? add(operand, ONE) : operand;
  }

  #list(node: Node, elements: readonly Node[]): Range {
    const costs = elements.map((element) => this.cost(element));
    this.#entries.set(node, { container: "list", key: ONE, value: this.#spread(elements) });
    return add(...costs, fixed(10));
  }

  #spread(nodes: readonly Node[]): Range {
    return nodes.length === 0 ? ZERO : nodes.map((node) => this.#sizeOrUnknown(node)).reduce(union, EMPTY);
  }

  #call(node: Call): Range {
    const [first] = node.args;
    if (node.name === "dyn" && first !== undefined) {
      const cost = add(this.cost(first), ONE);
      this.#copySizes(node, first);
      return cost;
    }
    const args = node.args.map((arg) => ({ cost: this.cost(arg), argument: this.#argument(arg) }));
    const resolution = this.#checked.resolutionOf(node);
    if (resolution === undefined) return ZERO;
    const targetCost = resolution.target === undefined ? ZERO : this.cost(resolution.target);
    const target = resolution.target === undefined ? undefined : this.#argument(resolution.target);
    let total = EMPTY;
    let size: Range | undefined;
    for (const overload of resolution.overloads) {
      const one = this.#overload(node, resolution.name, overload, target, args);
      total = union(total, one.cost);
      if (one.size !== undefined) size = size === undefined ? one.size : union(size, one.size);
      if (first !== undefined && (overload === "index_list" || overload === "index_map")) {
        size = this.#entrySize(first)?.value;
        this.#paths.set(node, [...this.#path(first), overload === "index_list" ? "@items" : "@values"]);
      }
      size ??= this.#size(node);
    }
    if (size !== undefined) this.#sizes.set(node, size);
    return add(targetCost, total);
  }

  #overload(
    node: Call,
    name: string,
    overload: string,
    target: Argument | undefined,
    args: readonly { readonly cost: Range; readonly argument: Argument }[],
  ): CallCost {
    const costs = args.map(({ cost }) => cost);
    const [first = ZERO, second = ZERO, third = ZERO] = costs;
    const [left, right, other] = node.args;
    switch (overload) {
      case "logical_or":
      case "logical_and":
        return { cost: { min: first.min, max: add(first, second).max } };
      case "conditional": {
        if (right === undefined || other === undefined) break;
        const entry = this.#joined(right, other);
        if (entry !== undefined) this.#entries.set(node, entry);
        return { cost: add(first, union(second, third)), size: union(this.#sizeOrUnknown(right), this.#sizeOrUnknown(other)) };
      }
      case "add_string":
      case "add_bytes":
      case "add_list": {
        const entry = left && right ? this.#joined(left, right) : undefined;
        if (entry !== undefined) this.#entries.set(node, entry);
        break;
      }
    }
    const own = callCost(
      name,
      overload,
      target,
      args.map(({ argument }) => argument),
    );
    return { ...own, cost: add(own.cost, ...costs) };
  }

  #joined(left: Node, right: Node): EntrySize | undefined {
    const one = this.#entrySize(left);
    const other = this.#entrySize(right);
    if (one === undefined || other === undefined) return undefined;
    return { container: one.container, key: union(one.key, other.key), value: union(one.value, other.value) };
  }

  #argument(node: Node): Argument {
    const path = this.#path(node);
    // What a loop collects has no place in the object.
    const own = path[0] === "@result" || path[0] === "__result__" ? [] : path;
    return {
      type: this.#checked.typeOf(node),
      node,
      size: this.#size(node),
      items: (type) => this.#sizeAt(own.length === 0 ? [] : [...own, "@items"], type),
    };
  }

  #loop(node: Comprehension): Range {
    const before = add(this.cost(node.range), this.cost(node.init));
    this.#push(node.accumulator, { path: this.#path(node.init), size: this.#size(node.init), entry: this.#entrySize(node.init) });
    for (const [name, local] of this.#iteration(node)) this.#push(name, local);
    const each = add(this.cost(node.condition), this.cost(node.step));
    this.#pop(node.variable);
    if (node.variable2 !== undefined) this.#pop(node.variable2);
    const result = this.cost(node.result);
    this.#pop(node.accumulator);
    const count = this.#sizeOrUnknown(node.range);
    if (node.init.kind === "literal") {
      const size = this.#size(node.init);
      if (size !== undefined) this.#sizes.set(node, size);
    } else if (node.init.kind === "list" || node.init.kind === "map") {
      this.#sizes.set(node, count);
      const entry = this.#entrySize(node.step);
      if (entry !== undefined) this.#entries.set(node, entry);
    }
    return add(before, result, multiply(count, each));
  }

  #iteration({ range, variable, variable2 }: Comprehension): [string, Local][] {
    const entry = this.#entrySize(range);
    const path = this.#path(range);
    const isList = (entry?.container ?? this.#checked.typeOf(range).kind) === "list";
    const value: Local = { path: [...path, isList ? "@items" : "@values"], size: entry?.value, entry: undefined };
    if (variable2 === undefined) {
      return [[variable, isList ? value : { path: [...path, "@keys"], size: entry?.key, entry: undefined }]];
    }
    return [
      [variable, { path: [...path, isList ? "@indices" : "@keys"], size: entry?.key, entry: undefined }],
      [variable2, value],
    ];
  }

  #binding(node: Comprehension): Range {
    const before = add(this.cost(node.range), this.cost(node.init));
    this.#push(node.accumulator, { path: this.#path(node.init), size: this.#size(node.init), entry: this.#entrySize(node.init) });
    const result = this.cost(node.result);
    this.#pop(node.accumulator);
    this.#copySizes(node, node.result);
    return add(before, result);
  }

  #copySizes(to: Node, from: Node): void {
    const size = this.#size(from);
    if (size !== undefined) this.#sizes.set(to, size);
    const entry = this.#entrySize(from);
    if (entry !== undefined) this.#entries.set(to, entry);
  }

  #push(name: string, local: Local): void {
    this.#locals.set(name, [...(this.#locals.get(name) ?? []), local]);
  }

  #pop(name: string): void {
    this.#locals.set(name, (this.#locals.get(name) ?? []).slice(0, -1));
  }

  #local(name: string): Local | undefined {
    return this.#locals.get(name)?.at(-1);
  }

  #path(node: Node): readonly string[] {
    const local = node.kind === "ident" ? this.#local(node.name) : undefined;
    return local?.path ?? this.#paths.get(node) ?? [];
  }

  #sizeOrUnknown(node: Node): Range {
    return this.#size(node) ?? UNKNOWN;
  }

  #size(node: Node): Range | undefined {
    const known = this.#sizes.get(node) ?? literalSize(node);
    if (known !== undefined) return known;
    const bySchema = this.#sizeAt(this.#path(node));
    if (bySchema !== undefined) {
      this.#sizes.set(node, bySchema);
      return bySchema;
    }
    if (isScalar(this.#checked.typeOf(node))) return ONE;
    return node.kind === "ident" ? this.#local(node.name)?.size : undefined;
  }

  #entrySize(node: Node): EntrySize | undefined {
    return this.#entries.get(node) ?? (node.kind === "ident" ? this.#local(node.name)?.entry : undefined);
  }

  /** The size of what is at a path of the object, by its schema. */
  #sizeAt(path: readonly string[], _type?: Type): Range | undefined {
    if (path.length === 0) return undefined;
    let at: SchemaType | undefined = this.#root;
    for (const step of path.slice(1)) {
      if (step === "@items" || step === "@values") at = at.item;
      else if (step === "@keys") at = at.key;
      else at = at.fields.get(step);
      if (at === undefined) return undefined;
    }
    return { min: 0n, max: BigInt(at.maxElements) };
  }
}

function nameText(node: Node): string {
  return node.kind === "select" ? `${nameText(node.operand)}.${node.field}` : node.kind === "ident" ? node.name : "";
}

function isBinding({ range, condition, accumulator }: Comprehension): boolean {
  const empty = range.kind === "list" && range.elements.length === 0;
  return empty && condition.kind === "literal" && condition.value === false && accumulator !== "__result__";
}

/** The size of what an expression spells out. */
function literalSize(node: Node): Range | undefined {
  switch (node.kind) {
    case "literal":
      if (typeof node.value === "string") return fixed(Array.from(node.value).length);
      return fixed(node.value instanceof Uint8Array ? node.value.length : 1);
    case "list":
      return fixed(node.elements.length);
    case "map":
      return fixed(node.entries.length);
    default:
      return undefined;
  }
}

const SCALARS: ReadonlySet<string> = new Set(["bool", "double", "duration", "int", "timestamp", "uint"]);

function isScalar(type: Type): boolean {
  return type.kind === "opaque" && type.name === "optional_type" ? isScalar(paramOf(type)) : SCALARS.has(type.kind);
}
