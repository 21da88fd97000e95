import { makeCluster, shareCluster } from "./cluster.ts";
import { prepare } from "./prepare.ts";

/** One cluster for all files of tests: what a kind cluster needs is made first, where the machine lacks it. */
export default async function setup() {
  await prepare();
  const cluster = await makeCluster();
  globalThis.kubescaffoldCluster = cluster;
  shareCluster(cluster);
}
