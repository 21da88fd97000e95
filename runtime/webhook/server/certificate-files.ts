import { watch, type FSWatcher } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createSecureContext } from "node:tls";
import { isDeepStrictEqual } from "node:util";
import { milliseconds, reasonOf, type Clock, type DurationLike, type Logger, type Timer } from "../../object/index.ts";

/** A certificate with its chain, and its private key, both in PEM. */
export interface ServingPair {
  cert: string;
  key: string;
}

/** Where the server has its certificate from. */
export interface CertificateSource {
  /** The certificate to begin with. @param signal ends a long wait for it @throws Error with one line that says what to do */
  load(signal?: AbortSignal): Promise<ServingPair>;
  /** Tells of every other certificate from then on, until the signal aborts. */
  watch(onChange: (pair: ServingPair) => void, signal: AbortSignal): void;
  /** A readiness check. @throws Error while those who call cannot trust the certificate yet */
  check?(): void;
}

export interface CertificateFilesOptions {
  /** Folder of the two files. */
  path: string;
  /** Default `tls.crt`. */
  certName?: string | undefined;
  /** Default `tls.key`. */
  keyName?: string | undefined;
  /** How often the files are looked at where the file system tells nothing of a change (some network volumes). Default `10s`. */
  interval?: DurationLike;
  /** Who uses them, in messages. Default `the webhook server`. */
  user?: string;
  /** What to do when they cannot be read. Default `correct --webhook-cert-path`. */
  advice?: string;
  /** Told of each time they are read. */
  onRead?: (succeeded: boolean) => void;
  clock: Clock;
  log: Logger;
}

/** A certificate in two files, which are read again when they change, as when a Secret that is mounted gets a new one. */
export function certificateFiles(options: CertificateFilesOptions): CertificateSource {
  const { path, certName = "tls.crt", keyName = "tls.key", clock, log, onRead } = options;
  const { user = "the webhook server", advice = "correct --webhook-cert-path" } = options;
  const interval = milliseconds(options.interval ?? "10s");
  const files = { cert: join(path, certName), key: join(path, keyName) };
  const readFiles = async (): Promise<ServingPair> => {
    try {
      const pair = await readPair(files, (file) => `${user}'s certificate cannot be read from ${file}; ${advice}`);
      onRead?.(true);
      return pair;
    } catch (error) {
      onRead?.(false);
      throw error;
    }
  };
  let current: ServingPair | undefined;
  return {
    async load() {
      current = await readFiles();
      return current;
    },
    watch(onChange, signal) {
      let reading: Promise<void> | undefined;
      let again = false;
      let timer: Timer | undefined;
      const check = async (): Promise<void> => {
        try {
          const pair = await readFiles();
          if (signal.aborted || isDeepStrictEqual(pair, current)) return;
          onChange(pair);
          current = pair;
          log.info(`${user} has a new certificate`, { file: files.cert });
        } catch (error) {
          // Halfway through a rotation the two do not match: the next look will find them whole.
          log.warn(`a new certificate cannot be used; ${user} keeps the one it has`, { reason: reasonOf(error) });
        }
      };
      // One look at a time; what changes during one is looked at once more.
      const look = (): void => {
        again = true;
        reading ??= (async () => {
          while (again && !signal.aborted) {
            again = false;
            await check();
          }
          reading = undefined;
        })();
      };
      const poll = (): void => {
        timer = clock.setTimeout(() => {
          look();
          poll();
        }, interval);
      };
      poll();
      const watcher = watchFolder(path, look);
      signal.addEventListener("abort", () => {
        timer?.cancel();
        watcher?.close();
      });
    },
  };
}

/** Mounted Secrets are links that are exchanged, so the folder is watched and not the files. */
function watchFolder(path: string, onChange: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(path, { persistent: false }, onChange);
    watcher.on("error", () => watcher.close());
    return watcher;
  } catch {
    return undefined; // no more watches are to be had, or the file system has none: the files are looked at regularly all the same
  }
}

/** @throws Error when a file cannot be read, or the two are no pair */
async function readPair(files: { cert: string; key: string }, unreadable: (file: string) => string): Promise<ServingPair> {
  const cert = await read(files.cert, unreadable);
  const key = await read(files.key, unreadable);
  try {
    createSecureContext({ cert, key });
  } catch (cause) {
    throw new Error(`the certificate ${files.cert} and the key ${files.key} do not work together: ${reasonOf(cause)}`, { cause });
  }
  return { cert, key };
}

async function read(file: string, unreadable: (file: string) => string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    throw new Error(unreadable(file), { cause });
  }
}
