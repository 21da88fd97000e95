import type { Api } from "../api.ts";
import { failure } from "../errors.ts";
import type { User } from "../http/index.ts";

/** What somebody wants to do. */
export interface Attributes {
  readonly user: User;
  readonly verb: string;
  readonly isResource: boolean;
  readonly path: string;
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
}

/** What everybody may do, so that clients can find out what there is (`--authorization-always-allow-paths`). */
const ALWAYS = new Set(["/healthz", "/readyz", "/livez"]);

/** Lets a request pass, or throws StatusFailure 403 with the real server's words. */
export function authorize(api: Api, attributes: Attributes): void {
  if (!attributes.isResource && ALWAYS.has(attributes.path)) return;
  requireAllowed(api, attributes);
}

export function requireAllowed(api: Api, attributes: Attributes): void {
  const { allowed, reason } = api.rbac.decide(attributes);
  api.accessLog?.note(attributes, allowed);
  if (allowed) return;
  const { isResource, group, plural, name } = attributes;
  const text = `${forbiddenText(attributes)}${reason === "" ? "" : `: ${reason}`}`;
  if (!isResource) throw failure(403, "Forbidden", `forbidden: ${text}`, {});
  const qualified = group === "" ? plural : `${plural}.${group}`;
  throw failure(403, "Forbidden", `${qualified}${name === "" ? "" : ` "${name}"`} is forbidden: ${text}`, {
    ...(name === "" ? {} : { name }),
    ...(group === "" ? {} : { group }),
    kind: plural,
  });
}

/** `User "jane" cannot list resource "pods" in API group "" in the namespace "default"`. */
function forbiddenText({ user, verb, isResource, path, group, plural, subresource, namespace }: Attributes): string {
  if (!isResource) return `User ${JSON.stringify(user.name)} cannot ${verb} path ${JSON.stringify(path)}`;
  const resource = subresource === "" ? plural : `${plural}/${subresource}`;
  const where = namespace === "" ? "at the cluster scope" : `in the namespace ${JSON.stringify(namespace)}`;
  return `User ${JSON.stringify(user.name)} cannot ${verb} resource ${JSON.stringify(resource)} in API group ${JSON.stringify(group)} ${where}`;
}
