import { existsSync } from "node:fs";
import { join } from "node:path";
import { flush } from "../changes/index.ts";
import { ScaffoldError } from "../errors.ts";
import { Project } from "../project/index.ts";
import { paint, untilAborted, type Color, type Console } from "./console.ts";
import { derive } from "./derive.ts";
import { embeddedCluster, OperatorProcess, readable, realCluster, type DevCluster } from "./dev/index.ts";
import { type CommandFactory } from "./options.ts";
import { watchSources } from "./watch-sources.ts";

interface DevOptions {
  readonly context?: string | undefined;
  readonly kubeconfig?: string | undefined;
  readonly port?: number | undefined;
  readonly skipCrds: boolean;
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
      })
      .conflicts("port", ["context", "kubeconfig"])
      .example("$0 dev", "no cluster needed; kubectl works against it")
      .example("$0 dev --context kind-kind", "installs the CRDs and runs the operator on this machine"),
  handler: (args) => {
    const text = (name: string): string | undefined => (typeof args[name] === "string" ? args[name] : undefined);
    const port = typeof args["port"] === "number" ? args["port"] : undefined;
    start((console) =>
      dev({ context: text("context"), kubeconfig: text("kubeconfig"), port, skipCrds: args["skipCrds"] === true }, console),
    );
  },
});

async function dev(options: DevOptions, console: Console): Promise<number> {
  if (options.port !== undefined && !(Number.isInteger(options.port) && options.port >= 0 && options.port <= 65535)) {
    throw new ScaffoldError("bad-option", "--port is not a port number: use one from 1 to 65535.");
  }
  Project.open(console.cwd);
  if (!existsSync(join(console.cwd, "node_modules", "@kubescaffold", "runtime"))) {
    throw new ScaffoldError("install-failed", "The project's dependencies are not installed: run npm install.");
  }
  const say = speaker(console, "dev", "magenta");
  const operatorSays = speaker(console, "operator", "cyan");
  await generate(console.cwd, say);
  const isReal = options.context !== undefined || options.kubeconfig !== undefined;
  const cluster = isReal ? await realCluster(options) : await embeddedCluster({ port: options.port });
  const stopped = console.interrupted();
  try {
    await installCrds(cluster, console.cwd, say, stopped);
    say(cluster.description);
    const operator = new OperatorProcess({
      project: console.cwd,
      // A port of its own for each would only get in the way of a second operator on this machine.
      flags: [...cluster.flags, "--health-probe-bind-address=0", "--metrics-bind-address=0", "--webhook-port=0"],
      onLine: (line) => operatorSays(readable(line, console)),
      onExit: (how) => say(`the operator ended ${how}; it starts again when you save a file`),
    });
    operator.start();
    const unwatch = watchSources(console.cwd, 100, async () => {
      say("sources changed");
      await restart(operator, cluster, console.cwd, say, stopped);
    });
    say("the operator runs, and restarts when you save a file; Ctrl-C ends it");
    await untilAborted(stopped);
    unwatch();
    say("ending");
    await operator.stop();
  } finally {
    await cluster.stop();
  }
  return 0;
}

/** Derives, installs, restarts; what is wrong with the sources is shown, and the operator stays as it is. */
async function restart(
  operator: OperatorProcess,
  cluster: DevCluster,
  project: string,
  say: (text: string) => void,
  stopped: AbortSignal,
): Promise<void> {
  try {
    await generate(project, say);
    await installCrds(cluster, project, say, stopped);
  } catch (error) {
    if (stopped.aborted) return;
    if (!(error instanceof ScaffoldError)) throw error;
    say(error.message);
    return;
  }
  await operator.stop();
  if (!stopped.aborted) operator.start();
}

async function generate(root: string, say: (text: string) => void): Promise<void> {
  const project = Project.open(root);
  await derive(project);
  project.save();
  for (const { kind, path } of flush(project.set)) say(`${kind} ${path}`);
}

async function installCrds(cluster: DevCluster, project: string, say: (text: string) => void, signal: AbortSignal): Promise<void> {
  for (const name of await cluster.installCrds(project, signal)) say(`installed ${name}`);
}

function speaker(console: Console, name: string, color: Color): (text: string) => void {
  const prefix = paint(console, color, name.padEnd(9));
  return (text) => text.split("\n").forEach((line) => console.out(`${prefix}${line}`));
}
