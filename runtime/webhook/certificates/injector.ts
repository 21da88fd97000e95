import type { Informers } from "../../cache/index.ts";
import { NoKindMatchError, type Client, type RestMapper } from "../../client/index.ts";
import { describeKind, groupOf, reasonOf, type Clock, type KindToken, type Logger } from "../../object/index.ts";
import { Attention } from "./attention.ts";
import { injection, type ServiceName } from "./injection.ts";

/** An object that says by which CA the operator is to be trusted. */
export type InjectionTarget =
  | { readonly kind: KindToken; readonly name: string }
  /** The definition of a kind whose versions the operator converts. */
  | { readonly definitionOf: KindToken };

export interface CaInjectorOptions {
  targets: readonly InjectionTarget[];
  service: ServiceName;
  client: Client;
  mapper: RestMapper;
  informers: Informers;
  /** The bundle as the Secret has it this moment, in base64: before anything is written it is made sure of. */
  freshBundle: (signal: AbortSignal) => Promise<string | undefined>;
  /** Told whenever a target has got the bundle, or has lost it. */
  onChange: () => void;
  log: Logger;
  clock: Clock;
  random: () => number;
}

/** How often it is looked whether a kind has come whose definition is a target, in milliseconds. */
const ABSENT_KIND_CHECK = 10_000;
/** A target is looked at whenever it changes, and by itself so often (ms). */
const LOOK_INTERVAL = 3_600_000;

/**
 * Keeps the CA bundle in the objects that need it: each is watched by its name, and written only when it lacks the bundle. One that does not
 * exist has no need of it, until it comes.
 */
export class CaInjector {
  readonly #options: CaInjectorOptions;
  readonly #targets: readonly Target[];
  #bundle: string | undefined;
  #everywhereSince: number | undefined;

  constructor(options: CaInjectorOptions) {
    this.#options = options;
    this.#targets = options.targets.map(
      (target) => new Target(target, { ...options, bundle: () => this.#bundle, onChange: () => this.#changed() }),
    );
  }

  /** @param bundle base64 of PEM */
  want(bundle: string): void {
    if (bundle === this.#bundle) return;
    this.#bundle = bundle;
    this.#changed();
    for (const target of this.#targets) target.wake();
  }

  /** Since when the bundle is in all targets, by the monotonic clock; `undefined` while it is not. */
  get everywhereSince(): number | undefined {
    return this.#everywhereSince;
  }

  /** The targets that have not got the bundle yet, in words. */
  get lacking(): string[] {
    return this.#targets.flatMap((target) => target.lacking ?? []);
  }

  /** Runs until the signal aborts; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#targets.map((target) => target.run(signal)));
  }

  #changed(): void {
    const isEverywhere = this.#bundle !== undefined && this.lacking.length === 0;
    this.#everywhereSince = isEverywhere ? (this.#everywhereSince ?? this.#options.clock.monotonic()) : undefined;
    this.#options.onChange();
  }
}

/** One object that is to have the bundle. */
class Target {
  readonly #target: InjectionTarget;
  readonly #options: CaInjectorOptions & { bundle: () => string | undefined };
  readonly #attention: Attention;
  /** The bundle that it has; nothing where there is no such object. */
  #has: { bundle: string } | "nothing" | undefined;
  #fault: string | undefined;
  #watched: string | undefined;

  constructor(target: InjectionTarget, options: CaInjectorOptions & { bundle: () => string | undefined }) {
    this.#target = target;
    this.#options = options;
    this.#attention = new Attention({ ...options, work: (signal) => this.#look(signal), onFault: (error) => this.#failed(error) });
  }

  wake(): void {
    this.#attention.wake();
  }

  run(signal: AbortSignal): Promise<void> {
    return this.#attention.run(signal);
  }

  /** What it is, and why it has not got the bundle, if it has not. */
  get lacking(): string | undefined {
    if (this.#has === "nothing" || (this.#has !== undefined && this.#has.bundle === this.#options.bundle())) return undefined;
    return `${this.#text}${this.#fault === undefined ? "" : ` (${this.#fault})`}`;
  }

  get #text(): string {
    const target = this.#target;
    return "name" in target ? `${target.kind.kind} ${target.name}` : `the definition of ${describeKind(target.definitionOf)}`;
  }

  async #look(signal: AbortSignal): Promise<number> {
    const { client, log, service, freshBundle } = this.#options;
    const found = await this.#find();
    if (found === undefined) {
      this.#set("nothing");
      return ABSENT_KIND_CHECK;
    }
    const { kind, name } = found;
    await this.#watch(kind, name, signal);
    const object = await client.get(kind, { name }, { signal });
    let bundle = this.#options.bundle();
    if (object === undefined) this.#set("nothing");
    else if (bundle !== undefined) {
      if (injection(object, service, bundle).length > 0) {
        this.#set(undefined);
        bundle = (await freshBundle(signal)) ?? bundle;
        const patch = injection(object, service, bundle);
        if (patch.length > 0) {
          await client.patch(kind, { name }, "json", patch, { signal });
          log.info("the CA of the webhooks was made known", { kind: kind.kind, name });
        }
      }
      this.#set({ bundle });
    }
    return LOOK_INTERVAL;
  }

  async #find(): Promise<{ kind: KindToken; name: string } | undefined> {
    const target = this.#target;
    if ("name" in target) return target;
    try {
      const { resource, apiVersion } = await this.#options.mapper.mapping(target.definitionOf);
      return { kind: DEFINITION, name: `${resource}.${groupOf(apiVersion)}` };
    } catch (error) {
      if (error instanceof NoKindMatchError) return undefined;
      throw error;
    }
  }

  /** Begins to be woken by its changes, once. */
  async #watch(kind: KindToken, name: string, signal: AbortSignal): Promise<void> {
    if (this.#watched === name) return;
    await this.#options.mapper.mapping(kind);
    const informer = this.#options.informers.make({ kind, selection: { labels: "", fields: `metadata.name=${name}` } }, undefined, {});
    informer.addHandler(() => this.wake());
    this.#watched = name;
    void informer.run(signal);
  }

  #set(has: { bundle: string } | "nothing" | undefined): void {
    const before = this.lacking;
    this.#has = has;
    if (has !== undefined) this.#fault = undefined;
    if (this.lacking !== before) this.#options.onChange();
  }

  #failed(error: unknown): void {
    const { log } = this.#options;
    const fault = reasonOf(error);
    // Each cause once; the tries go on.
    if (this.#fault === fault) log.debug("the CA of the webhooks can still not be made known", { to: this.#text, error: fault });
    else log.warn("the CA of the webhooks cannot be made known yet; trying again", { to: this.#text, error: fault });
    this.#fault = fault;
  }
}

const DEFINITION: KindToken = { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" };
