import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { systemClock, type Clock } from "../object/index.ts";
import { fromClientNode } from "./client-node.ts";
import { KubeconfigError } from "./errors.ts";
import { impersonation } from "./impersonation.ts";
import { KubeconfigFiles, type Entry } from "./kubeconfig-file.ts";
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
  /** An HTTP proxy that connections go through. */
  proxy?: URL | undefined;
  /** The material as it is now, where it has changed since this was last asked, or since the start. */
  renewedTls?: () => Promise<TlsMaterial | undefined>;
  /**
   * Headers that authenticate a request; asked before each one, so that tokens may rotate.
   *
   * @param refused the server did not accept the last ones: get new ones, whatever their age
   */
  authenticate: (refused?: boolean) => Promise<Readonly<Record<string, string | string[]>>>;
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
  if (kubeconfig !== undefined) return fromFiles([kubeconfig], context, clock);
  const fromEnvironment = process.env["KUBECONFIG"]?.split(delimiter).filter(Boolean) ?? [];
  if (fromEnvironment.length > 0) return fromFiles(existing(fromEnvironment), context, clock);
  const host = process.env["KUBERNETES_SERVICE_HOST"];
  if (host && context === undefined) {
    const folder = options.serviceAccountFolder ?? "/var/run/secrets/kubernetes.io/serviceaccount";
    return inCluster(host, process.env["KUBERNETES_SERVICE_PORT"] ?? "443", folder, clock);
  }
  return fromFiles([join(process.env["HOME"] || homedir(), ".kube", "config")], context, clock);
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
    if (headers !== undefined && !refused && clock.monotonic() - readAt <= TOKEN_LIFETIME) return headers;
    readAt = clock.monotonic();
    try {
      headers = { authorization: `Bearer ${(await read()).trim()}` };
    } catch (cause) {
      if (headers === undefined) throw cause;
    }
    return headers;
  };
}

/** As kubectl does, files of a list that are not there are passed over. */
function existing(paths: readonly string[]): readonly string[] {
  const there = paths.filter((path) => existsSync(path));
  if (there.length > 0 || paths.length === 1) return there.length > 0 ? there : paths;
  throw new KubeconfigError(`no cluster: KUBECONFIG names ${paths.join(" and ")}, and none of them exists`);
}

async function fromFiles(paths: readonly string[], wantedContext: string | undefined, clock: Clock): Promise<ConnectionConfig> {
  const files = await KubeconfigFiles.read(paths);
  const contextName = wantedContext ?? files.currentContext;
  const context = files.entry("contexts", "context", contextName);
  const cluster = files.entry("clusters", "cluster", files.text(context, "cluster"));
  const userName = files.text(context, "user");
  const user = userName === undefined ? {} : files.entry("users", "user", userName);
  const server = files.text(cluster, "server");
  if (server === undefined) throw new KubeconfigError(`${files.names}: the cluster has no server`);
  if (!isHttp(URL.parse(server))) throw new KubeconfigError(`${files.names}: the cluster's server ${server} is no http or https URL`);
  const readTls = async (): Promise<TlsMaterial> => ({
    ca: await files.pem(cluster, "certificate-authority"),
    cert: await files.pem(user, "client-certificate"),
    key: await files.pem(user, "client-key"),
    serverName: files.text(cluster, "tls-server-name"),
    insecure: cluster["insecure-skip-tls-verify"] === true,
  });
  const credentials = ["exec", "auth-provider"].some((field) => field in user)
    ? await fromClientNode(paths, contextName)
    : {
        tls: await readTls(),
        renewedTls: async () => ((await files.pemFiles.haveChanged()) ? readTls() : undefined),
        authenticate: authentication(files, user, clock),
      };
  const impersonated = impersonation(user);
  return {
    ...credentials,
    server,
    proxy: proxyOf(files, cluster),
    authenticate: async (refused) => ({ ...(await credentials.authenticate(refused)), ...impersonated }),
    namespace: files.text(context, "namespace") ?? "default",
  };
}

function authentication(files: KubeconfigFiles, user: Entry, clock: Clock): ConnectionConfig["authenticate"] {
  const fixed = (authorization: string) => () => Promise.resolve({ authorization });
  if (files.text(user, "tokenFile") !== undefined) return bearer(async () => (await files.fileText(user, "tokenFile")) ?? "", clock);
  const token = files.text(user, "token");
  if (token !== undefined) return fixed(`Bearer ${token}`);
  const name = files.text(user, "username");
  if (name === undefined) return () => Promise.resolve({});
  return fixed(`Basic ${Buffer.from(`${name}:${files.text(user, "password") ?? ""}`).toString("base64")}`);
}

function proxyOf(files: KubeconfigFiles, cluster: Entry): URL | undefined {
  const text = files.text(cluster, "proxy-url");
  if (text === undefined) return undefined;
  const proxy = URL.parse(text);
  if (proxy && isHttp(proxy)) return proxy;
  throw new KubeconfigError(`${files.names}: the cluster's proxy-url is not the URL of an http or https proxy; others are not supported`);
}

function isHttp(url: URL | null): boolean {
  return url?.protocol === "http:" || url?.protocol === "https:";
}
