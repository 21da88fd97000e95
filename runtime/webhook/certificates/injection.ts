import { groupOf, type KubernetesObject } from "../../object/index.ts";
import type { PatchOperation } from "../json/index.ts";

/** The Service through which API servers call the operator. */
export interface ServiceName {
  readonly name: string;
  readonly namespace: string;
}

interface ClientConfig {
  readonly service?: { readonly name?: string; readonly namespace?: string } | undefined;
  readonly caBundle?: string | undefined;
}

/** Where an object says how something is called. */
interface Place {
  readonly path: string;
  readonly config: ClientConfig;
  /** What must still be there when the patch is applied. */
  readonly tests: readonly PatchOperation[];
}

/**
 * The JSON patch that puts a CA bundle into every place of an object that names the Service, and nowhere else; no operations when it is there.
 *
 * A patch with tests is used rather than server-side apply, which would do for entries that are there (name and bundle suffice). But an apply asks
 * to make an entry or an object that somebody has just removed, which is refused for what it lacks only then; and a place that has been
 * changed in the meantime, by another replica with a newer bundle say, refuses the patch, while an apply would take it over.
 *
 * @param bundle base64 of PEM, as it stands in the object
 */
export function injection(object: KubernetesObject, service: ServiceName, bundle: string): PatchOperation[] {
  return placesIn(object)
    .filter(({ config }) => config.service?.name === service.name && config.service.namespace === service.namespace)
    .filter(({ config }) => config.caBundle !== bundle)
    .flatMap(({ path, config: { caBundle }, tests }): PatchOperation[] => [
      ...tests,
      ...(caBundle === undefined ? [] : [{ op: "test" as const, path: `${path}/caBundle`, value: caBundle }]),
      { op: "add", path: `${path}/caBundle`, value: bundle },
    ]);
}

interface WebhookConfiguration extends KubernetesObject {
  readonly webhooks?: readonly { readonly name: string; readonly clientConfig: ClientConfig }[];
}

interface Definition extends KubernetesObject {
  readonly spec?: { readonly conversion?: { readonly webhook?: { readonly clientConfig?: ClientConfig } } };
}

interface ApiService extends KubernetesObject {
  readonly spec?: ClientConfig & { readonly insecureSkipTLSVerify?: boolean };
}

function placesIn(object: KubernetesObject): Place[] {
  switch (groupOf(object.apiVersion ?? "")) {
    case "admissionregistration.k8s.io":
      return ((object as WebhookConfiguration).webhooks ?? []).map(({ name, clientConfig }, index) => {
        const place = placeAt(`/webhooks/${index}/clientConfig`, clientConfig);
        return { ...place, tests: [{ op: "test", path: `/webhooks/${index}/name`, value: name }, ...place.tests] };
      });
    case "apiextensions.k8s.io": {
      const config = (object as Definition).spec?.conversion?.webhook?.clientConfig;
      return config === undefined ? [] : [placeAt("/spec/conversion/webhook/clientConfig", config)];
    }
    case "apiregistration.k8s.io": {
      const { spec } = object as ApiService;
      // Who skips verification is refused a bundle.
      return spec === undefined || spec.insecureSkipTLSVerify === true ? [] : [placeAt("/spec", spec)];
    }
    default:
      return [];
  }
}

function placeAt(path: string, config: ClientConfig): Place {
  return { path, config, tests: [{ op: "test", path: `${path}/service`, value: config.service ?? null }] };
}
