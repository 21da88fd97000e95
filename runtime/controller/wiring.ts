import { NoKindMatchError, type ApiClient, type RestMapper, type RestMapping } from "../client/index.ts";
import { describeKind, joinDeadline, keyString, type Clock, type KindToken, type Logger, type ObjectKey } from "../object/index.ts";
import { missingAccess, type Collection } from "./access.ts";
import { generationChanged, type Predicate } from "./predicates.ts";

/** How long the API server may take to say what is allowed, in milliseconds. The start does not wait for longer. */
const REVIEW_TIME = 5000;

/** The controllers are wired in a way that cannot work. Each mistake says what is wrong and what to do. */
export class WiringError extends Error {
  readonly code = "wiring";
  readonly mistakes: readonly string[];

  constructor(mistakes: readonly string[]) {
    super(mistakes.join("; "));
    this.name = "WiringError";
    this.mistakes = mistakes;
  }
}

/** A kind that is listed and watched, and for whom. */
export interface WiredKind {
  kind: KindToken;
  /** The controller that watches it, and how; `undefined` for a cache that nobody watches. */
  controller?: { name: string; kind: KindToken; role: "for" | "owns" | "watches" };
  predicates?: readonly Predicate[] | undefined;
  fieldSelector?: string | undefined;
  /** Its own namespaces, where they are not those of the manager. */
  namespaces?: readonly string[] | undefined;
}

interface MappedKind {
  wired: WiredKind;
  mapping: RestMapping | undefined;
}

/** A controller whose wiring may be complete, or not. */
export interface Wired {
  readonly name: string;
  readonly isComplete: boolean;
  /** Lets events of channels in. */
  open(): void;
}

export interface WiringOptions {
  client: ApiClient;
  mapper: RestMapper;
  namespaces: readonly string[] | undefined;
  clock: Clock;
  log: Logger;
}

/**
 * Built-in kinds whose objects have no `metadata.generation`, by `apiVersion kind`. A test holds each of them against the real API server.
 */
export const WITHOUT_GENERATION: ReadonlySet<string> = new Set([
  "v1 ConfigMap", "v1 Secret", "v1 ServiceAccount", "v1 Namespace",
  "rbac.authorization.k8s.io/v1 Role", "rbac.authorization.k8s.io/v1 RoleBinding",
  "rbac.authorization.k8s.io/v1 ClusterRole", "rbac.authorization.k8s.io/v1 ClusterRoleBinding",
]); // prettier-ignore

/** What the controllers of one manager are for, own and watch, and whether that can work. */
export class Wiring {
  readonly #options: WiringOptions;
  readonly #controllers: Wired[] = [];
  readonly #kinds: WiredKind[] = [];

  constructor(options: WiringOptions) {
    this.#options = options;
  }

  add(controller: Wired): void {
    this.#controllers.push(controller);
  }

  declare(kind: WiredKind): void {
    this.#kinds.push(kind);
  }

  /** @throws WiringError when a controller was begun and not completed: it would silently do nothing */
  checkComplete(): void {
    const incomplete = this.#controllers.filter(({ isComplete }) => !isComplete);
    if (incomplete.length === 0) return;
    throw new WiringError(
      incomplete.map(({ name }) => `controller ${name} has no reconciler; end its wiring with .reconcileWith(…), or take it out`),
    );
  }

  /**
   * Fills the caches, and checks meanwhile whether what they watch can ever reconcile anything, and, once the API server refuses one of them, which
   * access rules are missing. While it refuses nothing it is asked nothing.
   *
   * @param refused resolves when a list or watch is refused
   * @throws WiringError with everything that is wrong; whatever `fill` throws
   */
  async checkedWhile(fill: () => Promise<void>, refused: Promise<void>, signal: AbortSignal): Promise<void> {
    const filled = fill();
    const mapped = Promise.all(this.#kinds.map(async (wired) => ({ wired, mapping: await this.#mapping(wired.kind) })));
    const mistakes = mapped.then((kinds) => kinds.flatMap(({ wired, mapping }) => (mapping ? this.#mistakesOf(wired, mapping) : [])));
    const toldAll = async () => {
      const found = [...(await mistakes), ...(await this.#missingAccess(await mapped, signal))];
      if (found.length > 0) throw new WiringError([...new Set(found)]);
    };
    const checked = mistakes.then((found) => (found.length > 0 ? toldAll() : undefined));
    await Promise.all([filled, checked, Promise.race([filled, refused.then(toldAll)])]);
    for (const controller of this.#controllers) controller.open();
  }

  /** What the server does not have, and what cannot be asked, is for the cache to tell. */
  async #mapping(kind: KindToken): Promise<RestMapping | undefined> {
    try {
      return await this.#options.mapper.mapping(kind);
    } catch (error) {
      if (!(error instanceof NoKindMatchError)) this.#options.log.debug("the wiring is not checked", { error: String(error) });
      return undefined;
    }
  }

  #mistakesOf(wired: WiredKind, mapping: RestMapping): string[] {
    const { kind, controller, predicates = [], fieldSelector = "", namespaces = this.#options.namespaces } = wired;
    const mistakes: string[] = [];
    const { mapper } = this.#options;
    if (controller?.role === "owns" && !mapping.namespaced && mapper.known(controller.kind)?.namespaced === true) {
      mistakes.push(
        `controller ${controller.name} owns ${kind.kind}, which is cluster-scoped, and so cannot be owned by a ${controller.kind.kind}, which is namespaced: ` +
          `the garbage collector would delete it; mark it and watch it instead: .watches(${kind.kind}, enqueueByAnnotation("…"))`,
      );
    }
    if (controller !== undefined && predicates.includes(generationChanged) && WITHOUT_GENERATION.has(describeKind(kind))) {
      mistakes.push(
        `controller ${controller.name} watches ${kind.kind} with generationChanged, but a ${kind.kind} has no generation, so that no change would be let ` +
          `through; take that predicate off`,
      );
    }
    const [, namespace] = /(?:^|,)metadata\.namespace==?([^,]+)/.exec(fieldSelector) ?? [];
    if (namespace !== undefined && mapping.namespaced && namespaces?.includes(namespace) === false) {
      mistakes.push(
        `${kind.kind} is watched in the namespace ${namespace}, which is none of those that are watched (${namespaces.join(", ")}), so that nothing would be ` +
          `seen; add it to them, or change the field selector`,
      );
    }
    return mistakes;
  }

  #collectionOf({ fieldSelector = "", namespaces = this.#options.namespaces }: WiredKind, mapping: RestMapping): Collection {
    const [, name] = /(?:^|,)metadata\.name==?([^,]+)/.exec(fieldSelector) ?? [];
    return { mapping, namespaces: mapping.namespaced ? namespaces && [...new Set(namespaces)] : undefined, name };
  }

  async #missingAccess(kinds: readonly MappedKind[], signal: AbortSignal): Promise<string[]> {
    const { client, clock, log } = this.#options;
    const collections = distinct(kinds.flatMap(({ wired, mapping }) => (mapping ? [this.#collectionOf(wired, mapping)] : [])));
    const deadline = joinDeadline(clock, REVIEW_TIME, new Error("the API server did not say in time what is allowed"), signal);
    try {
      const rules = await missingAccess(client.fencedBy(deadline.signal), collections);
      if (rules.length === 0) return [];
      return [`the operator may not read what it watches; add the access rule${rules.length > 1 ? "s" : ""} ${rules.join(", ")}`];
    } catch (error) {
      // Reviews may be forbidden, or not be there: then the lists themselves tell what is missing.
      log.debug("the API server does not say what is allowed", { error: String(error) });
      return [];
    } finally {
      deadline.release();
    }
  }
}

function distinct(collections: readonly Collection[]): Collection[] {
  const byPath = new Map(collections.map((each) => [`${each.mapping.apiVersion} ${each.mapping.resource} ${each.name ?? ""}`, each]));
  return [...byPath.values()];
}

/**
 * The key as the kind has it: without a namespace where there are none, so that one object has one key.
 *
 * @throws TypeError when the kind has namespaces and the key names none
 */
export function keyFor(kind: KindToken, namespaced: boolean, key: ObjectKey): ObjectKey {
  if (!namespaced) return key.namespace === undefined ? key : { name: key.name };
  if (!key.namespace)
    throw new TypeError(`a ${kind.kind} is in a namespace, and the key "${keyString(key)}" has none; return { namespace, name }`);
  return key;
}
