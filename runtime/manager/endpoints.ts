import type { ApiClient } from "../client/index.ts";
import { milliseconds, systemClock, type Clock, type Logger } from "../object/index.ts";
import type { Activity } from "./activity.ts";
import { metricsCertificate } from "./certificate.ts";
import { Endpoint, parseBindAddress, type BindAddress } from "./endpoint.ts";
import { answerHealth, healthHandler, type HealthChecks } from "./health.ts";
import type { Metrics } from "./metrics.ts";
import type { ManagerOptions } from "./options.ts";
import { onlyForScrapers } from "./scrape-access.ts";
import { Watchdog } from "./watchdog.ts";

export interface EndpointParts {
  checks: HealthChecks;
  /** What the watchdog says of a blocked loop; without it there is none. */
  activity: Activity | undefined;
  metrics: Metrics;
  client: ApiClient;
  clock: Clock;
  log: Logger;
  /** Told when something that listens has failed. */
  onFailure: (error: unknown) => void;
}

/** How long the event loop may be blocked, in milliseconds; `undefined` where nobody watches it. */
export function blockedAfter({ healthProbe, clock }: ManagerOptions): number | undefined {
  if (!healthProbe) return undefined;
  const { blockedAfter: limit = clock === undefined ? "10s" : false } = healthProbe;
  return limit === false ? undefined : milliseconds(limit);
}

/** Where the manager is asked how it is: `/healthz`, `/readyz` and `/metrics`. */
export class Endpoints {
  #health: Endpoint | Watchdog | undefined;
  #metrics: Endpoint | undefined;
  readonly #life = new AbortController();

  /** @throws the listen error (a port in use, say), or Error when the certificate cannot be read */
  async listen(options: ManagerOptions, parts: EndpointParts): Promise<void> {
    const { healthProbe, metrics } = options;
    if (healthProbe)
      this.#health = await listenForProbes(parseBindAddress(healthProbe.bindAddress), blockedAfter(options), parts, this.#life.signal);
    if (!metrics) return;
    const address = parseBindAddress(metrics.bindAddress);
    const { handler } = parts.metrics;
    if (metrics.secure !== true) {
      this.#metrics = await Endpoint.listen(address, handler);
      return;
    }
    const certificate = metricsCertificate(metrics, parts);
    const endpoint = await Endpoint.listen(address, onlyForScrapers(handler, parts), await certificate.load());
    this.#metrics = endpoint;
    certificate.watch((pair) => endpoint.renew(pair), this.#life.signal);
  }

  get ports(): { health: number | undefined; metrics: number | undefined } {
    return { health: this.#health?.port, metrics: this.#metrics?.port };
  }

  async close(): Promise<void> {
    this.#life.abort();
    await Promise.all([this.#health?.close(), this.#metrics?.close()]);
  }
}

function listenForProbes(
  address: BindAddress,
  limit: number | undefined,
  parts: EndpointParts,
  signal: AbortSignal,
): Promise<Endpoint | Watchdog> {
  const { checks, clock, activity, onFailure } = parts;
  if (limit === undefined || activity === undefined) return Endpoint.listen(address, healthHandler(checks, { clock, signal }));
  const answer = (url: string) => answerHealth(checks, url, { clock, signal });
  // The thread's time is the machine's, whatever clock the manager has.
  return Watchdog.start({ address, blockedAfter: limit, activity, answer, clock: systemClock, onFailure });
}
