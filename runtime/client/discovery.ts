import { groupOf, type KindToken } from "../object/index.ts";
import { ApiError, isNotFound, InvalidResponseError, NoKindMatchError } from "./errors.ts";
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
 * Finds the resource of a kind from the API server's discovery documents. The first unknown kind of `/api` or of `/apis` asks for all that is
 * there in one document (KEP-3352); one that is not in it, since its CRD may have come in the meantime, or since the server has no such
 * document, asks for its own group and version. What was found is kept.
 */
export class RestMapper {
  readonly #transport: Transport;
  readonly #known = new Map<string, Map<string, RestMapping>>();
  readonly #asking = new Map<string, Promise<void>>();
  /** The roots whose document was read, or is not to be had. */
  readonly #asked = new Set<string>();
  /** The groups and versions of which something was not where it had been found. */
  readonly #doubted = new Set<string>();

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** @throws NoKindMatchError when the server does not serve the kind in this version. */
  async mapping(kind: KindToken): Promise<RestMapping> {
    const root = groupOf(kind.apiVersion) === "" ? "/api" : "/apis";
    if (!this.known(kind) && !this.#asked.has(root)) await this.#ask(root, () => this.#loadAll(root));
    if (!this.known(kind) || this.#doubted.has(kind.apiVersion))
      await this.#ask(`${root}/${kind.apiVersion}`, (path) => this.#load(path, kind.apiVersion));
    const found = this.known(kind);
    if (!found) throw new NoKindMatchError(kind.apiVersion, kind.kind);
    return found;
  }

  /**
   * Told of a call that failed. When nothing is served at its path, the next {@link mapping} looks again: a definition may have been deleted, and
   * perhaps made anew with another plural or scope.
   */
  noteFailure(path: string, error: unknown): void {
    if (!(error instanceof ApiError) || !error.pathNotFound) return;
    const apiVersion = /^\/(?:api|apis\/[^/]+)\/[^/]+(?=\/)/.exec(path)?.[0].replace(/^\/apis?\//, "");
    if (apiVersion !== undefined) this.#doubted.add(apiVersion);
  }

  /** What was found before; asks nothing. */
  known(kind: KindToken): RestMapping | undefined {
    return this.#known.get(kind.apiVersion)?.get(kind.kind);
  }

  /** One request however many ask at once. */
  #ask(path: string, load: (path: string) => Promise<void>): Promise<void> {
    const asking = this.#asking.get(path);
    if (asking) return asking;
    const request = load(path).finally(() => this.#asking.delete(path));
    this.#asking.set(path, request);
    return request;
  }

  async #loadAll(path: string): Promise<void> {
    const answer = await this.#get(path, `${AGGREGATED},application/json`);
    this.#asked.add(path);
    const { kind, items } = (answer ?? {}) as { kind?: string; items?: GroupDiscovery[] };
    if (kind !== "APIGroupDiscoveryList" || !Array.isArray(items)) return; // a server before 1.27, or one of another make
    for (const { metadata, versions = [] } of items) {
      const group = metadata?.name ?? "";
      for (const { version, resources = [] } of versions) {
        const apiVersion = group === "" ? version : `${group}/${version}`;
        const found = resources.map(({ resource, scope, responseKind }) => ({
          apiVersion,
          kind: responseKind?.kind ?? "",
          resource,
          namespaced: scope === "Namespaced",
        }));
        this.#known.set(apiVersion, new Map(found.map((mapping) => [mapping.kind, mapping])));
      }
    }
  }

  async #load(path: string, apiVersion: string): Promise<void> {
    const answer = await this.#get(path, "application/json");
    this.#doubted.delete(apiVersion);
    if (answer === undefined) {
      this.#known.delete(apiVersion);
      return;
    }
    const { resources } = answer as { resources?: { name: string; kind: string; namespaced: boolean }[] };
    if (!Array.isArray(resources)) throw new InvalidResponseError(`discovery of ${apiVersion}: the answer has no list of resources`);
    const own = resources.filter(({ name }) => !name.includes("/"));
    const found = own.map(({ name, kind, namespaced }) => ({ apiVersion, kind, resource: name, namespaced }));
    this.#known.set(apiVersion, new Map(found.map((mapping) => [mapping.kind, mapping])));
  }

  /** `undefined` when there is no such document. */
  async #get(path: string, accept: string): Promise<unknown> {
    try {
      return await this.#transport.json({ method: "GET", path, accept });
    } catch (error) {
      if (isNotFound(error) || (error instanceof ApiError && error.status === 406)) return undefined;
      throw error;
    }
  }
}

const AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/** One group of the aggregated document (`apidiscovery.k8s.io/v2 APIGroupDiscovery`), as far as it is read here. */
interface GroupDiscovery {
  metadata?: { name?: string };
  versions?: { version: string; resources?: { resource: string; scope?: string; responseKind?: { kind?: string } }[] }[];
}

/**
 * The path of a collection, or of one object in it. Names are checked by the server; here they are only made safe for a URL.
 *
 * @throws TypeError for a name that would make it the path of something else
 */
export function resourcePath(mapping: RestMapping, namespace: string | undefined, name?: string, subresource?: string): string {
  for (const part of [namespace, name, subresource]) {
    if (part === "" || part === "." || part === ".." || part?.includes("/") === true)
      throw new TypeError(`${mapping.kind}: "${part}" is not a name`);
  }
  const root = groupOf(mapping.apiVersion) === "" ? `/api/${mapping.apiVersion}` : `/apis/${mapping.apiVersion}`;
  const scope = mapping.namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : "";
  const object = name === undefined ? "" : `/${encodeURIComponent(name)}`;
  return `${root}${scope}/${mapping.resource}${object}${subresource === undefined ? "" : `/${subresource}`}`;
}
