import { dirname, join } from "node:path";

import type { UnstructuredObject } from "../object/index.ts";
import { applyManifests, readManifests } from "./manifests.ts";
import type { TestCluster } from "./cluster.ts";
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

/** Where {@link operatorKubeconfig} puts what has no namespace, when the service account has none either. */
const OPERATOR_NAMESPACE = "system";

/**
 * A kubeconfig for the operator itself: applies the service account, roles and bindings of a project, and is that service account. An operator
 * that is tested with it may do what it may when it is deployed, so that a missing access rule fails the test.
 *
 * @param folder the project's access rules; the only ServiceAccount in it is the operator's. What has no namespace there goes into that of the
 *   account, or into one called `system` where it has none. This is the namespace of the kubeconfig's context.
 * @returns the path of the kubeconfig
 * @throws Error when there is not exactly one ServiceAccount in the folder
 *
 * @example
 * const manager = await Manager.create({ kubeconfig: await operatorKubeconfig(cluster) });
 */
export async function operatorKubeconfig(cluster: Pick<TestCluster, "client" | "kubeconfig">, folder = "config/rbac"): Promise<string> {
  const read = await readManifests([folder]);
  const accounts = read.filter(({ kind }) => kind === "ServiceAccount");
  const [account] = accounts;
  if (account === undefined || accounts.length > 1) {
    throw new Error(`${folder} has ${accounts.length} ServiceAccounts: the operator's, and no other, must be there`);
  }
  const { name = "", namespace = OPERATOR_NAMESPACE } = account.metadata;
  const manifests = read.map((manifest) => placed(manifest, namespace));
  const namespaces = new Set(manifests.flatMap(({ metadata }) => metadata.namespace ?? []));
  for (const each of namespaces) await cluster.client.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: each } });
  await applyManifests(cluster.client, manifests);
  return kubeconfigFor({ kubeconfig: cluster.kubeconfig, serviceAccount: name, namespace });
}

/** As kustomize would have it: with a namespace, and with one for each service account that a binding is for. */
function placed(manifest: UnstructuredObject, operatorNamespace: string): UnstructuredObject {
  const subjects = manifest["subjects"] as readonly { kind?: string; namespace?: string }[] | undefined;
  const { namespace = manifest.kind.startsWith("Cluster") ? undefined : operatorNamespace } = manifest.metadata;
  return {
    ...manifest,
    metadata: { ...manifest.metadata, ...(namespace !== undefined && { namespace }) },
    ...(subjects && {
      subjects: subjects.map((each) => (each.kind === "ServiceAccount" ? { namespace: operatorNamespace, ...each } : each)),
    }),
  };
}
