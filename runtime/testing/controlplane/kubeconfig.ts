import { readFile, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";

import { parse, stringify } from "yaml";

import type { Endpoint } from "./request.ts";

/** The parts of a kubeconfig (`v1` Config) that say where the server is and who calls. Certificates and keys are PEM texts in base64. */
interface Kubeconfig {
  "current-context"?: string;
  clusters?: { name: string; cluster: { server: string; "certificate-authority"?: string; "certificate-authority-data"?: string } }[];
  users?: { name: string; user: { token?: string; "client-certificate-data"?: string; "client-key-data"?: string } }[];
  contexts?: { name: string; context: { cluster: string; user: string; namespace?: string } }[];
}

/**
 * Writes a kubeconfig with one context, readable by its owner only.
 *
 * @param namespace the context's namespace; `default` when not given.
 */
export async function writeKubeconfig(file: string, user: string, endpoint: Endpoint, namespace = "default"): Promise<void> {
  const config: Kubeconfig = {
    clusters: [
      {
        name: "test",
        cluster: { server: endpoint.url, ...(endpoint.ca === undefined ? {} : { "certificate-authority-data": toBase64(endpoint.ca) }) },
      },
    ],
    users: [{ name: user, user: endpoint.token === undefined ? {} : { token: endpoint.token } }],
    contexts: [{ name: "test", context: { cluster: "test", user, namespace } }],
    "current-context": "test",
  };
  await writeFile(file, stringify({ apiVersion: "v1", kind: "Config", ...config }, { lineWidth: 0 }), { mode: 0o600 });
}

/**
 * Reads who is where in the current context of a kubeconfig: a token or a client certificate, as the clusters of tests have them.
 *
 * @throws when the file has no current context, or its user needs a login program.
 */
export async function readKubeconfig(file: string): Promise<Endpoint> {
  const config = parse(await readFile(file, "utf8")) as Kubeconfig;
  const context = config.contexts?.find(({ name }) => name === config["current-context"])?.context;
  const cluster = config.clusters?.find(({ name }) => name === context?.cluster)?.cluster;
  if (cluster === undefined) {
    throw new Error(`${file} has no current context with a cluster`);
  }
  const user = config.users?.find(({ name }) => name === context?.user)?.user ?? {};
  const programs = ["exec", "auth-provider"].filter((key) => key in user);
  if (programs.length > 0) {
    throw new Error(`${file}: the user's ${programs.join(", ")} is not supported in tests; use a token or a client certificate`);
  }
  const authority = cluster["certificate-authority"];
  return {
    url: cluster.server,
    ca:
      authority === undefined
        ? fromBase64(cluster["certificate-authority-data"])
        : await readFile(resolve(dirname(file), authority), "utf8"),
    token: user.token,
    clientCertificate: fromBase64(user["client-certificate-data"]),
    clientKey: fromBase64(user["client-key-data"]),
  };
}

function toBase64(text: string): string {
  return Buffer.from(text).toString("base64");
}

function fromBase64(data: string | undefined): string | undefined {
  return data === undefined ? undefined : Buffer.from(data, "base64").toString("utf8");
}
