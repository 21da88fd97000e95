import { putCondition, storeStatus } from "../controllers/index.ts";
import { timestamp, type Api } from "../api.ts";
import { arrayAt, cloneJson, equalJson, objectAt, stringAt, type JsonObject } from "../../../schema/index.ts";
import type { Timer } from "../../../object/clock.ts";
import type { Entry, Store } from "../store/index.ts";
import { commitUpdate } from "../write.ts";
import { availability } from "./availability.ts";
import { resolve } from "./call.ts";
import { delegateOf, servicePath, type Delegate } from "./delegate.ts";
import { fetchDiscovery } from "./discovery.ts";

const COLLECTION = "apiservices.apiregistration.k8s.io";
/** How often everything is looked at though nothing has changed, in milliseconds. */
const LOOK_AGAIN = 30_000;
/** How soon what failed is looked at again; twice as long each time, up to {@link LOOK_AGAIN}. */
const LOOK_SOON = 5000;
const LOCAL = { type: "Available", status: "True", reason: "Local", message: "Local APIServices are always available" };

type AvailableCondition = typeof LOCAL;

/** One APIService that is followed. */
interface Followed {
  readonly delegate: Delegate;
  timer: Timer | undefined;
  checking: boolean;
  /** Something has changed while it was checked. */
  again: boolean;
  failures: number;
  /** Its `APIVersionDiscovery`, fresh or as it last was. */
  discovery: JsonObject;
}

/** The versions of groups that other servers serve, by the APIServices that there are: who they are, whether they answer, what they have. */
export class Aggregation {
  readonly #store: Store;
  readonly #followed = new Map<string, Followed>();
  #api: Api | undefined;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Follows the APIServices from now on, and their Services. */
  start(api: Api): void {
    this.#api = api;
    this.#store.collection(COLLECTION).observe(({ type, entry, previous }) => {
      if (type === "DELETED") this.#forget(entry.name);
      else if (!equalJson(objectAt(entry.object, "spec") ?? {}, objectAt(previous?.object ?? {}, "spec") ?? {})) this.#follow(entry.object);
    });
    const touched = (path: string) => {
      for (const each of this.#followed.values()) if (servicePath(each.delegate) === path) this.#check(each);
    };
    this.#store.collection("services").observe(({ entry }) => touched(entry.key));
    this.#store
      .collection("endpointslices.discovery.k8s.io")
      .observe(({ entry }) =>
        touched(`${entry.namespace}/${stringAt(entry.object, "metadata", "labels", "kubernetes.io/service-name") ?? ""}`),
      );
    api.signal.addEventListener("abort", () => [...this.#followed.keys()].forEach((name) => this.#forget(name)), { once: true });
  }

  /** Who serves a version of a group; undefined: this server, or nobody. */
  find(group: string, version: string): Delegate | undefined {
    return this.#followed.get(`${version}.${group}`)?.delegate;
  }

  /** All versions that others serve, with what they have. */
  all(): { readonly delegate: Delegate; readonly discovery: JsonObject }[] {
    return [...this.#followed.values()];
  }

  isAvailable({ name }: Delegate): boolean {
    const object = this.#store.collection(COLLECTION).get(name)?.object;
    return arrayAt(object, "status", "conditions").some(
      (each) => stringAt(each, "type") === "Available" && stringAt(each, "status") === "True",
    );
  }

  #follow(object: JsonObject): void {
    const name = stringAt(object, "metadata", "name") ?? "";
    this.#forget(name);
    const delegate = delegateOf(object);
    if (delegate === undefined) {
      queueMicrotask(() => this.#sayLocal(name));
      return;
    }
    const followed: Followed = {
      ...{ delegate, timer: undefined, checking: false, again: false, failures: 0 },
      discovery: { version: delegate.version, freshness: "Stale" },
    };
    this.#followed.set(name, followed);
    this.#check(followed);
  }

  #forget(name: string): void {
    this.#followed.get(name)?.timer?.cancel();
    this.#followed.delete(name);
  }

  #check(followed: Followed): void {
    followed.again = true;
    if (followed.checking) return;
    followed.checking = true;
    void this.#checkWhileChanging(followed)
      .catch((error: unknown) => process.emitWarning(error instanceof Error ? error : new Error(String(error))))
      .finally(() => (followed.checking = false));
  }

  async #checkWhileChanging(followed: Followed): Promise<void> {
    const api = this.#api;
    if (api === undefined) return;
    const { delegate } = followed;
    const isFollowed = () => this.#followed.get(delegate.name) === followed;
    followed.timer?.cancel();
    while (followed.again && isFollowed()) {
      followed.again = false;
      const available = await availability(api, delegate);
      if (!isFollowed()) return;
      followed.failures = available.status === "True" ? 0 : followed.failures + 1;
      this.#say(delegate.name, { type: "Available", ...available });
      followed.discovery = await this.#discovery(api, followed, available.status === "True");
    }
    if (!isFollowed()) return;
    const wait = followed.failures === 0 ? LOOK_AGAIN : Math.min(LOOK_SOON * 2 ** (followed.failures - 1), LOOK_AGAIN);
    followed.timer = api.clock.setTimeout(() => this.#check(followed), wait);
  }

  async #discovery(api: Api, { delegate, discovery }: Followed, isAvailable: boolean): Promise<JsonObject> {
    const address = isAvailable ? await resolve(api, delegate) : undefined;
    if (address === undefined) return { version: delegate.version, freshness: "Stale" };
    try {
      return { ...(await fetchDiscovery(api, delegate, address)), freshness: "Current" };
    } catch {
      return { ...discovery, freshness: "Stale" };
    }
  }

  #say(name: string, condition: AvailableCondition): void {
    this.#write(name, condition, (api, entry, object) => storeStatus(api, COLLECTION, entry, object));
  }

  /** The real server knows it at once, within the write that makes the object, and so nobody is its writer. */
  #sayLocal(name: string): void {
    this.#write(name, LOCAL, (api, entry, object) => commitUpdate(api, api.store.collection(COLLECTION), entry, object));
  }

  #write(name: string, condition: AvailableCondition, write: (api: Api, entry: Entry, object: JsonObject) => void): void {
    const api = this.#api;
    const entry = this.#store.collection(COLLECTION).get(name);
    if (api === undefined || entry === undefined) return;
    const object = cloneJson(entry.object);
    putCondition(object, condition, timestamp(api.clock.now()));
    if (!equalJson(object, entry.object)) write(api, entry, object);
  }
}
