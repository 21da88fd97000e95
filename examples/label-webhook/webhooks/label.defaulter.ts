// yours: gives objects the labels that they do not have.
// Copyright the authors of label-webhook, SPDX-License-Identifier: Apache-2.0
import type { AdmissionRequest, Defaulter, KubernetesObject } from "@kubescaffold/runtime";
import type { Settings } from "./settings.ts";

/** Adds the missing labels with the value `not_available`, and notes in an annotation that it was here. Of any kind. */
export class LabelDefaulter implements Defaulter<KubernetesObject> {
  readonly #settings: Settings;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  default(object: KubernetesObject, { namespace }: AdmissionRequest<KubernetesObject>): void {
    const { status } = this.#settings;
    if (this.#settings.leavesAlone("mutate", object, namespace)) return;
    if (object.metadata?.annotations?.[status]?.toLowerCase() === "mutated") return;
    const missing = this.#settings.missing(object);
    const metadata = (object.metadata ??= {});
    if (missing.length > 0) {
      const labels = (metadata.labels ??= {});
      for (const label of missing) labels[label] = "not_available";
    }
    (metadata.annotations ??= {})[status] = "mutated";
  }
}
