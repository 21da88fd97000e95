import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { parse } from "yaml";
import { systemClock, type Clock } from "../object/index.ts";
import { fromClientNode } from "./client-node.ts";
import { KubeconfigError } from "./errors.ts";
import { PemFiles } from "./pem-files.ts";

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
  /** The material as its files are now, where they have changed since this was last asked, or since the start. */
  renewedTls?: () => Promise<TlsMaterial | undefined>;
  /**
   * Headers that authenticate a request; asked before each one, so that tokens may rotate.
   *
   * @param refused the server did not accept the last ones: get new ones, whatever their age
   */
  authenticate: (refused?: boolean) => Promise<Readonly<Record<string, string>>>;
  /** The namespace of the context, or of the pod. */
  namespace: string;
}

export interface KubeconfigOptions {
  /** Path of a kubeconfig file. Default: `$KUBECONFIG`, else the pod's service account, else `~/.kube/config`. */
  kubeconfig?: string | undefined;
  /** The context to use instead of the file's current one. */
  context?: string | undefined;
  /** Where a pod finds its service account. Default `/var/run/secrets/kubernetes.io/serviceaccount`. */
  serviceAccountFolder?: string;
  clock?: Clock;
}

/** Kubelet rotates a pod's token at four fifths of its life of one hour; client-go re-reads it as often as this (ms). */
const TOKEN_LIFETIME = 60_000;

/**
 * Finds the API server as kubectl and client-go do.
 *
 * @throws KubeconfigError when nothing is found or the file cannot be used; the message names file and entry.
 */
export async function loadConnection(options: KubeconfigOptions = {}): Promise<ConnectionConfig> {
  const { kubeconfig, context, clock = systemClock } = options;
  if (kubeconfig !== undefined) return fromFile(kubeconfig, context, clock);
  const fromEnvironment = process.env["KUBECONFIG"]?.split(delimiter).filter(Boolean) ?? [];
  if (fromEnvironment.length > 1) return fromSeveral(fromEnvironment, context, clock);
  if (fromEnvironment[0] !== undefined) return fromFile(fromEnvironment[0], context, clock);
  const host = process.env["KUBERNETES_SERVICE_HOST"];
  if (host && context === undefined) {
    const folder = options.serviceAccountFolder ?? "/var/run/secrets/kubernetes.io/serviceaccount";
    return inCluster(host, process.env["KUBERNETES_SERVICE_PORT"] ?? "443", folder, clock);
  }
  return fromFile(join(process.env["HOME"] || homedir(), ".kube", "config"), context, clock);
}

async function inCluster(host: string, port: string, folder: string, clock: Clock): Promise<ConnectionConfig> {
  const files = new PemFiles();
  const read = async (file: string) => {
    try {
      return file === "ca.crt" ? await files.read(join(folder, file)) : await readFile(join(folder, file), "utf8");
    } catch (cause) {
      throw new KubeconfigError(`this pod has no service account ${file}: is automountServiceAccountToken off?`, cause);
    }
  };
  const readTls = async (): Promise<TlsMaterial> => ({ ca: await read("ca.crt") });
  return {
    server: `https://${host.includes(":") ? `[${host}]` : host}:${port}`,
    tls: await readTls(),
    renewedTls: async () => ((await files.haveChanged()) ? readTls() : undefined),
    authenticate: bearer(() => read("token"), clock),
    namespace: (await read("namespace")).trim(),
  };
}

/** A token that is read again from time to time. While it cannot be, the last one goes on being used, as client-go does. */
function bearer(read: () => Promise<string>, clock: Clock): ConnectionConfig["authenticate"] {
  let headers: Record<string, string> | undefined;
  let readAt = 0;
  return async (refused = false) => {
    if (headers !== undefined && !refused && clock.now() - readAt <= TOKEN_LIFETIME) return headers;
    readAt = clock.now();
    try {
      headers = { authorization: `Bearer ${(await read()).trim()}` };
    } catch (cause) {
      if (headers === undefined) throw cause;
    }
    return headers;
  };
}

/** As kubectl does, files of the list that are not there are passed over. */
function fromSeveral(paths: readonly string[], context: string | undefined, clock: Clock): Promise<ConnectionConfig> {
  const existing = paths.filter((path) => existsSync(path));
  const [first] = existing;
  if (first === undefined) throw new KubeconfigError(`no cluster: KUBECONFIG names ${paths.join(" and ")}, and none of them exists`);
  return existing.length === 1 ? fromFile(first, context, clock) : fromClientNode(existing, context);
}

type Entry = Readonly<Record<string, unknown>>;

const isEntry = (value: unknown): value is Entry => typeof value === "object" && value !== null && !Array.isArray(value);

async function fromFile(path: string, wantedContext: string | undefined, clock: Clock): Promise<ConnectionConfig> {
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
  if ("proxy-url" in cluster) throw new KubeconfigError(`${path}: proxy-url is not supported; name a server that can be reached directly`);
  if (["exec", "auth-provider", "username", "as"].some((field) => field in user)) return fromClientNode([path], wantedContext);
  const server = file.text(cluster, "server");
  if (server === undefined) throw new KubeconfigError(`${path}: the cluster has no server`);
  const token = file.text(user, "token");
  const tokenFile = file.text(user, "tokenFile");
  const readTls = async (): Promise<TlsMaterial> => ({
    ca: await file.pem(cluster, "certificate-authority"),
    cert: await file.pem(user, "client-certificate"),
    key: await file.pem(user, "client-key"),
    serverName: file.text(cluster, "tls-server-name"),
    insecure: cluster["insecure-skip-tls-verify"] === true,
  });
  return {
    server,
    tls: await readTls(),
    renewedTls: async () => ((await file.pemFiles.haveChanged()) ? readTls() : undefined),
    authenticate:
      tokenFile !== undefined
        ? bearer(() => readToken(path, tokenFile), clock)
        : () => Promise.resolve(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    namespace: file.text(context, "namespace") ?? "default",
  };
}

async function readToken(kubeconfig: string, tokenFile: string): Promise<string> {
  try {
    return await readFile(resolve(dirname(kubeconfig), tokenFile), "utf8");
  } catch (cause) {
    throw new KubeconfigError(`${kubeconfig}: cannot read tokenFile ${tokenFile}`, cause);
  }
}

class KubeconfigFile {
  readonly #path: string;
  readonly #config: Entry;
  readonly pemFiles = new PemFiles();

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
      return await this.pemFiles.read(resolve(dirname(this.#path), path));
    } catch (cause) {
      throw new KubeconfigError(`${this.#path}: cannot read ${field} ${path}`, cause);
    }
  }
}
