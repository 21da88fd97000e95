import { Pod } from "kubernetes-models/v1/Pod";
import { expect } from "@jest/globals";
import type { Suite } from "../kind/suite.ts";
import { isReady, operatorImage, soon } from "./operator.ts";

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
