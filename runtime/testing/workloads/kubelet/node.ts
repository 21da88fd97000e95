import { formatTime } from "../../../object/index.ts";
import { isAlreadyExists, type Client } from "../../../index.ts";
import { change } from "../change.ts";
import { Node, type NodeObject } from "../kinds.ts";

/** The one node of the simulation. */
export const NODE_NAME = "kubescaffold-node";
export const NODE_ADDRESS = "10.0.0.1";

type NodeStatus = NonNullable<NodeObject["status"]>;

/** Makes sure that the node is there and Ready. Writes nothing when it is. */
export async function ensureNode(client: Client, now: number): Promise<void> {
  const labels = {
    "kubernetes.io/hostname": NODE_NAME,
    "kubernetes.io/os": "linux",
    "kubernetes.io/arch": "amd64",
    "beta.kubernetes.io/os": "linux",
    "beta.kubernetes.io/arch": "amd64",
  };
  if ((await client.live.get(Node, { name: NODE_NAME })) === undefined) {
    try {
      await client.create({
        apiVersion: "v1",
        kind: "Node",
        metadata: { name: NODE_NAME, labels },
        spec: { podCIDR: "10.244.0.0/16", podCIDRs: ["10.244.0.0/16"] },
      });
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
  }
  let node: unknown = await client.live.get(Node, { name: NODE_NAME });
  if (!Node.is(node)) throw new Error(`the node ${NODE_NAME} is gone while the workloads start`);
  // The API server marks every new node as not ready; to take that off is the node controller's work.
  const { taints = [], ...spec } = node.spec;
  const others = taints.filter(({ key }) => key !== "node.kubernetes.io/not-ready");
  node = await change(client, Node, node, { ...node, spec: others.length === 0 ? spec : { ...spec, taints: others } });
  if (Node.is(node)) await change(client, Node, node, { ...node, status: { ...node.status, ...nodeStatus(node.status, now) } }, "status");
}

function nodeStatus(before: NodeStatus | undefined, now: number): NodeStatus {
  const condition = (type: string, status: string, reason: string, message: string) => {
    const known = before?.conditions?.find((each) => each.type === type && each.status === status);
    const time = formatTime(now);
    return {
      type, status, reason, message,
      lastHeartbeatTime: known?.lastHeartbeatTime ?? time,
      lastTransitionTime: known?.lastTransitionTime ?? time,
    }; // prettier-ignore
  };
  const resources = { cpu: "16", memory: "64Gi", pods: "65000", "ephemeral-storage": "100Gi" };
  return {
    addresses: [
      { type: "InternalIP", address: NODE_ADDRESS },
      { type: "Hostname", address: NODE_NAME },
    ],
    capacity: resources,
    allocatable: resources,
    conditions: [
      condition("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
      condition("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
      condition("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
      condition("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
    ],
    nodeInfo: {
      architecture: "amd64",
      operatingSystem: "linux",
      osImage: "kubescaffold simulation",
      kernelVersion: "0.0.0",
      kubeletVersion: "v1.35.4",
      kubeProxyVersion: "",
      containerRuntimeVersion: "simulation://0",
      bootID: "",
      machineID: "",
      systemUUID: "",
    },
  };
}
