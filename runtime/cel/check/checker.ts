/**
 * Checks the types of an expression, as the API server does before it accepts a rule. Types are inferred from the inside out; a call is right when
 * one overload of its function takes its arguments, and the parameters of generic types are found by unification.
 */
import type { Call, Comprehension, Ident, Issue, List, MapNode, Message, Node, Select } from "../syntax/nodes.ts";
import { qualifiedName } from "../syntax/nodes.ts";
import { overloadsOf, TYPE_NAMES, type Overload } from "./declarations.ts";
import * as types from "./types.ts";
import { BOOL, DYN, ERROR, INT, isDyn, listOf, mapOf, optionalOf, paramOf, typeText, unwrapOptional, type Type } from "./types.ts";
import { Bindings, instantiate, mostGeneral } from "./unify.ts";

/** What expressions may refer to. */
export interface Scope {
  /** Variables by name. */
  readonly variables: ReadonlyMap<string, Type>;
  /** The type of a struct's field; none when there is no such field, or when the struct is not known at all. */
  field(struct: string, name: string): Type | undefined;
  isStruct(name: string): boolean;
}

/** Which function a call means. */
export interface Resolution {
  readonly name: string;
  readonly overloads: readonly string[];
  /** What it is called on; none when the "target" was a part of the name (`sets.contains`). */
  readonly target: Node | undefined;
}

export interface Checked {
  readonly type: Type;
  readonly issues: readonly Issue[];
  typeOf(node: Node): Type;
  resolutionOf(call: Call): Resolution | undefined;
  /** A name is a name though it was written with dots. */
  isName(node: Node): boolean;
  /** Variables that the expression uses. */
  readonly used: ReadonlySet<string>;
}

export function checkTypes(root: Node, scope: Scope): Checked {
  return new Checker(scope).run(root);
}

class Checker {
  readonly #scope: Scope;
  readonly #bindings = new Bindings();
  readonly #types = new Map<Node, Type>();
  readonly #resolutions = new Map<Call, Resolution>();
  readonly #names = new Set<Node>();
  readonly #used = new Set<string>();
  readonly #issues: Issue[] = [];
  #locals: readonly ReadonlyMap<string, Type>[] = [];

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  run(root: Node): Checked {
    this.#check(root);
    const typeOf = (node: Node) => this.#bindings.resolve(this.#types.get(node) ?? ERROR, "dyn");
    return {
      type: typeOf(root),
      issues: this.#issues,
      typeOf,
      resolutionOf: (call) => this.#resolutions.get(call),
      isName: (node) => this.#names.has(node),
      used: this.#used,
    };
  }

  #check(node: Node): Type {
    const type = this.#infer(node);
    this.#types.set(node, type);
    return type;
  }

  #infer(node: Node): Type {
    switch (node.kind) {
      case "literal":
        return LITERALS[node.type];
      case "ident":
        return this.#ident(node);
      case "select":
        return this.#select(node);
      case "call":
        return this.#call(node);
      case "list":
        return this.#list(node);
      case "map":
        return this.#map(node);
      case "message":
        return this.#message(node);
      case "comprehension":
        return this.#comprehension(node);
    }
  }

  #lookup(name: string): Type | undefined {
    const plain = name.replace(/^\./, "");
    const local = name === plain ? this.#locals.findLast((scope) => scope.has(name))?.get(name) : undefined;
    const found = local ?? this.#scope.variables.get(plain) ?? TYPE_NAMES.get(plain);
    if (found !== undefined) this.#used.add(plain);
    if (found === undefined && this.#scope.isStruct(plain)) return types.typeOf(types.struct(plain));
    return found;
  }

  #ident({ name, at }: Ident): Type {
    return this.#lookup(name) ?? this.#undeclared(at, name);
  }

  #undeclared(at: number, name: string): Type {
    return this.#wrong(at, `undeclared reference to '${name}' (in container '')`);
  }

  #wrong(at: number, message: string): Type {
    this.#issues.push({ at, message });
    return ERROR;
  }

  #select(node: Select): Type {
    const name = qualifiedName(node);
    const named = name === undefined ? undefined : this.#lookup(name);
    if (named !== undefined) {
      this.#names.add(node);
      return named;
    }
    const type = this.#field(node, node.operand, node.field, false);
    return node.test ? BOOL : this.#bindings.resolve(type);
  }

  #field(node: Node, operand: Node, field: string, optional: boolean): Type {
    const { type: target, optional: wrapped } = unwrapOptional(this.#bindings.resolve(this.#check(operand)));
    const result = this.#fieldOf(node.at, target, field);
    return wrapped || optional ? optionalOf(result) : result;
  }

  #fieldOf(at: number, target: Type, field: string): Type {
    switch (target.kind) {
      case "map":
        return paramOf(target, 1);
      case "struct":
        if (!this.#scope.isStruct(target.name)) return this.#wrong(at, `unexpected failed resolution of '${target.name}'`);
        return this.#scope.field(target.name, field) ?? this.#wrong(at, `undefined field '${field}'`);
      case "param":
        this.#bindings.assignable(DYN, target);
        return DYN;
      default:
        if (!isDyn(target) && target.kind !== "error") this.#wrong(at, `type '${typeText(target)}' does not support field selection`);
        return DYN;
    }
  }

  #call(node: Call): Type {
    const [first, second] = node.args;
    if (node.name === "_?._" && first && second?.kind === "literal") {
      this.#check(second);
      this.#resolutions.set(node, { name: node.name, overloads: ["select_optional_field"], target: undefined });
      return this.#bindings.resolve(this.#field(node, first, String(second.value), true));
    }
    for (const arg of node.args) this.#check(arg);
    if (node.target === undefined) return this.#resolve(node, node.name, undefined);
    const prefix = qualifiedName(node.target);
    const full = prefix === undefined ? undefined : `${prefix}.${node.name}`;
    if (full !== undefined && overloadsOf(full) !== undefined) return this.#resolve(node, full, undefined);
    this.#check(node.target);
    return this.#resolve(node, node.name, node.target);
  }

  #resolve(node: Call, name: string, target: Node | undefined): Type {
    const overloads = overloadsOf(name);
    if (overloads === undefined) return this.#undeclared(node.at, name);
    const args = target === undefined ? node.args : [target, ...node.args];
    const given = args.map((arg) => this.#types.get(arg) ?? ERROR);
    if (name === "_&&_" || name === "_||_") return this.#logical(node, name, given);
    const found: string[] = [];
    let result: Type | undefined;
    for (const overload of overloads) {
      if (overload.member !== (target !== undefined)) continue;
      const { args: wanted, result: returned } = this.#instance(overload);
      if (!this.#bindings.assignableAll(given, wanted)) continue;
      found.push(overload.id);
      const type = this.#bindings.resolve(returned);
      if (result === undefined) result = type;
      else if (!isDyn(result) && !types.sameType(type, result)) result = DYN;
    }
    if (result === undefined) {
      const shown = given.map((type) => typeText(this.#bindings.resolve(type, "dyn")));
      const signature = target === undefined ? `(${shown.join(", ")})` : `${shown[0] ?? ""}.(${shown.slice(1).join(", ")})`;
      return this.#wrong(node.at, `found no matching overload for '${name}' applied to '${signature}'`);
    }
    this.#resolutions.set(node, { name, overloads: found, target });
    return result;
  }

  #instance({ args, result, parameters }: Overload): { args: readonly Type[]; result: Type } {
    if (parameters.length === 0) return { args, result };
    const names = new Map(parameters.map((name) => [name, this.#bindings.fresh()]));
    return { args: args.map((arg) => instantiate(arg, names)), result: instantiate(result, names) };
  }

  #logical(node: Call, name: string, given: readonly Type[]): Type {
    let right = true;
    for (const [index, type] of given.entries()) {
      if (this.#bindings.assignable(type, BOOL)) continue;
      this.#mismatch(node.args[index]?.at ?? node.at, BOOL, type);
      right = false;
    }
    this.#resolutions.set(node, { name, overloads: [name === "_&&_" ? "logical_and" : "logical_or"], target: undefined });
    return right ? BOOL : ERROR;
  }

  #mismatch(at: number, expected: Type, found: Type): Type {
    return this.#wrong(at, `expected type '${typeText(expected)}' but found '${typeText(found)}'`);
  }

  #list({ elements, optional }: List): Type {
    let joined: Type | undefined;
    for (const [index, element] of elements.entries()) {
      const type = this.#check(element);
      joined = this.#join(joined, optional.has(index) ? this.#inOptional(element.at, type) : type);
    }
    return listOf(joined ?? this.#bindings.fresh());
  }

  #map({ entries }: MapNode): Type {
    let keys: Type | undefined;
    let values: Type | undefined;
    for (const { key, value, optional } of entries) {
      keys = this.#join(keys, this.#check(key));
      const type = this.#check(value);
      values = this.#join(values, optional ? this.#inOptional(value.at, type) : type);
    }
    return mapOf(keys ?? this.#bindings.fresh(), values ?? this.#bindings.fresh());
  }

  #inOptional(at: number, type: Type): Type {
    const inner = unwrapOptional(type);
    if (!inner.optional && !isDyn(inner.type)) this.#mismatch(at, optionalOf(inner.type), inner.type);
    return inner.type;
  }

  /** Elements of several types make a list of anything; that they should not is told later. */
  #join(previous: Type | undefined, current: Type): Type {
    if (previous === undefined) return current;
    return this.#bindings.assignable(previous, current) ? mostGeneral(previous, current) : DYN;
  }

  #message({ type: name, fields, at }: Message): Type {
    const named = this.#lookup(name);
    if (named === undefined) return this.#undeclared(at, name);
    const type = paramOf(named);
    const known = type.kind === "struct" || type.kind === "timestamp" || type.kind === "duration";
    if (!known) this.#wrong(at, `'${typeText(type)}' is not a message type`);
    for (const field of fields) {
      const given = this.#check(field.value);
      const value = field.optional ? this.#inOptional(field.value.at, given) : given;
      const wanted = type.kind === "struct" ? this.#fieldOf(field.at, type, field.name) : SECONDS[field.name];
      if (wanted === undefined) this.#wrong(field.at, `undefined field '${field.name}'`);
      else if (!this.#bindings.assignable(wanted, value)) {
        const what = `expected type of field '${field.name}' is '${typeText(wanted)}' but provided type is '${typeText(value)}'`;
        this.#wrong(field.at, what);
      }
    }
    return known ? type : ERROR;
  }

  #comprehension(node: Comprehension): Type {
    this.#check(node.range);
    const accumulated = this.#check(node.init);
    const range = this.#bindings.resolve(this.#types.get(node.range) ?? ERROR);
    const outside = this.#locals;
    const accumulator = new Map([[node.accumulator, accumulated]]);
    const [first, second] = this.#iterated(node, range);
    const variables = new Map([[node.variable, first]]);
    if (node.variable2 !== undefined) variables.set(node.variable2, second);
    this.#locals = [...outside, accumulator, variables];
    this.#assert(node.condition, BOOL);
    this.#assert(node.step, accumulated);
    this.#locals = [...outside, accumulator];
    const result = this.#check(node.result);
    this.#locals = outside;
    return this.#bindings.resolve(result);
  }

  #iterated({ range: node, variable2 }: Comprehension, range: Type): [Type, Type] {
    switch (range.kind) {
      case "list":
        return variable2 === undefined ? [paramOf(range), DYN] : [INT, paramOf(range)];
      case "map":
        return [paramOf(range), paramOf(range, 1)];
      case "dyn":
      case "any":
      case "error":
      case "param":
        this.#bindings.assignable(DYN, range);
        return [DYN, DYN];
      default: {
        const why = "cannot be range of a comprehension (must be list, map, or dynamic)";
        this.#wrong(node.at, `expression of type '${typeText(range)}' ${why}`);
        return [ERROR, ERROR];
      }
    }
  }

  #assert(node: Node, wanted: Type): void {
    const type = this.#check(node);
    if (!this.#bindings.assignable(wanted, type)) this.#mismatch(node.at, wanted, type);
  }
}

const LITERALS = {
  bool: types.BOOL,
  bytes: types.BYTES,
  double: types.DOUBLE,
  int: types.INT,
  null: types.NULL,
  string: types.STRING,
  uint: types.UINT,
} as const;

/** The fields of times and durations, which may be written as messages. */
const SECONDS: Readonly<Record<string, Type>> = { seconds: INT, nanos: INT };
