import type { RequestHandler } from "./endpoint.ts";

/** Resolves when all is well; throws with the reason when not. */
export type HealthCheck = () => void | Promise<void>;

/** The checks of each endpoint, by name. */
export interface HealthChecks {
  readonly healthz: ReadonlyMap<string, HealthCheck>;
  readonly readyz: ReadonlyMap<string, HealthCheck>;
}

/** Serves `/healthz` and `/readyz`, and each check under its own name, as controller-runtime does; `?verbose` lists them. */
export function healthHandler(checks: HealthChecks): RequestHandler {
  return async (request, response) => {
    const url = new URL(request.url ?? "/", "http://localhost");
    const [, endpoint, name] = url.pathname.split("/");
    const all = endpoint === "healthz" || endpoint === "livez" ? checks.healthz : endpoint === "readyz" ? checks.readyz : undefined;
    const chosen = name ? new Map([...(all ?? [])].filter(([each]) => each === name)) : all;
    if (!chosen || (name && chosen.size === 0)) {
      response.writeHead(404, { "content-type": "text/plain" }).end("404 page not found\n");
      return;
    }
    const lines: string[] = [];
    let failed = false;
    for (const [each, check] of chosen) {
      try {
        await check();
        lines.push(`[+]${each} ok`);
      } catch (error) {
        failed = true;
        lines.push(`[-]${each} failed: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    const verdict = failed ? `${endpoint ?? ""} check failed` : `${endpoint ?? ""} check passed`;
    const body = failed || url.searchParams.has("verbose") ? `${[...lines, verdict].join("\n")}\n` : "ok";
    response.writeHead(failed ? 500 : 200, { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" }).end(body);
  };
}
