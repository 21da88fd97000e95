import type { ApplyMemory } from "./apply-memory.ts";
import type { RestMapper } from "./discovery.ts";
import type { CallObserver } from "./observer.ts";
import type { Transport } from "./transport.ts";
import type { CachedReader } from "./types.ts";

/** What all clients of one connection share. */
export interface ClientParts {
  transport: Transport;
  mapper: RestMapper;
  /** Reads of declared kinds are answered here. */
  reader?: CachedReader | undefined;
  memory?: ApplyMemory;
}

/** How one client differs from the others of its connection. */
export interface Scope {
  namespace?: string;
  fieldManager: string;
  dryRun: boolean;
  live: boolean;
  readOnly: boolean;
  /** Once it aborts, every call rejects with a {@link FencedError}. */
  fence?: AbortSignal;
  /** Asked at the last moment before each write. */
  guard?: () => void;
  observer?: CallObserver;
}
