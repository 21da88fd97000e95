// yours: which Pods get the sidecar, and how.
// Copyright the authors of sidecar-injector, SPDX-License-Identifier: Apache-2.0
import type { Named, Template } from "./template.ts";

/** The annotation of a Pod that says whether it wants the sidecar. */
export const INJECT = "inject";
/** The annotation that says that a Pod has got it. */
export const STATUS = "sidecar-injector.example.com/status";
/** A static pod as the API server shows it: the kubelet runs what is in its file, whatever stands here. */
const MIRROR = "kubernetes.io/config.mirror";

/** What matters here of a Pod, or of the template of one. */
export interface PodLike {
  metadata?: { annotations?: Record<string, string> };
  spec?: { containers?: Named[]; initContainers?: Named[]; volumes?: Named[] };
}

/** What has been done to a Pod. */
export interface Injection {
  readonly injected: boolean;
  /** What its author should know. */
  readonly warnings: readonly string[];
}

/**
 * Adds what is in the template to a Pod that wants it and does not have it yet. Whatever is in the Pod by the same name is kept in place of the template's.
 *
 * @param byDefault whether a Pod wants it that does not say so itself
 */
export function inject(pod: PodLike, template: Template, byDefault: boolean): Injection {
  const { metadata: { annotations = {} } = {}, spec } = pod;
  // Without containers it is refused later, and the sidecar must not make it right.
  if (!spec?.containers?.length || MIRROR in annotations) return { injected: false, warnings: [] };
  if (annotations[STATUS]?.toLowerCase() === "injected") return { injected: false, warnings: [] };
  const said = annotations[INJECT];
  const wish = said === undefined ? undefined : wishOf(said);
  const unclear = said !== undefined && wish === undefined ? [`the annotation ${INJECT} is neither true nor false: "${said}"`] : [];
  if (!(wish ?? byDefault)) return { injected: false, warnings: unclear };

  // Containers share their names with init containers.
  const containers = new Set([...spec.containers, ...(spec.initContainers ?? [])].map(({ name }) => name));
  const volumes = new Set((spec.volumes ?? []).map(({ name }) => name));
  const kept: string[] = [];
  const add = (list: keyof Template, what: string, taken: ReadonlySet<string>) => {
    for (const item of template[list]) {
      if (taken.has(item.name)) kept.push(`the ${what} ${item.name} is kept as it is, in place of the sidecar's`);
      else (spec[list] ??= []).push(structuredClone(item));
    }
  };
  add("initContainers", "container", containers);
  add("containers", "container", containers);
  add("volumes", "volume", volumes);
  ((pod.metadata ??= {}).annotations ??= {})[STATUS] = "injected";
  return { injected: true, warnings: [...unclear, ...kept] };
}

/** What an annotation asks for; undefined where it is neither. */
function wishOf(said: string): boolean | undefined {
  if (["y", "yes", "true", "on"].includes(said.toLowerCase())) return true;
  return ["n", "no", "false", "off"].includes(said.toLowerCase()) ? false : undefined;
}
