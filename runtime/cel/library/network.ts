import type { Environment } from "@marcbachmann/cel-js";
import { BlockList, isIP } from "node:net";

class Address {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

class Network {
  readonly base: string;
  readonly bits: number;

  constructor(base: string, bits: number) {
    this.base = base;
    this.bits = bits;
  }
}

/** What Go says of a text that is no prefix; the server puts its own words before it twice. */
function prefixError(text: string): string {
  const words = "network address parse error during conversion from string: ";
  return `${words}${words}netip.ParsePrefix(${JSON.stringify(text)})${text.includes("/") ? "" : ": no '/'"}`;
}

/** Kubernetes' `ip` and `cidr` functions. */
export function registerNetwork(environment: Environment): void {
  environment.registerType("net.IP", Address);
  environment.registerType("net.CIDR", Network);
  environment.registerFunction("isIP(string): bool", (text: string) => familyOf(text) !== 0);
  environment.registerFunction("ip(string): net.IP", (text: string) => address(text));
  environment.registerFunction("net.IP.family(): int", ({ text }: Address) => BigInt(isIP(text)));
  environment.registerFunction("net.IP.isLoopback(): bool", ({ text }: Address) =>
    contains(isIP(text) === 4 ? "127.0.0.0/8" : "::1/128", text),
  );
  environment.registerFunction("net.IP.isUnspecified(): bool", ({ text }: Address) => text === "0.0.0.0" || text === "::");
  environment.registerFunction("net.IP.isLinkLocalUnicast(): bool", ({ text }: Address) => within(text, "169.254.0.0/16", "fe80::/10"));
  environment.registerFunction("net.IP.isLinkLocalMulticast(): bool", ({ text }: Address) => within(text, "224.0.0.0/24", "ff02::/16"));
  environment.registerFunction("net.IP.isGlobalUnicast(): bool", ({ text }: Address) => isGlobalUnicast(text));
  environment.registerFunction("ipIsCanonical(string): bool", (text: string) => canonical(address(text).text) === text);
  environment.registerFunction("string(net.IP): string", ({ text }: Address) => canonical(text));
  environment.registerOperator("net.IP == net.IP", (one: Address, other: Address) => canonical(one.text) === canonical(other.text));
  environment.registerFunction("isCIDR(string): bool", (text: string) => network(text) !== undefined);
  environment.registerFunction("cidr(string): net.CIDR", (text: string) => {
    const found = network(text);
    if (found === undefined) throw new Error(prefixError(text));
    return found;
  });
  environment.registerFunction("net.CIDR.prefixLength(): int", ({ bits }: Network) => BigInt(bits));
  environment.registerFunction("net.CIDR.ip(): net.IP", ({ base }: Network) => new Address(base));
  environment.registerFunction("net.CIDR.masked(): net.CIDR", (whole: Network) => masked(whole));
  environment.registerFunction("string(net.CIDR): string", ({ base, bits }: Network) => `${canonical(base)}/${bits}`);
  environment.registerOperator(
    "net.CIDR == net.CIDR",
    (one: Network, other: Network) => one.bits === other.bits && canonical(one.base) === canonical(other.base),
  );
  environment.registerFunction("net.CIDR.containsIP(string): bool", ({ base, bits }: Network, text: string) =>
    contains(`${base}/${bits}`, address(text).text),
  );
  environment.registerFunction("net.CIDR.containsIP(net.IP): bool", ({ base, bits }: Network, { text }: Address) =>
    contains(`${base}/${bits}`, text),
  );
  const holds = (outer: Network, inner: Network): boolean =>
    outer.bits <= inner.bits && contains(`${outer.base}/${outer.bits}`, inner.base);
  environment.registerFunction("net.CIDR.containsCIDR(string): bool", (outer: Network, text: string) => {
    const inner = network(text);
    return inner !== undefined && holds(outer, inner);
  });
  environment.registerFunction("net.CIDR.containsCIDR(net.CIDR): bool", holds);
}

/** The network's own address instead of one in it: 10.1.2.3/8 as 10.0.0.0/8. */
function masked({ base, bits }: Network): Network {
  const groups = groupsOf(base);
  const width = groups.length === 4 ? 8 : 16;
  const kept = groups.map((group, index) => {
    const free = Math.min(width, Math.max(0, width * (index + 1) - bits));
    return (group >> free) << free;
  });
  return new Network(width === 8 ? kept.join(".") : canonical(kept.map((group) => group.toString(16)).join(":")), bits);
}

/** The four bytes of an IPv4 address, the eight groups of an IPv6 one. */
function groupsOf(text: string): number[] {
  if (isIP(text) === 4) return text.split(".").map(Number);
  const [left = "", right] = canonical(text).split("::");
  const numbers = (part: string): number[] => (part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16)));
  const [before, after] = [numbers(left), numbers(right ?? "")];
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
}

/** One way to write an address: lower case, zeros in short. */
function canonical(text: string): string {
  return isIP(text) === 4 ? text : new URL(`http://[${text}]`).hostname.slice(1, -1);
}

function within(text: string, four: string, six: string): boolean {
  return contains(isIP(text) === 4 ? four : six, text);
}

function isGlobalUnicast(text: string): boolean {
  const isMulticast = within(text, "224.0.0.0/4", "ff00::/8");
  const isNone = text === "255.255.255.255" || canonical(text) === "::" || text === "0.0.0.0";
  return !isMulticast && !isNone && !within(text, "127.0.0.0/8", "::1/128") && !within(text, "169.254.0.0/16", "fe80::/10");
}

/** 4, 6, or 0 for what is no address: zones, and IPv4 addresses written as IPv6 ones, are not taken. */
function familyOf(text: string): number {
  return text.includes("%") || /^[:0]*:ffff:(?:\d+\.|[\da-f]{1,4}:[\da-f]{1,4}$)/i.test(text) ? 0 : isIP(text);
}

function address(text: string): Address {
  if (familyOf(text) === 0)
    throw new Error(
      `IP Address ${JSON.stringify(text)} parse error during conversion from string: ParseAddr(${JSON.stringify(text)}): unable to parse IP`,
    );
  return new Address(text);
}

function network(text: string): Network | undefined {
  const [base = "", bits = ""] = text.split("/", 2);
  const family = familyOf(base);
  const length = Number(bits);
  if (family === 0 || !/^\d{1,3}$/.test(bits) || length > (family === 4 ? 32 : 128)) return undefined;
  return new Network(base, length);
}

function contains(cidr: string, text: string): boolean {
  const [base = "", bits = "0"] = cidr.split("/", 2);
  if (isIP(base) !== isIP(text)) return false;
  const family = isIP(base) === 4 ? "ipv4" : "ipv6";
  const list = new BlockList();
  list.addSubnet(base, Number(bits), family);
  return list.check(text, family);
}
