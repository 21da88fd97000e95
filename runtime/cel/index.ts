/**
 * The Common Expression Language as kube-apiserver has it: an environment with Kubernetes' functions, JSON turned into CEL's values,
 * and the rules of custom resources (`x-kubernetes-validations`). Evaluation is by `@marcbachmann/cel-js`. May use the schemas.
 * Read `environment.ts` first, then `values.ts` and `rules.ts`.
 */
export { celEnvironment, compile, type Program } from "./environment.ts";
export { plainCelValue } from "./values.ts";
export { definitionRuleErrors, withRuleErrors } from "./rules.ts";
