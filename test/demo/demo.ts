import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { connect, NoKindMatchError, unstructured, type Client, type UnstructuredObject } from "@kubescaffold/runtime";
import { applyManifests, eventually, installCrds, readManifests } from "@kubescaffold/runtime/testing";
import { leftovers, narrate } from "./narrator.ts";
import { run, start, type Started } from "./processes.ts";
import { terminal, type Terminal } from "./terminal.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const EXAMPLE = join(ROOT, "examples", "memcached-operator");
/** What a user writes into the scaffolded project. */
const EDITED = [
  "api/v1alpha1/memcached.types.ts",
  "controllers/memcached.controller.ts",
  "controllers/memcached.controller.test.ts",
  "main.ts",
];
const MEMCACHED = unstructured({ apiVersion: "cache.example.com/v1alpha1", kind: "Memcached" });
/** Milliseconds that each step may take on a slow machine. */
const PATIENCE = 60_000;

/** Called in reverse order at the end, whatever that is. */
type CleanUp = () => unknown;

export interface DemoOptions {
  keep: boolean;
  kubeconfig?: string | undefined;
}

/** Plays the demo and returns the exit code. Ctrl-C ends it at any time and leaves nothing behind. */
export async function demo(options: DemoOptions): Promise<number> {
  const show = terminal();
  const interrupted = new AbortController();
  const onSignal = () => interrupted.abort(new Error("interrupted"));
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
  const cleanUps: CleanUp[] = [];
  try {
    await play(options, show, cleanUps, interrupted.signal);
    return 0;
  } catch (error) {
    if (interrupted.signal.aborted) return 130;
    process.stderr.write(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  } finally {
    for (const cleanUp of cleanUps.reverse()) {
      try {
        await cleanUp();
      } catch (error) {
        process.stderr.write(`while cleaning up: ${String(error)}\n`);
      }
    }
    process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
  }
}

async function play(options: DemoOptions, show: Terminal, cleanUps: CleanUp[], signal: AbortSignal): Promise<void> {
  show.title("1. A project from an empty folder");
  const project = await mkdtemp(join(tmpdir(), "kubescaffold-demo-"));
  cleanUps.push(() => rm(project, { recursive: true, force: true }));
  await scaffold(project, show, "init", "--domain", "example.com", "--project-name", "memcached-operator", "--packages", "link");
  await scaffold(project, show, "create", "api", "--group", "cache", "--version", "v1alpha1", "--kind", "Memcached");
  for (const file of EDITED) await cp(join(EXAMPLE, file), join(project, file));
  show.line("you", `write ${EDITED.filter((file) => !file.endsWith(".test.ts")).join(", ")}`);
  await scaffold(project, show, "generate");
  signal.throwIfAborted();

  show.title(
    options.kubeconfig === undefined ? "2. A cluster and the operator, each a process of its own" : "2. The operator, on your cluster",
  );
  const kubeconfig = options.kubeconfig ?? (await startCluster(project, show, cleanUps));
  const connection = await connect({ kubeconfig });
  cleanUps.push(() => connection.close());
  const { client } = connection;
  const namespace = await prepare(client, project, cleanUps);
  const operator = await startOperator(project, kubeconfig, show, cleanUps);
  signal.throwIfAborted();

  const narrator = new AbortController();
  cleanUps.push(() => narrator.abort());
  narrate(client, namespace, show, narrator.signal);
  const name = await story(client, project, namespace, show, signal);

  if (options.keep) {
    show.title("It stays up. Look around, and end it with Ctrl-C:");
    await create(client, project, namespace);
    show.output(`kubectl --kubeconfig ${kubeconfig} get memcacheds,deployments,pods -n ${namespace}\ncd ${project}   # the project`);
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    await remove(client, namespace, name);
    return;
  }
  narrator.abort();
  await operator.stop();
  show.title("Done.");
}

/** Creates, scales and deletes the sample, and waits for what must follow each time. */
async function story(client: Client, project: string, namespace: string, show: Terminal, signal: AbortSignal): Promise<string> {
  show.title("3. A Memcached is asked for");
  show.command("kubectl apply -f config/samples/cache_v1alpha1_memcached.yaml");
  const sample = await create(client, project, namespace);
  const name = sample.metadata.name ?? "";
  await until(signal, () => isAvailable(client, namespace, name, sizeOf(sample)));

  show.title("4. It is scaled to 5");
  show.command(`kubectl patch memcached ${name} --type merge -p '{"spec":{"size":5}}'`);
  await client.patch(MEMCACHED, { namespace, name }, "merge", { spec: { size: 5 } });
  await until(signal, () => isAvailable(client, namespace, name, 5));

  show.title("5. It is deleted");
  show.command(`kubectl delete memcached ${name}`);
  await remove(client, namespace, name);
  await until(signal, async () => {
    const left = await leftovers(client, namespace, `app.kubernetes.io/instance=${name}`);
    if (left.length > 0) throw new Error(`still there: ${left.join(", ")}`);
  });
  show.line("nothing is left of it", "no Deployment, no ReplicaSet, no Pod");
  return name;
}

async function scaffold(project: string, show: Terminal, ...args: string[]): Promise<void> {
  const hidden = args.indexOf("--packages");
  show.command(`scaffold ${(hidden < 0 ? args : args.slice(0, hidden)).join(" ")}`);
  show.output(await run(process.execPath, [join(ROOT, "generators", "bin.js"), ...args], project));
}

async function startCluster(project: string, show: Terminal, cleanUps: CleanUp[]): Promise<string> {
  const kubeconfig = join(project, "kubeconfig");
  const server = join(ROOT, "runtime", "testing", "main.ts");
  const cluster = await start(process.execPath, [server, "--kubeconfig", kubeconfig, "--pod-start-delay", "300ms"], project, /serving/);
  cleanUps.push(() => cluster.stop());
  show.line("cluster", `embedded API server, process ${cluster.process.pid ?? 0}`);
  return kubeconfig;
}

async function startOperator(project: string, kubeconfig: string, show: Terminal, cleanUps: CleanUp[]): Promise<Started> {
  const flags = ["--kubeconfig", kubeconfig, "--health-probe-bind-address", "0", "--webhook-port", "0"];
  const operator = await start(process.execPath, ["main.ts", ...flags], project, /Starting Controller/);
  cleanUps.push(() => operator.stop());
  show.line("operator", `node main.ts, process ${operator.process.pid ?? 0}`);
  return operator;
}

/** Installs the CRD, and makes a namespace of its own for the demo. On the way back, both go, unless the CRD was there before. */
async function prepare(client: Client, project: string, cleanUps: CleanUp[]): Promise<string> {
  const crds = await readManifests([join(project, "config", "crd", "bases")]);
  for (const crd of crds) {
    const key = { name: crd.metadata.name ?? "" };
    if ((await client.get(crd, key)) === undefined) cleanUps.push(() => client.delete(crd, key));
  }
  await installCrds(client, crds);
  const namespace = "memcached-demo";
  await applyManifests(client, [{ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } }]);
  cleanUps.push(() => client.delete({ apiVersion: "v1", kind: "Namespace" }, { name: namespace }));
  await eventually(() => servesMemcacheds(client, namespace), { timeout: PATIENCE });
  return namespace;
}

async function servesMemcacheds(client: Client, namespace: string): Promise<void> {
  try {
    await client.list(MEMCACHED, { namespace });
  } catch (error) {
    if (error instanceof NoKindMatchError) throw new Error("the CRD is not served yet", { cause: error });
    throw error;
  }
}

async function create(client: Client, project: string, namespace: string): Promise<UnstructuredObject> {
  const [sample] = await readManifests([join(project, "config", "samples", "cache_v1alpha1_memcached.yaml")]);
  if (!sample) throw new Error(`there is no sample in ${relative(process.cwd(), project)}`);
  return client.apply({ ...sample, metadata: { ...sample.metadata, namespace } });
}

async function remove(client: Client, namespace: string, name: string): Promise<void> {
  await client.delete(MEMCACHED, { namespace, name });
  await eventually(
    async () => {
      if (await client.get(MEMCACHED, { namespace, name })) throw new Error(`Memcached ${name} is still there`);
    },
    { timeout: PATIENCE },
  );
}

function until(signal: AbortSignal, check: () => Promise<void>): Promise<void> {
  return eventually(
    async () => {
      if (signal.aborted) return;
      await check();
    },
    { timeout: PATIENCE, interval: 50 },
  ).then(() => signal.throwIfAborted());
}

async function isAvailable(client: Client, namespace: string, name: string, size: number): Promise<void> {
  const memcached = await client.get(MEMCACHED, { namespace, name });
  const status = memcached?.["status"] as { nodes?: string[]; conditions?: { type: string; status: string }[] } | undefined;
  const available = status?.conditions?.some(({ type, status: is }) => type === "Available" && is === "True");
  if (available !== true || status?.nodes?.length !== size) throw new Error(`Memcached ${name} is not available with ${size} nodes yet`);
}

function sizeOf(memcached: UnstructuredObject): number {
  return (memcached["spec"] as { size?: number } | undefined)?.size ?? 3;
}
