/**
 * Validation of pods and pod templates.
 */
import type { FieldError, JsonObject } from "../../../../schema/index.ts";
import {
  goValue,
  arrayAt,
  duplicate,
  equalJson,
  forbidden,
  goJson,
  invalidValue,
  isObject,
  notSupported,
  objectAt,
  omit,
  required,
} from "../../../../schema/index.ts";
import { each, isEmpty, text } from "../builtin/fields.ts";
import { annotationErrors, labelErrors } from "../../../../schema/index.ts";
import { configKey, dns1123Label, dns1123Subdomain, labelValue, qualifiedName } from "../../../../schema/index.ts";
import { containerErrors, lifeErrors, relativePathErrors } from "./containers.ts";
import type { PodContext } from "./containers.ts";
import { nonNegative } from "./numbers.ts";
import { labelSelectorErrors } from "./selectors.ts";

/** Errors of a pod template; paths of its metadata are as the server gives them, without `metadata`. */
export function templateErrors(template: JsonObject, field: string): FieldError[] {
  const spec = objectAt(template, "spec") ?? {};
  return [
    ...labelErrors(objectAt(template, "metadata", "labels"), `${field}.labels`),
    ...annotationErrors(objectAt(template, "metadata", "annotations"), `${field}.annotations`),
    ...podSpecErrors(spec, `${field}.spec`),
    ...(arrayAt(spec, "ephemeralContainers").length > 0
      ? [forbidden(`${field}.spec.ephemeralContainers`, "ephemeral containers not allowed in pod template")]
      : []),
  ];
}

/** Errors of a new pod. */
export function podErrors(pod: JsonObject): FieldError[] {
  const spec = objectAt(pod, "spec") ?? {};
  const errors = podSpecErrors(spec, "spec");
  if (arrayAt(spec, "ephemeralContainers").length > 0) errors.push(forbidden("spec.ephemeralContainers", "cannot be set on create"));
  return errors;
}

const changeable =
  "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

/** Errors of a changed pod: next to nothing of its spec may change. */
export function podUpdateErrors(pod: JsonObject, old: JsonObject): FieldError[] {
  const errors = podSpecErrors(objectAt(pod, "spec") ?? {}, "spec");
  const [now, before] = [withoutChangeable(pod), withoutChangeable(old)];
  const tolerations = arrayAt(pod, "spec", "tolerations");
  const kept = arrayAt(old, "spec", "tolerations").every((toleration) => tolerations.some((other) => equalJson(other, toleration)));
  if (!kept) errors.push(forbidden("spec.tolerations", "existing toleration can not be modified except its tolerationSeconds"));
  if (!equalJson(now, before)) errors.push(forbidden("spec", `${changeable}\n${goJson(now)}`));
  return errors;
}

function withoutChangeable(pod: JsonObject): JsonObject {
  const spec = omit(objectAt(pod, "spec") ?? {}, "activeDeadlineSeconds", "tolerations");
  for (const list of ["containers", "initContainers"]) {
    if (spec[list] !== undefined) spec[list] = each(spec, list).map((container) => ({ ...container, image: "" }));
  }
  return spec;
}

/** Errors of a `PodSpec`. */
function podSpecErrors(spec: JsonObject, field: string): FieldError[] {
  const volumes = new Map<string, JsonObject>();
  const errors = volumeErrors(spec, `${field}.volumes`, volumes);
  const pod: PodContext = { volumes, gracePeriod: spec["terminationGracePeriodSeconds"] };
  errors.push(...allContainerErrors(spec, field, pod));
  errors.push(...oneOf(spec, "restartPolicy", ["Always", "OnFailure", "Never"], field));
  errors.push(...oneOf(spec, "dnsPolicy", ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"], field));
  errors.push(...labelErrors(objectAt(spec, "nodeSelector"), `${field}.nodeSelector`));
  errors.push(...hostNetworkErrors(spec, field), ...affinityErrors(objectAt(spec, "affinity") ?? {}, `${field}.affinity`));
  for (const name of ["serviceAccountName", "nodeName", "priorityClassName", "runtimeClassName"]) {
    const value = text(spec, name);
    if (value !== "") errors.push(...dns1123Subdomain(value).map((message) => invalidValue(`${field}.${name}`, value, message)));
  }
  const deadline = spec["activeDeadlineSeconds"];
  if (typeof deadline === "number" && (deadline < 1 || deadline > 2 ** 31 - 1))
    errors.push(invalidValue(`${field}.activeDeadlineSeconds`, deadline, "must be between 1 and 2147483647, inclusive"));
  for (const name of ["hostname", "subdomain"]) {
    const value = text(spec, name);
    if (value !== "") errors.push(...dns1123Label(value).map((message) => invalidValue(`${field}.${name}`, value, message)));
  }
  errors.push(...nonNegative(spec["terminationGracePeriodSeconds"], `${field}.terminationGracePeriodSeconds`));
  return [...errors, ...tolerationErrors(each(spec, "tolerations"), `${field}.tolerations`)];
}

function oneOf(spec: JsonObject, name: string, values: readonly string[], field: string): FieldError[] {
  const value = text(spec, name);
  if (value === "") return [required(`${field}.${name}`)];
  return values.includes(value) ? [] : [notSupported(`${field}.${name}`, value, values)];
}

function allContainerErrors(spec: JsonObject, field: string, pod: PodContext): FieldError[] {
  const containers = each(spec, "containers");
  if (containers.length === 0) return [required(`${field}.containers`)];
  const names = new Set<string>();
  const errors: FieldError[] = [];
  const check = (container: JsonObject, place: string): void => {
    errors.push(...containerErrors(container, place, pod));
    const name = text(container, "name");
    if (names.has(name)) errors.push(duplicate(`${place}.name`, name));
    else if (name !== "") names.add(name);
  };
  for (const [index, container] of containers.entries()) {
    const place = `${field}.containers[${index}]`;
    check(container, place);
    errors.push(...lifeErrors(container, place, pod));
  }
  errors.push(...hostPortErrors(containers, `${field}.containers`));
  for (const [index, container] of each(spec, "initContainers").entries()) {
    const place = `${field}.initContainers[${index}]`;
    check(container, place);
    if (container["restartPolicy"] === "Always") errors.push(...lifeErrors(container, place, pod));
    else {
      for (const name of ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"]) {
        if (isObject(container[name]))
          errors.push(forbidden(`${place}.${name}`, "may not be set for init containers without restartPolicy=Always"));
      }
    }
  }
  return errors;
}

function hostPortErrors(containers: readonly JsonObject[], field: string): FieldError[] {
  const used = new Set<string>();
  return containers.flatMap((container, index) =>
    each(container, "ports").flatMap((port, place) => {
      if (isEmpty(port["hostPort"])) return [];
      const key = `${text(port, "protocol")}/${text(port, "hostIP")}/${goValue(port["hostPort"])}`;
      if (used.has(key)) return [duplicate(`${field}[${index}].ports[${place}].hostPort`, key)];
      used.add(key);
      return [];
    }),
  );
}

function hostNetworkErrors(spec: JsonObject, field: string): FieldError[] {
  if (spec["hostNetwork"] !== true) return [];
  const lists = ["containers", "initContainers"];
  return lists.flatMap((list) =>
    each(spec, list).flatMap((container, index) =>
      each(container, "ports").flatMap((port, place) =>
        port["hostPort"] === port["containerPort"]
          ? []
          : [
              invalidValue(
                `${field}.${list}[${index}].ports[${place}].hostPort`,
                port["hostPort"] ?? 0,
                "must match `containerPort` when `hostNetwork` is true",
              ),
            ],
      ),
    ),
  );
}

function volumeErrors(spec: JsonObject, field: string, volumes: Map<string, JsonObject>): FieldError[] {
  return each(spec, "volumes").flatMap((volume, index) => {
    const place = `${field}[${index}]`;
    const { name: given, ...sources } = volume;
    const name = typeof given === "string" ? given : "";
    const kinds = Object.keys(sources).filter((kind) => sources[kind] !== undefined);
    const errors = kinds.slice(1).map((kind) => forbidden(`${place}.${kind}`, "may not specify more than 1 volume type"));
    const [kind] = kinds;
    if (kind === undefined) errors.push(required(place, "must specify a volume type"));
    else errors.push(...sourceErrors(kind, objectAt(volume, kind) ?? {}, `${place}.${kind}`));
    if (name === "") errors.push(required(`${place}.name`));
    else errors.push(...dns1123Label(name).map((message) => invalidValue(`${place}.name`, name, message)));
    if (volumes.has(name)) errors.push(duplicate(`${place}.name`, name));
    volumes.set(name, volume);
    return errors;
  });
}

function sourceErrors(kind: string, source: JsonObject, field: string): FieldError[] {
  switch (kind) {
    case "configMap":
      return [...(text(source, "name") === "" ? [required(`${field}.name`)] : []), ...fileErrors(source, field)];
    case "secret":
      return [...(text(source, "secretName") === "" ? [required(`${field}.secretName`)] : []), ...fileErrors(source, field)];
    case "hostPath":
      return text(source, "path") === "" ? [required(`${field}.path`)] : [];
    case "persistentVolumeClaim":
      return text(source, "claimName") === "" ? [required(`${field}.claimName`)] : [];
    default:
      return [];
  }
}

function fileErrors(source: JsonObject, field: string): FieldError[] {
  const mode = source["defaultMode"];
  const errors =
    typeof mode === "number" && (mode < 0 || mode > 0o777)
      ? [invalidValue(`${field}.defaultMode`, mode, "must be a number between 0 and 0777 (octal), both inclusive")]
      : [];
  for (const [index, item] of each(source, "items").entries()) {
    const place = `${field}.items[${index}]`;
    const [key, path] = [text(item, "key"), text(item, "path")];
    errors.push(...(key === "" ? [required(`${place}.key`)] : configKey(key).map((message) => invalidValue(`${place}.key`, key, message))));
    errors.push(...(path === "" ? [required(`${place}.path`)] : relativePathErrors(path, `${place}.path`)));
  }
  return errors;
}

const effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

function tolerationErrors(tolerations: readonly JsonObject[], field: string): FieldError[] {
  return tolerations.flatMap((toleration, index) => {
    const place = `${field}[${index}]`;
    const errors: FieldError[] = [];
    const [key, operator, value, effect] = [
      text(toleration, "key"),
      text(toleration, "operator"),
      text(toleration, "value"),
      text(toleration, "effect"),
    ];
    if (key !== "") errors.push(...qualifiedName(key).map((message) => invalidValue(`${place}.key`, key, message)));
    if (key === "" && operator !== "Exists")
      errors.push(
        invalidValue(
          `${place}.operator`,
          operator,
          'operator must be Exists when `key` is empty, which means "match all values and all keys"',
        ),
      );
    if (toleration["tolerationSeconds"] !== undefined && effect !== "NoExecute")
      errors.push(invalidValue(`${place}.effect`, effect, "effect must be 'NoExecute' when `tolerationSeconds` is set"));
    if (operator === "Exists") {
      if (value !== "") errors.push(invalidValue(`${place}.operator`, value, "value must be empty when `operator` is 'Exists'"));
    } else if (operator === "Equal" || operator === "") {
      const wrong = labelValue(value);
      if (wrong.length > 0) errors.push(invalidValue(`${place}.operator`, value, wrong.join(";")));
    } else {
      errors.push(notSupported(`${place}.operator`, operator, ["Equal", "Exists"]));
    }
    if (effect !== "" && !effects.includes(effect)) errors.push(notSupported(`${place}.effect`, effect, effects));
    return errors;
  });
}

function affinityErrors(affinity: JsonObject, field: string): FieldError[] {
  return ["podAffinity", "podAntiAffinity"].flatMap((kind) =>
    each(affinity, kind, "requiredDuringSchedulingIgnoredDuringExecution").flatMap((term, index) => {
      const place = `${field}.${kind}.requiredDuringSchedulingIgnoredDuringExecution[${index}]`;
      const selector = objectAt(term, "labelSelector");
      const key = text(term, "topologyKey");
      return [
        ...(selector ? labelSelectorErrors(selector, `${place}.labelSelector`) : []),
        ...(key === "" ? [required(`${place}.topologyKey`, "can not be empty")] : []),
        ...qualifiedName(key).map((message) => invalidValue(`${place}.topologyKey`, key, message)),
      ];
    }),
  );
}
