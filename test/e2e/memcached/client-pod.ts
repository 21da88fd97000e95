import { Pod } from "kubernetes-models/v1/Pod";
import { expect } from "@jest/globals";
import { unstructured } from "@kubescaffold/runtime";
import type { Suite } from "../kind/suite.ts";
import { isReady, operator, operatorImage, soon } from "./operator.ts";

const ClusterRoleBinding = unstructured({ apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRoleBinding" });

/** Runs JavaScript within the cluster, in a pod that has Node because the operator's image has it, and returns what it prints. */
export async function startClientPod({ client, namespace, kubectl }: Suite): Promise<(script: string) => Promise<string>> {
  const name = "client";
  const node = "/usr/local/bin/node";
  const security = {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ["ALL"] },
    runAsNonRoot: true,
    seccompProfile: { type: "RuntimeDefault" as const },
  };
  const waits = { name, image: operatorImage, command: [node, "-e", "setInterval(() => {}, 1000000)"], securityContext: security };
  await client.create(new Pod({ metadata: { namespace, name }, spec: { containers: [waits], terminationGracePeriodSeconds: 0 } }));
  await soon(async () => {
    expect(isReady((await client.get(Pod, { namespace, name })) ?? new Pod())).toBe(true);
  });
  return (script) => kubectl(["exec", "--namespace", namespace, name, "--", node, "--input-type=module", "-e", script]);
}

/** JavaScript that prints how the operator answers who asks for its metrics: the status, and the text. */
export function scrape(token?: string): string {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return `
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
    const url = "https://memcached-operator-metrics-service.${operator.namespace}.svc:8443/metrics";
    const response = await fetch(url, { headers: ${JSON.stringify(headers)} });
    console.log(response.status, await response.text());`;
}

/** A token of the service account that each namespace has. */
export async function tokenFor({ kubectl, namespace }: Suite): Promise<string> {
  return (await kubectl(["create", "token", "default", "--namespace", namespace])).trim();
}

/** A token with which the metrics may be read, until its disposal. */
export async function startReader(suite: Suite): Promise<AsyncDisposable & { readonly token: string }> {
  const { client, namespace } = suite;
  const metadata = { name: namespace };
  const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "memcached-operator-metrics-reader" };
  const subjects = [{ kind: "ServiceAccount", namespace, name: "default" }];
  await client.create({ ...ClusterRoleBinding, metadata, roleRef, subjects });
  return {
    token: await tokenFor(suite),
    async [Symbol.asyncDispose]() {
      await client.delete(ClusterRoleBinding, metadata);
    },
  };
}
