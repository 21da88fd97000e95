// yours: the sidecar in manifests, without any API server.
// Copyright the authors of sidecar-injector, SPDX-License-Identifier: Apache-2.0
import { inject, type PodLike } from "./injection.ts";
import type { Template } from "./template.ts";
import { readYaml, writeYaml } from "./yaml.ts";

/** Where objects have their Pod, or the template of one, by group and kind. */
const PODS = new Map<string, readonly string[]>([
  ["/Pod", []],
  ["/PodTemplate", ["template"]],
  ...["/ReplicationController", "apps/Deployment", "apps/StatefulSet", "apps/DaemonSet", "apps/ReplicaSet", "batch/Job"].map(
    (kind): [string, string[]] => [kind, ["spec", "template"]],
  ),
  ["batch/CronJob", ["spec", "jobTemplate", "spec", "template"]],
]);

export interface InjectedText {
  /** All documents, in their order. Comments are left out of those that have been changed. */
  readonly text: string;
  /** Each with the object that it is about. */
  readonly warnings: readonly string[];
}

/**
 * Adds the sidecar to the Pods, and to the templates of Pods, in a YAML or JSON file of one or several documents, exactly as the webhook does when they
 * are created; what is created from the result, the webhook leaves as it is.
 *
 * @param byDefault whether Pods want the sidecar that do not say so themselves
 * @throws Error when the text cannot be read, or a document is no Kubernetes object
 */
export function injectText(text: string, template: Template, byDefault: boolean): InjectedText {
  const warnings: string[] = [];
  const documents = readYaml(text).map((document, index) => {
    if (document.value === null) return document.text;
    if (!isObject(document.value)) throw new Error(`document ${index + 1} is no Kubernetes object: it has no apiVersion and kind`);
    const pods = podsIn(document.value);
    let changed = false;
    for (const { pod, of } of pods) {
      const injection = inject(pod, template, byDefault);
      changed ||= injection.injected;
      warnings.push(...injection.warnings.map((warning) => `${of}: ${warning}`));
    }
    return changed ? writeYaml(document.value) : document.text;
  });
  return { text: joined(documents), warnings };
}

/** Files put together as one. */
export function joined(documents: readonly string[]): string {
  return documents.map((text) => (text === "" || text.endsWith("\n") ? text : `${text}\n`)).join("---\n");
}

interface KubernetesLike {
  apiVersion: string;
  kind: string;
  metadata?: { name?: string; generateName?: string };
  items?: unknown;
}

function podsIn(object: KubernetesLike): { pod: PodLike; of: string }[] {
  const { apiVersion, kind, metadata: { name, generateName = "" } = {} } = object;
  if (kind.endsWith("List") && Array.isArray(object.items)) return object.items.filter(isObject).flatMap(podsIn);
  const group = apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
  const pod = PODS.get(`${group}/${kind}`)?.reduce<unknown>((value, key) => (isMap(value) ? value[key] : undefined), object);
  return isMap(pod) ? [{ pod, of: `${kind} ${name ?? generateName}` }] : [];
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isObject(value: unknown): value is KubernetesLike {
  return isMap(value) && typeof value["apiVersion"] === "string" && typeof value["kind"] === "string";
}
