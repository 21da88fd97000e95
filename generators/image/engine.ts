import { spawn } from "node:child_process";
import { once } from "node:events";
import { ScaffoldError } from "../errors.ts";

/** Where an image can be loaded into without a registry. */
export type LoadTarget = { readonly engine: "docker" | "podman" } | { readonly engine: "kind"; readonly cluster: string };

/** @throws ScaffoldError `bad-option` */
export function parseLoad(text: string): LoadTarget {
  const [engine, cluster, ...more] = text.split("=");
  if (more.length === 0) {
    if (engine === "kind" && cluster !== "") return { engine, cluster: cluster ?? "kind" };
    if ((engine === "docker" || engine === "podman") && cluster === undefined) return { engine };
  }
  throw new ScaffoldError("bad-option", `--load ${text} is nothing to load into: use docker, podman, kind or kind=CLUSTER.`);
}

/** Loads an archive as `docker load`, `podman load` and `kind load image-archive` do. Throws ScaffoldError `engine-failed`. */
export async function load(target: LoadTarget, archive: string): Promise<void> {
  if (target.engine === "kind") await run("kind", ["load", "image-archive", archive, "--name", target.cluster]);
  else await run(target.engine, ["load", "--input", archive]);
}

/** An image that an engine has, as an archive. */
export async function save(engine: "docker" | "podman", image: string): Promise<Uint8Array> {
  return run(engine, ["save", ...(engine === "podman" ? ["--format", "docker-archive"] : []), image]);
}

async function run(program: string, args: readonly string[]): Promise<Uint8Array> {
  const child = spawn(program, args, { env: process.env, stdio: ["ignore", "pipe", "pipe"] });
  const out: Uint8Array[] = [];
  let problem = "";
  child.stdout.on("data", (bytes: Uint8Array) => out.push(bytes));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (problem += text));
  const line = [program, ...args].join(" ");
  try {
    const [code] = (await once(child, "close")) as [number | null];
    if (code === 0) return Buffer.concat(out);
    const said = problem.trim() || Buffer.concat(out).toString().trim();
    throw new ScaffoldError("engine-failed", `${line} failed (${code ?? "ended by a signal"}):\n${said}`);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    throw new ScaffoldError(
      "engine-failed",
      `${program} is not installed, or not in PATH. Without it, an archive (--output FILE) or a registry (--push) will do.`,
    );
  }
}
