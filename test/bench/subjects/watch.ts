/**
 * The reader of the `watch` bench: an informer of Pods whose handler counts, on the server of the kubeconfig. When as many changes have come as
 * BENCH_EVENTS says, prints how long they took, and how much CPU time. With BENCH_READS the handler also looks into each object.
 */
import { Cache } from "../../../runtime/cache/index.ts";
import { loadConnection, RestMapper, Transport } from "../../../runtime/client/index.ts";
import { silentLogger, unstructured } from "../../../runtime/object/index.ts";

const expected = Number(process.env["BENCH_EVENTS"]);
const reads = process.env["BENCH_READS"] === "true";
const transport = new Transport(() => loadConnection());
const cache = new Cache({ transport, mapper: new RestMapper(transport), log: silentLogger });
const life = new AbortController();
let changes = 0;
let read = 0;
let began = 0;
let usage = process.cpuUsage();

cache.declare(unstructured({ apiVersion: "v1", kind: "Pod" }), (event) => {
  if (event.fromList) return;
  if (changes === 0) {
    began = performance.now();
    usage = process.cpuUsage();
  }
  if (reads && "spec" in event.object) read++;
  if (++changes === expected) finish();
});
await cache.start(life.signal);

function finish(): void {
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(usage);
  if (reads && read !== expected) throw new Error(`${expected - read} objects came without a spec`);
  process.stdout.write(`${JSON.stringify({ seconds, cpuSeconds: (user + system) / 1e6 })}\n`);
  life.abort();
  transport.close();
}
