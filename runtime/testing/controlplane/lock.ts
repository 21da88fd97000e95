import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Does `work` while holding the file `path`, so that processes of one machine take turns. A lock whose process is gone is broken.
 * Two that break it in the same moment may both go on; so the work has to end with one atomic step all the same.
 *
 * @param say tells people that this waits, and for which process.
 * @param work told whether another process held the lock before.
 */
export async function withLock<T>(path: string, say: (text: string) => void, work: (waited: boolean) => Promise<T>): Promise<T> {
  let waitedFor: number | undefined;
  while (!(await take(path))) {
    const holder = await holderOf(path);
    if (holder !== undefined && alive(holder)) {
      if (holder !== waitedFor) {
        say(`waiting for process ${holder}, which is at the same work (if it is not, remove ${path})`);
        waitedFor = holder;
      }
      await sleep(500);
    } else if (holder !== undefined) {
      await breakLock(path);
    }
  }
  try {
    return await work(waitedFor !== undefined);
  } finally {
    await rm(path, { force: true });
  }
}

/** A link to a finished file: the lock never exists without its holder in it. */
async function take(path: string): Promise<boolean> {
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, String(process.pid));
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (hasCode(error, "EEXIST")) {
      return false;
    }
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** `undefined` when the lock has just been given back. */
async function holderOf(path: string): Promise<number | undefined> {
  try {
    return Number(await readFile(path, "utf8"));
  } catch (error) {
    if (hasCode(error, "ENOENT")) {
      return undefined;
    }
    throw error;
  }
}

async function breakLock(path: string): Promise<void> {
  const aside = `${path}.broken-by-${process.pid}`;
  try {
    await rename(path, aside);
    await rm(aside, { force: true });
  } catch (error) {
    if (!hasCode(error, "ENOENT")) {
      throw error;
    }
  }
}

function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return hasCode(error, "EPERM");
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
