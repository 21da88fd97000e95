import { hash } from "node:crypto";
import { isRecord, stringifyJson, type KubernetesObject } from "../object/index.ts";
import { appliedBy, isAsWanted, ownedPart, type FieldSet } from "./managed-fields.ts";
import { comparisonFor } from "./semantics.ts";

/** Above this many remembered objects the oldest is forgotten, which costs it one needless apply at most. */
const CAPACITY = 100_000;

/**
 * Decides whether an apply would change anything, from our own `managedFields` entry of the object as it is now.
 *
 * What the server is known to rewrite (semantics.ts) is compared by its meaning. Where it rewrites something else that was applied (a mutating
 * webhook, a default inside an atomic value) the two differ for ever; for these objects it remembers what was wanted and what became of
 * it. That memory dies with the process, so a restart costs such an object one apply.
 */
export class ApplyMemory {
  readonly #rewritten = new Map<string, string>();

  /** True when applying `desired` over `live` would write nothing. */
  wouldChangeNothing(desired: KubernetesObject, live: KubernetesObject, manager: string, subresource: string | undefined): boolean {
    const fields = fieldsOf(live, desired, manager, subresource);
    if (fields === undefined || !isMeant(desired, live)) return false;
    const wanted = withoutIdentity(desired);
    if (isAsWanted(wanted, live, fields, comparisonFor(desired.apiVersion ?? ""))) return true;
    const known = this.#rewritten.get(memoryKey(live, manager, subresource));
    return known !== undefined && known === fingerprint(wanted, ownedPart(live, fields));
  }

  /** Notes the answer to an apply. */
  applied(desired: KubernetesObject, answer: KubernetesObject, manager: string, subresource: string | undefined): void {
    const wanted = withoutIdentity(desired);
    const fields = fieldsOf(answer, desired, manager, subresource);
    const key = memoryKey(answer, manager, subresource);
    this.#rewritten.delete(key);
    if (fields === undefined || isAsWanted(wanted, answer, fields, comparisonFor(desired.apiVersion ?? ""))) return;
    this.#rewritten.set(key, fingerprint(wanted, ownedPart(answer, fields)));
    const [oldest] = this.#rewritten.keys();
    if (this.#rewritten.size > CAPACITY && oldest !== undefined) this.#rewritten.delete(oldest);
  }
}

function fieldsOf(
  live: KubernetesObject,
  desired: KubernetesObject,
  manager: string,
  subresource: string | undefined,
): FieldSet | undefined {
  const entry = appliedBy(live, manager, subresource);
  return isRecord(entry?.fieldsV1) && entry.apiVersion === desired.apiVersion ? (entry.fieldsV1 as FieldSet) : undefined;
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
  return hash("sha1", stringifyJson([wanted, owned]), "base64");
}
