import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { parse } from "yaml";
import { KubeconfigError } from "./errors.ts";

/** TLS material in PEM. */
export interface TlsMaterial {
  ca?: string | undefined;
  cert?: string | undefined;
  key?: string | undefined;
  /** The name that the server's certificate must carry, where it is not the URL's. */
  serverName?: string | undefined;
  /** True to accept any certificate: for experiments only. */
  insecure?: boolean | undefined;
}

/** Where the API server is and how to authenticate there. */
export interface ConnectionConfig {
  /** URL of the API server, possibly with a path. */
  server: string;
  tls: TlsMaterial;
  /** Headers that authenticate a request; asked before each one, so that tokens may rotate. */
  authenticate(): Promise<Readonly<Record<string, string>>>;
  /** The namespace of the context, or of the pod. */
  namespace: string;
}

export interface KubeconfigOptions {
  /** Path of a kubeconfig file. Default: `$KUBECONFIG`, else the pod's service account, else `~/.kube/config`. */
  kubeconfig?: string | undefined;
  /** The context to use instead of the file's current one. */
  context?: string | undefined;
}

const SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

/** Kubelet rotates a pod's token at four fifths of its life of one hour; client-go re-reads it as often as this (ms). */
const TOKEN_LIFETIME = 60_000;

/**
 * Finds the API server as kubectl and client-go do.
 *
 * @throws KubeconfigError when nothing is found or the file cannot be used; the message names file and entry.
 */
export async function loadConnection(options: KubeconfigOptions = {}): Promise<ConnectionConfig> {
  if (options.kubeconfig !== undefined) return fromFile(options.kubeconfig, options.context);
  const fromEnvironment = process.env["KUBECONFIG"]?.split(delimiter).filter(Boolean) ?? [];
  if (fromEnvironment.length > 1) return fromClientNode(fromEnvironment.join(delimiter), options.context);
  if (fromEnvironment[0] !== undefined) return fromFile(fromEnvironment[0], options.context);
  const host = process.env["KUBERNETES_SERVICE_HOST"];
  if (host && options.context === undefined) return inCluster(host, process.env["KUBERNETES_SERVICE_PORT"] ?? "443");
  return fromFile(join(homedir(), ".kube", "config"), options.context);
}

async function inCluster(host: string, port: string): Promise<ConnectionConfig> {
  const read = async (file: string) => {
    try {
      return await readFile(join(SERVICE_ACCOUNT, file), "utf8");
    } catch (cause) {
      throw new KubeconfigError(`this pod has no service account ${file}: is automountServiceAccountToken off?`, cause);
    }
  };
  return {
    server: `https://${host.includes(":") ? `[${host}]` : host}:${port}`,
    tls: { ca: await read("ca.crt") },
    authenticate: bearer(() => read("token")),
    namespace: (await read("namespace")).trim(),
  };
}

function bearer(read: () => Promise<string>): ConnectionConfig["authenticate"] {
  let headers: Record<string, string> = {};
  let readAt = Number.NEGATIVE_INFINITY;
  return async () => {
    if (performance.now() - readAt > TOKEN_LIFETIME) {
      headers = { authorization: `Bearer ${(await read()).trim()}` };
      readAt = performance.now();
    }
    return headers;
  };
}

type Entry = Readonly<Record<string, unknown>>;

const isEntry = (value: unknown): value is Entry => typeof value === "object" && value !== null && !Array.isArray(value);

async function fromFile(path: string, wantedContext: string | undefined): Promise<ConnectionConfig> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    throw new KubeconfigError(`no cluster: cannot read the kubeconfig ${path}; name one with --kubeconfig or KUBECONFIG`, cause);
  }
  let config: unknown;
  try {
    config = parse(text);
  } catch (cause) {
    throw new KubeconfigError(`${path} is not a kubeconfig: ${String(cause).split("\n")[0] ?? ""}`, cause);
  }
  if (!isEntry(config)) throw new KubeconfigError(`${path} is not a kubeconfig: it holds no mapping`);
  const file = new KubeconfigFile(path, config);
  const context = file.entry("contexts", "context", wantedContext ?? file.text(config, "current-context"));
  const cluster = file.entry("clusters", "cluster", file.text(context, "cluster"));
  const userName = file.text(context, "user");
  const user = userName === undefined ? {} : file.entry("users", "user", userName);
  if ("exec" in user || "auth-provider" in user || "username" in user || "proxy-url" in cluster) return fromClientNode(path, wantedContext);
  const server = file.text(cluster, "server");
  if (server === undefined) throw new KubeconfigError(`${path}: the cluster has no server`);
  const token = file.text(user, "token");
  const tokenFile = file.text(user, "tokenFile");
  return {
    server,
    tls: {
      ca: await file.pem(cluster, "certificate-authority"),
      cert: await file.pem(user, "client-certificate"),
      key: await file.pem(user, "client-key"),
      serverName: file.text(cluster, "tls-server-name"),
      insecure: cluster["insecure-skip-tls-verify"] === true,
    },
    authenticate:
      tokenFile !== undefined
        ? bearer(() => readFile(resolve(dirname(path), tokenFile), "utf8"))
        : token !== undefined
          ? bearer(() => Promise.resolve(token))
          : () => Promise.resolve({}),
    namespace: file.text(context, "namespace") ?? "default",
  };
}

class KubeconfigFile {
  readonly #path: string;
  readonly #config: Entry;

  constructor(path: string, config: Entry) {
    this.#path = path;
    this.#config = config;
  }

  text(entry: Entry, field: string): string | undefined {
    const value = entry[field];
    return typeof value === "string" && value !== "" ? value : undefined;
  }

  /** The named entry of one of the kubeconfig's lists. */
  entry(list: string, field: string, name: string | undefined): Entry {
    if (name === undefined) throw new KubeconfigError(`${this.#path}: no ${field} is chosen; set current-context or name a context`);
    const entries = this.#config[list];
    const found = (Array.isArray(entries) ? entries : []).find((each) => isEntry(each) && each["name"] === name) as Entry | undefined;
    const value = found?.[field];
    if (!isEntry(value)) throw new KubeconfigError(`${this.#path}: there is no ${field} named ${name}`);
    return value;
  }

  /** PEM that is given in place (`<field>-data`, base64) or by path. */
  async pem(entry: Entry, field: string): Promise<string | undefined> {
    const data = this.text(entry, `${field}-data`);
    if (data !== undefined) return Buffer.from(data, "base64").toString("utf8");
    const path = this.text(entry, field);
    if (path === undefined) return undefined;
    try {
      return await readFile(resolve(dirname(this.#path), path), "utf8");
    } catch (cause) {
      throw new KubeconfigError(`${this.#path}: cannot read ${field} ${path}`, cause);
    }
  }
}

/** Credential plugins (exec, OIDC and the rest) are client-node's; it is loaded only here because it costs 0.4 s and 88 MB. */
async function fromClientNode(path: string, context: string | undefined): Promise<ConnectionConfig> {
  const { KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  for (const [index, file] of path.split(delimiter).entries()) {
    if (index === 0) {
      config.loadFromFile(file);
      continue;
    }
    const more = new KubeConfig();
    more.loadFromFile(file);
    config.mergeConfig(more, true);
  }
  if (context !== undefined) config.setCurrentContext(context);
  const cluster = config.getCurrentCluster();
  if (!cluster) throw new KubeconfigError(`${path}: no cluster is chosen; set current-context or name a context`);
  const tls = {};
  await config.applyToHTTPSOptions(tls);
  const material = tls as { ca?: Buffer; cert?: Buffer; key?: Buffer; servername?: string; rejectUnauthorized?: boolean };
  return {
    server: cluster.server,
    tls: {
      ca: material.ca?.toString(),
      cert: material.cert?.toString(),
      key: material.key?.toString(),
      serverName: material.servername,
      insecure: material.rejectUnauthorized === false,
    },
    authenticate: async () => {
      const options: { headers?: Record<string, string>; auth?: string } = {};
      await config.applyToHTTPSOptions(options);
      const basic = options.auth === undefined ? {} : { authorization: `Basic ${Buffer.from(options.auth).toString("base64")}` };
      return { ...basic, ...options.headers };
    },
    namespace: config.getContextObject(config.getCurrentContext())?.namespace ?? "default",
  };
}
