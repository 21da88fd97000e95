import { groupOf, type KindToken } from "../object/index.ts";
import { isNotFound, InvalidResponseError, NoKindMatchError } from "./errors.ts";
import type { Transport } from "./transport.ts";

/** How a kind is reached over HTTP (client-go's REST mapping). */
export interface RestMapping {
  apiVersion: string;
  kind: string;
  /** The plural name in the URL. */
  resource: string;
  namespaced: boolean;
}

/**
 * Finds the resource of a kind from the API server's discovery documents, one group and version at a time. What was found
 * is kept; an unknown kind asks again, since its CRD may have come in the meantime.
 */
export class RestMapper {
  readonly #transport: Transport;
  readonly #known = new Map<string, Map<string, RestMapping>>();
  readonly #asking = new Map<string, Promise<Map<string, RestMapping>>>();

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** @throws NoKindMatchError when the server does not serve the kind in this version. */
  async mapping(kind: KindToken): Promise<RestMapping> {
    const known = this.known(kind);
    if (known) return known;
    const found = (await this.#ask(kind.apiVersion)).get(kind.kind);
    if (!found) throw new NoKindMatchError(kind.apiVersion, kind.kind);
    return found;
  }

  /** What was found before; asks nothing. */
  known(kind: KindToken): RestMapping | undefined {
    return this.#known.get(kind.apiVersion)?.get(kind.kind);
  }

  /** One request however many ask at once. */
  #ask(apiVersion: string): Promise<Map<string, RestMapping>> {
    const asking = this.#asking.get(apiVersion);
    if (asking) return asking;
    const request = this.#load(apiVersion).finally(() => this.#asking.delete(apiVersion));
    this.#asking.set(apiVersion, request);
    return request;
  }

  async #load(apiVersion: string): Promise<Map<string, RestMapping>> {
    const mappings = new Map<string, RestMapping>();
    let answer: unknown;
    try {
      answer = await this.#transport.json({
        method: "GET",
        path: groupOf(apiVersion) === "" ? `/api/${apiVersion}` : `/apis/${apiVersion}`,
      });
    } catch (error) {
      if (isNotFound(error)) return mappings;
      throw error;
    }
    const resources = (answer as { resources?: { name: string; kind: string; namespaced: boolean }[] }).resources;
    if (!Array.isArray(resources)) throw new InvalidResponseError(`discovery of ${apiVersion}: the answer has no list of resources`);
    for (const { name, kind, namespaced } of resources) {
      if (!name.includes("/")) mappings.set(kind, { apiVersion, kind, resource: name, namespaced });
    }
    this.#known.set(apiVersion, mappings);
    return mappings;
  }
}

/**
 * The path of a collection, or of one object in it. Names are checked by the server; here they are only made safe for a URL.
 *
 * @throws TypeError for a name that would make it the path of something else
 */
export function resourcePath(mapping: RestMapping, namespace: string | undefined, name?: string, subresource?: string): string {
  for (const part of [namespace, name, subresource]) {
    if (part === "" || part === "." || part === "..") throw new TypeError(`${mapping.kind}: "${part}" is not a name`);
  }
  const root = groupOf(mapping.apiVersion) === "" ? `/api/${mapping.apiVersion}` : `/apis/${mapping.apiVersion}`;
  const scope = mapping.namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : "";
  const object = name === undefined ? "" : `/${encodeURIComponent(name)}`;
  return `${root}${scope}/${mapping.resource}${object}${subresource === undefined ? "" : `/${subresource}`}`;
}
