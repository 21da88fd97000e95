/**
 * Access rules, leases, and the configuration of webhooks and admission policies.
 */
import type { FieldError, JsonObject } from "../../../../schema/index.ts";
import { arrayAt, equalJson, forbidden, invalidText, invalidValue, notSupported, objectAt, required } from "../../../../schema/index.ts";
import { dns1123Subdomain, pathSegment } from "../../../../schema/index.ts";
import type { KindRules } from "../rules.ts";
import { nonNegative } from "../validation/numbers.ts";
import { labelSelectorErrors } from "../validation/selectors.ts";
import { webhookErrors } from "../validation/webhooks.ts";
import { at, each, fill, fillEmpty, text } from "./fields.ts";

const group = "rbac.authorization.k8s.io";

function ruleErrors(object: JsonObject, namespaced: boolean): FieldError[] {
  return each(object, "rules").flatMap((rule, index) => {
    const field = `rules[${index}]`;
    const errors = arrayAt(rule, "verbs").length === 0 ? [required(`${field}.verbs`, "verbs must contain at least one value")] : [];
    const urls = arrayAt(rule, "nonResourceURLs");
    const resourceLists = ["apiGroups", "resources", "resourceNames"];
    if (urls.length > 0) {
      if (namespaced) errors.push(invalidValue(`${field}.nonResourceURLs`, urls, "namespaced rules cannot apply to non-resource URLs"));
      if (resourceLists.some((list) => arrayAt(rule, list).length > 0))
        errors.push(invalidValue(`${field}.nonResourceURLs`, urls, "rules cannot apply to both regular resources and non-resource URLs"));
      return errors;
    }
    if (arrayAt(rule, "apiGroups").length === 0)
      errors.push(required(`${field}.apiGroups`, "resource rules must supply at least one api group"));
    if (arrayAt(rule, "resources").length === 0)
      errors.push(required(`${field}.resources`, "resource rules must supply at least one resource"));
    return errors;
  });
}

function aggregationErrors(object: JsonObject): FieldError[] {
  const rule = objectAt(object, "aggregationRule");
  if (!rule) return [];
  const selectors = each(rule, "clusterRoleSelectors");
  const field = "aggregationRule.clusterRoleSelectors";
  if (selectors.length === 0) return [required(field, "at least one clusterRoleSelector required if aggregationRule is non-nil")];
  return selectors.flatMap((selector, index) => labelSelectorErrors(selector, `${field}[${index}]`));
}

function bindingErrors(object: JsonObject, roles: readonly string[], namespaced: boolean): FieldError[] {
  const role = objectAt(object, "roleRef") ?? {};
  const errors: FieldError[] = [];
  if (text(role, "apiGroup") !== group) errors.push(notSupported("roleRef.apiGroup", text(role, "apiGroup"), [group]));
  if (!roles.includes(text(role, "kind"))) errors.push(notSupported("roleRef.kind", text(role, "kind"), roles));
  const name = text(role, "name");
  if (name === "") errors.push(required("roleRef.name"));
  else errors.push(...pathSegment(name).map((message) => invalidValue("roleRef.name", name, message)));
  return [...errors, ...each(object, "subjects").flatMap((subject, index) => subjectErrors(subject, namespaced, `subjects[${index}]`))];
}

function subjectErrors(subject: JsonObject, namespaced: boolean, field: string): FieldError[] {
  const name = text(subject, "name");
  const apiGroup = text(subject, "apiGroup");
  const errors = name === "" ? [required(`${field}.name`)] : [];
  switch (text(subject, "kind")) {
    case "ServiceAccount":
      if (name !== "") errors.push(...dns1123Subdomain(name).map((message) => invalidValue(`${field}.name`, name, message)));
      if (apiGroup !== "") errors.push(notSupported(`${field}.apiGroup`, apiGroup, [""]));
      if (!namespaced && text(subject, "namespace") === "") errors.push(required(`${field}.namespace`));
      return errors;
    case "User":
    case "Group":
      return apiGroup === group ? errors : [...errors, notSupported(`${field}.apiGroup`, apiGroup, [group])];
    default:
      return [...errors, notSupported(`${field}.kind`, text(subject, "kind"), ["ServiceAccount", "User", "Group"])];
  }
}

/** A role reference as the server shows it: its internal struct. */
function roleText(role: JsonObject): string {
  return JSON.stringify({ APIGroup: text(role, "apiGroup"), Kind: text(role, "kind"), Name: text(role, "name") });
}

function binding(roles: readonly string[], namespaced: boolean): KindRules {
  const validate = (object: JsonObject): FieldError[] => bindingErrors(object, roles, namespaced);
  return {
    name: pathSegment,
    revalidates: true,
    defaults(object) {
      at(object, ["roleRef"], (role) => fillEmpty(role, { apiGroup: group }));
      for (const subject of each(object, "subjects"))
        if (text(subject, "kind") !== "ServiceAccount")
          fillEmpty(subject, ["User", "Group"].includes(text(subject, "kind")) ? { apiGroup: group } : {});
    },
    validate,
    validateUpdate: (object, old) => [
      ...validate(object),
      ...(equalJson(object["roleRef"], old["roleRef"])
        ? []
        : [invalidText("roleRef", roleText(objectAt(object, "roleRef") ?? {}), "cannot change roleRef")]),
    ],
  };
}

const lease: KindRules = {
  validate(object) {
    const spec = objectAt(object, "spec") ?? {};
    const errors: FieldError[] = [];
    const duration = spec["leaseDurationSeconds"];
    if (typeof duration === "number" && duration <= 0)
      errors.push(invalidValue("spec.leaseDurationSeconds", duration, "must be greater than 0"));
    errors.push(...nonNegative(spec["leaseTransitions"], "spec.leaseTransitions"));
    if (text(spec, "preferredHolder") !== "" && text(spec, "strategy") === "")
      errors.push(forbidden("spec.preferredHolder", "may only be specified if `strategy` is defined"));
    return errors;
  },
};

const webhookDefaults = { failurePolicy: "Fail", matchPolicy: "Equivalent", namespaceSelector: {}, objectSelector: {}, timeoutSeconds: 10 };

function webhooks(extra: Readonly<Record<string, string>>, mutating: boolean): KindRules {
  return {
    generation: false,
    defaults(object) {
      for (const webhook of each(object, "webhooks")) {
        fill(webhook, { ...webhookDefaults, ...extra });
        for (const rule of each(webhook, "rules")) fill(rule, { scope: "*" });
        at(webhook, ["clientConfig", "service"], (service) => fill(service, { port: 443 }));
      }
    },
    create: (object) => at(object, ["metadata"], (metadata) => Object.assign(metadata, { generation: 1 })),
    update(object, old) {
      const generation = old["metadata"] && objectAt(old, "metadata")?.["generation"];
      if (!equalJson(object["webhooks"], old["webhooks"]))
        at(object, ["metadata"], (metadata) =>
          Object.assign(metadata, { generation: (typeof generation === "number" ? generation : 0) + 1 }),
        );
    },
    validate: (object) => webhookErrors(object, mutating),
  };
}

const matchDefaults = { matchPolicy: "Equivalent", namespaceSelector: {}, objectSelector: {} };

function policy(constraints: readonly string[]): KindRules {
  return {
    generation: true,
    defaults(object) {
      at(object, ["spec"], (spec) => constraints[0] === "matchConstraints" && fill(spec, { failurePolicy: "Fail" }));
      at(object, ["spec", ...constraints], (match) => {
        fill(match, matchDefaults);
        for (const list of ["resourceRules", "excludeResourceRules"]) for (const rule of each(match, list)) fill(rule, { scope: "*" });
      });
    },
  };
}

/** Rules by group and kind. */
export const accessRules: Readonly<Record<string, KindRules>> = {
  [`${group}/Role`]: { name: pathSegment, revalidates: true, validate: (object) => ruleErrors(object, true) },
  [`${group}/ClusterRole`]: {
    name: pathSegment,
    revalidates: true,
    validate: (object) => [...ruleErrors(object, false), ...aggregationErrors(object)],
  },
  [`${group}/RoleBinding`]: binding(["Role", "ClusterRole"], true),
  [`${group}/ClusterRoleBinding`]: binding(["ClusterRole"], false),
  "coordination.k8s.io/Lease": lease,
  "admissionregistration.k8s.io/ValidatingWebhookConfiguration": webhooks({}, false),
  "admissionregistration.k8s.io/MutatingWebhookConfiguration": webhooks({ reinvocationPolicy: "Never" }, true),
  "admissionregistration.k8s.io/ValidatingAdmissionPolicy": policy(["matchConstraints"]),
  "admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding": policy(["matchResources"]),
};
