import { DYN, isDyn, listOf, mapOf, opaque, paramOf, sameType, typeOf, type Type } from "./types.ts";

/** What type parameters stand for, as far as it is known. */
export class Bindings {
  #bound: ReadonlyMap<string, Type> = new Map();
  #count = 0;

  /** A type parameter that nothing is known of. */
  fresh(): Type {
    return { kind: "param", name: `_var${this.#count++}`, params: [] };
  }

  /** Whether values of one type may be where the other is wanted. Remembers what parameters stand for when they may. */
  assignable(type: Type, wanted: Type): boolean {
    return this.assignableAll([type], [wanted]);
  }

  assignableAll(types: readonly Type[], wanted: readonly Type[]): boolean {
    const attempt = new Map(this.#bound);
    if (!allAssignable(attempt, types, wanted)) return false;
    this.#bound = attempt;
    return true;
  }

  /** A type with what its parameters stand for; `free` ones become dyn when asked. */
  resolve(type: Type, free: "keep" | "dyn" = "keep"): Type {
    return substitute(this.#bound, type, free);
  }
}

/** Replaces parameters of a declaration by others. */
export function instantiate(type: Type, names: ReadonlyMap<string, Type>): Type {
  return substitute(names, type, "keep");
}

/** The one of two types that fit together which says less. */
export function mostGeneral(left: Type, right: Type): Type {
  return isLessSpecific(left, right) ? left : right;
}

function substitute(bound: ReadonlyMap<string, Type>, type: Type, free: "keep" | "dyn"): Type {
  const known = type.kind === "param" ? bound.get(type.name) : undefined;
  if (known !== undefined) return substitute(bound, known, free);
  const param = (index: number) => substitute(bound, paramOf(type, index), free);
  switch (type.kind) {
    case "param":
      return free === "dyn" ? DYN : type;
    case "opaque":
      return type.params.length === 0 ? type : opaque(type.name, ...type.params.map((_param, index) => param(index)));
    case "list":
      return listOf(param(0));
    case "map":
      return mapOf(param(0), param(1));
    case "type":
      return type.params.length === 0 ? type : typeOf(param(0));
    default:
      return type;
  }
}

function isLessSpecific(left: Type, right: Type): boolean {
  if (isDyn(left) || left.kind === "param") return true;
  if (isDyn(right) || right.kind === "param" || left.kind !== right.kind) return false;
  switch (left.kind) {
    case "opaque":
      return left.name === right.name && left.params.every((param, index) => isLessSpecific(param, paramOf(right, index)));
    case "list":
    case "map":
      return left.params.every((param, index) => isLessSpecific(param, paramOf(right, index)));
    case "type":
      return true;
    default:
      return sameType(left, right);
  }
}

type Bound = Map<string, Type>;

function allAssignable(bound: Bound, types: readonly Type[], wanted: readonly Type[]): boolean {
  return (
    types.length === wanted.length && types.every((type, index) => isAssignable(bound, type, paramOf({ ...DYN, params: wanted }, index)))
  );
}

function isAssignable(bound: Bound, type: Type, wanted: Type): boolean {
  if (wanted.kind === "param") {
    const { valid, known } = stands(bound, type, wanted);
    if (valid) return true;
    if (known) return false;
  }
  if (type.kind === "param") return stands(bound, wanted, type).valid;
  if (isDyn(type) || isDyn(wanted) || type.kind === "error" || wanted.kind === "error") return true;
  if (type.kind === "null") return isNullable(wanted);
  if (wanted.kind === "null") return isNullable(type);
  switch (type.kind) {
    case "type":
      return wanted.kind === "type";
    case "opaque":
    case "list":
    case "map":
      return type.kind === wanted.kind && type.name === wanted.name && allAssignable(bound, type.params, wanted.params);
    default:
      return sameType(type, wanted);
  }
}

/** Types that have always had null among their values. */
function isNullable({ kind }: Type): boolean {
  return kind === "null" || kind === "opaque" || kind === "struct" || kind === "duration" || kind === "timestamp";
}

/** Whether a parameter may stand for a type, and whether it already stood for one. */
function stands(bound: Bound, type: Type, param: Type): { valid: boolean; known: boolean } {
  if (sameType(type, param)) return { valid: true, known: true };
  const known = bound.get(param.name);
  if (known !== undefined) {
    if (sameType(type, known)) return { valid: true, known: true };
    if (!isAssignable(bound, type, known)) return { valid: false, known: true };
    const general = mostGeneral(type, known);
    if (isFreeOf(bound, param, general)) bound.set(param.name, general);
    return { valid: true, known: true };
  }
  if (!isFreeOf(bound, param, type)) return { valid: false, known: false };
  bound.set(param.name, type);
  return { valid: true, known: false };
}

/** A parameter must not stand for something that has it inside. */
function isFreeOf(bound: Bound, param: Type, within: Type): boolean {
  if (sameType(param, within)) return false;
  if (within.kind === "param") {
    const known = bound.get(within.name);
    return known === undefined || isFreeOf(bound, param, known);
  }
  return within.params.every((inner) => isFreeOf(bound, param, inner));
}
