import { hash } from "node:crypto";
import type { KubernetesObject } from "../object/index.ts";
import { appliedBy, isRecord, ownedPart, sameJson, type FieldSet } from "./managed-fields.ts";

/** Above this many remembered objects the oldest is forgotten, which costs it one needless apply at most. */
const CAPACITY = 100_000;

/**
 * Decides whether an apply would change anything, from our own `managedFields` entry of the object as it is now.
 *
 * Where the server rewrote what was applied (a default inside an atomic value, a normalised quantity, a mutating webhook)
 * the two differ for ever; for these objects it remembers what was wanted and what became of it. That memory dies with the process,
 * so a restart costs such an object one apply.
 */
export class ApplyMemory {
  readonly #rewritten = new Map<string, string>();

  /** True when applying `desired` over `live` would write nothing. */
  wouldChangeNothing(desired: KubernetesObject, live: KubernetesObject, manager: string, subresource: string | undefined): boolean {
    const owned = ownedByUs(live, desired, manager, subresource);
    if (owned === undefined || !isMeant(desired, live)) return false;
    const wanted = withoutIdentity(desired);
    if (sameJson(wanted, owned)) return true;
    return this.#rewritten.get(memoryKey(live, manager, subresource)) === fingerprint(wanted, owned);
  }

  /** Notes the answer to an apply. */
  applied(desired: KubernetesObject, answer: KubernetesObject, manager: string, subresource: string | undefined): void {
    const wanted = withoutIdentity(desired);
    const owned = ownedByUs(answer, desired, manager, subresource);
    const key = memoryKey(answer, manager, subresource);
    this.#rewritten.delete(key);
    if (owned === undefined || sameJson(wanted, owned)) return;
    this.#rewritten.set(key, fingerprint(wanted, owned));
    const [oldest] = this.#rewritten.keys();
    if (this.#rewritten.size > CAPACITY && oldest !== undefined) this.#rewritten.delete(oldest);
  }
}

function ownedByUs(live: KubernetesObject, desired: KubernetesObject, manager: string, subresource: string | undefined): unknown {
  const entry = appliedBy(live, manager, subresource);
  if (!isRecord(entry?.fieldsV1) || entry.apiVersion !== desired.apiVersion) return undefined;
  return ownedPart(live, entry.fieldsV1 as FieldSet);
}

/** With a uid or a resource version an apply is for that very object or state, and the server is to say no. */
function isMeant({ metadata: desired = {} }: KubernetesObject, { metadata: live = {} }: KubernetesObject): boolean {
  const { uid = live.uid, resourceVersion = live.resourceVersion } = desired;
  return uid === live.uid && resourceVersion === live.resourceVersion;
}

/** What names an object, or is the server's to say, is not owned by anybody, so `managedFields` does not list it. */
function withoutIdentity(desired: KubernetesObject): unknown {
  const { apiVersion, kind, metadata = {}, ...rest } = desired;
  const { name, namespace, uid, resourceVersion, generation, creationTimestamp, selfLink, managedFields, ...owned } = metadata;
  return Object.keys(owned).length === 0 ? rest : { metadata: owned, ...rest };
}

function memoryKey(object: KubernetesObject, manager: string, subresource: string | undefined): string {
  return `${object.metadata?.uid ?? ""} ${manager} ${subresource ?? ""}`;
}

function fingerprint(wanted: unknown, owned: unknown): string {
  return hash("sha1", JSON.stringify([wanted, owned]), "base64");
}
