import type { Api } from "../api.ts";
import { arrayAt, isObject, stringAt, valueAt, type JsonObject, type JsonValue } from "../../../schema/index.ts";
import { call, textOf, userHeaders } from "./call.ts";
import { rootPath, type Delegate } from "./delegate.ts";

/** What this server is to others. */
export const AGGREGATOR = { name: "system:kube-aggregator", uid: "", groups: ["system:masters"], extra: {} };

const ACCEPT =
  "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList";
const TIMEOUT = 5000;

/**
 * What a version of another server has, as an `APIVersionDiscovery`: from its aggregated discovery, or from its older list of resources.
 *
 * @throws Error when it does not say
 */
export async function fetchDiscovery(api: Api, delegate: Delegate, address: string): Promise<JsonObject> {
  const signal = AbortSignal.any([api.signal, AbortSignal.timeout(TIMEOUT)]);
  const ask = (path: string, accept: string) =>
    call(delegate, address, { method: "GET", path, headers: { accept, ...userHeaders(AGGREGATOR) }, signal });
  const { version, group } = delegate;
  const all = await ask("/apis", ACCEPT);
  const text = await textOf(all);
  if (all.statusCode === 200 && /as=APIGroupDiscoveryList/.test(all.headers["content-type"] ?? "")) {
    const items = arrayAt(JSON.parse(text) as JsonValue, "items");
    const own = items.find((item) => (stringAt(item, "metadata", "name") ?? "") === group);
    const found = arrayAt(own, "versions").find((each) => stringAt(each, "version") === version);
    return isObject(found) ? found : { version };
  }
  const list = await ask(rootPath(delegate), "application/json");
  const older = await textOf(list);
  if (list.statusCode !== 200) throw new Error(`failed to download legacy discovery for ${rootPath(delegate)}: ${older}`);
  return { version, resources: fromOlder(arrayAt(JSON.parse(older) as JsonValue, "resources")) };
}

/** An `APIResourceList`'s entries in the newer form, in which subresources stand below their resources. */
function fromOlder(entries: readonly JsonValue[]): JsonObject[] {
  const resources = new Map<string, JsonObject>();
  for (const entry of entries) {
    const [name = "", subresource] = (stringAt(entry, "name") ?? "").split("/", 2);
    const common = { responseKind: kindOf(entry), verbs: arrayAt(entry, "verbs") };
    if (subresource === undefined) {
      const scope = valueAt(entry, "namespaced") === true ? "Namespaced" : "Cluster";
      const names = Object.fromEntries(
        ["shortNames", "categories"].flatMap((field) => (arrayAt(entry, field).length > 0 ? [[field, arrayAt(entry, field)]] : [])),
      );
      resources.set(name, {
        ...resources.get(name),
        resource: name,
        scope,
        singularResource: stringAt(entry, "singularName") ?? "",
        ...common,
        ...names,
      });
    } else {
      const parent = resources.get(name) ?? { resource: name };
      resources.set(name, { ...parent, subresources: [...arrayAt(parent, "subresources"), { subresource, ...common }] });
    }
  }
  return [...resources.values()];
}

function kindOf(entry: JsonValue): JsonObject {
  return { group: stringAt(entry, "group") ?? "", version: stringAt(entry, "version") ?? "", kind: stringAt(entry, "kind") ?? "" };
}
