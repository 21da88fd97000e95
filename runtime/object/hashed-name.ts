import { createHash } from "node:crypto";
import { isRecord } from "./json.ts";

/** Without vowels and what looks like them, so that no hash reads as a word (Kubernetes' `SafeEncodeString`). */
const ALPHABET = "bcdfghjklmnpqrstvwxz2456789";
/** 47 bits, as many characters as the hash of a pod template has. */
const HASH_LENGTH = 10;
/** The longest DNS label, which is also the longest label value: what is no longer is a name for every kind. */
const LONGEST = 63;

/**
 * A name that is the same for the same parts, and another one for others: `<prefix>-<hash>`. It is a DNS label of at most 63 characters, so it
 * will do as the name of any kind and as the value of a label; a longer prefix is cut, and what a name must not have in it becomes a dash. The
 * hash tells apart what was cut or changed too.
 *
 * Use it for children whose number or content changes: one ConfigMap for each state of a configuration, one Job for each run.
 *
 * @param parts texts, numbers or plain data; the order of an object's keys does not matter, and `undefined` fields are not there
 * @example
 * hashedName(memcached.metadata.name, memcached.spec.config) // "sample-tb84t5z5vw"
 */
export function hashedName(prefix: string, ...parts: readonly unknown[]): string {
  const hash = safeHash(canonical([prefix, ...parts]));
  const readable = prefix
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, "-")
    .slice(0, LONGEST - HASH_LENGTH - 1)
    .replace(/^-+|-+$/g, "");
  return readable === "" ? hash : `${readable}-${hash}`;
}

function safeHash(text: string): string {
  let number = createHash("sha256").update(text).digest().readBigUInt64BE();
  let hash = "";
  const base = BigInt(ALPHABET.length);
  for (; hash.length < HASH_LENGTH; number /= base) hash += ALPHABET[Number(number % base)] ?? "";
  return hash;
}

/** One text for the same data, whatever the order of its keys. */
function canonical(value: unknown): string {
  if (typeof value === "bigint") return String(value);
  if (!isRecord(value)) return value === undefined ? "null" : JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value["toJSON"] === "function") return canonical((value["toJSON"] as () => unknown).call(value));
  const fields = Object.entries(value).filter(([, each]) => each !== undefined);
  return `{${fields
    .map(([name, each]) => `${JSON.stringify(name)}:${canonical(each)}`)
    .toSorted()
    .join(",")}}`;
}
