/**
 * Validation of what makes pods.
 */
import type { FieldError, JsonObject } from "../../../../schema/index.ts";
import { equalJson, forbidden, invalidText, invalidValue, isObject, notSupported, objectAt, required } from "../../../../schema/index.ts";
import { each, text } from "../builtin/fields.ts";
import { immutableErrors } from "../../../../schema/index.ts";
import { dns1123Label } from "../../../../schema/index.ts";
import { amount, atMostAll, intOrPercent, nonNegative } from "./numbers.ts";
import { templateErrors } from "./pods.ts";
import { labelSelectorErrors, selects, selectsAll } from "./selectors.ts";

const specOf = (object: JsonObject): JsonObject => objectAt(object, "spec") ?? {};
const noMatch = "`selector` does not match template `labels`";

function selectorErrors(spec: JsonObject, noun: string): FieldError[] {
  const selector = objectAt(spec, "selector");
  if (!selector) return [required("spec.selector")];
  const errors = labelSelectorErrors(selector, "spec.selector");
  if (selectsAll(selector)) errors.push(invalidValue("spec.selector", selector, `empty selector is invalid for ${noun}`));
  return errors;
}

/** The selector must be satisfied by the template's own labels; then the template is checked. */
function selectedTemplateErrors(spec: JsonObject, noun: string, invalidSelector: string): FieldError[] {
  const selector = objectAt(spec, "selector");
  if (selector && labelSelectorErrors(selector, "").length > 0) return [invalidValue("spec.selector", selector, invalidSelector)];
  const template = objectAt(spec, "template") ?? {};
  const labels = objectAt(template, "metadata", "labels");
  const errors: FieldError[] = [];
  if (!selector || (!selectsAll(selector) && !selects(selector, labels ?? {})))
    errors.push(invalidValue("spec.template.metadata.labels", labels ?? null, noMatch));
  errors.push(...templateErrors(template, "spec.template"), ...alwaysRestarts(template, "spec.template", noun));
  return errors;
}

function alwaysRestarts(template: JsonObject, field: string, noun: string): FieldError[] {
  const policy = text(template, "spec", "restartPolicy");
  const errors = policy === "Always" ? [] : [notSupported(`${field}.spec.restartPolicy`, policy, ["Always"])];
  if (objectAt(template, "spec")?.["activeDeadlineSeconds"] !== undefined) {
    errors.push(forbidden(`${field}.spec.activeDeadlineSeconds`, `activeDeadlineSeconds in ${noun} is not Supported`));
  }
  return errors;
}

/** Errors of a Deployment's spec. */
export function deploymentErrors(object: JsonObject): FieldError[] {
  const spec = specOf(object);
  const errors = [
    ...nonNegative(spec["replicas"], "spec.replicas"),
    ...selectorErrors(spec, "deployment"),
    ...selectedTemplateErrors(spec, "ReplicaSet", "invalid label selector"),
    ...strategyErrors(objectAt(spec, "strategy") ?? {}),
    ...nonNegative(spec["minReadySeconds"], "spec.minReadySeconds"),
    ...nonNegative(spec["revisionHistoryLimit"], "spec.revisionHistoryLimit"),
    ...nonNegative(spec["progressDeadlineSeconds"], "spec.progressDeadlineSeconds"),
  ];
  const deadline = spec["progressDeadlineSeconds"];
  if (typeof deadline === "number" && deadline <= amount(spec["minReadySeconds"])) {
    errors.push(invalidValue("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds"));
  }
  return errors;
}

function strategyErrors(strategy: JsonObject): FieldError[] {
  const rolling = objectAt(strategy, "rollingUpdate");
  const field = "spec.strategy.rollingUpdate";
  switch (text(strategy, "type")) {
    case "Recreate":
      return rolling ? [forbidden(field, "may not be specified when strategy `type` is 'Recreate'")] : [];
    case "RollingUpdate":
      return rolling ? rollingErrors(rolling, field) : [required(field, "this should be defaulted and never be nil")];
    default:
      return [unknownStrategy(text(strategy, "type"), rolling)];
  }
}

/** The server shows the strategy as its internal struct. */
function unknownStrategy(type: string, rolling: JsonObject | undefined): FieldError {
  const shown = `{"Type":${JSON.stringify(type)},"RollingUpdate":${rolling ? JSON.stringify({ MaxUnavailable: rolling["maxUnavailable"], MaxSurge: rolling["maxSurge"] }) : "null"}}`;
  return {
    type: "FieldValueNotSupported",
    field: "spec.strategy",
    message: `Unsupported value: ${shown}: supported values: "Recreate", "RollingUpdate"`,
  };
}

function rollingErrors(rolling: JsonObject, field: string): FieldError[] {
  const { maxUnavailable, maxSurge } = rolling;
  const errors = [...intOrPercent(maxUnavailable, `${field}.maxUnavailable`), ...intOrPercent(maxSurge, `${field}.maxSurge`)];
  if (amount(maxUnavailable) === 0 && amount(maxSurge) === 0)
    errors.push(invalidValue(`${field}.maxUnavailable`, maxUnavailable, "may not be 0 when `maxSurge` is 0"));
  return [...errors, ...atMostAll(maxUnavailable, `${field}.maxUnavailable`)];
}

/** Errors of a ReplicaSet's spec. */
export function replicaSetErrors(object: JsonObject): FieldError[] {
  const spec = specOf(object);
  return [
    ...nonNegative(spec["replicas"], "spec.replicas"),
    ...nonNegative(spec["minReadySeconds"], "spec.minReadySeconds"),
    ...selectorErrors(spec, "deployment"),
    ...selectedTemplateErrors(spec, "ReplicaSet", "invalid label selector"),
  ];
}

/** Errors of a StatefulSet's spec. */
export function statefulSetErrors(object: JsonObject): FieldError[] {
  const spec = specOf(object);
  const service = text(spec, "serviceName");
  return [
    ...policyErrors(spec),
    ...setStrategyErrors(objectAt(spec, "updateStrategy") ?? {}),
    ...nonNegative(spec["replicas"], "spec.replicas"),
    ...nonNegative(spec["minReadySeconds"], "spec.minReadySeconds"),
    ...(service === "" ? [] : dns1123Label(service).map((message) => invalidValue("spec.serviceName", service, message))),
    ...selectorErrors(spec, "statefulset"),
    ...selectedTemplateErrors(withClaimVolumes(spec), "StatefulSet", ""),
  ];
}

/** The claims of a stateful set are volumes of its pods. */
function withClaimVolumes(spec: JsonObject): JsonObject {
  const claims = each(spec, "volumeClaimTemplates").map((claim) => text(claim, "metadata", "name"));
  if (claims.length === 0) return spec;
  const template = objectAt(spec, "template") ?? {};
  const podSpec = objectAt(template, "spec") ?? {};
  const volumes = each(podSpec, "volumes").filter((volume) => !claims.includes(text(volume, "name")));
  return {
    ...spec,
    template: {
      ...template,
      spec: {
        ...podSpec,
        volumes: [...claims.map((name) => ({ name, persistentVolumeClaim: { claimName: name, readOnly: false } })), ...volumes],
      },
    },
  };
}

function policyErrors(spec: JsonObject): FieldError[] {
  const policy = text(spec, "podManagementPolicy");
  if (policy === "") return [required("spec.podManagementPolicy")];
  return policy === "OrderedReady" || policy === "Parallel"
    ? []
    : [invalidValue("spec.podManagementPolicy", policy, "must be 'OrderedReady' or 'Parallel'")];
}

function setStrategyErrors(strategy: JsonObject): FieldError[] {
  const rolling = objectAt(strategy, "rollingUpdate");
  switch (text(strategy, "type")) {
    case "":
      return [required("spec.updateStrategy")];
    case "OnDelete":
      return rolling ? [invalidValue("spec.updateStrategy.rollingUpdate", rolling, "only allowed for updateStrategy 'RollingUpdate'")] : [];
    case "RollingUpdate":
      return nonNegative(rolling?.["partition"], "spec.updateStrategy.rollingUpdate.partition");
    default:
      return [
        invalidText(
          "spec.updateStrategy",
          `{"Type":${JSON.stringify(text(strategy, "type"))},"RollingUpdate":null}`,
          "must be 'RollingUpdate' or 'OnDelete'",
        ),
      ];
  }
}

const setFields = [
  "replicas",
  "ordinals",
  "template",
  "updateStrategy",
  "revisionHistoryLimit",
  "persistentVolumeClaimRetentionPolicy",
  "minReadySeconds",
];
const setForbidden =
  "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";

/** Errors of a changed StatefulSet. */
export function statefulSetUpdateErrors(object: JsonObject, old: JsonObject): FieldError[] {
  const fixed = (spec: JsonObject): JsonObject => Object.fromEntries(Object.entries(spec).filter(([name]) => !setFields.includes(name)));
  const errors = statefulSetErrors(object);
  if (!equalJson(fixed(specOf(object)), fixed(specOf(old)))) errors.push(forbidden("spec", setForbidden));
  return errors;
}

/** Errors of a DaemonSet's spec. */
export function daemonSetErrors(object: JsonObject): FieldError[] {
  const spec = specOf(object);
  const selector = objectAt(spec, "selector");
  const template = objectAt(spec, "template") ?? {};
  const labels = objectAt(template, "metadata", "labels");
  const errors = selector ? labelSelectorErrors(selector, "spec.selector") : [];
  if (!selector || !selects(selector, labels ?? {})) errors.push(invalidValue("spec.template.metadata.labels", labels ?? null, noMatch));
  if (selector && selectsAll(selector)) errors.push(invalidValue("spec.selector", selector, "empty selector is invalid for daemonset"));
  return [
    ...errors,
    ...templateErrors(template, "spec.template"),
    ...alwaysRestarts(template, "spec.template", "DaemonSet"),
    ...nonNegative(spec["minReadySeconds"], "spec.minReadySeconds"),
    ...daemonStrategyErrors(objectAt(spec, "updateStrategy") ?? {}),
    ...nonNegative(spec["revisionHistoryLimit"], "spec.revisionHistoryLimit"),
  ];
}

function daemonStrategyErrors(strategy: JsonObject): FieldError[] {
  const type = text(strategy, "type");
  const field = "spec.updateStrategy";
  if (type === "OnDelete") return [];
  if (type !== "RollingUpdate") return [notSupported(`${field}.type`, type, ["RollingUpdate", "OnDelete"])];
  const rolling = objectAt(strategy, "rollingUpdate");
  if (!rolling) return [required(`${field}.rollingUpdate`)];
  const { maxUnavailable, maxSurge } = rolling;
  const errors = [
    ...intOrPercent(maxUnavailable, `${field}.rollingUpdate.maxUnavailable`),
    ...atMostAll(maxUnavailable, `${field}.rollingUpdate.maxUnavailable`),
    ...intOrPercent(maxSurge, `${field}.rollingUpdate.maxSurge`),
    ...atMostAll(maxSurge, `${field}.rollingUpdate.maxSurge`),
  ];
  const [unavailable, surge] = [amount(maxUnavailable), amount(maxSurge)];
  if (unavailable !== 0 && surge !== 0)
    errors.push(invalidValue(`${field}.rollingUpdate.maxSurge`, maxSurge, "may not be set when maxUnavailable is non-zero"));
  if (unavailable === 0 && surge === 0) errors.push(required(`${field}.rollingUpdate.maxUnavailable`, "cannot be 0 when maxSurge is 0"));
  return errors;
}

/** Errors of a Job's spec. */
export function jobErrors(object: JsonObject): FieldError[] {
  return jobSpecErrors(specOf(object), "spec", true);
}

function jobSpecErrors(spec: JsonObject, field: string, selects_: boolean): FieldError[] {
  const errors = ["parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished"].flatMap((name) =>
    nonNegative(spec[name], `${field}.${name}`),
  );
  const mode = text(spec, "completionMode");
  if (mode !== "" && mode !== "NonIndexed" && mode !== "Indexed")
    errors.push(notSupported(`${field}.completionMode`, mode, ["NonIndexed", "Indexed"]));
  if (mode === "Indexed" && spec["completions"] === undefined)
    errors.push(required(`${field}.completions`, "when completion mode is Indexed"));
  const template = objectAt(spec, "template") ?? {};
  const selector = objectAt(spec, "selector");
  if (selects_) {
    if (!selector) errors.unshift(required(`${field}.selector`));
    else if (!selects(selector, objectAt(template, "metadata", "labels") ?? {})) {
      errors.push(invalidValue(`${field}.template.metadata.labels`, objectAt(template, "metadata", "labels") ?? null, noMatch));
    }
  }
  errors.push(...templateErrors(template, `${field}.template`));
  const policy = text(template, "spec", "restartPolicy");
  if (policy === "Always") errors.push(required(`${field}.template.spec.restartPolicy`, 'valid values: "OnFailure", "Never"'));
  else if (policy !== "OnFailure" && policy !== "Never")
    errors.push(notSupported(`${field}.template.spec.restartPolicy`, policy, ["OnFailure", "Never"]));
  return errors;
}

/** Errors of a changed Job: most of its spec is fixed. */
export function jobUpdateErrors(object: JsonObject, old: JsonObject): FieldError[] {
  const [now, before] = [specOf(object), specOf(old)];
  const errors = jobErrors(object);
  if (!(now["completionMode"] === "Indexed" && now["completions"] === now["parallelism"]))
    errors.push(...immutableErrors(now["completions"], before["completions"], "spec.completions"));
  const template =
    before["suspend"] === true && objectAt(old, "status")?.["startTime"] === undefined
      ? []
      : immutableErrors(now["template"], before["template"], "spec.template");
  return [
    ...errors,
    ...immutableErrors(now["selector"], before["selector"], "spec.selector"),
    ...template,
    ...immutableErrors(now["completionMode"], before["completionMode"], "spec.completionMode"),
  ];
}

/** Errors of a CronJob's spec. */
export function cronJobErrors(object: JsonObject): FieldError[] {
  const spec = specOf(object);
  const schedule = text(spec, "schedule");
  const errors: FieldError[] = [];
  if (schedule === "") errors.push(required("spec.schedule"));
  errors.push(...nonNegative(spec["startingDeadlineSeconds"], "spec.startingDeadlineSeconds"));
  const policy = text(spec, "concurrencyPolicy");
  if (!["Allow", "Forbid", "Replace"].includes(policy))
    errors.push(notSupported("spec.concurrencyPolicy", policy, ["Allow", "Forbid", "Replace"]));
  const name = text(object, "metadata", "name");
  if (name.length > 52) errors.push(invalidValue("metadata.name", name, "must be no more than 52 characters"));
  const template = objectAt(spec, "jobTemplate", "spec");
  if (isObject(template)) errors.push(...jobSpecErrors(template, "spec.jobTemplate.spec", false));
  for (const limit of ["successfulJobsHistoryLimit", "failedJobsHistoryLimit"]) errors.push(...nonNegative(spec[limit], `spec.${limit}`));
  return errors;
}
