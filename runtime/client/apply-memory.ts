import { hash } from "node:crypto";
import { stringifyJson, type KubernetesObject } from "../object/index.ts";
import { createdBy, isOfShape, withoutIdentity } from "./creation.ts";
import { appliedBy, changedValues, fieldsOfEntry, isAsWanted, ownedPart, type FieldSet, type Rules } from "./managed-fields.ts";
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
    const ours = ourFields(live, desired, manager, subresource);
    if (ours === undefined || !isMeant(desired, live)) return false;
    const wanted = withoutIdentity(desired);
    if (isAsWanted(wanted, live, ours.fields, ours.rules)) return true;
    const known = this.#rewritten.get(memoryKey(live, manager, subresource));
    return known !== undefined && known === fingerprint(wanted, ownedPart(live, ours.fields));
  }

  /** What a merge patch has to set of an object that we have created with just these fields and not applied since; `undefined` where an apply has to do it. */
  changedValues(desired: KubernetesObject, live: KubernetesObject, manager: string): object | undefined {
    const ours = ourFields(live, desired, manager, undefined);
    const { uid, resourceVersion } = desired.metadata ?? {};
    // With these the server is to say whether it is the object that is meant.
    if (ours?.rules.hasDefaults !== true || uid !== undefined || resourceVersion !== undefined) return undefined;
    return changedValues(withoutIdentity(desired), live, ours.fields, ours.rules);
  }

  /** Notes the answer to an apply. */
  applied(desired: KubernetesObject, answer: KubernetesObject, manager: string, subresource: string | undefined): void {
    const wanted = withoutIdentity(desired);
    const ours = ourFields(answer, desired, manager, subresource);
    const key = memoryKey(answer, manager, subresource);
    this.#rewritten.delete(key);
    if (ours === undefined || isAsWanted(wanted, answer, ours.fields, ours.rules)) return;
    this.#rewritten.set(key, fingerprint(wanted, ownedPart(answer, ours.fields)));
    const [oldest] = this.#rewritten.keys();
    if (this.#rewritten.size > CAPACITY && oldest !== undefined) this.#rewritten.delete(oldest);
  }
}

/** What we own of an object, by our last apply or by our creation of it; `undefined` when that does not say all that an apply would do. */
function ourFields(
  live: KubernetesObject,
  desired: KubernetesObject,
  manager: string,
  subresource: string | undefined,
): { fields: FieldSet; rules: Rules } | undefined {
  const compare = comparisonFor(desired.apiVersion ?? "");
  const created = subresource === undefined ? createdBy(live, manager) : undefined;
  if (created !== undefined && !isOfShape(created, desired)) return undefined;
  const applied = appliedBy(live, manager, subresource);
  const fields = fieldsOfEntry(applied ?? created, desired.apiVersion);
  return fields && { fields, rules: { compare, hasDefaults: applied === undefined } };
}

/** With a uid or a resource version an apply is for that very object or state, and the server is to say no. */
function isMeant({ metadata: desired = {} }: KubernetesObject, { metadata: live = {} }: KubernetesObject): boolean {
  const { uid = live.uid, resourceVersion = live.resourceVersion } = desired;
  return uid === live.uid && resourceVersion === live.resourceVersion;
}

function memoryKey(object: KubernetesObject, manager: string, subresource: string | undefined): string {
  return `${object.metadata?.uid ?? ""} ${manager} ${subresource ?? ""}`;
}

function fingerprint(wanted: unknown, owned: unknown): string {
  return hash("sha1", stringifyJson([wanted, owned]), "base64");
}
