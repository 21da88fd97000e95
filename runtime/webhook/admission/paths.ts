import { groupOf, type KindToken } from "../../object/index.ts";

/** Where a kind's defaulters are served, as controller-runtime names it: `/mutate-apps-v1-deployment`, `/mutate--v1-pod`. */
export function mutatePath(kind: KindToken): string {
  return `/mutate-${suffix(kind)}`;
}

/** Where a kind's validators are served: `/validate-cache-example-com-v1alpha1-memcached`. */
export function validatePath(kind: KindToken): string {
  return `/validate-${suffix(kind)}`;
}

function suffix({ apiVersion, kind }: KindToken): string {
  const version = apiVersion.slice(apiVersion.indexOf("/") + 1);
  return `${groupOf(apiVersion).replaceAll(".", "-")}-${version}-${kind.toLowerCase()}`;
}
