import { constants } from "node:fs";
import { access, cp, mkdtemp, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

import type { ServerProcess } from "./server-process.ts";

const memoryFolder = "/dev/shm";
/** etcd allocates 130 MB at once and then grows; a container's default of 64 MiB is no place for it. */
const memoryNeeded = 2 ** 30;

/** Where a control plane's folder goes: memory where there is plenty, else the usual place for temporary files. */
export async function scratchFolder(): Promise<string> {
  try {
    await access(memoryFolder, constants.W_OK);
    const { bavail, bsize } = await statfs(memoryFolder);
    return bavail * bsize >= memoryNeeded ? memoryFolder : tmpdir();
  } catch {
    return tmpdir(); // Not a Linux machine, or one without shared memory.
  }
}

/** Copies the logs to a folder of their own; returns where they are and how they end: those of servers that ended, else all. */
export async function keepLogs(servers: readonly ServerProcess[]): Promise<string> {
  const kept = await mkdtemp(join(tmpdir(), "kubescaffold-controlplane-logs-"));
  for (const server of servers) {
    await cp(server.log, join(kept, basename(server.log)));
  }
  const ended = servers.filter((server) => server.ended);
  const parts = [`The logs are in ${kept}.`];
  for (const server of ended.length > 0 ? ended : servers) {
    parts.push(`--- ${server.name}, the last lines:`, await server.lastLines(15));
  }
  return parts.join("\n");
}
