import { withRuleErrors } from "../cel/rules.ts";
import type { RuleCheck } from "./object-schema.ts";

/**
 * Checks the CEL rules of a schema (`x-kubernetes-validations`) as the API server does, with Kubernetes' function libraries. They are not
 * asked of an object that is too wrong for them.
 *
 * @see https://kubernetes.io/docs/reference/using-api/cel/
 */
export const celRules: RuleCheck = withRuleErrors;
