import type { KubeConfig } from "@kubernetes/client-node";
import { sameJson } from "../object/index.ts";
import type { ConnectionConfig } from "./kubeconfig.ts";
import { KubeconfigError } from "./errors.ts";

/**
 * Credential plugins (exec, OIDC and the rest) are client-node's; it is loaded only here because it costs 0.4 s and 88 MB.
 *
 * @param paths kubeconfig files; of entries with one name the first file's wins
 * @throws KubeconfigError when the credentials cannot be had
 */
export async function fromClientNode(
  paths: readonly string[],
  context: string | undefined,
): Promise<Pick<ConnectionConfig, "tls" | "renewedTls" | "authenticate">> {
  const { KubeConfig: Loader } = await import("@kubernetes/client-node");
  const names = paths.join(" and ");
  const load = (): KubeConfig => {
    const config = new Loader();
    try {
      for (const [index, path] of paths.entries()) {
        const next = index === 0 ? config : new Loader();
        next.loadFromFile(path);
        if (next !== config) merge(config, next);
      }
    } catch (cause) {
      throw new KubeconfigError(`${names} cannot be used: ${firstLine(cause)}`, cause);
    }
    if (context !== undefined) config.setCurrentContext(context);
    return config;
  };
  let config = load();
  const credentials = oneFlight(() => askFor(config, names));
  // What a plugin answered is kept by the loader until it runs out; a new one asks again.
  const renewed = oneFlight(() => askFor((config = load()), names));
  let { tls } = await credentials();
  return {
    tls,
    // A plugin may answer with a certificate, which runs out as a token does.
    renewedTls: async () => {
      const now = (await credentials()).tls;
      if (sameJson(now, tls)) return undefined;
      tls = now;
      return tls;
    },
    authenticate: async (refused = false) => (await (refused ? renewed() : credentials())).headers,
  };
}

/** Adds what the first files do not have, as kubectl merges. */
function merge(config: KubeConfig, more: KubeConfig): void {
  const missing = <T extends { name: string }>(into: readonly T[], from: readonly T[]) =>
    from.filter(({ name }) => !into.some((each) => each.name === name));
  config.clusters = [...config.clusters, ...missing(config.clusters, more.clusters)];
  config.users = [...config.users, ...missing(config.users, more.users)];
  config.contexts = [...config.contexts, ...missing(config.contexts, more.contexts)];
}

interface Credentials {
  tls: ConnectionConfig["tls"];
  headers: Record<string, string>;
}

/** What client-node writes into the options of a request. */
interface HttpsOptions {
  ca?: Buffer;
  cert?: Buffer | string;
  key?: Buffer | string;
  servername?: string;
  rejectUnauthorized?: boolean;
  headers?: Record<string, string>;
}

async function askFor(config: KubeConfig, names: string): Promise<Credentials> {
  const options: HttpsOptions = {};
  try {
    await config.applyToHTTPSOptions(options as Parameters<KubeConfig["applyToHTTPSOptions"]>[0]);
  } catch (cause) {
    throw new KubeconfigError(`${names}: no credentials: ${firstLine(cause)}`, cause);
  }
  return {
    tls: {
      ca: options.ca?.toString(),
      cert: options.cert?.toString(),
      key: options.key?.toString(),
      serverName: options.servername,
      insecure: options.rejectUnauthorized === false,
    },
    headers: { ...options.headers },
  };
}

/** However many ask at once, a plugin runs once. */
function oneFlight<T>(ask: () => Promise<T>): () => Promise<T> {
  let asking: Promise<T> | undefined;
  return () => (asking ??= ask().finally(() => (asking = undefined)));
}

/** A plugin that fails in silence leaves an empty message. */
function firstLine(cause: unknown): string {
  const [line = ""] = (cause instanceof Error ? cause.message : String(cause)).trim().split("\n");
  return line === "" ? "the credential plugin failed, and did not say why" : line;
}
