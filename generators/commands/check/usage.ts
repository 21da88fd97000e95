import type { AccessRule, Place } from "../../model/index.ts";

/** One line of an access log: what a service account asked for (see KUBESCAFFOLD_ACCESS_LOG of the runtime's embedded cluster). */
export interface AccessRequest {
  readonly user: string;
  readonly verb: string;
  readonly allowed: boolean;
  readonly group?: string;
  /** With a subresource after a slash. */
  readonly resource?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly url?: string;
}

/** One verb on one resource (or URL), as rules grant it. */
export interface Permission {
  readonly group: string;
  readonly resource: string;
  readonly url?: string;
  readonly verb: string;
  readonly namespace?: string;
  readonly names?: readonly string[];
  readonly places: readonly Place[];
}

/** The single permissions of some rules; the same one of several places is one. */
export function permissionsOf(rules: readonly AccessRule[]): Permission[] {
  const found = new Map<string, Permission>();
  for (const { groups, resources, urls = [], verbs, namespace, resourceNames, place } of rules) {
    const targets = [
      ...groups.flatMap((group) => resources.map((resource) => ({ group, resource }))),
      ...urls.map((url) => ({ group: "", resource: "", url })),
    ];
    for (const target of targets) {
      for (const verb of verbs) {
        const one = {
          ...target,
          verb,
          ...(namespace === undefined ? {} : { namespace }),
          ...(resourceNames === undefined ? {} : { names: resourceNames }),
        };
        const key = JSON.stringify(one);
        found.set(key, { ...one, places: [...(found.get(key)?.places ?? []), place] });
      }
    }
  }
  return [...found.values()];
}

/**
 * Whether a request shows that the permission is used: it is what the permission allows, or a watch of what may be read. A watch may begin
 * with a list or, on newer API servers, without one; and what is watched is read from the cache as long as that is possible.
 */
export function shows(request: AccessRequest, permission: Permission): boolean {
  if (covers(permission, request)) return true;
  return request.verb === "watch" && ["get", "list"].includes(permission.verb) && covers(withoutNames(permission, "watch"), request);
}

function withoutNames({ names: _names, ...permission }: Permission, verb: string): Permission {
  return { ...permission, verb };
}

/** Whether a request was one that the permission allows. */
export function covers(permission: Permission, request: AccessRequest): boolean {
  const { group, resource, url, verb, namespace, names } = permission;
  if (verb !== "*" && verb !== request.verb) return false;
  if (url !== undefined)
    return request.url !== undefined && (url === request.url || (url.endsWith("*") && request.url.startsWith(url.slice(0, -1))));
  if (request.resource === undefined || (group !== "*" && group !== request.group)) return false;
  const [, subresource] = request.resource.split("/");
  const isResource = resource === "*" || resource === request.resource || (subresource !== undefined && resource === `*/${subresource}`);
  return isResource && (namespace === undefined || namespace === request.namespace) && (names?.includes(request.name ?? "") ?? true);
}

/**
 * Whether a permission is one that no test can use: who blocks the deletion of an owner needs it where the API server enforces that
 * (OwnerReferencesPermissionEnforcement), which it does not by default.
 */
export function isUntestable({ resource, verb }: Permission): boolean {
  return resource.endsWith("/finalizers") && verb === "update";
}

/** In one line, as it would be in a role: `apps/deployments get`, with where and which. */
export function describePermission({ group, resource, url, verb, namespace, names }: Omit<Permission, "places">): string {
  const what = url ?? (group === "" ? resource : `${resource}.${group}`);
  return `${verb} ${what}${names === undefined ? "" : ` ${names.join(", ")}`}${namespace === undefined ? "" : ` in ${namespace}`}`;
}
