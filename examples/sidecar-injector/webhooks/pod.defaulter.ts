// yours: has Pods get the sidecar when they are created.
// Copyright the authors of sidecar-injector, SPDX-License-Identifier: Apache-2.0
import type { AdmissionRequest, Defaulter, MutatingWebhookOptions } from "@kubescaffold/runtime";
import type { IPod } from "kubernetes-models/v1/Pod";
import { inject } from "./injection.ts";
import type { Templates } from "./template.ts";

/** A Pod's containers cannot be changed later. `IfNeeded`: what webhooks after this one do to a Pod may be a reason to inject. */
const CREATION = { operations: ["CREATE"], reinvocationPolicy: "IfNeeded" } as const satisfies MutatingWebhookOptions;

/** All Pods of namespaces with the label; `npm run generate` writes config/webhook from it. */
export const IN_LABELLED_NAMESPACES = {
  ...CREATION,
  name: "namespace.sidecar-injector.example.com",
  namespaceSelector: { matchLabels: { "sidecar-injector": "enabled" } },
} as const satisfies MutatingWebhookOptions;

/** In all others, but for those that are labelled to be left alone, only Pods with the annotation, so that no other Pod waits for this program. */
export const ANNOTATED = {
  ...CREATION,
  name: "annotation.sidecar-injector.example.com",
  namespaceSelector: { matchExpressions: [{ key: "sidecar-injector", operator: "NotIn", values: ["enabled", "disabled"] }] },
  matchConditions: [{ name: "annotated", expression: "has(object.metadata.annotations) && 'inject' in object.metadata.annotations" }],
} as const satisfies MutatingWebhookOptions;

export class PodDefaulter implements Defaulter<IPod> {
  readonly #templates: Templates;
  readonly #byDefault: boolean;

  /** @param options.byDefault whether Pods want the sidecar that do not say so themselves */
  constructor(templates: Templates, { byDefault }: { byDefault: boolean }) {
    this.#templates = templates;
    this.#byDefault = byDefault;
  }

  /** May be called twice for one request; the second time there is nothing left to do. */
  async default(pod: IPod, request: AdmissionRequest<IPod>): Promise<void> {
    const { warnings } = inject(pod, await this.#templates.current(), this.#byDefault);
    for (const warning of warnings) request.warn(warning);
  }
}
