import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { keyOf, keyString, Manager, type AnyReconciler, type KubernetesObject, type Logger } from "@kubescaffold/runtime";
import type { LeaderElectionSettings } from "../../runtime/manager/index.ts";
import type { Subject } from "./operators.ts";
import { FaultProxy, type ProxyOptions } from "./proxy.ts";
import type { QuickClock } from "./quick-clock.ts";

export interface OperatorOptions {
  subject: Subject;
  namespace: string;
  folder: string;
  name: string;
  clock: QuickClock;
  random: () => number;
  log: Logger;
  leaderElection?: LeaderElectionSettings | undefined;
  proxy: ProxyOptions;
}

/** An operator in a cluster that starts it again whenever it ends. Each life has a proxy of its own. */
export class Operator {
  readonly #options: OperatorOptions;
  readonly #ends: Promise<void>[] = [];
  /** The lives so far. */
  readonly proxies: FaultProxy[] = [];
  /** Keys that were reconciled twice at once in one life. */
  readonly overlaps: string[] = [];
  #stopping = false;
  #calm = false;
  #kill: () => void = () => undefined;
  #running: Promise<void> | undefined;

  constructor(options: OperatorOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = this.#live();
  }

  /** Kills the present life: nothing that it still does arrives anywhere. The next one starts at once. */
  crash(): void {
    this.proxies.at(-1)?.powerOff();
    this.#kill();
  }

  calm(): void {
    this.#calm = true;
    for (const proxy of this.proxies) proxy.calm();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#kill();
    await this.#running;
    await Promise.all(this.#ends);
  }

  #isStopping(): boolean {
    return this.#stopping;
  }

  async #live(): Promise<void> {
    const { proxy: proxyOptions } = this.#options;
    while (!this.#isStopping()) {
      const proxy = await FaultProxy.start({
        ...proxyOptions,
        onWrite: (of, moment) => {
          proxyOptions.onWrite?.(of, moment);
          if (of.isOff()) this.#kill();
        },
      });
      if (this.#calm) proxy.calm();
      this.proxies.push(proxy);
      const killed = new Promise<void>((resolve) => (this.#kill = resolve));
      const manager = await this.#manager(proxy);
      const ended = new Promise<void>((resolve) => {
        manager.add({
          runsWithoutLeading: true,
          start: async (signal) => {
            await new Promise((end) => signal.addEventListener("abort", end, { once: true }));
            resolve();
          },
        });
      });
      // A start that fails ends a process, and the cluster starts it again.
      const failed = manager.start().then(
        () => new Promise<void>(() => undefined),
        () => undefined,
      );
      if (!this.#isStopping()) await Promise.race([killed, ended, failed]);
      const end = manager.stop().then(() => proxy.powerOff());
      // A killed life ends beside the next one, which does not wait for it.
      this.#ends.push(end);
      if (!proxy.isOff()) await end;
    }
  }

  async #manager(proxy: FaultProxy): Promise<Manager> {
    const { subject, namespace, folder, name, clock, random, log, leaderElection } = this.#options;
    const kubeconfig = join(folder, `${name}-${this.proxies.length}.kubeconfig`);
    await writeFile(kubeconfig, kubeconfigFor(proxy.url, namespace));
    const options = { kubeconfig, namespaces: [namespace], clock, random, log, leaderElection, gracefulShutdownTimeout: "10s" };
    const manager = await Manager.create(options);
    subject.wire(manager, this.#watched());
    return manager;
  }

  /** Notes when a key is handed out that is not done yet. */
  #watched() {
    const running = new Set<string>();
    return <T extends KubernetesObject>(reconciler: AnyReconciler<T>): AnyReconciler<T> => {
      if ("reconcileRequest" in reconciler) throw new TypeError("the subjects reconcile objects");
      const once = async <R>(object: T, run: () => Promise<R>): Promise<R> => {
        const key = keyString(keyOf(object));
        if (running.has(key)) this.overlaps.push(key);
        running.add(key);
        try {
          return await run();
        } finally {
          running.delete(key);
        }
      };
      const finalize = reconciler.finalize?.bind(reconciler);
      return {
        reconcile: (object, context) => once(object, () => reconciler.reconcile(object, context)),
        ...(finalize && { finalize: (object, context) => once(object, () => finalize(object, context)) }),
      };
    };
  }
}

function kubeconfigFor(server: string, namespace: string): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "proxy", cluster: { server } }],
    users: [{ name: "operator", user: {} }],
    contexts: [{ name: "proxy", context: { cluster: "proxy", user: "operator", namespace } }],
    "current-context": "proxy",
  });
}
