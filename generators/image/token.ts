import { ScaffoldError } from "../errors.ts";
import type { Credentials } from "./credentials.ts";
import { parseObject, textAt } from "./json.ts";

export interface Challenge {
  /** The `WWW-Authenticate` header of an answer 401. */
  readonly challenge: string;
  readonly registry: string;
  readonly scopes: readonly string[];
  readonly credentials: Credentials | undefined;
}

/**
 * The `Authorization` header that answers a challenge: `Basic` as it is, `Bearer` by way of the token service that the challenge names (the
 * token and OAuth2 parts of distribution.github.io/distribution/spec/auth).
 *
 * @returns `undefined` when there is nothing to answer with, or the token service does not know these credentials
 */
export async function tokenFor(
  { challenge, registry, scopes, credentials }: Challenge,
  send: (url: URL, init: RequestInit) => Promise<Response>,
): Promise<string | undefined> {
  const [, scheme = "", rest = ""] = /^\s*(\w+)\s*(.*)$/s.exec(challenge) ?? [];
  if (scheme.toLowerCase() === "basic") return credentials?.kind === "password" ? basic(credentials) : undefined;
  const parameters = new Map([...rest.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = "", value = ""]) => [name.toLowerCase(), value]));
  const realm = parameters.get("realm");
  if (scheme.toLowerCase() !== "bearer" || realm === undefined || !URL.canParse(realm)) {
    throw new ScaffoldError(
      "registry-failed",
      `The registry ${registry} asks for credentials in a way that is not known: ${challenge.slice(0, 200)}`,
    );
  }
  const url = new URL(realm);
  // A password does not go over a network in the clear, whatever the registry says.
  if (credentials && url.protocol !== "https:" && !["localhost", "127.0.0.1", "[::1]"].includes(url.hostname)) {
    throw new ScaffoldError(
      "registry-failed",
      `The registry ${registry} wants the password sent to ${url.origin}, which is not encrypted: it is not sent.`,
    );
  }
  const service = parameters.get("service");
  const answer = await send(
    url,
    credentials?.kind === "refresh-token" ? refresh(credentials.token, service, scopes) : query(url, service, scopes, credentials),
  );
  if (!answer.ok) {
    await answer.body?.cancel();
    if ([400, 401, 403].includes(answer.status)) return undefined;
    throw new ScaffoldError(
      "registry-failed",
      `The token service ${url.origin} of ${registry} answered ${answer.status} ${answer.statusText}`.trim(),
    );
  }
  const body = parseObject(await answer.text());
  const token = textAt(body, "token") ?? textAt(body, "access_token");
  return token === undefined ? undefined : `Bearer ${token}`;
}

function basic({ user, password }: { user: string; password: string }): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}

/** Puts what is asked for into the URL. */
function query(url: URL, service: string | undefined, scopes: readonly string[], credentials: Credentials | undefined): RequestInit {
  if (service !== undefined) url.searchParams.set("service", service);
  for (const scope of scopes) url.searchParams.append("scope", scope);
  return credentials?.kind === "password" ? { headers: { authorization: basic(credentials) } } : {};
}

function refresh(token: string, service: string | undefined, scopes: readonly string[]): RequestInit {
  const body = new URLSearchParams({
    grant_type: "refresh_token",
    refresh_token: token,
    client_id: "kubescaffold",
    scope: scopes.join(" "),
    ...(service === undefined ? {} : { service }),
  });
  return { method: "POST", body };
}
