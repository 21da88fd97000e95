import { isDeepStrictEqual } from "node:util";
import { isAlreadyExists, isConflict, isNotFound, type Client, type Clock, type UnstructuredObject } from "@kubescaffold/runtime";
import { ScaffoldError } from "../../../errors.ts";
import { isOwnService } from "../crds.ts";
import { isAlive, removeLease, removeOldLeases } from "./holder.ts";
import { conversionPart, mark, marked, recordOf, sorts, unmarked, withoutInjection, type Sort } from "./objects.ts";
import type { Configuration, ProjectWebhooks, WebhookEntry } from "./project.ts";
import {
  recordParts,
  redirected,
  withoutManager,
  type DevRecord,
  type Fields,
  type Holder,
  type ManagedFields,
  type Parts,
} from "./record.ts";

/** Where the API server shall call. */
export interface Target {
  /** `https://host:port` */
  readonly origin: string;
  /** The authority in base64. */
  readonly caBundle: string;
  /** In place of what the code says. */
  readonly failurePolicy?: string | undefined;
}

export interface RedirectionOptions {
  readonly client: Client;
  readonly clock: Clock;
  /** The project's name: its marks are told from others' by it. */
  readonly project: string;
  readonly holder: Holder;
}

/** An object in the cluster that leads, or will lead, here. */
interface Place {
  readonly sort: Sort;
  readonly name: string;
}

const manager = "scaffold-dev";
/** Somebody writes the same object at the same moment: after so many times it is no coincidence. */
const attempts = 10;

/** Leads the API server's calls of one project's webhooks to this machine, and back. */
export class Redirection {
  readonly #client: Client;
  readonly #options: RedirectionOptions;
  /** What leads here, by kind and name. */
  readonly #held = new Map<string, Place>();
  /** Under which name each of the project's configurations is in the cluster. */
  readonly #names = new Map<Configuration["kind"], string>();

  constructor(options: RedirectionOptions) {
    this.#options = options;
    this.#client = options.client.withFieldManager(manager);
  }

  /**
   * Makes good what runs that ended without it have left, on this or another machine.
   *
   * @returns what was restored, and whose it was
   * @throws ScaffoldError `conflict` when the webhooks lead to a machine whose run goes on, unless it is taken over
   */
  async recover(options: {
    takeOver: boolean;
    onWait: (holder: Holder) => void;
    signal: AbortSignal;
  }): Promise<{ name: string; who: string }[]> {
    const { takeOver, signal } = options;
    const left = await this.#marked(signal);
    const holders = new Map(left.map(({ record }) => [record.holder.session, record.holder]));
    for (const holder of holders.values()) {
      const parts = { clock: this.#options.clock, onWait: () => options.onWait(holder), signal };
      if (!takeOver && (await isAlive(this.#client, holder, parts))) throw heldBy(holder, this.#options.project);
      await removeLease(this.#client, holder);
    }
    for (const { place, record } of left) await this.#restore(place, record.holder.session, signal);
    const { holder: own, project, clock } = this.#options;
    await removeOldLeases(this.#client, own.lease.namespace, project, clock);
    return left.map(({ place, record }) => ({ name: place.name, who: record.holder.who }));
  }

  /**
   * Leads the project's webhooks here; what led here and is not among them any more is restored.
   *
   * @returns the names of what is new or different
   * @throws ScaffoldError `conflict` when they lead to somebody else's machine
   */
  async redirect({ configurations, conversions }: ProjectWebhooks, target: Target, signal: AbortSignal): Promise<string[]> {
    const changed: string[] = [];
    const wanted = new Set<string>();
    const lead = async (place: Place, parts: (isNew: boolean) => Parts): Promise<void> => {
      wanted.add(keyOf(place));
      this.#held.set(keyOf(place), place);
      if (await this.#lead(place, parts, signal)) changed.push(place.name);
    };
    for (const configuration of configurations) {
      if (!configuration.webhooks.some(isOwn)) continue;
      const name = await this.#nameOf(configuration, signal);
      await lead({ sort: sorts[configuration.kind], name }, (isNew) => webhookParts(configuration, target, isNew));
    }
    for (const { crd: name, conversion } of conversions) {
      const { webhook = {} } = conversion;
      const clientConfig = clientConfigOf(webhook.clientConfig?.service?.path ?? "/convert", target);
      const part = { ...conversion, webhook: { ...webhook, clientConfig } };
      await lead({ sort: sorts.CustomResourceDefinition, name }, () => conversionPart(part));
    }
    for (const [key, place] of this.#held) if (!wanted.has(key)) await this.#release(key, place, signal);
    return changed;
  }

  /** Makes everything that leads here what it was. @returns its names */
  async restore(signal: AbortSignal): Promise<string[]> {
    const names: string[] = [];
    for (const [key, place] of this.#held) if (await this.#release(key, place, signal)) names.push(place.name);
    return names;
  }

  /** What may still lead here. */
  get held(): string[] {
    return [...this.#held.values()].map(({ sort, name }) => `${sort.kind.kind} ${name}`);
  }

  async #release(key: string, place: Place, signal: AbortSignal): Promise<boolean> {
    const was = await this.#restore(place, this.#options.holder.session, signal);
    this.#held.delete(key);
    return was;
  }

  /** @returns false when it led here already */
  async #lead({ sort, name }: Place, wantedParts: (isNew: boolean) => Parts, signal: AbortSignal): Promise<boolean> {
    return again(async () => {
      const current = await this.#client.get(sort.kind, { name }, { signal });
      const known = current && recordOf(current);
      const { holder, project } = this.#options;
      // Of the definitions only the conversion is ours to say.
      if (!current && sort === sorts.CustomResourceDefinition) return false;
      if (known && known.holder.session !== holder.session) throw heldBy(known.holder, project);
      const isNew = current === undefined || known?.created === true;
      const bare = current === undefined ? { ...sort.kind, metadata: { name } } : unmarked(sort, current, known);
      const before = sort.parts(bare);
      const wanted = wantedParts(isNew);
      const { object, annotations } = withoutInjection(sort.withParts(bare, redirected(before, wanted)));
      const write = (client: Client, each: UnstructuredObject): Promise<UnstructuredObject> =>
        current === undefined ? client.create(each, { signal }) : client.update(each, { signal });
      // What the server fills in has to be known before, since the record comes with the very write that it is about.
      const written = sort.parts(await write(this.#client.dryRun(), object));
      if (known && isDeepStrictEqual([...written], [...sort.parts(current)])) return false;
      const managedFields = known?.managedFields ?? (current?.metadata.managedFields as ManagedFields[] | undefined);
      const record: DevRecord = {
        holder,
        ...(isNew && { created: true }),
        ...(Object.keys(annotations).length > 0 && { annotations }),
        parts: recordParts(before, wanted.keys(), written),
        ...(!isNew && managedFields && { managedFields }),
      };
      await write(this.#client, marked(object, project, record));
      return true;
    });
  }

  /** @returns false when it leads elsewhere, so that there is nothing to restore */
  async #restore({ sort, name }: Place, session: string, signal: AbortSignal): Promise<boolean> {
    return again(async () => {
      const current = await this.#client.get(sort.kind, { name }, { signal });
      const record = current && recordOf(current);
      if (!current || record?.holder.session !== session) return false;
      const { uid, resourceVersion, labels, annotations } = current.metadata;
      const bare = unmarked(sort, current, record);
      if (record.created && sort.parts(bare).size === 0) {
        await this.#client.delete(
          sort.kind,
          { name },
          { preconditions: { ...(uid && { uid }), ...(resourceVersion && { resourceVersion }) }, signal },
        );
        return true;
      }
      // First what it says, and then, when nothing but the mark goes, to whom its fields belong: the server gives what changes to whoever writes.
      const metadata = { ...bare.metadata, ...(labels && { labels }), annotations: { ...bare.metadata.annotations, ...annotations } };
      const { metadata: now } = await this.#client.update<UnstructuredObject>({ ...bare, metadata }, { signal });
      const owners = withoutManager((now.managedFields ?? []) as ManagedFields[], record.managedFields ?? [], manager);
      const gone = { [mark]: null };
      const unmark = { resourceVersion: now.resourceVersion, labels: gone, annotations: gone, managedFields: owners };
      await this.#client.patch(sort.kind, { name }, "merge", { metadata: unmark }, { signal });
      return true;
    });
  }

  /** All that leads to some machine, on behalf of this project. */
  async #marked(signal: AbortSignal): Promise<{ place: Place; record: DevRecord }[]> {
    const found: { place: Place; record: DevRecord }[] = [];
    for (const sort of Object.values(sorts)) {
      for (const object of await this.#client.list(sort.kind, {
        labelSelector: { matchLabels: { [mark]: this.#options.project } },
        signal,
      })) {
        const record = recordOf(object);
        if (record) found.push({ place: { sort, name: object.metadata.name ?? "" }, record });
      }
    }
    return found;
  }

  /** The configuration of that name, else the one that has the same webhooks, else a new one of that name. */
  async #nameOf({ kind, name, webhooks }: Configuration, signal: AbortSignal): Promise<string> {
    const known = this.#names.get(kind);
    if (known !== undefined && this.#held.has(keyOf({ sort: sorts[kind], name: known }))) return known;
    const paths = new Map(webhooks.filter(isOwn).map((webhook) => [webhook.name, webhook.clientConfig.service?.path]));
    const isSame = (part: Fields, each: string): boolean =>
      paths.has(each) && (part as WebhookEntry).clientConfig.service?.path === paths.get(each);
    const all = await this.#client.list(sorts[kind].kind, { signal });
    const same = all.filter((object) => [...sorts[kind].parts(object)].some(([each, part]) => isSame(part, each)));
    const names = same.map(({ metadata }) => metadata.name ?? "");
    const isThere = all.some(({ metadata }) => metadata.name === name);
    if (!isThere && names.length > 1) {
      throw new ScaffoldError(
        "conflict",
        `Several configurations have this project's webhooks (${names.join(", ")}), and none is called ${name}: delete those that nobody needs, or pass --no-webhooks.`,
      );
    }
    const [other = name] = names;
    this.#names.set(kind, isThere ? name : other);
    return isThere ? name : other;
  }
}

const isOwn = ({ clientConfig }: WebhookEntry): boolean => isOwnService(clientConfig.service);

/** Others' webhooks that the project's configuration names come with it where there is none yet; else they are somebody else's matter. */
function webhookParts({ webhooks }: Configuration, target: Target, isNew: boolean): Parts {
  const { failurePolicy } = target;
  return new Map(
    webhooks.flatMap((webhook): [string, Fields][] => {
      if (!isOwn(webhook)) return isNew ? [[webhook.name, webhook]] : [];
      const clientConfig = clientConfigOf(webhook.clientConfig.service?.path ?? "", target);
      return [[webhook.name, { ...webhook, clientConfig, ...(failurePolicy !== undefined && { failurePolicy }) }]];
    }),
  );
}

function clientConfigOf(path: string, { origin, caBundle }: Target): Fields {
  return { url: `${origin}${path}`, caBundle };
}

function heldBy({ who, since }: Holder, project: string): ScaffoldError {
  const time = since.slice(0, 16).replace("T", " ");
  return new ScaffoldError(
    "conflict",
    `The webhooks of ${project} in this cluster lead to ${who} since ${time} UTC: end scaffold dev there, or pass --take-over, or --no-webhooks.`,
  );
}

function keyOf({ sort, name }: Place): string {
  return `${sort.kind.kind}/${name}`;
}

/** Once more from the beginning when somebody else wrote the object in between. */
async function again<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === attempts || !(isConflict(error) || isAlreadyExists(error) || isNotFound(error))) throw error;
    }
  }
}
