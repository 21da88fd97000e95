import { existsSync } from "node:fs";
import { join } from "node:path";
import { flush } from "../changes/index.ts";
import { ScaffoldError } from "../errors.ts";
import { Project } from "../project/index.ts";
import { paint, untilAborted, type Color, type Console } from "./console.ts";
import { derive } from "./derive.ts";
import { embeddedCluster, OperatorProcess, otherLeader, readable, realCluster, type DevCluster } from "./dev/index.ts";
import type { DevWebhooks } from "./dev/webhooks/index.ts";
import { type CommandFactory, textsIn } from "./options.ts";
import { watchSources } from "./watch-sources.ts";

interface DevOptions {
  readonly context?: string | undefined;
  readonly kubeconfig?: string | undefined;
  readonly port?: number | undefined;
  readonly skipCrds: boolean;
  readonly webhooks: boolean;
  readonly webhookHost?: string | undefined;
  readonly webhookPort?: number | undefined;
  readonly webhookFailurePolicy?: string | undefined;
  readonly takeOver: boolean;
  readonly restore: boolean;
}

/** `scaffold dev`: a cluster and the operator in one terminal. */
export const devCommand: CommandFactory = (start) => ({
  command: "dev",
  describe: "Run the operator with an embedded cluster (or against one of yours), restarted on every change",
  builder: (yargs) =>
    yargs
      .options({
        context: { type: "string", requiresArg: true, describe: "Use the cluster of this context instead of an embedded one" },
        kubeconfig: { type: "string", requiresArg: true, describe: "Use the cluster of this kubeconfig file instead of an embedded one" },
        port: { type: "number", requiresArg: true, describe: "Port of the embedded cluster [default: any that is free]" },
        "skip-crds": { type: "boolean", default: false, describe: "Leave the CRDs of a real cluster as they are" },
        webhooks: { type: "boolean", default: true, describe: "Lead the project's webhooks to this machine; --no-webhooks leaves them" },
        "webhook-host": {
          type: "string",
          requiresArg: true,
          describe: "HOST or HOST:PORT by which the API server reaches this machine [default: a guess]",
        },
        "webhook-port": {
          type: "number",
          requiresArg: true,
          describe: "Port on which webhooks are served here [default: any that is free]",
        },
        "webhook-failure-policy": {
          type: "string",
          requiresArg: true,
          describe:
            "Fail or Ignore: what becomes of requests while the operator does not answer, as in a debugger [default: what the code says]",
        },
        "take-over": { type: "boolean", default: false, describe: "Lead webhooks here that lead to another machine" },
        restore: { type: "boolean", default: false, describe: "Only make good what a run that was killed has left in the cluster" },
      })
      .conflicts("port", ["context", "kubeconfig"])
      .example("$0 dev", "no cluster needed; kubectl works against it")
      .example("$0 dev --context kind-kind", "installs the CRDs, runs the operator here and leads its webhooks to it")
      .example("$0 dev --context staging --webhook-host tunnel.example.com:443 --webhook-port 9443", "webhooks come through a tunnel")
      .example("$0 dev --context staging --restore", "after a crash, from any machine"),
  handler: (args) => {
    const text = textsIn(args);
    const number = (name: string): number | undefined => (typeof args[name] === "number" ? args[name] : undefined);
    const options: DevOptions = {
      context: text("context"),
      kubeconfig: text("kubeconfig"),
      port: number("port"),
      skipCrds: args["skipCrds"] === true,
      webhooks: args["webhooks"] !== false,
      webhookHost: text("webhookHost"),
      webhookPort: number("webhookPort"),
      webhookFailurePolicy: text("webhookFailurePolicy"),
      takeOver: args["takeOver"] === true,
      restore: args["restore"] === true,
    };
    start((console) => dev(options, console));
  },
});

type Say = (text: string) => void;

/** What one run works with. */
interface Session {
  readonly project: string;
  readonly cluster: DevCluster;
  readonly webhooks: DevWebhooks;
  readonly say: Say;
  /** Aborts when the user ends the command. */
  readonly stopped: AbortSignal;
}

async function dev(options: DevOptions, console: Console): Promise<number> {
  checkPort("port", options.port);
  checkPort("webhook-port", options.webhookPort);
  checkPolicy(options.webhookFailurePolicy);
  const { DevWebhooks, parseAddress, restoreWebhooks } = await import("./dev/webhooks/index.ts");
  const address = options.webhookHost === undefined ? undefined : parseAddress(options.webhookHost);
  const project = console.cwd;
  const { projectName, domain } = Project.open(project).file.answers;
  if (!existsSync(join(project, "node_modules", "@kubescaffold", "runtime"))) {
    throw new ScaffoldError("install-failed", "The project's dependencies are not installed: run npm install.");
  }
  const say = speaker(console, "dev", "magenta");
  const isReal = options.context !== undefined || options.kubeconfig !== undefined;
  if (options.restore && !isReal)
    throw new ScaffoldError("bad-option", "--restore is for a cluster of yours: pass --context or --kubeconfig too.");
  if (!options.restore) await generate(project, say);
  const cluster = isReal ? await realCluster(options) : await embeddedCluster({ port: options.port });
  const stopped = console.interrupted();
  let isRestored = true;
  try {
    const { takeOver } = options;
    if (options.restore) {
      await restoreWebhooks({ cluster, projectName, takeOver, say, signal: stopped });
      return 0;
    }
    const webhooks = new DevWebhooks({
      ...{ cluster, project, projectName, address, takeOver, say, signal: stopped },
      port: options.webhookPort,
      failurePolicy: options.webhookFailurePolicy,
      enabled: options.webhooks,
      conversions: !options.skipCrds,
    });
    try {
      await webhooks.recover();
      await run({ project, cluster, webhooks, say, stopped }, `${projectName}.${domain}`, console);
    } finally {
      isRestored = await webhooks.close();
    }
  } catch (error) {
    // What Ctrl-C cut off.
    if (!stopped.aborted) throw error;
  } finally {
    await cluster.stop();
  }
  return isRestored ? 0 : 1;
}

async function run(session: Session, lease: string, console: Console): Promise<void> {
  const { project, cluster, webhooks, say, stopped } = session;
  await installCrds(session);
  const flags = await webhooks.prepare();
  say(cluster.description);
  if (!cluster.isEmbedded) await tellLeader(session, lease);
  const operatorSays = speaker(console, "operator", "cyan");
  const operator = new OperatorProcess({
    project,
    onLine: (line) => operatorSays(readable(line, console)),
    onExit: (how) => {
      void webhooks.ended(how);
      say(`the operator ended ${how}; it starts again when you save a file`);
    },
  });
  launch(operator, session, flags);
  const unwatch = watchSources(project, 100, async () => {
    say("sources changed");
    await restart(operator, session);
  });
  say("the operator runs, and restarts when you save a file; Ctrl-C ends it");
  await untilAborted(stopped);
  unwatch();
  say("ending");
  // Before the operator, so that nobody's request meets a machine that does not answer.
  await webhooks.restore();
  await operator.stop();
}

/** Ports of its own for health and metrics would only get in the way of a second operator on this machine. */
function launch(operator: OperatorProcess, { cluster, webhooks }: Session, flags: readonly string[]): void {
  operator.start([...cluster.flags, "--health-probe-bind-address=0", "--metrics-bind-address=0", ...flags]);
  void webhooks.started();
}

/** Derives, installs, restarts; what is wrong with the sources is shown, and the operator stays as it is. */
async function restart(operator: OperatorProcess, session: Session): Promise<void> {
  const { project, webhooks, say, stopped } = session;
  let flags: string[];
  try {
    await generate(project, say);
    await installCrds(session);
    flags = await webhooks.prepare();
  } catch (error) {
    if (stopped.aborted) return;
    if (!(error instanceof ScaffoldError)) throw error;
    say(error.message);
    return;
  }
  await operator.stop();
  if (!stopped.aborted) launch(operator, session, flags);
}

async function tellLeader({ project, cluster, say, stopped }: Session, lease: string): Promise<void> {
  const { client } = cluster.connection;
  const told = await otherLeader(client, { project, lease, flags: cluster.flags, now: Date.now(), signal: stopped });
  if (told !== undefined) say(told);
}

function checkPort(option: string, port: number | undefined): void {
  if (port === undefined || (Number.isInteger(port) && port >= 0 && port <= 65535)) return;
  throw new ScaffoldError("bad-option", `--${option} is not a port number: use one from 1 to 65535.`);
}

function checkPolicy(policy: string | undefined): void {
  if (policy === undefined || policy === "Fail" || policy === "Ignore") return;
  throw new ScaffoldError("bad-option", `--webhook-failure-policy ${policy}: use Fail, which refuses, or Ignore, which lets pass.`);
}

async function generate(root: string, say: Say): Promise<void> {
  const project = Project.open(root);
  await derive(project);
  project.save();
  for (const { kind, path } of flush(project.set)) say(`${kind} ${path}`);
}

async function installCrds({ cluster, project, say, stopped }: Session): Promise<void> {
  for (const name of await cluster.installCrds(project, stopped)) say(`installed ${name}`);
}

function speaker(console: Console, name: string, color: Color): Say {
  const prefix = paint(console, color, name.padEnd(9));
  return (text) => text.split("\n").forEach((line) => console.out(`${prefix}${line}`));
}
