import type { Argument, CallCost } from "./calls.ts";
import { itemsOf, matchCost, sizeOf, TRAVERSAL, PATTERN } from "./calls.ts";
import { add, fixed, multiply, scale, UNLIMITED, ZERO, type Range } from "./range.ts";

/** Accessors and arithmetic of Kubernetes' own values. */
const ONE_UNIT: ReadonlySet<string> = new Set(
  (
    "serviceAccount path group resource subresource namespace name allowed reason error errored masked prefixLength family isUnspecified " +
    "isLoopback isLinkLocalMulticast isLinkLocalUnicast isGlobalUnicast format.named sign asInteger isInteger asApproximateFloat " +
    "isGreaterThan isLessThan compareTo add sub major minor patch getScheme getHostname getHost getPort getEscapedPath getQuery"
  ).split(" "),
);
/** Bytes of an IP address. */
const ADDRESS: Range = { min: 4n, max: 16n };
/** The longest pattern behind a named format. */
const FORMAT_PATTERN = 128;
const FORMAT_SIZE = 64n;

/** What Kubernetes' own functions cost, and those of strings that it estimates itself; nothing for other functions. */
export function libraryCost(name: string, overload: string, target: Argument | undefined, args: readonly Argument[]): CallCost | undefined {
  if (ONE_UNIT.has(name)) return { cost: fixed(1) };
  const [first, second] = args;
  switch (name) {
    case "check":
      return { cost: fixed(350_000) };
    case "fieldSelector":
    case "labelSelector":
      return first && { cost: selectorCost(sizeOf(first)) };
    case "isSorted":
    case "sum":
    case "max":
    case "min":
    case "indexOf":
    case "lastIndexOf":
      return target && traversal(target);
    case "url":
      return first && { cost: scale(sizeOf(first), TRAVERSAL), size: sizeOf(first) };
    case "lowerAscii":
    case "upperAscii":
    case "substring":
    case "trim":
      return target && { cost: scale(sizeOf(target), TRAVERSAL), size: sizeOf(target) };
    case "replace":
      return target && first && second && replacement(sizeOf(target), sizeOf(first), sizeOf(second));
    case "split":
      return target && { cost: scale(sizeOf(target), 2 * TRAVERSAL), size: { min: 0n, max: limitOf(second) ?? sizeOf(target).max } };
    case "join":
      return target && joined(target, first);
    case "find":
    case "findAll":
      if (target === undefined || first === undefined) return undefined;
      return { cost: matchCost(sizeOf(target), sizeOf(first)), size: { min: 0n, max: sizeOf(target).max } };
    case "ip":
      return overload === "cidr_ip" ? { cost: fixed(1) } : { cost: scale(sizeOf(first), TRAVERSAL) };
    case "cidr":
    case "isIP":
    case "isCIDR":
    case "quantity":
    case "isQuantity":
    case "semver":
    case "isSemver":
      return { cost: scale(sizeOf(first), TRAVERSAL) };
    case "ip.isCanonical":
      return { cost: scale(sizeOf(first), 2 * TRAVERSAL) };
    case "containsIP":
      return { cost: add(scale(add(ADDRESS, ADDRESS), TRAVERSAL), parsed(overload === "cidr_contains_ip_string", first)) };
    case "containsCIDR": {
      const compared = add(scale(add(ADDRESS, ADDRESS), TRAVERSAL), scale(ADDRESS, TRAVERSAL), fixed(1));
      return { cost: add(compared, parsed(overload === "cidr_contains_cidr_string", first)) };
    }
    case "validate":
      return first && { cost: scale(scale(sizeOf(first), TRAVERSAL), FORMAT_PATTERN * PATTERN) };
    case "_==_":
      return first && second && equality(first, second);
    default:
      return undefined;
  }
}

/** A selector is a list of requirements, each of two letters at least. */
function selectorCost(length: Range): Range {
  return add(fixed(10), scale(length, TRAVERSAL), scale(scale(length, 0.5), 50));
}

/** Each item is compared, each text read. */
function traversal(target: Argument): CallCost {
  const items = itemsOf(target);
  if (items === undefined) return { cost: scale(sizeOf(target), TRAVERSAL) };
  const isText = items.type.kind === "string" || items.type.kind === "bytes";
  return { cost: multiply(sizeOf(target), isText ? add(fixed(1), scale(items.size, TRAVERSAL)) : fixed(1)) };
}

function parsed(isText: boolean, text: Argument | undefined): Range {
  return isText ? scale(sizeOf(text), TRAVERSAL) : ZERO;
}

/** The longest and the shortest that a text can become when parts of it are replaced. */
function replacement(text: Range, old: Range, replaced: Range): CallCost {
  const one = (size: bigint) => (size < UNLIMITED ? size + 1n : size);
  let most = { count: 0n, kept: text.max };
  if (old.min === 0n) most = { count: one(text.max), kept: text.max };
  else if (replaced.max > old.min) most = { count: times(text.max, old.min), kept: 0n };
  let least = { count: 0n, kept: text.min };
  if (old.max === 0n) least = { count: one(text.min), kept: text.min };
  else if (old.max > replaced.min) least = { count: times(text.min, old.max), kept: 0n };
  const size = add(multiply({ min: least.count, max: most.count }, replaced), { min: least.kept, max: most.kept });
  return { cost: scale(text, 2 * TRAVERSAL), size };
}

/** How often one length is in another, rounded up; in floating point, where the greatest size overflows to half of it. */
function times(length: bigint, part: bigint): bigint {
  const count = Math.ceil(Number(length) / Number(part));
  return count >= 2 ** 64 ? 2n ** 63n : BigInt(count);
}

function limitOf(argument: Argument | undefined): bigint | undefined {
  const node = argument?.node;
  return node?.kind === "literal" && node.type === "int" && typeof node.value === "bigint" ? BigInt.asUintN(64, node.value) : undefined;
}

function joined(list: Argument, separator: Argument | undefined): CallCost {
  const count = sizeOf(list);
  const items = itemsOf(list);
  let size = items === undefined ? ZERO : multiply(count, items.size);
  if (separator !== undefined) {
    const between = { min: count.min > 0n ? count.min - 1n : 0n, max: count.max > 0n ? count.max - 1n : 0n };
    size = add(size, multiply(sizeOf(separator), between));
  }
  return { cost: scale(size, TRAVERSAL), size };
}

const EQUAL_AT_ONCE: ReadonlySet<string> = new Set([
  "kubernetes.Quantity",
  "kubernetes.Semver",
  "net.CIDR",
  "net.IP",
  ...["Authorizer", "PathCheck", "GroupCheck", "ResourceCheck", "Decision"].map((name) => `kubernetes.authorization.${name}`),
]);

function equality({ type: left }: Argument, { type: right, size }: Argument): CallCost | undefined {
  if (left.name !== right.name) return undefined;
  if (EQUAL_AT_ONCE.has(left.name)) return { cost: fixed(1) };
  if (left.name === "kubernetes.NamedFormat") return { cost: scale({ min: 1n, max: FORMAT_SIZE }, TRAVERSAL) };
  if (left.name === "kubernetes.URL") return { cost: scale({ min: 1n, max: size?.max ?? 1n }, TRAVERSAL) };
  return undefined;
}
