// Subject of `bench.py cache`: node --expose-gc --max-semi-space-size=1 bare-node/cache.mjs
import fs from "node:fs";
import { Store, watch } from "./kube.mjs";

const kind = process.env.BENCH_KIND,
  store = new Store(),
  start = performance.now();
function report() {
  globalThis.gc?.();
  const status = fs.readFileSync("/proc/self/status", "utf8");
  const mib = (field) => Math.round(Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)[1]) / 102.4) / 10;
  console.log(JSON.stringify({ kind, objects: store.size, syncSeconds, rssMiB: mib("VmRSS"), rssPeakMiB: mib("VmHWM") }));
}
process.on("SIGUSR1", report).on("SIGTERM", () => process.exit(0));
await watch(`/api/v1/${kind.toLowerCase()}s`, (key, object, type) => (type === "DELETED" ? store.delete(key) : store.set(key, object)));
const syncSeconds = Math.round(performance.now() - start) / 1000;
report();
