/**
 * Scaling, disruption, networking, scheduling and storage classes.
 */
import type { FieldError, JsonObject } from "../../../../schema/index.ts";
import { arrayAt, forbidden, invalidText, invalidValue, notSupported, objectAt, required } from "../../../../schema/index.ts";
import { dns1123Label, dns1123Subdomain, pathSegment, portName } from "../../../../schema/index.ts";
import type { KindRules } from "../rules.ts";
import { amount, atMostAll, intOrPercent, portNumber } from "../validation/numbers.ts";
import { labelSelectorErrors } from "../validation/selectors.ts";
import { at, each, fill, text, within } from "./fields.ts";

const scaleUp = {
  stabilizationWindowSeconds: 0,
  selectPolicy: "Max",
  policies: [
    { type: "Pods", value: 4, periodSeconds: 15 },
    { type: "Percent", value: 100, periodSeconds: 15 },
  ],
};
const scaleDown = { selectPolicy: "Max", policies: [{ type: "Percent", value: 100, periodSeconds: 15 }] };

const autoscaler: KindRules = {
  status: true,
  defaults(object) {
    const spec = objectAt(object, "spec");
    if (!spec) return;
    fill(spec, { minReplicas: 1 });
    if (object["apiVersion"] === "autoscaling/v1") {
      fill(spec, { targetCPUUtilizationPercentage: 80 });
      return;
    }
    if (arrayAt(spec, "metrics").length === 0)
      spec["metrics"] = [{ type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } } }];
    at(spec, ["behavior"], (behavior) => {
      fill(within(behavior, "scaleUp"), scaleUp);
      fill(within(behavior, "scaleDown"), scaleDown);
    });
  },
  validate(object) {
    const spec = objectAt(object, "spec") ?? {};
    const [least, most] = [amount(spec["minReplicas"]), amount(spec["maxReplicas"])];
    const errors: FieldError[] = [];
    if (least < 1) errors.push(invalidValue("spec.minReplicas", least, "must be greater than or equal to 1"));
    if (most < 1) errors.push(invalidValue("spec.maxReplicas", most, "must be greater than 0"));
    if (most < least) errors.push(invalidValue("spec.maxReplicas", most, "must be greater than or equal to `minReplicas`"));
    if (least < 1)
      errors.push(forbidden("spec.metrics", "must specify at least one Object or External metric to support scaling to zero replicas"));
    const target = objectAt(spec, "scaleTargetRef") ?? {};
    if (text(target, "apiVersion") === "")
      errors.push(invalidValue("spec.scaleTargetRef.apiVersion", "", "apiVersion must specify API group"));
    for (const name of ["kind", "name"]) {
      const value = text(target, name);
      if (value === "") errors.push(required(`spec.scaleTargetRef.${name}`));
      else errors.push(...pathSegment(value).map((message) => invalidValue(`spec.scaleTargetRef.${name}`, value, message)));
    }
    return errors;
  },
};

const disruptionBudget: KindRules = {
  status: true,
  generation: true,
  validate(object) {
    const spec = objectAt(object, "spec") ?? {};
    const errors: FieldError[] = [];
    if (spec["minAvailable"] !== undefined && spec["maxUnavailable"] !== undefined)
      errors.push(invalidText("spec", budgetText(spec), "minAvailable and maxUnavailable cannot be both set"));
    for (const name of ["minAvailable", "maxUnavailable"])
      errors.push(...intOrPercent(spec[name], `spec.${name}`), ...atMostAll(spec[name], `spec.${name}`));
    const policy = text(spec, "unhealthyPodEvictionPolicy");
    errors.push(...labelSelectorErrors(objectAt(spec, "selector") ?? {}, "spec.selector"));
    if (policy !== "" && policy !== "AlwaysAllow" && policy !== "IfHealthyBudget")
      errors.push(notSupported("spec.unhealthyPodEvictionPolicy", policy, ["AlwaysAllow", "IfHealthyBudget"]));
    return errors;
  },
};

/** A budget as the server shows it: its internal struct. */
function budgetText(spec: JsonObject): string {
  const policy = spec["unhealthyPodEvictionPolicy"] ?? null;
  return JSON.stringify({
    MinAvailable: spec["minAvailable"],
    Selector: spec["selector"] ?? null,
    MaxUnavailable: spec["maxUnavailable"],
    UnhealthyPodEvictionPolicy: policy,
  });
}

const networkPolicy: KindRules = {
  generation: true,
  defaults(object) {
    const spec = objectAt(object, "spec");
    if (!spec) return;
    for (const rule of [...each(spec, "ingress"), ...each(spec, "egress")])
      for (const port of each(rule, "ports")) fill(port, { protocol: "TCP" });
    if (arrayAt(spec, "policyTypes").length === 0)
      spec["policyTypes"] = arrayAt(spec, "egress").length > 0 ? ["Ingress", "Egress"] : ["Ingress"];
  },
  validate(object) {
    const spec = objectAt(object, "spec") ?? {};
    const errors = labelSelectorErrors(objectAt(spec, "podSelector") ?? {}, "spec.podSelector");
    for (const [direction, peers] of [
      ["ingress", "from"],
      ["egress", "to"],
    ] as const) {
      for (const [index, rule] of each(spec, direction).entries()) {
        const field = `spec.${direction}[${index}]`;
        for (const [place, port] of each(rule, "ports").entries()) errors.push(...policyPortErrors(port, `${field}.ports[${place}]`));
        for (const [place, peer] of each(rule, peers).entries()) errors.push(...peerErrors(peer, `${field}.${peers}[${place}]`));
      }
    }
    for (const [index, type] of arrayAt(spec, "policyTypes").entries()) {
      if (type !== "Ingress" && type !== "Egress") errors.push(notSupported(`spec.policyTypes[${index}]`, type, ["Ingress", "Egress"]));
    }
    return errors;
  },
};

function policyPortErrors(port: JsonObject, field: string): FieldError[] {
  const protocol = text(port, "protocol");
  const errors = ["", "TCP", "UDP", "SCTP"].includes(protocol) ? [] : [notSupported(`${field}.protocol`, protocol, ["TCP", "UDP", "SCTP"])];
  const { port: number, endPort: end } = port;
  if (typeof number === "number") {
    errors.push(...portNumber(number, `${field}.port`));
    if (typeof end === "number" && end < number)
      errors.push(invalidValue(`${field}.endPort`, number, "must be greater than or equal to `port`"));
  } else if (typeof number === "string") {
    errors.push(...portName(number).map((message) => invalidValue(`${field}.port`, number, message)));
  } else if (end !== undefined) {
    errors.push(invalidValue(`${field}.endPort`, end, "may not be specified when `port` is not specified"));
  }
  return errors;
}

function peerErrors(peer: JsonObject, field: string): FieldError[] {
  const errors = ["podSelector", "namespaceSelector"].flatMap((name) =>
    labelSelectorErrors(objectAt(peer, name) ?? {}, `${field}.${name}`),
  );
  if (Object.keys(peer).length === 0) errors.push(required(field, "must specify a peer"));
  return errors;
}

const pathTypes = ["Exact", "ImplementationSpecific", "Prefix"];

const ingress: KindRules = {
  revalidates: true,
  status: true,
  generation: true,
  validate(object) {
    const spec = objectAt(object, "spec") ?? {};
    const rules = each(spec, "rules");
    const backend = objectAt(spec, "defaultBackend");
    const errors =
      rules.length === 0 && !backend ? [invalidValue("spec", null, "either `defaultBackend` or `rules` must be specified")] : [];
    if (backend) errors.push(...backendErrors(backend, "spec.defaultBackend"));
    for (const [index, rule] of rules.entries()) {
      const field = `spec.rules[${index}]`;
      const host = text(rule, "host");
      if (host !== "" && !host.startsWith("*."))
        errors.push(...dns1123Subdomain(host).map((message) => invalidValue(`${field}.host`, host, message)));
      const http = objectAt(rule, "http");
      if (http && each(http, "paths").length === 0) errors.push(required(`${field}.http.paths`));
      for (const [place, path] of each(http, "paths").entries()) errors.push(...pathErrors(path, `${field}.http.paths[${place}]`));
    }
    return errors;
  },
};

function pathErrors(path: JsonObject, field: string): FieldError[] {
  const [type, value] = [text(path, "pathType"), text(path, "path")];
  const errors: FieldError[] = [];
  if (type === "") return [required(`${field}.pathType`, "pathType must be specified")];
  if (!pathTypes.includes(type)) errors.push(notSupported(`${field}.pathType`, type, pathTypes));
  if ((type === "Exact" || type === "Prefix") && !value.startsWith("/"))
    errors.push(invalidValue(`${field}.path`, value, "must be an absolute path"));
  else if (type === "ImplementationSpecific" && value !== "" && !value.startsWith("/"))
    errors.push(invalidValue(`${field}.path`, value, "must be an absolute path"));
  return [...errors, ...backendErrors(objectAt(path, "backend") ?? {}, `${field}.backend`)];
}

function backendErrors(backend: JsonObject, field: string): FieldError[] {
  const service = objectAt(backend, "service");
  const resource = objectAt(backend, "resource");
  if (service && resource) return [invalidValue(field, "", "cannot set both resource and service backends")];
  if (resource) return [];
  if (!service) return [invalidValue(field, "", "resource or service backend is required")];
  const name = text(service, "name");
  const errors =
    name === ""
      ? [required(`${field}.service.name`)]
      : dns1123Label(name).map((message) => invalidValue(`${field}.service.name`, name, message));
  const port = objectAt(service, "port") ?? {};
  const [number, portText] = [amount(port["number"]), text(port, "name")];
  if (number !== 0 && portText !== "") errors.push(invalidValue(field, "", "cannot set both port name & port number"));
  else if (portText !== "")
    errors.push(...portName(portText).map((message) => invalidValue(`${field}.service.port.name`, portText, message)));
  else if (number !== 0) errors.push(...portNumber(number, `${field}.service.port.number`));
  else errors.push(required(field, "port name or number is required"));
  return errors;
}

const endpointSlice: KindRules = {
  generation: true,
  defaults(object) {
    for (const port of each(object, "ports")) fill(port, { name: "", protocol: "TCP" });
  },
};

/** Rules by group and kind. */
export const policyRules: Readonly<Record<string, KindRules>> = {
  "autoscaling/HorizontalPodAutoscaler": autoscaler,
  "policy/PodDisruptionBudget": disruptionBudget,
  "networking.k8s.io/NetworkPolicy": networkPolicy,
  "networking.k8s.io/Ingress": ingress,
  "networking.k8s.io/IngressClass": {
    generation: true,
    defaults: (object) => at(object, ["spec", "parameters"], (parameters) => fill(parameters, { scope: "Cluster" })),
  },
  "discovery.k8s.io/EndpointSlice": endpointSlice,
  "storage.k8s.io/StorageClass": { defaults: (object) => fill(object, { reclaimPolicy: "Delete", volumeBindingMode: "Immediate" }) },
  "scheduling.k8s.io/PriorityClass": { generation: true, defaults: (object) => fill(object, { preemptionPolicy: "PreemptLowerPriority" }) },
};
