/**
 * Validation of services.
 */
import { isIP } from "node:net";
import type { FieldError, JsonObject } from "../../../../schema/index.ts";
import {
  goValue,
  arrayAt,
  duplicate,
  equalJson,
  forbidden,
  invalidValue,
  isObject,
  notSupported,
  objectAt,
  required,
} from "../../../../schema/index.ts";
import { each, isEmpty, text } from "../builtin/fields.ts";
import { labelErrors } from "../../../../schema/index.ts";
import { dns1123Label, dns1123Subdomain, portName, qualifiedName } from "../../../../schema/index.ts";
import { choice } from "./containers.ts";
import { portNumber } from "./numbers.ts";

const types = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];

/** Errors of a service's spec. */
export function serviceErrors(object: JsonObject): FieldError[] {
  const spec = objectAt(object, "spec") ?? {};
  const type = text(spec, "type");
  const ports = each(spec, "ports");
  const headless = text(spec, "clusterIP") === "None";
  const errors: FieldError[] = [];
  if (ports.length === 0 && !headless && type !== "ExternalName") errors.push(required("spec.ports"));
  errors.push(...typeErrors(spec, type));
  const names = new Set<string>();
  for (const [index, port] of ports.entries()) errors.push(...portErrors(port, ports.length > 1, names, `spec.ports[${index}]`));
  errors.push(...labelErrors(objectAt(spec, "selector"), "spec.selector"));
  errors.push(...choice(spec, "sessionAffinity", ["ClientIP", "None"], "spec"));
  errors.push(...addressErrors(spec, type));
  if (!types.includes(type)) errors.push(type === "" ? required("spec.type") : notSupported("spec.type", type, types));
  errors.push(...repeatedPortErrors(ports));
  return [...errors, ...policyErrors(spec, type)];
}

function typeErrors(spec: JsonObject, type: string): FieldError[] {
  if (type === "LoadBalancer" && text(spec, "clusterIP") === "None")
    return [invalidValue("spec.clusterIPs[0]", "None", "may not be set to 'None' for LoadBalancer services")];
  if (type === "NodePort" && text(spec, "clusterIP") === "None")
    return [invalidValue("spec.clusterIPs[0]", "None", "may not be set to 'None' for NodePort services")];
  if (type !== "ExternalName") return [];
  const errors: FieldError[] = [];
  if (!isEmpty(spec["clusterIPs"])) errors.push(forbidden("spec.clusterIPs", "may not be set when `type` is 'ExternalName'"));
  const name = text(spec, "externalName").replace(/\.$/, "");
  if (name === "") return [...errors, required("spec.externalName")];
  return [...errors, ...dns1123Subdomain(name).map((message) => invalidValue("spec.externalName", name, message))];
}

function portErrors(port: JsonObject, needsName: boolean, names: Set<string>, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const name = text(port, "name");
  if (needsName && name === "") errors.push(required(`${field}.name`));
  if (name !== "") {
    errors.push(...dns1123Label(name).map((message) => invalidValue(`${field}.name`, name, message)));
    if (names.has(name)) errors.push(duplicate(`${field}.name`, name));
    names.add(name);
  }
  errors.push(...portNumber(port["port"] ?? 0, `${field}.port`), ...choice(port, "protocol", ["SCTP", "TCP", "UDP"], field));
  const target = port["targetPort"];
  if (typeof target === "string") errors.push(...portName(target).map((message) => invalidValue(`${field}.targetPort`, target, message)));
  else errors.push(...portNumber(target ?? 0, `${field}.targetPort`));
  const protocol = text(port, "appProtocol");
  if (protocol !== "") errors.push(...qualifiedName(protocol).map((message) => invalidValue(`${field}.appProtocol`, protocol, message)));
  return errors;
}

function repeatedPortErrors(ports: readonly JsonObject[]): FieldError[] {
  const seen = new Set<string>();
  return ports.flatMap((port, index) => {
    const key = `${text(port, "protocol")}/${goValue(port["port"])}`;
    if (!seen.has(key)) {
      seen.add(key);
      return [];
    }
    // The server shows the internal struct of a port of which only these two are set.
    return [
      {
        type: "FieldValueDuplicate" as const,
        field: `spec.ports[${index}]`,
        message: `Duplicate value: {"Name":"","Protocol":${JSON.stringify(text(port, "protocol"))},"AppProtocol":null,"Port":${goValue(port["port"])},"TargetPort":0,"NodePort":0}`,
      },
    ];
  });
}

function addressErrors(spec: JsonObject, type: string): FieldError[] {
  const errors: FieldError[] = [];
  if (type !== "ExternalName") {
    for (const [index, address] of arrayAt(spec, "clusterIPs").entries()) {
      if (address === "None" && index === 0) continue;
      if (isIP(goValue(address)) === 0)
        errors.push(invalidValue(`spec.clusterIPs[${index}]`, address, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"));
    }
  }
  for (const [index, address] of arrayAt(spec, "externalIPs").entries()) {
    if (isIP(goValue(address)) === 0)
      errors.push(invalidValue(`spec.externalIPs[${index}]`, address, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"));
  }
  return errors;
}

function policyErrors(spec: JsonObject, type: string): FieldError[] {
  const errors: FieldError[] = [];
  const outer = text(spec, "externalTrafficPolicy");
  const outside = type === "NodePort" || type === "LoadBalancer" || arrayAt(spec, "externalIPs").length > 0;
  if (outer !== "" && !outside)
    errors.push(invalidValue("spec.externalTrafficPolicy", outer, "may only be set for externally-accessible services"));
  else if (outer !== "" && outer !== "Cluster" && outer !== "Local")
    errors.push(notSupported("spec.externalTrafficPolicy", outer, ["Cluster", "Local"]));
  const inner = text(spec, "internalTrafficPolicy");
  if (inner !== "" && inner !== "Cluster" && inner !== "Local")
    errors.push(notSupported("spec.internalTrafficPolicy", inner, ["Cluster", "Local"]));
  return errors;
}

/** Errors of a changed service: its cluster address stays. */
export function serviceUpdateErrors(object: JsonObject, old: JsonObject): FieldError[] {
  const [spec, before] = [objectAt(object, "spec") ?? {}, objectAt(old, "spec") ?? {}];
  const errors: FieldError[] = [];
  const typed = isObject(old["spec"]) && text(before, "type") !== "ExternalName" && text(spec, "type") !== "ExternalName";
  if (typed && !isEmpty(before["clusterIPs"]) && !equalJson(spec["clusterIPs"], before["clusterIPs"])) {
    errors.push(invalidValue("spec.clusterIPs[0]", spec["clusterIPs"] ?? null, "may not change once set"));
  }
  return [...errors, ...serviceErrors(object)];
}
