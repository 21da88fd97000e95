/** Which requests a policy is about: one `NamedRuleWithOperations`. */
export interface PolicyRule {
  /** The core group is "". */
  apiGroups: readonly string[];
  apiVersions: readonly string[];
  /** In the plural; `pods/status` for a subresource. */
  resources: readonly string[];
  operations: readonly ("CREATE" | "UPDATE" | "DELETE" | "CONNECT" | "*")[];
  resourceNames?: readonly string[];
  scope?: "Namespaced" | "Cluster" | "*";
}

export interface PolicySelector {
  matchLabels?: { readonly [key: string]: string };
  matchExpressions?: readonly { key: string; operator: "In" | "NotIn" | "Exists" | "DoesNotExist"; values?: readonly string[] }[];
}

/** Which objects a policy, or one binding of it, is about. */
export interface PolicyMatch {
  resourceRules?: readonly PolicyRule[];
  excludeResourceRules?: readonly PolicyRule[];
  namespaceSelector?: PolicySelector;
  objectSelector?: PolicySelector;
  matchPolicy?: "Equivalent" | "Exact";
}

/** Puts a policy in force: a `ValidatingAdmissionPolicyBinding`. */
export interface PolicyBinding {
  /** Default: the policy's name. */
  name?: string;
  /** What becomes of a request that breaks the policy. Default `["Deny"]`. */
  validationActions?: readonly ("Deny" | "Warn" | "Audit")[];
  /** Narrower than what the policy says. Default: all of that. */
  matchResources?: PolicyMatch;
  /** The objects that `params` stands for. */
  paramRef?: { name?: string; namespace?: string; selector?: PolicySelector; parameterNotFoundAction: "Allow" | "Deny" };
}

/**
 * A rule that the API server evaluates by itself, with no webhook: `scaffold generate` writes a `ValidatingAdmissionPolicy` from every exported
 * constant of this type in a file `*.policy.ts`. The fields have the API's names. The constant is read, not run: it has to be made of
 * literals and other constants.
 *
 * @typeParam Kind whose objects it is about, instead of `matchConstraints.resourceRules`: an interface that extends CustomResource, or one of
 * kubernetes-models such as `IDeployment`
 * @example
 * export const crewedShips: AdmissionPolicy<Ship> = {
 *   validations: [{ expression: "object.spec.crew > 0", message: "a ship needs a crew" }],
 * };
 */
export interface AdmissionPolicy<Kind = undefined> {
  readonly __kind?: Kind;
  /** Default: the constant's name, `crewed-ships` for `crewedShips`. */
  name?: string;
  labels?: { readonly [key: string]: string };
  annotations?: { readonly [key: string]: string };
  /** With a kind: which operations on its objects. Default `["CREATE", "UPDATE"]`. */
  operations?: PolicyRule["operations"];
  matchConstraints?: PolicyMatch;
  /** All have to hold for the policy to be asked. */
  matchConditions?: readonly { name: string; expression: string }[];
  /** What becomes of a request when an expression fails. Default `Fail`, which refuses it. */
  failurePolicy?: "Fail" | "Ignore";
  /** The kind of the objects that `params` stands for. */
  paramKind?: { apiVersion: string; kind: string };
  /** Expressions that later ones use as `variables.name`. */
  variables?: readonly { name: string; expression: string }[];
  /** Each has to be true, of `object`, `oldObject`, `request`, `params`, `namespaceObject`, `authorizer` and `variables`. */
  validations?: readonly {
    expression: string;
    message?: string;
    messageExpression?: string;
    reason?: "Unauthorized" | "Forbidden" | "Invalid" | "RequestEntityTooLarge";
  }[];
  auditAnnotations?: readonly { key: string; valueExpression: string }[];
  /** Default: one that denies, everywhere. */
  bindings?: readonly PolicyBinding[];
}
