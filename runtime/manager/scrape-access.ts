import { createHash } from "node:crypto";
import type { ApiClient } from "../client/index.ts";
import type { Clock, Logger } from "../object/index.ts";
import type { RequestHandler } from "./endpoint.ts";

/** How long an answer of the API server about a token holds, in milliseconds; a refusal is asked about sooner. */
const ALLOWED_FOR = 60_000;
const REFUSED_FOR = 10_000;
/** Tokens remembered at a time: anybody may send any. */
const CAPACITY = 1000;

interface Verdict {
  status: 200 | 401 | 403;
  message: string;
}

interface TokenReview {
  status?: { authenticated?: boolean; user?: { username?: string; uid?: string; groups?: string[]; extra?: Record<string, string[]> } };
}

/**
 * Lets only those read metrics who may: a bearer token is shown to the API server (TokenReview), which then says whether its user may
 * `get` the non-resource URL (SubjectAccessReview), as controller-runtime's WithAuthenticationAndAuthorization does. The operator's
 * service account must be allowed to create both reviews; answers are remembered for a minute.
 */
export function onlyForScrapers(handler: RequestHandler, options: { client: ApiClient; clock: Clock; log: Logger }): RequestHandler {
  const { client, clock, log } = options;
  const known = new Map<string, { verdict: Promise<Verdict>; until: number }>();

  const remembered = (token: string, path: string): Promise<Verdict> => {
    const key = createHash("sha256").update(`${path}\n${token}`).digest("base64");
    const before = known.get(key);
    if (before && clock.monotonic() < before.until) return before.verdict;
    const entry = { verdict: review(client, token, path), until: clock.monotonic() + REFUSED_FOR };
    known.delete(key);
    known.set(key, entry);
    const [oldest] = known.keys();
    if (known.size > CAPACITY && oldest !== undefined) known.delete(oldest);
    entry.verdict.then(
      ({ status }) => {
        if (status === 200) entry.until = clock.monotonic() + ALLOWED_FOR;
      },
      () => known.delete(key), // the API server could not be asked: the next scrape asks again
    );
    return entry.verdict;
  };

  return async (request, response) => {
    const [, token] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? "") ?? [];
    let verdict: Verdict | { status: 500; message: string };
    try {
      const path = request.url?.split("?")[0] ?? "";
      verdict = token === undefined ? { status: 401, message: "Unauthorized" } : await remembered(token, path);
    } catch (error) {
      log.error("a scraper of metrics could not be checked", error);
      verdict = { status: 500, message: "Authentication failed" };
    }
    if (verdict.status === 200) return handler(request, response);
    response.writeHead(verdict.status, { "content-type": "text/plain; charset=utf-8" }).end(`${verdict.message}\n`);
  };
}

async function review(client: ApiClient, token: string, path: string): Promise<Verdict> {
  const { status = {} } = await client.review<TokenReview>({
    apiVersion: "authentication.k8s.io/v1",
    kind: "TokenReview",
    spec: { token },
  });
  if (status.authenticated !== true) return { status: 401, message: "Unauthorized" };
  const { username: user, uid, groups, extra } = status.user ?? {};
  const { status: access } = await client.review<{ status?: { allowed?: boolean } }>({
    apiVersion: "authorization.k8s.io/v1",
    kind: "SubjectAccessReview",
    spec: { user, uid, groups, extra, nonResourceAttributes: { path, verb: "get" } },
  });
  if (access?.allowed === true) return { status: 200, message: "" };
  return { status: 403, message: `Authorization denied for user ${user ?? ""}` };
}
