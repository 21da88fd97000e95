import { numberAt, objectAt, stringAt, valueAt, type JsonObject } from "../../../schema/index.ts";

/** One version of a group that another server serves: an APIService with a `service`. */
export interface Delegate {
  /** Of the APIService. */
  readonly name: string;
  readonly group: string;
  readonly version: string;
  readonly service: { readonly namespace: string; readonly name: string; readonly port: number };
  /** PEM; absent: the authorities that everybody trusts. */
  readonly ca: string | undefined;
  readonly skipsVerification: boolean;
  readonly groupPriority: number;
  readonly versionPriority: number;
}

/** Undefined for an APIService whose group and version this server serves itself. */
export function delegateOf(object: JsonObject): Delegate | undefined {
  const spec = objectAt(object, "spec");
  const service = objectAt(spec, "service");
  if (service === undefined) return undefined;
  const bundle = stringAt(spec, "caBundle");
  return {
    name: stringAt(object, "metadata", "name") ?? "",
    group: stringAt(spec, "group") ?? "",
    version: stringAt(spec, "version") ?? "",
    service: {
      namespace: stringAt(service, "namespace") ?? "",
      name: stringAt(service, "name") ?? "",
      port: numberAt(service, "port") ?? 443,
    },
    ca: bundle === undefined ? undefined : Buffer.from(bundle, "base64").toString(),
    skipsVerification: valueAt(spec, "insecureSkipTLSVerify") === true,
    groupPriority: numberAt(spec, "groupPriorityMinimum") ?? 0,
    versionPriority: numberAt(spec, "versionPriority") ?? 0,
  };
}

export function servicePath({ service }: Delegate): string {
  return `${service.namespace}/${service.name}`;
}

/** What is asked to see whether the other server is there, and what it has. */
export function rootPath({ group, version }: Delegate): string {
  return group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
}
