import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runProgram } from "../../../generators/program.ts";
import { startCluster } from "./cluster.ts";

const FOLDER = join(import.meta.dirname, "..", "artifacts");
/** Beside what `kubectl cluster-info dump` writes, which are the workloads, events and logs of all namespaces. */
const more = ["customresourcedefinitions", "mutatingwebhookconfigurations", "validatingwebhookconfigurations", "leases", "networkpolicies"];

/** Writes down what is on the cluster at the time that a test fails, and returns the folder. */
export async function collect(file: string, test: string): Promise<string> {
  const words = (text: string): string => text.replaceAll(/\W+/g, "-").slice(0, 80);
  const folder = join(FOLDER, words(file), words(test));
  mkdirSync(folder, { recursive: true });
  await using cluster = await startCluster();
  const kubectl = async (...args: string[]): Promise<string> => {
    const { out, err } = await runProgram("kubectl", ["--kubeconfig", cluster.kubeconfig, "--request-timeout=20s", ...args]);
    return out.toString() + err;
  };
  await kubectl("cluster-info", "dump", "--all-namespaces", `--output-directory=${folder}`);
  const custom = (await kubectl("get", "customresourcedefinitions", "--output=name")).split("\n").filter((line) => line.includes("/"));
  for (const kind of [...more, ...custom.map((line) => line.slice(line.indexOf("/") + 1))]) {
    writeFileSync(join(folder, `${kind}.yaml`), await kubectl("get", kind, "--all-namespaces", "--output=yaml"));
  }
  await runProgram("kind", ["export", "logs", join(folder, "nodes"), "--name", cluster.name]);
  return folder;
}
