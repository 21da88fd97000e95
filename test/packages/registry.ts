import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { once } from "node:events";
import { eventually } from "@kubescaffold/runtime/testing";
import { stringify } from "yaml";

/** A real npm registry on loopback: our packages are published to it, all others come from the registry that npm is set up with. */
export interface Registry extends AsyncDisposable {
  readonly url: string;
  /** The settings of an npm that uses it, with a cache of its own, as a new user's machine has. */
  readonly environment: NodeJS.ProcessEnv;
  publish(tarball: string): void;
}

const here = fileURLToPath(new URL(".", import.meta.url));

/** Installs what these tests need beside the root's dependencies: the registry, and what checks packages. */
export function installTools(): void {
  const tools = ["verdaccio", "publint", join("@arethetypeswrong", "cli")].map((name) => join(here, "node_modules", name));
  if (tools.every((tool) => existsSync(tool))) return;
  execFileSync("npm", ["ci", "--no-fund", "--no-audit"], { cwd: here, env: cleanEnvironment(), stdio: "inherit" });
}

/** @param folder where it keeps everything */
export async function startRegistry(folder: string): Promise<Registry> {
  installTools();
  const verdaccio = join(here, "node_modules", "verdaccio", "bin", "verdaccio");
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  mkdirSync(folder, { recursive: true });
  const config = join(folder, "config.yaml");
  writeFileSync(config, stringify(settings(join(folder, "storage"))));
  const child = spawn(process.execPath, [verdaccio, "--config", config, "--listen", `127.0.0.1:${port}`], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    env: cleanEnvironment(),
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString("utf8")));
  const ended = once(child, "exit");
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    await ended;
  };
  try {
    await eventually(
      async () => {
        if (child.exitCode !== null) throw new Error(`verdaccio ended:\n${output}`);
        const response = await fetch(`${url}-/ping`);
        if (!response.ok) throw new Error(`verdaccio answers ${response.status}`);
      },
      { timeout: 60_000, interval: 100 },
    );
  } catch (error) {
    await stop();
    throw error;
  }
  const userConfig = join(folder, "npmrc");
  // Publishing asks for a login of some kind, and this registry takes any.
  writeFileSync(userConfig, `registry=${url}\n//127.0.0.1:${port}/:_authToken=anybody\nfund=false\naudit=false\nupdate-notifier=false\n`);
  const environment = {
    ...cleanEnvironment(),
    npm_config_userconfig: userConfig,
    npm_config_cache: join(folder, "cache"),
    npm_config_registry: url,
  };
  return {
    url,
    environment,
    publish: (tarball) =>
      void execFileSync("npm", ["publish", tarball, "--ignore-scripts"], { cwd: folder, env: environment, stdio: "pipe" }),
    [Symbol.asyncDispose]: stop,
  };
}

function settings(storage: string): unknown {
  const registry = execFileSync("npm", ["config", "get", "registry"], {
    encoding: "utf8",
    env: cleanEnvironment(),
    stdio: ["ignore", "pipe", "ignore"],
  }).trim();
  const everybody = { access: "$all", publish: "$all" };
  return {
    storage,
    uplinks: { upstream: { url: registry, maxage: "60m", timeout: "60s", max_fails: 100 } },
    packages: { kubescaffold: everybody, "@kubescaffold/*": everybody, "**": { access: "$all", proxy: "upstream" } },
    web: { enable: false },
    server: { keepAliveTimeout: 60 },
    log: { type: "stdout", format: "pretty", level: "warn" },
  };
}

/** The environment of a user's shell: without what npm and Jest add to it, and without the Node of this checkout. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|JEST_|NODE_(ENV|OPTIONS|PATH)$|INIT_CWD$|KUBESCAFFOLD_|KUBECONFIG$)/i.test(name),
  );
  const path = (process.env["PATH"] ?? "").split(":").filter((folder) => !folder.includes("node_modules"));
  return { ...Object.fromEntries(kept), PATH: path.join(":") };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
