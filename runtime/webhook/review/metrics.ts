/** Where the webhook server reports what it does. The manager fills it with Prometheus metrics. */
export interface WebhookMetrics {
  /** A request came in. @param webhook the path */
  started(webhook: string): void;
  /** A request was answered. @param code HTTP status of the answer @param seconds how long it took, from the headers to the answer's end */
  answered(webhook: string, code: number, seconds: number): void;
  /** A request is over, answered or given up by its sender. */
  ended(webhook: string): void;
  /** A handler threw. */
  panicked(): void;
}

export const NO_WEBHOOK_METRICS: WebhookMetrics = {
  started: () => undefined,
  answered: () => undefined,
  ended: () => undefined,
  panicked: () => undefined,
};
