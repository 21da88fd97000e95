import { ScaffoldError } from "../errors.ts";
import { runProgram } from "../program.ts";

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
  const { found, code, out, err } = await runProgram(program, args);
  if (code === 0) return out;
  if (!found) {
    throw new ScaffoldError(
      "engine-failed",
      `${program} is not installed, or not in PATH. Without it, an archive (--output FILE) or a registry (--push) will do.`,
    );
  }
  const said = err.trim() || out.toString().trim();
  throw new ScaffoldError("engine-failed", `${[program, ...args].join(" ")} failed (${code ?? "ended by a signal"}):\n${said}`);
}
