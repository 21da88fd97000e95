import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";

import { type AuditEvent, type AuditLevel, readAuditLog } from "./audit.ts";
import { findBinaries } from "./binaries.ts";
import { keepLogs, scratchFolder } from "./folder.ts";
import type { ServerProcess } from "./server-process.ts";
import { type Start, startServers } from "./start.ts";

export interface ControlPlaneOptions {
  /** More arguments for kube-apiserver, such as `--feature-gates=Name=true`; they come last and so win over ours. */
  apiServerArgs?: readonly string[];
  /**
   * Runs kube-controller-manager too, with the controllers of Deployments, ReplicaSets, garbage collection, namespaces and service
   * accounts. Without it nothing acts on what is written: an owner's dependents stay, and a deleted namespace stays Terminating.
   * Nothing ever runs a Pod. Default false.
   */
  controllerManager?: boolean;
  /** Records every request that comes from outside, for {@link ControlPlane.auditEvents}. Default: none are recorded. */
  audit?: AuditLevel;
  /** Milliseconds until a start counts as failed; building the binaries does not count. Default 60,000. */
  timeout?: number;
  /** Gives up the start. */
  signal?: AbortSignal;
}

/**
 * A real kube-apiserver on a real etcd, on a loopback port, in a temporary folder that goes with it.
 *
 * @example
 * await using cluster = await ControlPlane.start();
 * const client = connect(cluster.kubeconfig);
 */
export class ControlPlane {
  /** Path of a kubeconfig for a member of `system:masters`. Gone after {@link stop}. */
  readonly kubeconfig: string;
  /** `https://127.0.0.1:<port>` */
  readonly url: string;
  readonly #folder: string;
  readonly #servers: readonly ServerProcess[];
  readonly #audited: boolean;
  #stopped: Promise<void> | undefined;

  private constructor(url: string, start: Start) {
    this.url = url;
    this.kubeconfig = join(start.folder, "kubeconfig");
    this.#folder = start.folder;
    this.#servers = start.servers;
    this.#audited = start.audit !== undefined;
  }

  /**
   * Starts etcd and kube-apiserver and resolves when `/readyz` says so, about 3 s later. Any number can run side by side.
   * Each is empty at the start and keeps nothing. When this process ends without {@link stop}, its control planes end with it.
   *
   * @throws with the last lines of the logs, which are then kept in the folder that the message names.
   */
  static async start(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
    const { apiServerArgs = [], controllerManager = false, audit, timeout = 60_000, signal } = options;
    const binaries = await findBinaries();
    const late = AbortSignal.timeout(timeout);
    const start: Start = {
      folder: await mkdtemp(join(await scratchFolder(), "kubescaffold-controlplane-")),
      binaries,
      apiServerArgs,
      controllerManager,
      audit,
      signal: signal === undefined ? late : AbortSignal.any([late, signal]),
      servers: [],
    };
    try {
      return new ControlPlane(await startServers(start), start);
    } catch (cause) {
      const logs = await keepLogs(start.servers);
      await stopAll(start.servers);
      await rm(start.folder, { recursive: true, force: true });
      const reason = late.aborted ? `not ready within ${timeout / 1000} s` : cause instanceof Error ? cause.message : String(cause);
      throw new Error(`The control plane did not start: ${reason}\n${logs}`, { cause });
    }
  }

  /**
   * The requests recorded so far, oldest first. A request is recorded before its answer is sent, so that a caller who has the
   * answer finds it here.
   *
   * @throws when the control plane was started without the option `audit`.
   */
  async auditEvents(): Promise<AuditEvent[]> {
    if (!this.#audited) {
      throw new Error('Nothing is recorded: start the control plane with { audit: "Metadata" }');
    }
    return readAuditLog(this.#folder);
  }

  /** Kills the servers and removes all that they kept. Resolves when both is done; may be called again. */
  stop(): Promise<void> {
    this.#stopped ??= stopAll(this.#servers).then(() => rm(this.#folder, { recursive: true, force: true }));
    return this.#stopped;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

/** The last started first: a server whose storage went before it would only fill its log. */
async function stopAll(servers: readonly ServerProcess[]): Promise<void> {
  for (const server of servers.toReversed()) {
    await server.stop();
  }
}
