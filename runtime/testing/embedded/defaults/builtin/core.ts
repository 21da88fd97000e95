/**
 * The core group but for pods: services, configuration, namespaces, storage, events.
 */
import type { FieldError, JsonObject, JsonValue } from "../../../../schema/index.ts";
import {
  goValue,
  arrayAt,
  cloneJson,
  equalJson,
  forbidden,
  invalidValue,
  isObject,
  objectAt,
  required,
  stringAt,
  tooLong,
} from "../../../../schema/index.ts";
import { immutableErrors } from "../../../../schema/index.ts";
import { configKey, dns1035Label, dns1123Label } from "../../../../schema/index.ts";
import type { KindRules } from "../rules.ts";
import { claimErrors, claimUpdateErrors } from "../validation/claims.ts";
import { serviceErrors, serviceUpdateErrors } from "../validation/services.ts";
import { at, each, fill, fillEmpty, isEmpty, text, within } from "./fields.ts";

const service: KindRules = {
  revalidates: true,
  name: dns1035Label,
  status: true,
  defaults(object) {
    const spec = objectAt(object, "spec");
    if (!spec) return;
    fillEmpty(spec, { sessionAffinity: "None", type: "ClusterIP" });
    if (spec["sessionAffinity"] === "ClientIP") fill(within(within(spec, "sessionAffinityConfig"), "clientIP"), { timeoutSeconds: 10_800 });
    else Reflect.deleteProperty(spec, "sessionAffinityConfig");
    for (const port of each(spec, "ports")) {
      fillEmpty(port, { protocol: "TCP" });
      if (isEmpty(port["targetPort"])) port["targetPort"] = port["port"] ?? 0;
    }
    const outside = spec["type"] === "NodePort" || spec["type"] === "LoadBalancer";
    if (outside || arrayAt(spec, "externalIPs").length > 0) fillEmpty(spec, { externalTrafficPolicy: "Cluster" });
    if (spec["type"] !== "ExternalName") fill(spec, { internalTrafficPolicy: "Cluster" });
    if (spec["type"] === "LoadBalancer") fill(spec, { allocateLoadBalancerNodePorts: true });
  },
  create: defaultFamilies,
  update(object, old) {
    const [spec, before] = [objectAt(object, "spec"), objectAt(old, "spec")];
    if (!spec || !before) return;
    keepAllocated(spec, before);
    defaultFamilies(object);
  },
  validate: serviceErrors,
  validateUpdate: serviceUpdateErrors,
  validateStatus(object) {
    const balanced = arrayAt(object, "status", "loadBalancer", "ingress").length > 0;
    return balanced && text(object, "spec", "type") !== "LoadBalancer"
      ? [forbidden("status.loadBalancer.ingress", "may only be used when `spec.type` is 'LoadBalancer'")]
      : [];
  },
};

/** What the server allocated stays, though writers leave it out. */
function keepAllocated(spec: JsonObject, before: JsonObject): void {
  if (spec["type"] === "ExternalName") {
    for (const field of ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy"])
      if (equalJson(spec[field], before[field])) Reflect.deleteProperty(spec, field);
    return;
  }
  if (before["type"] === "ExternalName") return;
  // Old clients know only the single address.
  const address = text(spec, "clusterIP");
  if (address !== "" && address !== before["clusterIP"] && equalJson(spec["clusterIPs"], before["clusterIPs"]))
    spec["clusterIPs"] = [address];
  for (const field of ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"]) {
    const value = before[field];
    if (isEmpty(spec[field]) && value !== undefined) spec[field] = cloneJson(value);
  }
  if (spec["type"] === "ClusterIP") return;
  for (const [index, port] of each(spec, "ports").entries()) {
    const match =
      each(before, "ports").find((other) => other["port"] === port["port"] && other["protocol"] === port["protocol"]) ??
      each(before, "ports")[index];
    if (isEmpty(port["nodePort"]) && match?.["nodePort"] !== undefined) port["nodePort"] = match["nodePort"];
  }
}

/** The address families follow from the cluster address, which the caller has set by now (this server has IPv4 alone). */
function defaultFamilies(object: JsonObject): void {
  const spec = objectAt(object, "spec");
  if (!spec || spec["type"] === "ExternalName") return;
  const address = text(spec, "clusterIP") || goValue(arrayAt(spec, "clusterIPs")[0] ?? "");
  if (address !== "") Object.assign(spec, { clusterIP: address, clusterIPs: isEmpty(spec["clusterIPs"]) ? [address] : spec["clusterIPs"] });
  fillEmpty(spec, { ipFamilyPolicy: address === "None" && isEmpty(spec["selector"]) ? "RequireDualStack" : "SingleStack" });
  if (isEmpty(spec["ipFamilies"])) spec["ipFamilies"] = spec["ipFamilyPolicy"] === "RequireDualStack" ? ["IPv4", "IPv6"] : ["IPv4"];
}

const largest = 1024 * 1024;
const bytesOf = (data: JsonObject | undefined, decode: (value: string) => number): number =>
  Object.values(data ?? {}).reduce((sum: number, value) => sum + decode(goValue(value ?? "")), 0);
const base64Bytes = (value: string): number => Buffer.byteLength(value, "base64");

function keyErrors(data: JsonObject | undefined, field: string): FieldError[] {
  return Object.keys(data ?? {}).flatMap((key) => configKey(key).map((message) => invalidValue(`${field}[${key}]`, key, message)));
}

const frozen = "field is immutable when `immutable` is set";

function frozenErrors(object: JsonObject, old: JsonObject, fields: readonly string[]): FieldError[] {
  if (old["immutable"] !== true) return [];
  const errors = object["immutable"] === true ? [] : [forbidden("immutable", frozen)];
  return [...errors, ...fields.filter((field) => !equalJson(object[field], old[field])).map((field) => forbidden(field, frozen))];
}

function configMapErrors(object: JsonObject): FieldError[] {
  const [data, binary] = [objectAt(object, "data"), objectAt(object, "binaryData")];
  const errors = keyErrors(data, "data");
  for (const key of Object.keys(data ?? {}))
    if (binary?.[key] !== undefined) errors.push(invalidValue(`data[${key}]`, key, "duplicate of key present in binaryData"));
  errors.push(...keyErrors(binary, "binaryData"));
  if (bytesOf(data, (text) => Buffer.byteLength(text)) + bytesOf(binary, base64Bytes) > largest) errors.push(tooLong("[]", largest));
  return errors;
}

const configMap: KindRules = {
  revalidates: true,
  validate: configMapErrors,
  validateUpdate: (object, old) => [...frozenErrors(object, old, ["data", "binaryData"]), ...configMapErrors(object)],
};

/** Keys that secrets of a type must have; all of a group may be missing only when one of it is there. */
const secretKeys: Readonly<Record<string, readonly string[]>> = {
  "kubernetes.io/dockercfg": [".dockercfg"],
  "kubernetes.io/dockerconfigjson": [".dockerconfigjson"],
  "kubernetes.io/ssh-auth": ["ssh-privatekey"],
  "kubernetes.io/tls": ["tls.crt", "tls.key"],
};

function secretErrors(object: JsonObject): FieldError[] {
  const data = objectAt(object, "data") ?? {};
  const errors = keyErrors(data, "data");
  if (bytesOf(data, base64Bytes) > largest) errors.push(tooLong("data", largest));
  const type = text(object, "type");
  const missing = (key: string): FieldError => required(`data[${key}]`);
  if (
    type === "kubernetes.io/service-account-token" &&
    text(object, "metadata", "annotations", "kubernetes.io/service-account.name") === ""
  ) {
    errors.push(required("metadata.annotations[kubernetes.io/service-account.name]"));
  }
  if (type === "kubernetes.io/basic-auth" && data["username"] === undefined && data["password"] === undefined)
    errors.push(missing("username"), missing("password"));
  for (const key of secretKeys[type] ?? []) if (data[key] === undefined) errors.push(missing(key));
  return errors;
}

const secret: KindRules = {
  revalidates: true,
  defaults(object) {
    fillEmpty(object, { type: "Opaque" });
    const texts = objectAt(object, "stringData");
    if (!texts) return;
    const data = within(object, "data");
    for (const [key, value] of Object.entries(texts)) data[key] = Buffer.from(goValue(value)).toString("base64");
    Reflect.deleteProperty(object, "stringData");
  },
  validate: secretErrors,
  validateUpdate: (object, old) => [
    ...immutableErrors(object["type"], old["type"], "type"),
    ...frozenErrors(object, old, ["data"]),
    ...secretErrors(object),
  ],
};

const nameLabel = "kubernetes.io/metadata.name";

const namespace: KindRules = {
  name: dns1123Label,
  status: true,
  defaults(object) {
    const name = stringAt(object, "metadata", "name") ?? "";
    if (name !== "") within(within(object, "metadata"), "labels")[nameLabel] = name;
    fillEmpty(within(object, "status"), { phase: "Active" });
  },
  create(object) {
    object["status"] = { phase: "Active" };
    const spec = within(object, "spec");
    const finalizers = arrayAt(spec, "finalizers");
    if (!finalizers.includes("kubernetes")) spec["finalizers"] = [...finalizers, "kubernetes"];
    const name = stringAt(object, "metadata", "name") ?? "";
    within(within(object, "metadata"), "labels")[nameLabel] = name;
  },
  update: (object, old) =>
    at(object, ["spec"], (spec) => Object.assign(spec, { finalizers: cloneJson(arrayAt(old, "spec", "finalizers")) })),
};

const claim: KindRules = {
  revalidates: true,
  status: true,
  defaults(object) {
    at(object, ["spec"], (spec) => fill(spec, { volumeMode: "Filesystem" }));
    fillEmpty(within(object, "status"), { phase: "Pending" });
  },
  create: (object) => void (object["status"] = { phase: "Pending" }),
  validate: claimErrors,
  validateUpdate: claimUpdateErrors,
};

const volume: KindRules = {
  status: true,
  defaults(object) {
    at(object, ["spec"], (spec) => fill(spec, { persistentVolumeReclaimPolicy: "Retain", volumeMode: "Filesystem" }));
    at(object, ["spec", "hostPath"], (source) => fill(source, { type: "" }));
    fillEmpty(within(object, "status"), { phase: "Pending" });
  },
  create: (object) => void (object["status"] = { phase: "Pending" }),
};

const endpoints: KindRules = {
  defaults(object) {
    for (const subset of each(object, "subsets")) for (const port of each(subset, "ports")) fillEmpty(port, { protocol: "TCP" });
  },
};

const node: KindRules = { status: true, statusKeeps: [] };

const limitRange: KindRules = {
  defaults(object) {
    for (const limit of each(object, "spec", "limits")) if (limit["type"] === "Container") defaultLimits(limit);
  },
};

/** Containers' defaults fall back on their bounds. */
function defaultLimits(limit: JsonObject): void {
  const missing = (field: string, from: JsonObject | undefined): void => {
    if (!from) return;
    const target = within(limit, field);
    for (const [name, value] of Object.entries(from)) if (target[name] === undefined && value !== undefined) target[name] = value;
  };
  missing("default", objectAt(limit, "max"));
  missing("defaultRequest", objectAt(limit, "default"));
  missing("defaultRequest", objectAt(limit, "min"));
}

const event: KindRules = {
  validate(object) {
    const involved = text(object, "involvedObject", "namespace") || text(object, "regarding", "namespace");
    const own = text(object, "metadata", "namespace");
    const expected = involved === "" ? "default" : involved;
    const given: JsonValue = involved;
    return isObject(object["metadata"]) && own !== expected && text(object, "eventTime") === ""
      ? [invalidValue("involvedObject.namespace", given, "does not match event.namespace")]
      : [];
  },
};

/** Rules by group and kind. */
export const coreRules: Readonly<Record<string, KindRules>> = {
  "/Service": service,
  "/ConfigMap": configMap,
  "/Secret": secret,
  "/Namespace": namespace,
  "/PersistentVolumeClaim": claim,
  "/PersistentVolume": volume,
  "/Endpoints": endpoints,
  "/Node": node,
  "/LimitRange": limitRange,
  "/ResourceQuota": { status: true },
  "/ServiceAccount": { revalidates: true },
  "/Event": event,
};
