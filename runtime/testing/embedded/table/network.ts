import {
  arrayAt,
  isObject,
  numberAt,
  objectAt,
  stringAt,
  valueAt,
  type JsonArray,
  type JsonObject,
  type JsonValue,
} from "../../../schema/index.ts";
import { since } from "./age.ts";
import { labelsText } from "./labels.ts";

const SHOWN = 3;

function text(object: JsonValue | undefined, ...path: string[]): string {
  return stringAt(object, ...path) ?? "";
}

function limited(values: readonly string[], total = values.length): string {
  const shown = values.slice(0, SHOWN).join(",");
  return total > SHOWN ? `${shown} + ${total - SHOWN} more...` : shown;
}

export function serviceCells(service: JsonObject, now: number): JsonArray {
  const ports = arrayAt(service, "spec", "ports").map((port) => {
    const node = numberAt(port, "nodePort") ?? 0;
    return `${numberAt(port, "port") ?? 0}${node > 0 ? `:${node}` : ""}/${text(port, "protocol")}`;
  });
  const clusterIp = arrayAt(service, "spec", "clusterIPs")[0];
  return [
    text(service, "metadata", "name"),
    text(service, "spec", "type"),
    typeof clusterIp === "string" ? clusterIp : "<none>",
    externalIp(service),
    ports.length === 0 ? "<none>" : ports.join(","),
    since(stringAt(service, "metadata", "creationTimestamp"), now),
    labelsText(objectAt(service, "spec", "selector")),
  ];
}

function externalIp(service: JsonObject): string {
  const external = arrayAt(service, "spec", "externalIPs").map(String);
  switch (text(service, "spec", "type")) {
    case "ClusterIP":
    case "NodePort":
      return external.length === 0 ? "<none>" : external.join(",");
    case "LoadBalancer": {
      const ingress = arrayAt(service, "status", "loadBalancer", "ingress").map((each) => stringAt(each, "ip") ?? text(each, "hostname"));
      const all = [...ingress, ...external];
      return all.length === 0 ? "<pending>" : all.join(",");
    }
    case "ExternalName":
      return text(service, "spec", "externalName");
    default:
      return "<unknown>";
  }
}

export function endpointsCell(endpoints: JsonObject): string {
  const addresses = arrayAt(endpoints, "subsets").flatMap((subset) => {
    const ports = arrayAt(subset, "ports");
    const ips = arrayAt(subset, "addresses").map((each) => text(each, "ip"));
    return ports.length === 0 ? ips : ports.flatMap((port) => ips.map((ip) => joinHostPort(ip, numberAt(port, "port") ?? 0)));
  });
  return addresses.length === 0 && arrayAt(endpoints, "subsets").length === 0 ? "<none>" : limited(addresses);
}

function joinHostPort(ip: string, port: number): string {
  return ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`;
}

export function endpointSliceCells(slice: JsonObject): JsonArray {
  const ports = arrayAt(slice, "ports").map((port) => {
    const number = numberAt(port, "port");
    return number === undefined ? (stringAt(port, "name") ?? "*") : String(number);
  });
  const addresses = arrayAt(slice, "endpoints").flatMap((each) => arrayAt(each, "addresses").map(String));
  return [
    text(slice, "addressType"),
    ports.length === 0 ? "<unset>" : limited(ports),
    addresses.length === 0 ? "<unset>" : limited(addresses),
  ];
}

export function nodeCells(node: JsonObject, now: number): JsonArray {
  const ready = arrayAt(node, "status", "conditions").find((each) => stringAt(each, "type") === "Ready");
  const status = ready === undefined ? "Unknown" : stringAt(ready, "status") === "True" ? "Ready" : "NotReady";
  const labels = objectAt(node, "metadata", "labels") ?? {};
  const roles = Object.entries(labels).flatMap(([key, value]) => {
    if (key.startsWith("node-role.kubernetes.io/")) return key.slice("node-role.kubernetes.io/".length);
    return key === "kubernetes.io/role" && typeof value === "string" ? value : [];
  });
  const address = (type: string) =>
    stringAt(
      arrayAt(node, "status", "addresses").find((each) => stringAt(each, "type") === type),
      "address",
    ) ?? "<none>";
  const info = (field: string) => text(node, "status", "nodeInfo", field) || "<unknown>";
  return [
    text(node, "metadata", "name"),
    valueAt(node, "spec", "unschedulable") === true ? `${status},SchedulingDisabled` : status,
    [...new Set(roles)]
      .filter((role) => role !== "")
      .sort()
      .join(",") || "<none>",
    since(stringAt(node, "metadata", "creationTimestamp"), now),
    text(node, "status", "nodeInfo", "kubeletVersion"),
    address("InternalIP"),
    address("ExternalIP"),
    info("osImage"),
    info("kernelVersion"),
    info("containerRuntimeVersion"),
  ];
}

/** Cells of an event of either group; the two name their fields differently. */
export function eventCells(event: JsonObject, now: number): JsonArray {
  const about = objectAt(event, "involvedObject") ?? objectAt(event, "regarding");
  const source = objectAt(event, "source") ?? objectAt(event, "deprecatedSource");
  const first = stringAt(event, "firstTimestamp") ?? stringAt(event, "deprecatedFirstTimestamp") ?? stringAt(event, "eventTime");
  const last = stringAt(event, "lastTimestamp") ?? stringAt(event, "deprecatedLastTimestamp") ?? first;
  const series = objectAt(event, "series");
  const counted = numberAt(event, "count") ?? numberAt(event, "deprecatedCount") ?? 0;
  const component = text(source, "component") || text(event, "reportingComponent") || text(event, "reportingController");
  const host = text(source, "host") || text(event, "reportingInstance");
  const name = text(about, "name");
  const kind = text(about, "kind").toLowerCase();
  return [
    since(isObject(series) ? stringAt(series, "lastObservedTime") : last, now),
    text(event, "type"),
    text(event, "reason"),
    name === "" ? kind : `${kind}/${name}`,
    text(about, "fieldPath"),
    host === "" ? component : `${component}, ${host}`,
    (stringAt(event, "message") ?? text(event, "note")).trim(),
    since(first, now),
    isObject(series) ? (numberAt(series, "count") ?? 0) : counted === 0 ? 1 : counted,
    text(event, "metadata", "name"),
  ];
}
