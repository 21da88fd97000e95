import type { Client } from "../../../index.ts";
import { Pod, type PodObject } from "../kinds.ts";

/** Addresses of one network, 10.244.0.0/16: enough for 65,000 Pods. */
const FIRST = 2;
const LAST = 65_534;

/** Gives every Pod an address that no other Pod has. */
export class PodAddresses {
  readonly #byUid = new Map<string, string>();
  readonly #used = new Set<string>();
  #next = FIRST;
  #known: Promise<void> | undefined;

  /** The Pod's address: the one it has, else a free one. */
  async of(pod: PodObject, client: Client): Promise<string> {
    await (this.#known ??= this.#learn(client));
    const { uid } = pod.metadata;
    const address = pod.status?.podIP ?? this.#byUid.get(uid) ?? this.#free();
    this.#byUid.set(uid, address);
    this.#used.add(address);
    return address;
  }

  release(uid: string): void {
    const address = this.#byUid.get(uid);
    this.#byUid.delete(uid);
    if (address !== undefined) this.#used.delete(address);
  }

  /** The Pods of an earlier process keep their addresses. */
  async #learn(client: Client): Promise<void> {
    for (const { metadata, status } of await client.list(Pod)) {
      if (status?.podIP === undefined) continue;
      this.#byUid.set(metadata.uid, status.podIP);
      this.#used.add(status.podIP);
    }
  }

  #free(): string {
    for (let tries = FIRST; tries <= LAST; tries++) {
      const number = this.#next;
      this.#next = number === LAST ? FIRST : number + 1;
      const address = `10.244.${number >> 8}.${number & 255}`;
      if (!this.#used.has(address)) return address;
    }
    throw new Error("all addresses of 10.244.0.0/16 are in use: delete some Pods");
  }
}
