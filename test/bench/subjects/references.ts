/**
 * An operator of the `references` bench: one ConfigMap refers to so many Secrets (BENCH_REFERENCES), or all Secrets are cached (`all`). Prints a line of
 * JSON with its memory once it has read them. Node needs `--expose-gc`.
 */
import { readFileSync } from "node:fs";
import { ConfigMap } from "kubernetes-models/v1/ConfigMap";
import { Secret } from "kubernetes-models/v1/Secret";
import { done, jsonLogger, Manager, type ReconcileContext, type Reconciler, type Result } from "@kubescaffold/runtime";

const wanted = process.env["BENCH_REFERENCES"] ?? "";
const names = Array.from({ length: wanted === "all" ? 0 : Number(wanted) }, (_, index) => `secret-${index}`);

class Referring implements Reconciler<ConfigMap> {
  async reconcile({ metadata }: ConfigMap, { references }: ReconcileContext<ConfigMap>): Promise<Result> {
    const { namespace = "", name = "" } = metadata ?? {};
    if (name !== "owner") return done();
    await references.track({ namespace, name }, Secret, names);
    for (const each of names) await references.get(Secret, { namespace, name: each });
    globalThis.gc?.();
    process.stdout.write(`${JSON.stringify({ rssMiB: memory("VmRSS"), rssPeakMiB: memory("VmHWM") })}\n`);
    return done();
  }
}

const manager = await Manager.create({ log: jsonLogger("warn") });
manager.controller(ConfigMap).reconcileWith(new Referring());
if (wanted === "all") manager.cache(Secret);
await manager.run();

function memory(field: string): number {
  const [, kib] = new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(readFileSync("/proc/self/status", "utf8")) ?? [];
  return Number(kib) / 1024;
}
