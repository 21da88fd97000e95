import { createServer, connect as dial, type AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { systemClock } from "@kubescaffold/runtime";
import { ScaffoldError, reasonOf } from "../../../errors.ts";
import { guarded, type DevCluster } from "../cluster.ts";
import { guessHost, type Address } from "./address.ts";
import { makeCertificates, type DevCertificates } from "./certificates.ts";
import { WebhookFront } from "./front.ts";
import { Heartbeat, silentFor, thisHolder } from "./holder.ts";
import { probe, removeProbes } from "./probe.ts";
import type { Holder } from "./record.ts";
import { hasOwn, readWebhooks, type ProjectWebhooks } from "./project.ts";
import { Redirection, type Target } from "./redirection.ts";

export interface DevWebhooksOptions {
  readonly cluster: DevCluster;
  /** The project's folder. */
  readonly project: string;
  readonly projectName: string;
  /** How the API server reaches this machine. Default: a guess. */
  readonly address?: Address | undefined;
  /** The port that is listened on. Default: any that is free. */
  readonly port?: number | undefined;
  /** In place of what the code says. */
  readonly failurePolicy?: string | undefined;
  /** False leaves webhooks as they are, and the operator without them. */
  readonly enabled: boolean;
  /** False leaves the conversion of CRDs as it is. */
  readonly conversions: boolean;
  readonly takeOver: boolean;
  readonly say: (text: string) => void;
  /** Ends waiting. */
  readonly signal: AbortSignal;
}

/** What is there once the first webhook is. */
interface Listening {
  readonly front: WebhookFront;
  readonly certificates: DevCertificates;
  readonly operatorPort: number;
  readonly target: Target;
  readonly heartbeat: Heartbeat | undefined;
}

/** How long the end of the command waits for the API server, in milliseconds. */
const restoredWithin = 20_000;
const lookEvery = 50;

/** Leads the webhooks of a project to the operator on this machine, for as long as it runs. */
export class DevWebhooks {
  readonly #options: DevWebhooksOptions;
  readonly #redirection: Redirection;
  readonly #holder: Holder;
  #listening: Listening | undefined;
  /** What the operator that runs, or is about to, serves. */
  #webhooks: ProjectWebhooks = { configurations: [], conversions: [] };
  /** Ends the wait for the operator that was started last. */
  #start = new AbortController();
  /** One change of the cluster after the other. */
  #work: Promise<void> = Promise.resolve();
  #lost = false;
  #restored: Promise<boolean> | undefined;

  constructor(options: DevWebhooksOptions) {
    this.#options = options;
    const { client, namespace } = options.cluster.connection;
    this.#holder = thisHolder(namespace, systemClock);
    this.#redirection = new Redirection({ client, clock: systemClock, project: options.projectName, holder: this.#holder });
  }

  /**
   * Makes good what earlier runs have left in the cluster.
   *
   * @throws ScaffoldError `conflict` when another one goes on, which concerns us unless we leave webhooks alone
   */
  async recover(): Promise<void> {
    const { cluster, enabled, takeOver, say, signal } = this.#options;
    if (cluster.isEmbedded) return;
    try {
      await this.#guarded(recovered(this.#redirection, { takeOver: takeOver && enabled, say, signal }));
    } catch (error) {
      if (enabled || !(error instanceof ScaffoldError && error.code === "conflict")) throw error;
      say(error.message);
      return;
    }
    if (enabled) await this.#guarded(removeProbes(cluster.connection.client, signal));
  }

  /**
   * Gets ready for an operator that is about to start, as the project is now.
   *
   * @returns its flags
   * @throws ScaffoldError when the API server does not reach this machine; nothing in the cluster is changed then
   */
  async prepare(): Promise<string[]> {
    const { project, enabled, conversions, cluster } = this.#options;
    this.#start.abort();
    await this.#work;
    const webhooks = readWebhooks(project);
    this.#webhooks = conversions ? webhooks : { ...webhooks, conversions: [] };
    // A port for nothing would only get in the way of a second operator on this machine.
    if (!enabled || !hasOwn(this.#webhooks)) {
      await this.#restore();
      return ["--webhook-port=0"];
    }
    this.#listening ??= await guarded(cluster.name, this.#listen());
    const { operatorPort, certificates } = this.#listening;
    return [`--webhook-port=${operatorPort}`, `--webhook-cert-path=${certificates.folder}`];
  }

  /** The operator has been started: once it listens, the webhooks lead to it. Resolves then, or when it has been said why they do not. */
  async started(): Promise<void> {
    const listening = this.#listening;
    if (listening === undefined || this.#lost || !hasOwn(this.#webhooks)) return;
    listening.front.up();
    const { signal } = (this.#start = new AbortController());
    await this.#enqueue(async () => {
      if (!(await listens(listening.operatorPort, signal))) return;
      const changed = await this.#guarded(this.#redirection.redirect(this.#webhooks, listening.target, signal));
      if (changed.length > 0) this.#options.say(`webhooks lead to ${listening.target.origin}: ${changed.join(", ")}`);
    });
  }

  /** The operator has ended by itself, so nobody else should have to wait for it. @param how `with exit code 1` */
  async ended(how: string): Promise<void> {
    this.#start.abort();
    this.#listening?.front.down(`the operator of scaffold dev on ${this.#holder.who} ended ${how}`);
    if (!this.#options.cluster.isEmbedded) await this.#enqueue(() => this.#restore());
  }

  /**
   * Restores everything, as the operator is about to end. Never rejects: what cannot be restored is said, and how it can be later. Calling it again
   * returns the same promise.
   *
   * @returns false when something could not be restored
   */
  restore(): Promise<boolean> {
    return (this.#restored ??= this.#restoreAtLast());
  }

  /** Restores everything, and takes no more calls. @returns false when something could not be restored */
  async close(): Promise<boolean> {
    const isRestored = await this.restore();
    const listening = this.#listening;
    this.#listening = undefined;
    await listening?.front.close();
    listening?.certificates.remove();
    return isRestored;
  }

  async #restoreAtLast(): Promise<boolean> {
    const { say, cluster } = this.#options;
    this.#start.abort();
    await this.#work;
    const heartbeat = this.#listening?.heartbeat;
    try {
      if (!cluster.isEmbedded) await this.#restore();
      await heartbeat?.stop();
      return true;
    } catch (error) {
      heartbeat?.halt();
      const why = reasonOf(error);
      const left = [...this.#redirection.held, ...(heartbeat === undefined ? [] : [`Lease ${this.#holder.lease.name}`])].join(", ");
      say(`not restored: ${left} (${why})\nwhen the cluster is there again, run: npx scaffold dev ${cluster.flags.join(" ")} --restore`);
      return false;
    }
  }

  async #restore(): Promise<void> {
    if (this.#lost) return;
    for (const name of await this.#guarded(this.#redirection.restore(AbortSignal.timeout(restoredWithin)))) {
      this.#options.say(`restored ${name}`);
    }
  }

  async #listen(): Promise<Listening> {
    const { address, port = 0, cluster, failurePolicy, signal } = this.#options;
    const host = address?.host ?? (cluster.isEmbedded ? "127.0.0.1" : await guessHost(cluster.connection, signal));
    const certificates = await makeCertificates(host);
    const operatorPort = await freePort();
    const { ca, serving } = certificates;
    try {
      const front = await WebhookFront.listen({ port, host, ca, certificate: serving, operatorPort });
      const origin = `https://${host.includes(":") ? `[${host}]` : host}:${address?.port ?? front.port}`;
      const target: Target = { origin, caBundle: Buffer.from(ca).toString("base64"), failurePolicy };
      try {
        if (cluster.isEmbedded) return { front, certificates, operatorPort, target, heartbeat: undefined };
        await this.#verify(front, target);
        const heartbeat = this.#heartbeat();
        await heartbeat.start();
        return { front, certificates, operatorPort, target, heartbeat };
      } catch (error) {
        await front.close();
        throw error;
      }
    } catch (error) {
      certificates.remove();
      throw error;
    }
  }

  async #verify(front: WebhookFront, { origin, caBundle }: Target): Promise<void> {
    const { cluster, address, say, signal } = this.#options;
    const { client, namespace } = cluster.connection;
    const { path, reached } = front.probe(this.#holder.session);
    const reach = await probe(client, { url: `${origin}${path}`, caBundle, namespace, reached }, signal);
    if ("unknown" in reach) say(`whether the API server reaches ${origin} could not be tried out: ${reach.unknown}`);
    else if (!reach.reached) {
      const otherwise =
        address === undefined ? "pass --webhook-host with an address of this machine that it reaches" : "pass another --webhook-host";
      throw new ScaffoldError(
        "cluster-unreachable",
        `The API server does not reach this machine for webhooks at ${origin} (${reach.why}): ${otherwise}, or --no-webhooks.`,
      );
    }
  }

  #heartbeat(): Heartbeat {
    const { cluster, projectName, say } = this.#options;
    const onLost = (): void => {
      this.#lost = true;
      say("the webhooks were taken over by another scaffold dev: they lead here no more; start again with --take-over to have them back");
    };
    return new Heartbeat({ client: cluster.connection.client, clock: systemClock, holder: this.#holder, project: projectName, onLost });
  }

  /** What is wrong with one change is said, and the next one begins anew. */
  #enqueue(change: () => Promise<void>): Promise<void> {
    return (this.#work = this.#work.then(change).catch((error: unknown) => {
      // Cut off by what comes next, or by the end.
      if (error instanceof DOMException && error.name === "AbortError") return;
      this.#options.say(reasonOf(error));
    }));
  }

  #guarded<T>(work: Promise<T>): Promise<T> {
    return guarded(this.#options.cluster.name, work);
  }
}

/** Only makes good what earlier runs have left. */
export async function restoreWebhooks(
  options: Pick<DevWebhooksOptions, "cluster" | "projectName" | "takeOver" | "say" | "signal">,
): Promise<void> {
  const { cluster, projectName: project, say } = options;
  const { client, namespace } = cluster.connection;
  const redirection = new Redirection({ client, clock: systemClock, project, holder: thisHolder(namespace, systemClock) });
  const restored = await guarded(cluster.name, recovered(redirection, options));
  await guarded(cluster.name, removeProbes(client, options.signal));
  if (restored === 0) say("nothing to restore: no webhooks lead to a machine");
}

async function recovered(
  redirection: Redirection,
  { takeOver, say, signal }: Pick<DevWebhooksOptions, "takeOver" | "say" | "signal">,
): Promise<number> {
  const onWait = ({ who }: { who: string }): void =>
    say(`the webhooks lead to ${who}; looking up to ${silentFor / 1000} s whether it is still there`);
  const found = await redirection.recover({ takeOver, onWait, signal });
  for (const { name, who } of found) say(`restored ${name}, which led to ${who}`);
  return found.length;
}

/** Waits until somebody listens on a port of this machine. @returns false when the signal aborted */
async function listens(port: number, signal: AbortSignal): Promise<boolean> {
  while (!signal.aborted) {
    const there = await new Promise<boolean>((resolve) => {
      const socket = dial({ host: "127.0.0.1", port }, () => {
        socket.destroy();
        resolve(true);
      }).on("error", () => resolve(false));
    });
    if (there) return true;
    await pause(lookEvery);
  }
  return false;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
