import { randomUUID } from "node:crypto";
import type { Clock } from "../../object/clock.ts";
import type { Aggregation } from "./aggregation/index.ts";
import type { ServiceResolver } from "./callout/index.ts";
import type { AccessLog, Rbac, ServiceAccountTokens } from "./auth/index.ts";
import type { Collection, Store } from "./store/index.ts";
import type { Resource, ResourceRegistry } from "./resources/index.ts";

/** What every part of the server works with. */
export interface Api {
  readonly store: Store;
  readonly registry: ResourceRegistry;
  /** The versions that other servers serve. */
  readonly aggregation: Aggregation;
  readonly clock: Clock;
  readonly rbac: Rbac;
  /** What service accounts ask for; undefined where nobody wants to know. */
  readonly accessLog: AccessLog | undefined;
  readonly tokens: ServiceAccountTokens;
  /** Finds the webhooks and API servers of services; undefined: there are none. */
  readonly resolveService: ServiceResolver | undefined;
  /** Aborted when the server stops: every wait ends with it. */
  readonly signal: AbortSignal;
}

export function collectionOf(api: Api, resource: Resource): Collection {
  return api.store.collection(resource.collection);
}

/** RFC 3339 in seconds, as objects carry times. */
export function timestamp(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
}

export function newUid(): string {
  return randomUUID();
}

const SUFFIX_ALPHABET = "bcdfghjklmnpqrstvwxz2456789";

/** What follows `generateName`. */
export function nameSuffix(): string {
  let suffix = "";
  for (let index = 0; index < 5; index++) suffix += SUFFIX_ALPHABET[Math.floor(Math.random() * SUFFIX_ALPHABET.length)] ?? "";
  return suffix;
}
