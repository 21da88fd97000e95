import { jsonLogger, Manager } from "../../../runtime/manager/index.ts";
import type { TestCluster } from "../../../runtime/testing/index.ts";

/** A line of the log as the user sees it. */
export interface Line {
  level: string;
  msg: string;
  error?: string;
  retryInMs?: number;
  [field: string]: unknown;
}

/** A running operator, and what it has written on standard error so far. */
export interface Operator extends AsyncDisposable {
  lines: Line[];
  /** The lines that an operator's user has to look at. */
  complaints(): Line[];
}

/** Starts an operator in one namespace; it is stopped at the end of its block. */
export async function startOperator(cluster: TestCluster, namespace: string, wire: (manager: Manager) => void): Promise<Operator> {
  const lines: Line[] = [];
  const log = jsonLogger("info", { write: (text: string) => void lines.push(JSON.parse(text) as Line) });
  const manager = await Manager.create({ kubeconfig: cluster.kubeconfig, namespaces: [namespace], log });
  wire(manager);
  await manager.start();
  return {
    lines,
    complaints: () => lines.filter(({ level }) => level === "error" || level === "warn"),
    [Symbol.asyncDispose]: () => manager.stop(),
  };
}
