// yours: refuses objects without the labels.
// Copyright the authors of label-webhook, SPDX-License-Identifier: Apache-2.0
import { denied, type AdmissionRequest, type KubernetesObject, type Validator, type Verdict } from "@kubescaffold/runtime";
import type { Settings } from "./settings.ts";

/** Denies an object that lacks some of the labels. Of any kind. */
export class LabelValidator implements Validator<KubernetesObject> {
  readonly #settings: Settings;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  validateCreate(object: KubernetesObject, { namespace }: AdmissionRequest<KubernetesObject>): Verdict {
    if (this.#settings.leavesAlone("validate", object, namespace)) return undefined;
    const missing = this.#settings.missing(object);
    return missing.length === 0 ? undefined : denied(`missing labels: ${missing.join(", ")}`, { reason: "required labels are not set" });
  }

  /** Asked about only with "UPDATE" among the operations in settings.ts. */
  validateUpdate(object: KubernetesObject, _old: KubernetesObject, request: AdmissionRequest<KubernetesObject>): Verdict {
    return this.validateCreate(object, request);
  }
}
