import {
  ApiError, creatorsManager, isForbidden, NoKindMatchError, resourcePath, type RestMapper, type Transport,
} from "../client/index.ts"; // prettier-ignore
import { describeKind, isMetadataOnly, type Clock, type KindToken, type Logger } from "../object/index.ts";
import { FaultLog } from "./fault-log.ts";
import { Informer, type InformerOptions } from "./informer.ts";
import { queryOf, type Selection } from "./selection.ts";

export interface InformersOptions {
  transport: Transport;
  mapper: RestMapper;
  log: Logger;
  clock: Clock;
  random: () => number;
}

/** Makes the informers of one cache, which have all but their kind and selection in common. */
export class Informers {
  readonly #options: InformersOptions;
  readonly #fieldManagers = new Set<string>();
  #markRefused: () => void = () => undefined;
  /** Resolves when the API server first refuses a list or watch (403): the access rules do not allow it. */
  readonly refused = new Promise<void>((resolve) => (this.#markRefused = resolve));

  constructor(options: InformersOptions) {
    this.#options = options;
  }

  /** Field managers whose entries in `managedFields` are kept, since our applies are decided by them. */
  keepFieldsOf(manager: string): void {
    this.#fieldManagers.add(manager);
  }

  /**
   * An informer of a kind that the mapper knows. It is not running yet.
   *
   * @throws NoKindMatchError when the mapper does not know it
   */
  make(
    { kind, selection }: { kind: KindToken; selection: Selection },
    namespace: string | undefined,
    part: Pick<InformerOptions, "indexes" | "transform" | "isKept">,
    onFault?: (error: unknown) => void,
  ): Informer {
    const { transport, mapper, log, clock, random } = this.#options;
    const mapping = mapper.known(kind);
    if (mapping === undefined) throw new NoKindMatchError(kind.apiVersion, kind.kind);
    const path = resourcePath(mapping, namespace);
    const faults = new FaultLog(log, { kind: describeKind(kind), ...(namespace !== undefined && { namespace }) });
    return new Informer({
      ...part,
      transport,
      apiVersion: kind.apiVersion,
      kind: kind.kind,
      namespace,
      path,
      query: queryOf(selection),
      selection,
      accept: isMetadataOnly(kind) ? "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1" : undefined,
      clock,
      random,
      isOurs: (manager, operation) => this.#isOurs(manager, operation),
      isGone: (error) => this.#isGone(error, kind, path),
      onIndexFault: (index, error) =>
        log.error("an index function failed; the object is not in that index", error, { kind: describeKind(kind), index }),
      onFault: (error, delay) => {
        onFault?.(error);
        if (isForbidden(error)) this.#markRefused();
        faults.failed(error, delay);
      },
      onProgress: () => faults.recovered(),
    });
  }

  /** Nothing is served at the path of the kind, and discovery says the same: no proxy in between, no server on its way up. */
  async #isGone(error: unknown, kind: KindToken, path: string): Promise<boolean> {
    if (!(error instanceof ApiError) || !error.pathNotFound) return false;
    const { mapper } = this.#options;
    mapper.noteFailure(path, error);
    return mapper.mapping(kind).then(
      () => false,
      (reason: unknown) => reason instanceof NoKindMatchError,
    );
  }

  #isOurs(manager: string, operation: string): boolean {
    return this.#fieldManagers.has(operation === "Apply" ? manager : (creatorsManager(manager) ?? ""));
  }
}
