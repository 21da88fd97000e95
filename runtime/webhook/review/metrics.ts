/** Where the webhook server reports what it does. The manager fills it with Prometheus metrics. */
export interface WebhookMetrics {
  /** A path is served, so that its metrics are there before the first request. @param webhook the path */
  served(webhook: string): void;
  /** A request came in. */
  started(webhook: string): void;
  /** A request was answered. @param code HTTP status of the answer @param seconds how long it took, from the headers to the answer's end */
  answered(webhook: string, code: number, seconds: number): void;
  /** A request is over, answered or given up by its sender. */
  ended(webhook: string): void;
  /** A handler threw. */
  panicked(): void;
  /** A conversion threw. */
  conversionPanicked(): void;
}

export const NO_WEBHOOK_METRICS: WebhookMetrics = {
  served: () => undefined,
  started: () => undefined,
  answered: () => undefined,
  ended: () => undefined,
  panicked: () => undefined,
  conversionPanicked: () => undefined,
};
