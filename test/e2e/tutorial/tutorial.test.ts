/** The tutorial, word for word: from an empty folder to an operator on a kind cluster, and back. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { packPackages } from "../../../generators/packages/index.ts";
import type { Scene } from "../../docs/picture.ts";
import { temporaryFolder } from "../../generators/temporary.ts";
import { startRegistry, type Registry } from "../../packages/registry.ts";
import { nodeImage } from "../kind/cluster.ts";
import { provideImage } from "../kind/images.ts";
import { docker } from "../kind/stand-in.ts";
import { runProgram } from "../../../generators/program.ts";
import { isShown, stepsOf } from "./page.ts";
import { Shell } from "./shell.ts";

const ROOT = join(import.meta.dirname, "../../..");
const CLUSTER = "tutorial";
/** What the test leaves behind for people: the session, which a picture can be drawn of. */
const artifacts = join(ROOT, "test/e2e/artifacts");
const folder = temporaryFolder();
let registry: Registry;
let shell: Shell;

beforeAll(async () => {
  const tarballs = join(folder.path, "tarballs");
  mkdirSync(tarballs);
  const packed = packPackages(tarballs);
  registry = await startRegistry(join(folder.path, "registry"));
  for (const { file } of packed) registry.publish(join(tarballs, file));
  const work = join(folder.path, "work");
  mkdirSync(work);
  shell = new Shell(work, {
    ...registry.environment,
    npm_config_yes: "true",
    KUBECONFIG: join(folder.path, "kubeconfig"),
    PATH: `${await programs()}:${registry.environment["PATH"] ?? ""}`,
  });
}, 300_000);

afterAll(async () => {
  await shell[Symbol.asyncDispose]();
  await runProgram("kind", ["delete", "cluster", "--name", CLUSTER]); // where a step before that one failed
  await registry[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
}, 60_000);

/** A folder with a kind that makes its nodes of what docker has, for a machine that reaches no registry of images; else it is kind itself. */
async function programs(): Promise<string> {
  const bin = join(folder.path, "bin");
  mkdirSync(bin);
  const { out } = await runProgram("sh", ["-c", "command -v kind"]);
  const kind = out.toString().trim();
  const image = (await nodeImage()).join(" ");
  const script = `#!/bin/sh\nif [ "$1 $2" = "create cluster" ]; then exec ${kind} "$@" ${image}; fi\nexec ${kind} "$@"\n`;
  writeFileSync(join(bin, "kind"), script, { mode: 0o755 });
  return bin;
}

test("leads from an empty folder to an operator on a cluster, and back", async () => {
  const steps = stepsOf(readFileSync(join(ROOT, "docs/tutorial.md"), "utf8"));
  const session: Scene[] = [];
  expect(steps.filter((step) => "path" in step).map(({ path }) => path)).toHaveLength(4);
  for (const step of steps) {
    if ("path" in step) {
      writeFileSync(join(folder.path, "work/memcached-operator", step.path), step.content);
      continue;
    }
    const { output, milliseconds } = await shell.run(step.command);
    session.push({ command: step.command, output, milliseconds });
    if (!isShown(step.output, output)) expect(`$ ${step.command}\n${output}`).toBe(`$ ${step.command}\n${step.output.join("\n")}`);
    if (step.command.startsWith("kind create")) await provideImage({ name: CLUSTER }, "memcached:1.6");
  }
  expect(await docker("ps", "--quiet", "--filter", `label=io.x-k8s.kind.cluster=${CLUSTER}`)).toBe("");
  mkdirSync(artifacts, { recursive: true });
  writeFileSync(join(artifacts, "tutorial.json"), `${JSON.stringify(session, undefined, 1)}\n`);
}, 900_000);
