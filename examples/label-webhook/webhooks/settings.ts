// yours: what the webhooks look at.
// Copyright the authors of label-webhook, SPDX-License-Identifier: Apache-2.0
import type { Flag, FlagValues, KubernetesObject, WebhookOptions } from "@kubescaffold/runtime";

/** Flags of this program, beside the manager's. Lists have commas between their items. */
export const FLAGS = {
  labels: {
    type: "string",
    default: ["name", "instance", "version", "component", "part-of", "managed-by"].map((name) => `app.kubernetes.io/${name}`).join(","),
    help: "labels that every object has to have",
  },
  "opt-out-prefix": {
    type: "string",
    default: "admission-webhook-example.qikqiak.com",
    help: "prefix of the annotations mutate, validate and status",
  },
  "ignored-namespaces": { type: "string", default: "kube-system,kube-public", help: "namespaces that are left alone" },
} as const satisfies Record<string, Flag>;

/**
 * What the API server is to ask about; `npm run generate` writes config/webhook from it. For objects that are changed too, add "UPDATE" to the
 * operations.
 */
export const ASKED = {
  operations: ["CREATE"],
  namespaceSelector: {
    matchLabels: { "admission-webhook-example": "enabled" },
    matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "NotIn", values: ["kube-system", "kube-public"] }],
  },
} as const satisfies WebhookOptions;

/** Which objects are looked at, and what for. */
export class Settings {
  readonly labels: readonly string[];
  readonly #prefix: string;
  readonly #ignored: readonly string[];

  constructor(flags: FlagValues<typeof FLAGS>) {
    this.labels = list(flags.labels);
    this.#prefix = flags["opt-out-prefix"];
    this.#ignored = list(flags["ignored-namespaces"]);
  }

  /** The annotation that says that an object has been mutated. */
  get status(): string {
    return `${this.#prefix}/status`;
  }

  /** Whether an object is one that this webhook leaves alone: by its namespace, or as its annotation `mutate` or `validate` says so. */
  leavesAlone(webhook: "mutate" | "validate", { metadata }: KubernetesObject, namespace: string | undefined): boolean {
    if (namespace !== undefined && this.#ignored.includes(namespace)) return true;
    return ["n", "no", "false", "off"].includes(metadata?.annotations?.[`${this.#prefix}/${webhook}`]?.toLowerCase() ?? "");
  }

  /** The labels that an object does not have. An empty value is one. */
  missing({ metadata }: KubernetesObject): string[] {
    return this.labels.filter((label) => metadata?.labels?.[label] === undefined);
  }
}

function list(text: string): string[] {
  return text
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
}
