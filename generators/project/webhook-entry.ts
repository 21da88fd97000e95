/** What the API server asks a webhook for. */
export type WebhookType = "defaulting" | "validation" | "conversion";

export const webhookTypes: readonly WebhookType[] = ["defaulting", "validation", "conversion"];

/** The webhooks that were written for one version of a kind: an item of `webhooks` in PROJECT. */
export interface WebhookEntry {
  /** The full group; "" is the core. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** In the order of {@link webhookTypes}. */
  readonly types: readonly WebhookType[];
}

export function sameKind(a: Pick<WebhookEntry, "group" | "kind">, b: Pick<WebhookEntry, "group" | "kind">): boolean {
  return a.group === b.group && a.kind === b.kind;
}
