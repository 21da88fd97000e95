/**
 * What an API server makes of the rules of a schema when a CustomResourceDefinition is created: types, estimated costs, and errors in its words.
 */
import { arrayAt, equalJson, forbidden, invalidText, invalidValue, isObject, objectAt, stringAt } from "../schema/index.ts";
import type { FieldError, JsonObject, JsonSchema } from "../schema/index.ts";
import { compileTyped, type Compiled } from "./check/compile.ts";
import type { Scope } from "./check/checker.ts";
import { BOOL, optionalOf, type Type } from "./check/types.ts";
import { estimateCost } from "./cost/estimate.ts";
import { UNLIMITED, type Range } from "./cost/range.ts";
import { costErrors, overBudget, ruleText, SCHEMA_COST_LIMIT, shapeErrors } from "./ruleerrors.ts";
import { MAX_REQUEST, schemaType, structsOf, type SchemaType } from "./schematypes.ts";

/** The least and the most that an expression may cost, in the server's units (about 50 ns). The server counts the most. */
export interface CostRange {
  readonly min: number;
  readonly max: number;
}

/** What one rule costs. */
export interface RuleCost {
  /** Where the rule is: `spec.versions[0].schema.openAPIV3Schema.properties[spec].x-kubernetes-validations[0]`. */
  readonly path: string;
  readonly rule: string;
  /** Of one evaluation; none when the rule is wrong. */
  readonly cost: CostRange | undefined;
  /** Of its `messageExpression`, when it has one that is right. */
  readonly messageCost: CostRange | undefined;
  /** How often it is evaluated at most: by `maxItems` and `maxProperties` of what it is in, else by how many fit into a request. */
  readonly cardinality: number;
  /** Cost times cardinality: what the server holds against the limit of a rule (10,000,000). */
  readonly total: number;
}

/** All rules of a schema, in the order of the server. */
export interface RulesReport {
  readonly rules: readonly RuleCost[];
  /** What the server holds against the limit of all rules of a schema (100,000,000). */
  readonly total: number;
  /** What the server would refuse the definition for; none when it would accept its rules. */
  readonly errors: readonly FieldError[];
}

/**
 * Type-checks and estimates all rules (`x-kubernetes-validations`) of a version's schema.
 *
 * @param schema structural, and the root of a resource
 * @param path where the schema is, for the paths of errors and costs
 * @param options with `anyRuleCost` single rules may cost what they like, as those of a schema may that an update leaves as it was
 */
export function schemaRules(schema: JsonSchema, path: string, options: { readonly anyRuleCost?: boolean } = {}): RulesReport {
  const survey = new Survey(path, options.anyRuleCost === true);
  const { shape, rules } = survey.visit(schema, { path, isRoot: true, cardinality: 1n, uncorrelatable: undefined });
  return { rules: survey.rules, total: Number(survey.total), errors: [...shape, ...rules, ...survey.totalErrors()] };
}

/**
 * What is wrong with the rules of a CustomResourceDefinition's schemas, at the paths and in the words of the server. A schema that all
 * versions have is told of once, as the spec's.
 *
 * @param old the definition before an update: rules of a schema that stays as it is may cost what they like
 */
export function definitionRuleErrors(definition: JsonObject, old?: JsonObject): FieldError[] {
  const schemas = schemasOf(definition);
  const before = old === undefined ? [] : schemasOf(old);
  const errors = (schema: JsonObject, path: string, version?: string) => {
    const kept = before.some((each) => (version === undefined || each.version === version) && equalJson(each.schema, schema));
    return schemaRules(schema, path, { anyRuleCost: kept }).errors;
  };
  const [first] = schemas;
  if (first?.schema !== undefined && schemas.every(({ schema }) => schema !== undefined && equalJson(schema, first.schema)))
    return [...errors(first.schema, "spec.validation.openAPIV3Schema")];
  return schemas.flatMap(({ version, schema }, index) =>
    schema === undefined ? [] : errors(schema, `spec.versions[${index}].schema.openAPIV3Schema`, version),
  );
}

function schemasOf(definition: JsonObject): { readonly version: string; readonly schema: JsonObject | undefined }[] {
  return arrayAt(definition, "spec", "versions").map((version) => ({
    version: stringAt(version, "name") ?? "",
    schema: objectAt(version, "schema", "openAPIV3Schema"),
  }));
}

/** A schema's place. */
interface Place {
  readonly path: string;
  readonly isRoot: boolean;
  /** How often the value may be there; none when nothing limits it. */
  readonly cardinality: bigint | undefined;
  /** The list above of which old and new items cannot be told apart. */
  readonly uncorrelatable: string | undefined;
}

/** Errors of how rules are written, which keep all rules above them from being compiled, and errors of what they say. */
interface Errors {
  readonly shape: FieldError[];
  readonly rules: FieldError[];
}

class Survey {
  readonly rules: RuleCost[] = [];
  total = 0n;
  readonly #root: string;
  readonly #anyRuleCost: boolean;
  #expensive: { path: string; cost: bigint }[] = [];

  constructor(root: string, anyRuleCost: boolean) {
    this.#root = root;
    this.#anyRuleCost = anyRuleCost;
  }

  visit(schema: JsonSchema, place: Place): Errors {
    const shape: FieldError[] = [];
    const rules: FieldError[] = [];
    for (const [child, childPlace] of childrenOf(schema, place)) {
      const errors = this.visit(child, childPlace);
      shape.push(...errors.shape);
      rules.push(...errors.rules);
    }
    const own = (schema["x-kubernetes-validations"] ?? []).filter(isObject);
    if (own.length === 0) return { shape, rules };
    own.forEach((rule, index) => shape.push(...shapeErrors(rule, schema, ruleAt(place, index))));
    if (shape.length > 0) return { shape, rules };
    const isResource = place.isRoot || schema["x-kubernetes-embedded-resource"] === true;
    const type = schemaType(schema, "selfType", isResource);
    if (type === undefined) {
      const why = "internal error: failed to construct type information for x-kubernetes-validations rules: ";
      const what = `Internal error: ${why}unable to convert structural schema to CEL declarations`;
      rules.push({ type: "InternalError", field: `${place.path}.x-kubernetes-validations`, message: what });
      return { shape, rules };
    }
    own.forEach((rule, index) => rules.push(...this.#rule(rule, type, place, ruleAt(place, index))));
    return { shape, rules };
  }

  #rule(rule: JsonObject, self: SchemaType, place: Place, path: string): FieldError[] {
    const text = stringAt(rule, "rule") ?? "";
    const errors: FieldError[] = [];
    const compiled = compileTyped(text, scopeOf(self, rule["optionalOldSelf"] === true));
    const wrong = "error" in compiled ? `compilation failed: ${compiled.error}` : wrongResult(compiled);
    const right = "error" in compiled || wrong !== undefined ? undefined : compiled;
    const cost = right && estimateCost(right.root, right.checked, self);
    const cardinality = place.cardinality ?? BigInt(Math.floor(MAX_REQUEST / (self.minSize + 1)));
    const total = cost === undefined ? 0n : limited(cost.max * cardinality);
    errors.push(...this.#costErrors(`${path}.rule`, "estimated rule cost", total));
    this.#observe(`${path}.rule`, total);
    if (wrong !== undefined) errors.push(invalidText(`${path}.rule`, ruleText(rule), wrong));
    const message = right && messageOf(rule, self);
    const messageCost = message && "cost" in message ? message.cost : undefined;
    if (message && "error" in message) errors.push(invalidText(`${path}.messageExpression`, ruleText(rule), message.error));
    if (messageCost !== undefined) {
      errors.push(...this.#costErrors(`${path}.messageExpression`, "estimated messageExpression cost", messageCost.max));
      this.#observe(`${path}.messageExpression`, messageCost.max);
    }
    if (right?.checked.used.has("oldSelf") === true) {
      const why = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${place.uncorrelatable ?? ""}`;
      if (place.uncorrelatable !== undefined) errors.push(invalidValue(`${path}.rule`, text, why));
    } else if (typeof rule["optionalOldSelf"] === "boolean") {
      errors.push(invalidValue(`${path}.optionalOldSelf`, rule["optionalOldSelf"], "may not be set if oldSelf is not used in rule"));
    }
    this.rules.push({
      path,
      rule: text,
      cost: plain(cost),
      messageCost: plain(messageCost),
      cardinality: Number(cardinality),
      total: Number(total),
    });
    return errors;
  }

  #costErrors(field: string, what: string, cost: bigint): FieldError[] {
    return this.#anyRuleCost ? [] : costErrors(field, what, cost);
  }

  /** Remembers the four that cost most, if they take a hundredth of the whole at least. */
  #observe(path: string, cost: bigint): void {
    this.total = limited(this.total + cost);
    if (cost < BigInt(SCHEMA_COST_LIMIT / 100)) return;
    this.#expensive.push({ path, cost });
    this.#expensive = this.#expensive.toSorted((left, right) => Number(right.cost - left.cost)).slice(0, 4);
  }

  totalErrors(): FieldError[] {
    if (this.total <= BigInt(SCHEMA_COST_LIMIT)) return [];
    const why = "contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema";
    const what = "x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema";
    return [
      ...this.#expensive.map(({ path }) => forbidden(path, why)),
      forbidden(this.#root, overBudget(what, this.total, SCHEMA_COST_LIMIT)),
    ];
  }
}

function ruleAt({ path }: Place, index: number): string {
  return `${path}.x-kubernetes-validations[${index}]`;
}

function childrenOf(schema: JsonSchema, place: Place): [JsonSchema, Place][] {
  const { path, uncorrelatable } = place;
  const factor = multiplicity(schema);
  const cardinality = factor === undefined || place.cardinality === undefined ? undefined : limited(place.cardinality * factor);
  const inner = { isRoot: false, cardinality };
  const children: [JsonSchema, Place][] = [];
  if (typeof schema.additionalProperties === "object")
    children.push([schema.additionalProperties, { ...inner, path: `${path}.additionalProperties`, uncorrelatable }]);
  for (const [name, child] of Object.entries(schema.properties ?? {}))
    children.push([child, { ...inner, path: `${path}.properties[${name}]`, uncorrelatable }]);
  const unordered = schema["x-kubernetes-list-type"] === "map" ? undefined : path;
  if (schema.items) children.push([schema.items, { ...inner, path: `${path}.items`, uncorrelatable: uncorrelatable ?? unordered }]);
  return children;
}

/** How many values there may be for each one of a schema; none when there is no limit. */
function multiplicity({ type, additionalProperties, maxProperties, maxItems }: JsonSchema): bigint | undefined {
  const isMap = type === "object" && additionalProperties !== undefined;
  if (!isMap && type !== "array") return 1n;
  const most = isMap ? maxProperties : maxItems;
  return most === undefined ? undefined : BigInt(Math.max(most, 0));
}

function limited(value: bigint): bigint {
  return value > UNLIMITED ? UNLIMITED : value;
}

function plain(range: Range | undefined): CostRange | undefined {
  return range && { min: Number(range.min), max: Number(range.max) };
}

function wrongResult({ checked }: Compiled): string | undefined {
  return checked.type.kind === BOOL.kind ? undefined : "cel expression must evaluate to a bool";
}

function messageOf(rule: JsonObject, self: SchemaType): { cost: Range } | { error: string } | undefined {
  const text = stringAt(rule, "messageExpression") ?? "";
  if (text === "") return undefined;
  const compiled = compileTyped(text, scopeOf(self, rule["optionalOldSelf"] === true));
  if ("error" in compiled) return { error: `messageExpression compilation failed: ${compiled.error}` };
  if (compiled.checked.type.kind !== "string") return { error: "messageExpression must evaluate to a string" };
  return { cost: estimateCost(compiled.root, compiled.checked, self) };
}

function scopeOf(self: SchemaType, optionalOldSelf: boolean): Scope {
  const structs = structsOf(self);
  const variables = new Map<string, Type>([
    ["self", self.type],
    ["oldSelf", optionalOldSelf ? optionalOf(self.type) : self.type],
  ]);
  return {
    variables,
    isStruct: (name) => structs.has(name),
    field(struct, name) {
      const fields = structs.get(struct)?.fields;
      return (fields?.get(name) ?? fields?.get(`__${name}__`))?.type;
    },
  };
}
