import { joinSignals, sleep, reasonOf, type Clock } from "../object/index.ts";
import type { RequestHandler } from "./endpoint.ts";

/** Resolves when all is well; throws with the reason when not. */
export type HealthCheck = () => void | Promise<void>;

/** The checks of each endpoint, by name. */
export interface HealthChecks {
  readonly healthz: ReadonlyMap<string, HealthCheck>;
  readonly readyz: ReadonlyMap<string, HealthCheck>;
}

export interface HealthAnswer {
  status: number;
  body: string;
}

/** Once the signal aborts, no check is waited for. */
export interface HealthLife {
  clock: Clock;
  signal: AbortSignal;
}

/** How long one check may take, in milliseconds. */
const PATIENCE = 10_000;

/** Answers `/healthz` (or `/livez`) and `/readyz`, and each check under its own name, as controller-runtime does; `?verbose` lists them. */
export async function answerHealth(checks: HealthChecks, url: string, life: HealthLife): Promise<HealthAnswer> {
  const { pathname, searchParams } = new URL(url, "http://localhost");
  const [, endpoint = "", name] = pathname.split("/");
  const all = endpoint === "healthz" || endpoint === "livez" ? checks.healthz : endpoint === "readyz" ? checks.readyz : undefined;
  const chosen = name ? new Map([...(all ?? [])].filter(([each]) => each === name)) : all;
  if (!chosen || (name && chosen.size === 0)) return { status: 404, body: "404 page not found\n" };
  const faults = await Promise.all([...chosen].map(async ([each, check]) => [each, await faultOf(check, life)] as const));
  const failed = faults.some(([, fault]) => fault !== undefined);
  if (!failed && !searchParams.has("verbose")) return { status: 200, body: "ok" };
  const lines = faults.map(([each, fault]) => (fault === undefined ? `[+]${each} ok` : `[-]${each} failed: ${fault}`));
  return { status: failed ? 500 : 200, body: `${[...lines, `${endpoint} check ${failed ? "failed" : "passed"}`].join("\n")}\n` };
}

/** {@link answerHealth} over HTTP. */
export function healthHandler(checks: HealthChecks, life: HealthLife): RequestHandler {
  return async (request, response) => {
    const { status, body } = await answerHealth(checks, request.url ?? "/", life);
    response.writeHead(status, { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" }).end(body);
  };
}

async function faultOf(check: HealthCheck, { clock, signal }: HealthLife): Promise<string | undefined> {
  const patience = joinSignals(signal);
  const late = sleep(clock, PATIENCE, patience.signal).then(
    () => `no answer within ${PATIENCE / 1000} s`,
    () => "the process is stopping",
  );
  try {
    return await Promise.race([Promise.resolve().then(check).then(() => undefined), late]); // prettier-ignore
  } catch (error) {
    return reasonOf(error);
  } finally {
    patience.abort(new Error("answered"));
    patience.release();
  }
}
