import type { ApiClient } from "../client/index.ts";
import type { Clock, Logger } from "../object/index.ts";
import { metricsCertificate } from "./certificate.ts";
import { Endpoint, parseBindAddress } from "./endpoint.ts";
import { healthHandler, type HealthChecks } from "./health.ts";
import type { Metrics } from "./metrics.ts";
import type { ManagerOptions } from "./options.ts";
import { onlyForScrapers } from "./scrape-access.ts";

/** Where the manager is asked how it is: `/healthz`, `/readyz` and `/metrics`. */
export class Endpoints {
  #health: Endpoint | undefined;
  #metrics: Endpoint | undefined;

  /** @throws the listen error (a port in use, say), or Error when the certificate cannot be read */
  async listen(
    { healthProbe, metrics }: Pick<ManagerOptions, "healthProbe" | "metrics">,
    parts: { checks: HealthChecks; metrics: Metrics; client: ApiClient; clock: Clock; log: Logger },
  ): Promise<void> {
    if (healthProbe) this.#health = await Endpoint.listen(parseBindAddress(healthProbe.bindAddress), healthHandler(parts.checks));
    if (!metrics) return;
    const address = parseBindAddress(metrics.bindAddress);
    const { handler } = parts.metrics;
    this.#metrics =
      metrics.secure === true
        ? await Endpoint.listen(address, onlyForScrapers(handler, parts), await metricsCertificate(metrics, parts.clock))
        : await Endpoint.listen(address, handler);
  }

  get ports(): { health: number | undefined; metrics: number | undefined } {
    return { health: this.#health?.port, metrics: this.#metrics?.port };
  }

  async close(): Promise<void> {
    await Promise.all([this.#health?.close(), this.#metrics?.close()]);
  }
}
