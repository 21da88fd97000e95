import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runProgram } from "../../../generators/program.ts";
import type { KindCluster } from "./cluster.ts";
import { run } from "./run.ts";
import { docker, standIn } from "./stand-in.ts";

interface StandIn {
  /** Files of this machine, by their places in the image. */
  readonly files: Readonly<Record<string, string>>;
  /** Debian's package that brings them. */
  readonly package: string;
  /** Instructions of a Dockerfile. */
  readonly changes: readonly string[];
}

/** What takes the place of images on a machine that reaches no registry: enough of each for the tests that use it. */
const standIns: Readonly<Record<string, StandIn>> = {
  "busybox:1.37": {
    files: Object.fromEntries(["busybox", "sh", "httpd", "date"].map((name) => [`/bin/${name}`, "/bin/busybox"])),
    package: "busybox-static",
    changes: ["ENV PATH=/bin"],
  },
  "memcached:1.6": {
    files: { "/usr/bin/memcached": "/usr/bin/memcached" },
    package: "memcached",
    changes: ['ENTRYPOINT ["/usr/bin/memcached"]', "USER 11211"],
  },
};

/**
 * Loads an image into the nodes of a cluster: docker's, or what it pulls, or what stands in for it.
 *
 * @param others names that the same image gets too, which no registry has
 */
export async function provideImage({ name }: Pick<KindCluster, "name">, image: string, ...others: string[]): Promise<void> {
  const has = async (...args: string[]): Promise<boolean> => (await runProgram("docker", args)).code === 0;
  if (!(await has("image", "inspect", image)) && !(await has("pull", image))) await make(image);
  for (const other of others) await docker("tag", image, other);
  await run("kind", ["load", "docker-image", image, ...others, "--name", name]);
}

async function make(image: string): Promise<void> {
  const known = standIns[image];
  if (known === undefined) throw new Error(`docker has no ${image} and cannot pull it, and nothing is known to stand in for it.`);
  if (!Object.values(known.files).every((file) => existsSync(file))) {
    // At this runlevel Debian starts no services of what it installs.
    const environment = { ...process.env, RUNLEVEL: "1", DEBIAN_FRONTEND: "noninteractive" };
    const install = ["install", "--yes", "--no-install-recommends", known.package];
    if ((await runProgram("apt-get", install, { environment })).code !== 0) await run("apt-get", ["update"]);
    await run("apt-get", install, { environment });
  }
  const folder = mkdtempSync(join(tmpdir(), "kubescaffold-image-"));
  try {
    await standIn(folder, image, known.files, ...known.changes);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
