import { dirname, join } from "node:path";

import { readKubeconfig, writeKubeconfig } from "./controlplane/kubeconfig.ts";
import { request } from "./controlplane/request.ts";

export interface IdentityOptions {
  /** Path of the kubeconfig of somebody who may create tokens: a test cluster's own `kubeconfig`. */
  kubeconfig: string;
  /** Name of a service account that exists. */
  serviceAccount: string;
  namespace: string;
  /** Seconds until the token expires; API servers ask for 600 at least. Default 3600. */
  expirationSeconds?: number;
  /** The file to write. Default: one beside `kubeconfig`, which a test cluster removes when it stops. */
  file?: string;
}

/**
 * A kubeconfig for a service account, so that a test runs an operator with exactly the access rules that it has when it is deployed.
 * The token comes from the account's `token` subresource (`authentication.k8s.io/v1` TokenRequest), as a Pod's does.
 *
 * @returns the path of the kubeconfig; its context is in `namespace`.
 * @throws with the server's answer when there is no such account.
 *
 * @example
 * const kubeconfig = await kubeconfigFor({ kubeconfig: cluster.kubeconfig, serviceAccount: "controller-manager", namespace: "system" });
 */
export async function kubeconfigFor(options: IdentityOptions): Promise<string> {
  const { serviceAccount, namespace, expirationSeconds = 3600 } = options;
  const admin = await readKubeconfig(options.kubeconfig);
  const answer = await request(admin, "POST", `/api/v1/namespaces/${namespace}/serviceaccounts/${serviceAccount}/token`, {
    apiVersion: "authentication.k8s.io/v1",
    kind: "TokenRequest",
    spec: { expirationSeconds },
  });
  const { status, message } = JSON.parse(answer.body) as { status?: { token?: string } | "Failure"; message?: string };
  if (typeof status !== "object" || status.token === undefined) {
    throw new Error(`No token for service account ${namespace}/${serviceAccount}: ${answer.status} ${message ?? ""}`);
  }
  const file = options.file ?? join(dirname(options.kubeconfig), `${namespace}-${serviceAccount}.kubeconfig`);
  await writeKubeconfig(file, `${namespace}-${serviceAccount}`, { url: admin.url, ca: admin.ca, token: status.token }, namespace);
  return file;
}
