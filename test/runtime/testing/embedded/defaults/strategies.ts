/**
 * The strategies that cases are run against.
 */
import { builtinStrategy, customResourceStrategy } from "../../../../../runtime/testing/embedded/defaults/index.ts";
import type { Strategy } from "../../../../../runtime/testing/embedded/defaults/index.ts";
import { resolveSchema, schemaOfKind } from "../../../../../runtime/testing/embedded/openapi/data.ts";
import type { JsonObject } from "../../../../../runtime/schema/index.ts";

/** The strategy of a built-in kind. */
export function builtin(apiVersion: string, kind: string, namespaced: boolean): Strategy {
  const [group, version] = split(apiVersion);
  const schema = (at: string) => schemaOfKind(...split(at), kind);
  return builtinStrategy({ group, version, kind, namespaced, schema, resolve: resolveSchema });
}

function split(apiVersion: string): [string, string] {
  const slash = apiVersion.lastIndexOf("/");
  return [apiVersion.slice(0, Math.max(0, slash)), apiVersion.slice(slash + 1)];
}

/** The strategy of version `v1` of a custom kind. */
export function custom(definition: JsonObject): Strategy {
  return customResourceStrategy(definition, "v1");
}
