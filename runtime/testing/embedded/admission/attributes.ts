import type { ApiRequest, User } from "../http/index.ts";
import type { Resource } from "../resources/index.ts";
import { stringAt, type JsonObject } from "../../../schema/index.ts";
import type { Write } from "../write.ts";

export type Operation = "CREATE" | "UPDATE" | "DELETE" | "CONNECT";

/** The kind of an object in one version. */
export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** What admission knows of a request, as `admission.Attributes` of kube-apiserver has it. */
export interface Attributes {
  readonly operation: Operation;
  readonly resource: Resource;
  /** `""` for the object itself. */
  readonly subresource: string;
  /** Kind of `object` and `oldObject`: the resource's own, or that of a subresource such as Scale. */
  readonly kind: GroupVersionKind;
  /** `""` while a name is still to be generated. */
  readonly name: string;
  /** `""` for cluster-scoped kinds; a namespace's own name for requests about itself. */
  readonly namespace: string;
  /** At the version of `resource`. Mutation changes it in place. */
  readonly object: JsonObject | undefined;
  readonly oldObject: JsonObject | undefined;
  /** CreateOptions, UpdateOptions or DeleteOptions. */
  readonly options: JsonObject | undefined;
  readonly dryRun: boolean;
  readonly user: User;
  /** Where the texts for `Warning` headers go. */
  readonly warnings: string[];
  readonly signal: AbortSignal;
}

/** Attributes of the write of an object. */
export function attributesOf(
  write: Write,
  operation: "CREATE" | "UPDATE",
  object: JsonObject,
  oldObject: JsonObject | undefined,
  fallbackName = "",
): Attributes {
  const { resource, subresource, request, options } = write;
  const name = stringAt(object, "metadata", "name") ?? "";
  return {
    operation,
    resource,
    subresource,
    kind: kindOf(resource, subresource),
    name: name === "" ? fallbackName : name,
    namespace: namespaceOf(resource, write.namespace, name),
    object,
    oldObject,
    options: writeOptionsOf(request, operation),
    dryRun: options.dryRun,
    user: request.user,
    warnings: request.warnings,
    signal: request.signal,
  };
}

/** The kind of the body of a resource or of one of its subresources. */
export function kindOf(resource: Resource, subresource: string): GroupVersionKind {
  const own = { group: resource.group, version: resource.version, kind: resource.kind };
  const found = resource.subresources.get(subresource);
  if (found === undefined || found.kind === "") return own;
  return {
    group: found.version === "" ? own.group : found.group,
    version: found.version === "" ? own.version : found.version,
    kind: found.kind,
  };
}

/** Requests about a namespace itself are in that namespace, as far as admission is concerned. */
export function namespaceOf(resource: Resource, namespace: string, name: string): string {
  return resource.collection === "namespaces" ? name : namespace;
}

/** Patches are told as the create or update that they amount to. */
function writeOptionsOf({ query }: ApiRequest, operation: "CREATE" | "UPDATE"): JsonObject {
  const options: JsonObject = { kind: operation === "CREATE" ? "CreateOptions" : "UpdateOptions", apiVersion: "meta.k8s.io/v1" };
  const dryRun = query.getAll("dryRun");
  if (dryRun.length > 0) options["dryRun"] = dryRun;
  for (const field of ["fieldManager", "fieldValidation"]) {
    const value = query.get(field) ?? "";
    if (value !== "") options[field] = value;
  }
  return options;
}
