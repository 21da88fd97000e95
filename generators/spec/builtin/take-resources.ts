/**
 * Makes `resources.json`, how Kubernetes' own kinds are called in access rules, from the discovery documents of a kube-apiserver:
 *
 *     node generators/spec/builtin/take-resources.ts runtime/testing/embedded/openapi/data/discovery.json.gz
 */
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { gunzipSync } from "node:zlib";
import { builtinResourcesFile, type BuiltinResource } from "./resources.ts";

interface Discovery {
  readonly core: readonly ApiGroup[];
  readonly groups: readonly ApiGroup[];
}

interface ApiGroup {
  readonly metadata: { readonly name?: string };
  readonly versions: readonly {
    readonly version: string;
    readonly resources: readonly {
      readonly resource: string;
      readonly responseKind: { readonly kind: string };
      readonly scope: "Namespaced" | "Cluster";
    }[];
  }[];
}

/** One entry for each kind of a group, whatever its versions. */
export function builtinResources({ core, groups }: Discovery): BuiltinResource[] {
  const found = new Map<string, BuiltinResource>();
  for (const { metadata, versions } of [...core, ...groups]) {
    const group = metadata.name ?? "";
    for (const { resource, responseKind, scope } of versions.flatMap(({ resources }) => resources)) {
      found.set(`${group}/${responseKind.kind}`, [group, responseKind.kind, resource, scope]);
    }
  }
  return [...found.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const from = process.argv[2];
  if (from === undefined) throw new Error("usage: node generators/spec/builtin/take-resources.ts DISCOVERY.json.gz");
  const resources = builtinResources(JSON.parse(gunzipSync(readFileSync(from)).toString()) as Discovery);
  writeFileSync(
    builtinResourcesFile,
    `[\n${resources.map((each) => `  [${each.map((word) => JSON.stringify(word)).join(", ")}]`).join(",\n")}\n]\n`,
  );
}
