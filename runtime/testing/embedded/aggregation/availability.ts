import type { Api } from "../api.ts";
import { arrayAt, stringAt, valueAt } from "../../../schema/index.ts";
import { call, resolve, userHeaders } from "./call.ts";
import { rootPath, servicePath, type Delegate } from "./delegate.ts";
import { AGGREGATOR } from "./discovery.ts";

/** Whether an APIService is available, in the terms of its condition. */
export interface Availability {
  readonly status: "True" | "False";
  readonly reason: string;
  readonly message: string;
}

const TIMEOUT = 5000;

/** The checks of the aggregator, in its order: the Service, its port, its endpoints, and whether anybody answers there. */
export async function availability(api: Api, delegate: Delegate): Promise<Availability> {
  const { namespace, name, port } = delegate.service;
  const text = `service/${name} in ${JSON.stringify(namespace)}`;
  const service = api.store.collection("services").get(servicePath(delegate))?.object;
  if (service === undefined) return not("ServiceNotFound", `${text} is not present`);
  if (stringAt(service, "spec", "type") === "ClusterIP") {
    const found = arrayAt(service, "spec", "ports").find((each) => valueAt(each, "port") === port);
    if (found === undefined) return not("ServicePortError", `${text} is not listening on port ${port}`);
    const slices = api.store
      .collection("endpointslices.discovery.k8s.io")
      .list(namespace)
      .filter(({ object }) => stringAt(object, "metadata", "labels", "kubernetes.io/service-name") === name);
    if (slices.length === 0) return not("EndpointsNotFound", `cannot find endpointslices for ${text}`);
    const portName = stringAt(found, "name") ?? "";
    const isActive = slices.some(
      ({ object }) =>
        arrayAt(object, "endpoints").some((endpoint) => valueAt(endpoint, "conditions", "ready") !== false) &&
        arrayAt(object, "ports").some((each) => (stringAt(each, "name") ?? "") === portName && valueAt(each, "port") !== undefined),
    );
    if (!isActive)
      return not("MissingEndpoints", `endpointslices for ${text} have no addresses with port name ${JSON.stringify(portName)}`);
  }
  const why = await unanswered(api, delegate);
  return why === undefined ? { status: "True", reason: "Passed", message: "all checks passed" } : not("FailedDiscoveryCheck", why);
}

function not(reason: string, message: string): Availability {
  return { status: "False", reason, message };
}

/** Why the server does not say what it has; undefined when it does. Whose certificate it has is not looked at here, but for each request. */
async function unanswered(api: Api, delegate: Delegate): Promise<string | undefined> {
  const address = await resolve(api, delegate);
  const { service } = delegate;
  if (address === undefined) return `no endpoints available for service ${JSON.stringify(service.name)}`;
  const path = rootPath(delegate);
  const url = `https://${address}${path}`;
  const signal = AbortSignal.any([api.signal, AbortSignal.timeout(TIMEOUT)]);
  try {
    const { statusCode = 0 } = (
      await call({ ...delegate, skipsVerification: true }, address, { method: "GET", path, headers: userHeaders(AGGREGATOR), signal })
    ).resume();
    return statusCode >= 200 && statusCode < 300
      ? undefined
      : `failing or missing response from ${url}: bad status from ${url}: ${statusCode}`;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return `failing or missing response from ${url}: Get ${JSON.stringify(url)}: ${why}`;
  }
}
