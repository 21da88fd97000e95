import { keyOf, type KubernetesObject, type ObjectKey } from "../object/index.ts";

/** Items that a channel keeps before anybody takes them. */
const CAPACITY = 1024;

/** A channel does not take an item: `channel-full` before the start, `channel-closed` after the stop. */
export class ChannelError extends Error {
  readonly code: "channel-full" | "channel-closed";

  constructor(code: ChannelError["code"], message: string) {
    super(message);
    this.name = "ChannelError";
    this.code = code;
  }
}

/**
 * A source of events in the process itself (controller-runtime's `source.Channel`): what you push is reconciled like a change of an object. For news
 * that come by another way than the API server, such as the calls of a webhook receiver, a message bus or the polling of a cloud's API.
 *
 * What is pushed before the caches of the manager are filled is kept and delivered then. From then on every push goes at once to the queue of each
 * controller that listens; the queue has each object once, so that there is nothing to bound and nobody to wait for. Where another replica leads,
 * the queue gathers until this one does. A channel is for one manager, and closes with it.
 *
 * @example
 * const orders = new Channel<Order>();
 * manager.controller(Shop).on(orders, (order) => [{ namespace: order.namespace, name: order.shop }]).reconcileWith(new ShopReconciler());
 * bus.onMessage((order) => orders.push(order));
 */
export class Channel<T = KubernetesObject | ObjectKey> {
  readonly #capacity: number;
  readonly #listeners = new Set<(item: T) => void>();
  #kept: T[] = [];
  #state: "waiting" | "open" | "closed" = "waiting";

  /** @param options.capacity how many items are kept before the manager has started. Default 1024. */
  constructor(options: { capacity?: number } = {}) {
    this.#capacity = options.capacity ?? CAPACITY;
  }

  /**
   * Hands an item to every controller that listens. Returns at once, and does not throw because of what a listener's function does.
   *
   * @throws ChannelError when the manager has not started and as many items wait as the channel keeps, or when it has stopped
   */
  push(item: T): void {
    if (this.#state === "closed") {
      throw new ChannelError("channel-closed", "the channel is closed, since its manager has stopped; push nothing after that");
    }
    if (this.#state === "open") {
      for (const listener of this.#listeners) listener(item);
      return;
    }
    if (this.#kept.length >= this.#capacity) {
      throw new ChannelError(
        "channel-full",
        `the channel keeps ${this.#capacity} items until its manager has started, and is full; push later, or give it more: new Channel({ capacity })`,
      );
    }
    this.#kept.push(item);
  }

  /** For the controller that listens: it opens the channel once the caches are filled, and stops listening when it stops. */
  listen(listener: (item: T) => void): { open(): void; stop(): void } {
    if (this.#state !== "waiting") throw new TypeError("the channel belongs to a manager that has started already; make another one");
    this.#listeners.add(listener);
    return { open: () => this.#open(), stop: () => this.#close(listener) };
  }

  #open(): void {
    if (this.#state !== "waiting") return;
    this.#state = "open";
    const kept = this.#kept;
    this.#kept = [];
    for (const item of kept) this.push(item);
  }

  #close(listener: (item: T) => void): void {
    this.#listeners.delete(listener);
    if (this.#listeners.size > 0) return;
    this.#state = "closed";
    this.#kept = [];
  }
}

/** The object that was pushed, or that has the key that was pushed. */
export function enqueuePushed(item: KubernetesObject | ObjectKey): ObjectKey[] {
  return ["name" in item ? item : keyOf(item)];
}
