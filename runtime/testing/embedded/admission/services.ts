import type { Api } from "../api.ts";
import { failure, invalid } from "../errors.ts";
import { strings } from "../resources/index.ts";
import { arrayAt, isObject, numberAt, objectAt, stringAt, type JsonObject } from "../../../schema/index.ts";

const SERVICE = { group: "", kind: "Service" };
const FIRST_NODE_PORT = 30_000;
const LAST_NODE_PORT = 32_767;

/** Gives a new service its cluster IP, IP families and node ports, as the API server's allocators do. In place. Throws StatusFailure 422. */
export function allocateService(api: Api, service: JsonObject, namespace: string): void {
  const spec = objectAt(service, "spec");
  if (spec === undefined) return;
  const type = stringAt(spec, "type") ?? "ClusterIP";
  if (type === "ExternalName") return;
  const taken = takenBy(api, `${namespace}/${stringAt(service, "metadata", "name") ?? ""}`);
  const asked = stringAt(spec, "clusterIP") ?? "";
  const range = rangeOf(api);
  if (asked !== "" && asked !== "None") {
    const why = taken.ips.has(asked)
      ? "provided IP is already allocated"
      : isIn(range, asked)
        ? undefined
        : "the provided network does not match the current range";
    if (why !== undefined) {
      const message = `Invalid value: ${JSON.stringify([asked])}: failed to allocate IP ${asked}: ${why}`;
      throw invalid(SERVICE, stringAt(service, "metadata", "name") ?? "", [
        { type: "FieldValueInvalid", field: "spec.clusterIPs", message },
      ]);
    }
  }
  const ip = asked === "" ? freeIp(range, taken.ips) : asked;
  // Without a selector nobody knows which families the addresses behind a headless service will be of.
  const isOpen = ip === "None" && Object.keys(objectAt(spec, "selector") ?? {}).length === 0;
  spec["clusterIP"] = ip;
  spec["clusterIPs"] ??= [ip];
  spec["ipFamilies"] ??= isOpen ? ["IPv4", "IPv6"] : ["IPv4"];
  spec["ipFamilyPolicy"] ??= isOpen ? "RequireDualStack" : "SingleStack";
  if (type === "NodePort" || type === "LoadBalancer") allocatePorts(spec, taken.ports, stringAt(service, "metadata", "name") ?? "");
}

/** Keeps what an update leaves out: addresses and ports stay with their service. In place. */
export function keepAllocations(api: Api, service: JsonObject, old: JsonObject): void {
  const spec = objectAt(service, "spec");
  const before = objectAt(old, "spec");
  if (spec === undefined || before === undefined) return;
  if (stringAt(spec, "type") === "ExternalName") {
    if (stringAt(before, "type") !== "ExternalName")
      for (const field of ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"]) Reflect.deleteProperty(spec, field);
    return;
  }
  for (const field of ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"]) {
    const value = spec[field];
    if ((value === undefined || value === "") && before[field] !== undefined) spec[field] = before[field];
  }
  const ports = arrayAt(before, "ports").filter(isObject);
  if (stringAt(spec, "type") === "NodePort" || stringAt(spec, "type") === "LoadBalancer") {
    for (const port of arrayAt(spec, "ports").filter(isObject)) {
      if ((numberAt(port, "nodePort") ?? 0) !== 0) continue;
      const same = ports.find((each) => each["port"] === port["port"] && each["protocol"] === port["protocol"]);
      if (same?.["nodePort"] !== undefined) port["nodePort"] = same["nodePort"];
    }
  }
  allocateService(api, service, stringAt(old, "metadata", "namespace") ?? "");
}

function takenBy(api: Api, own: string): { ips: Set<string>; ports: Set<number> } {
  const ips = new Set<string>();
  const ports = new Set<number>();
  for (const other of api.store.collection("services").list()) {
    if (other.key === own) continue;
    for (const ip of arrayAt(other.object, "spec", "clusterIPs")) if (typeof ip === "string") ips.add(ip);
    for (const port of arrayAt(other.object, "spec", "ports")) ports.add(numberAt(port, "nodePort") ?? 0);
  }
  return { ips, ports };
}

interface Range {
  readonly start: number;
  readonly size: number;
}

/** The range of the `kubernetes` ServiceCIDR. */
function rangeOf(api: Api): Range {
  const cidr = api.store.collection("servicecidrs.networking.k8s.io").get("kubernetes")?.object;
  const [base = "", bits = "12"] = (strings(cidr, "spec", "cidrs")[0] ?? "10.96.0.0/12").split("/");
  return { start: toNumber(base), size: 2 ** (32 - Number(bits)) };
}

function isIn({ start, size }: Range, ip: string): boolean {
  const offset = toNumber(ip) - start;
  return offset > 0 && offset < size - 1;
}

/** An address that nobody has, in order. The real allocator takes them at random; nobody may depend on either. */
function freeIp({ start, size }: Range, taken: ReadonlySet<string>): string {
  for (let offset = 2; offset < size - 1; offset++) {
    const ip = toText(start + offset);
    if (!taken.has(ip)) return ip;
  }
  throw failure(500, "InternalError", "Internal error occurred: failed to allocate a serviceIP: range is full");
}

function toNumber(ip: string): number {
  return ip.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}

function toText(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}

function allocatePorts(spec: JsonObject, taken: ReadonlySet<number>, name: string): void {
  const own = new Set<number>();
  for (const [index, port] of arrayAt(spec, "ports").filter(isObject).entries()) {
    const asked = numberAt(port, "nodePort") ?? 0;
    if (asked !== 0) {
      if (taken.has(asked)) throw portError(name, index, asked, "provided port is already allocated");
      if (asked < FIRST_NODE_PORT || asked > LAST_NODE_PORT) {
        throw portError(
          name,
          index,
          asked,
          `provided port is not in the valid range. The range of valid ports is ${FIRST_NODE_PORT}-${LAST_NODE_PORT}`,
        );
      }
      own.add(asked);
      continue;
    }
    let free = FIRST_NODE_PORT;
    while (taken.has(free) || own.has(free)) free++;
    own.add(free);
    port["nodePort"] = free;
  }
}

function portError(name: string, index: number, port: number, why: string): Error {
  return invalid(SERVICE, name, [
    { type: "FieldValueInvalid", field: `spec.ports[${index}].nodePort`, message: `Invalid value: ${port}: ${why}` },
  ]);
}
