/** Prints the folder with etcd and kube-apiserver, and builds them there first when they are nowhere. */
import { findBinaries } from "../../runtime/testing/controlplane/index.ts";

try {
  console.log((await findBinaries()).folder);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
