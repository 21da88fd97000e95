/**
 * The Common Expression Language as kube-apiserver has it: an environment with Kubernetes' functions, JSON turned into CEL's values,
 * and the rules of custom resources (`x-kubernetes-validations`). Evaluation is by `@marcbachmann/cel-js`. May use the schemas.
 * Read `environment.ts` first, then `values.ts` and `rules.ts`. What the server makes of rules before it accepts them (their types by the schema, and
 * what they may cost) is in `definition.ts`, with `syntax/`, `check/` and `cost/` below it.
 */
export { celEnvironment, compile, type Program } from "./environment.ts";
export { plainCelValue } from "./values.ts";
export { definitionRuleErrors, schemaRules, type CostRange, type RuleCost, type RulesReport } from "./definition.ts";
export { RULE_COST_LIMIT, SCHEMA_COST_LIMIT } from "./ruleerrors.ts";
export { withRuleErrors } from "./rules.ts";
