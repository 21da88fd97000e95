import { availableParallelism } from "node:os";
import {
  ControlPlane,
  EmbeddedCluster,
  installCrds,
  isRealCluster,
  readManifests,
  Workloads,
  type TestCluster,
} from "@kubescaffold/runtime/testing";
import { join } from "node:path";
import { connect, silentLogger } from "@kubescaffold/runtime";
import { memcachedSubject, siteSubject, type Subject } from "./operators.ts";
import { runScenario } from "./scenario.ts";

export const SUBJECTS = [memcachedSubject, siteSubject] as const;
/** Fixed, so that everybody's run is the same. */
const BASE_SEED = 20_260_101;
const AT_ONCE = Math.max(6, 5 * availableParallelism());

export async function startCluster(): Promise<TestCluster> {
  const crds = [
    join(import.meta.dirname, "../../examples/memcached-operator/config/crd/bases"),
    join(import.meta.dirname, "site.crd.yaml"),
  ];
  // Pods whose owners are gone have to go, so the real API server needs the real controllers beside it.
  const server = isRealCluster() ? await ControlPlane.start({ controllerManager: true }) : await EmbeddedCluster.start();
  const connection = await connect({ kubeconfig: server.kubeconfig });
  await installCrds(connection.client, await readManifests(crds));
  // What they race with each other is not of interest here.
  const controllers = isRealCluster() ? "kubelet" : "all";
  const workloads = await Workloads.start({ kubeconfig: server.kubeconfig, controllers, log: silentLogger });
  const stop = async () => {
    await workloads.stop();
    connection.close();
    await server.stop();
  };
  return { kubeconfig: server.kubeconfig, url: server.url, client: connection.client, stop, [Symbol.asyncDispose]: stop };
}

/** The seeds of this run: those of the default, or what `KUBESCAFFOLD_FAULT_SEED` and `KUBESCAFFOLD_FAULT_RUNS` say. */
export function seeds(usual: number): number[] {
  const { KUBESCAFFOLD_FAULT_SEED: one, KUBESCAFFOLD_FAULT_RUNS: runs, KUBESCAFFOLD_FAULT_BASE: base = BASE_SEED } = process.env;
  if (one !== undefined) return [Number(one)];
  return Array.from({ length: Number(runs ?? usual) }, (_none, at) => Number(base) + at);
}

/** Runs the seeds, some at the same time. Throws with the stories of all that failed. */
export async function runSeeds(cluster: TestCluster, numbers: readonly number[]): Promise<void> {
  process.stderr.write(
    `faults: ${numbers.length} runs from seed ${numbers[0] ?? 0}${isRealCluster() ? " on a real kube-apiserver" : ""}\n`,
  );
  const expected = new Map<Subject, Record<string, unknown>>();
  for (const subject of SUBJECTS) expected.set(subject, (await runScenario({ cluster, subject, name: `undisturbed-${subject.name}` })).end);
  await allOf(
    numbers.map((seed) => async () => {
      const subject = SUBJECTS[seed % 2 === 0 ? 0 : 1];
      const end = expected.get(subject);
      await runScenario({ cluster, subject, name: `seed-${seed}`, seed, ...(end && { expected: end }) });
    }),
  );
}

/** Kills the operator before and after each of its writes in turn. Returns how many there were. */
export async function runCrashes(cluster: TestCluster, subject: Subject, every = 1): Promise<number> {
  const undisturbed = await runScenario({ cluster, subject, name: `whole-${subject.name}`, short: true });
  const points = Array.from({ length: undisturbed.writes }, (_none, at) => at + 1).filter((at) => at % every === 0);
  await allOf(
    points.flatMap((at) =>
      (["before", "after"] as const).map((moment) => async () => {
        const crashAt = (write: number, now: string) => write === at && now === moment;
        await runScenario({
          cluster,
          subject,
          name: `crash-${subject.name}-${at}-${moment}`,
          crashAt,
          short: true,
          expected: undisturbed.end,
        });
      }),
    ),
  );
  return undisturbed.writes;
}

async function allOf(runs: readonly (() => Promise<void>)[]): Promise<void> {
  const waiting = runs.values();
  const failures: unknown[] = [];
  const worker = async () => {
    for (const next of waiting) await next().catch((error: unknown) => failures.push(error));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  if (failures.length > 0)
    throw new Error(
      `${failures.length} of ${runs.length} runs failed.\n\n${failures.map((failure) => (failure as Error).message).join("\n\n")}`,
    );
}
