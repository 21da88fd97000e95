import http from "node:http";
import https from "node:https";
import tls from "node:tls";
import { KubeconfigError } from "./errors.ts";
import type { ConnectionConfig, TlsMaterial } from "./kubeconfig.ts";

type SecureOptions = Pick<https.AgentOptions, "secureContext" | "servername" | "rejectUnauthorized">;

/** What keeps the connections to one API server. */
export interface Agents {
  /** Connections for ordinary calls, which are kept. */
  calls: http.Agent;
  /** One connection for each stream. */
  streams: http.Agent;
}

/**
 * @param maxConnections of ordinary calls
 * @param idle milliseconds after which an unused connection is closed
 * @throws KubeconfigError when the certificates cannot be read
 */
export function makeAgents(config: ConnectionConfig, maxConnections: number, idle: number): Agents {
  const secure = config.server.startsWith("https:");
  const { serverName, insecure } = config.tls;
  const tlsOptions: SecureOptions = secure
    ? {
        secureContext: secureContext(config.tls),
        ...(serverName !== undefined && { servername: serverName }),
        rejectUnauthorized: insecure !== true,
      }
    : {};
  const agent = (limits: http.AgentOptions) => {
    const made = secure ? new https.Agent({ ...limits, ...tlsOptions }) : new http.Agent(limits);
    if (config.proxy) tunnel(made, config.proxy, secure);
    // An agent keeps connections apart by all their options, which it would write as a text for each call. Here all are the same.
    made.getName = () => config.server;
    return made;
  };
  const calls = agent({ keepAlive: true, timeout: idle, maxSockets: maxConnections, scheduling: "lifo" });
  return { calls, streams: agent({ keepAlive: false }) };
}

/** Made once: with the PEM texts in their options, agents would build it for every connection and compare the texts for every call. */
function secureContext({ ca, cert, key }: TlsMaterial): tls.SecureContext {
  try {
    return tls.createSecureContext({
      ...(ca !== undefined && { ca }),
      ...(cert !== undefined && { cert }),
      ...(key !== undefined && { key }),
    });
  } catch (cause) {
    const fault = cause instanceof Error ? cause.message : String(cause);
    throw new KubeconfigError(`the certificates or the key of the kubeconfig cannot be read: ${fault}`, cause);
  }
}

/** Lets an agent's connections go through an HTTP proxy, as a tunnel that it opens for CONNECT (RFC 9110, 9.3.6). */
function tunnel(agent: http.Agent, proxy: URL, secure: boolean): void {
  agent.createConnection = (given, callback) => {
    const options = given as tls.ConnectionOptions & { host: string; port: number | string };
    const target = `${options.host.includes(":") ? `[${options.host}]` : options.host}:${options.port}`;
    const settled = (fault: string, cause?: Error) =>
      callback?.(new Error(`the proxy ${proxy.host} ${fault}`, { cause }), undefined as never);
    const connect = (proxy.protocol === "https:" ? https : http).request({
      hostname: proxy.hostname.replace(/^\[|\]$/g, ""),
      port: proxy.port,
      method: "CONNECT",
      path: target,
      headers: { host: target, ...credentialsOf(proxy) },
      agent: false,
    });
    connect.once("connect", ({ statusCode, statusMessage = "" }, socket) => {
      if (statusCode === 200) return callback?.(null, secure ? tls.connect({ ...options, socket }) : socket);
      socket.destroy();
      settled(`does not connect to ${target}: ${statusCode ?? ""} ${statusMessage}`);
    });
    connect.once("error", (cause) => settled(`cannot be reached: ${cause.message || cause.name}`, cause));
    connect.end();
    return undefined;
  };
}

function credentialsOf({ username, password }: URL): Record<string, string> {
  if (username === "") return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { "proxy-authorization": `Basic ${Buffer.from(pair).toString("base64")}` };
}
