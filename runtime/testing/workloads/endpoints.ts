import { isDeepStrictEqual } from "node:util";
import { controllerReference, isBeingDeleted, isControlledBy, done, type ObjectKey, type Result } from "../../index.ts";
import { change } from "./change.ts";
import type { Dependents } from "./dependents.ts";
import { EndpointSlice, Pod, Service, type EndpointSliceObject, type PodObject, type ServiceObject } from "./kinds.ts";
import { isEnded, isReady } from "./pods.ts";
import type { Context } from "./reconciler.ts";

const SERVICE_NAME = "kubernetes.io/service-name";
const MANAGED_BY = "endpointslice.kubernetes.io/managed-by";
const MANAGER = "endpointslice-controller.k8s.io";
const HEADLESS = "service.kubernetes.io/headless";
/** As many endpoints as one slice holds. */
const SLICE_SIZE = 100;

type Endpoint = NonNullable<EndpointSliceObject["endpoints"]>[number];
type Port = NonNullable<EndpointSliceObject["ports"]>[number];

interface Wanted {
  endpoints: Endpoint[];
  ports: Port[];
}

/** Keeps the EndpointSlices of a Service with a selector; after kube-controller-manager's endpoint slice controller, for IPv4. */
export async function reconcileEndpoints(
  key: ObjectKey & { namespace: string },
  { client }: Context,
  dependents: Dependents,
): Promise<Result> {
  const service: unknown = await client.get(Service, key);
  const selector = Service.is(service) ? service.spec.selector : undefined;
  if (!Service.is(service) || selector === undefined) dependents.forget(key);
  else dependents.select(key, service.metadata.uid, { matchLabels: selector });
  // Without the Service the garbage collector takes its slices; without a selector they are somebody else's.
  if (!Service.is(service) || selector === undefined || isBeingDeleted(service) || service.spec.type === "ExternalName") return done();
  const pods = (await client.list(Pod, { namespace: key.namespace, labelSelector: { matchLabels: selector } })).filter(
    (pod) => !isEnded(pod) && pod.status?.podIP !== undefined,
  );
  const slices = await client.list(EndpointSlice, {
    namespace: key.namespace,
    labelSelector: { matchLabels: { [SERVICE_NAME]: key.name } },
  });
  const ours = slices.filter(
    (slice) => slice.metadata.labels?.[MANAGED_BY] === MANAGER && isControlledBy(slice, service) && !isBeingDeleted(slice),
  );
  const labels = labelsOf(service);
  const spare = [...ours];
  for (const wanted of slicesFor(service, pods)) {
    const index = spare.findIndex(({ ports }) => isDeepStrictEqual(ports ?? [], wanted.ports));
    const [slice] = index < 0 ? [] : spare.splice(index, 1);
    if (slice !== undefined) {
      const metadata = { ...slice.metadata, labels: { ...slice.metadata.labels, ...labels } };
      await change(client, EndpointSlice, slice, { ...slice, metadata, endpoints: steady(slice.endpoints, wanted.endpoints) });
    } else {
      await client.create({
        apiVersion: EndpointSlice.apiVersion,
        kind: EndpointSlice.kind,
        metadata: { generateName: `${key.name}-`, namespace: key.namespace, labels, ownerReferences: [controllerReference(service)] },
        addressType: "IPv4",
        ...wanted,
      });
    }
  }
  for (const { metadata } of spare) await client.delete(EndpointSlice, metadata, { preconditions: { uid: metadata.uid } });
  return done();
}

function labelsOf(service: ServiceObject): Record<string, string> {
  const headless = service.spec.clusterIP === "None" ? { [HEADLESS]: "" } : {};
  return { ...service.metadata.labels, ...headless, [SERVICE_NAME]: service.metadata.name, [MANAGED_BY]: MANAGER };
}

/** One slice for each set of ports that the Pods give the Service's names, in parts of {@link SLICE_SIZE}; an empty one when there is no Pod. */
function slicesFor(service: ServiceObject, pods: readonly PodObject[]): Wanted[] {
  const byPorts = new Map<string, Wanted>();
  for (const pod of [...pods].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))) {
    const ports = portsOf(service, pod);
    const name = JSON.stringify(ports);
    const wanted = byPorts.get(name) ?? { ports, endpoints: [] };
    wanted.endpoints.push(endpointOf(service, pod));
    byPorts.set(name, wanted);
  }
  if (byPorts.size === 0) return [{ endpoints: [], ports: [] }];
  return [...byPorts.values()].flatMap(({ ports, endpoints }) => {
    const parts: Wanted[] = [];
    for (let from = 0; from < endpoints.length; from += SLICE_SIZE)
      parts.push({ ports, endpoints: endpoints.slice(from, from + SLICE_SIZE) });
    return parts;
  });
}

function endpointOf(service: ServiceObject, pod: PodObject): Endpoint {
  const { name, namespace, uid } = pod.metadata;
  const { nodeName, hostname, subdomain } = pod.spec;
  const terminating = isBeingDeleted(pod);
  const serving = isReady(pod);
  const ready = service.spec.publishNotReadyAddresses === true || (serving && !terminating);
  const ownName = hostname !== undefined && subdomain === service.metadata.name ? { hostname } : {};
  return {
    addresses: [pod.status?.podIP ?? ""],
    conditions: { ready, serving, terminating },
    ...ownName,
    ...(nodeName !== undefined && { nodeName }),
    targetRef: { kind: Pod.kind, namespace, name, uid },
  };
}

/** The Service's ports as this Pod has them; a port named by a container that the Pod lacks is left out. */
function portsOf(service: ServiceObject, pod: PodObject): Port[] {
  return (service.spec.ports ?? []).flatMap(({ name = "", port, targetPort = port, protocol = "TCP", appProtocol }) => {
    const number = typeof targetPort === "number" ? targetPort : portNamed(pod, targetPort, protocol);
    return number === undefined ? [] : [{ name, port: number, protocol, ...(appProtocol !== undefined && { appProtocol }) }];
  });
}

function portNamed({ spec }: PodObject, name: string, protocol: string): number | undefined {
  const ports = spec.containers.flatMap((container) => container.ports ?? []);
  return ports.find((each) => each.name === name && (each.protocol ?? "TCP") === protocol)?.containerPort;
}

/** The wanted endpoints in the order in which they are written already, so that a slice does not change by order alone. */
function steady(before: readonly Endpoint[] | null | undefined, wanted: readonly Endpoint[]): Endpoint[] {
  const place = new Map((before ?? []).map((endpoint, index) => [endpoint.targetRef?.uid, index]));
  const at = (endpoint: Endpoint) => place.get(endpoint.targetRef?.uid) ?? Infinity;
  return [...wanted].sort((a, b) => (at(a) === at(b) ? 0 : at(a) - at(b)));
}
