import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

const VERSION = "v0.22.1";

/** crane of go-containerregistry, a judge of images that shares no code with us; it is built once, from its Go module. */
export async function crane(): Promise<string> {
  const folder = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "kubescaffold", "crane", VERSION);
  const program = join(folder, "crane");
  if (!existsSync(program)) {
    mkdirSync(folder, { recursive: true });
    const source = `github.com/google/go-containerregistry/cmd/crane@${VERSION}`;
    await promisify(execFile)("go", ["install", source], { env: { ...process.env, GOBIN: folder } });
  }
  return program;
}

/** The registry that comes with crane, on a free port. */
export async function craneRegistry(program: string): Promise<{ readonly name: string; [Symbol.asyncDispose](): Promise<void> }> {
  const child = spawn(program, ["registry", "serve", "--address=127.0.0.1:0"], { stdio: ["ignore", "ignore", "pipe"] });
  const port = await new Promise<string>((resolve, reject) => {
    child.once("error", reject).once("exit", (code) => reject(new Error(`crane registry ended with ${code}`)));
    createInterface({ input: child.stderr }).on("line", (line) => {
      const [, found] = /serving on port (\d+)/.exec(line) ?? [];
      if (found !== undefined) resolve(found);
    });
  });
  return {
    name: `127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      const ended = once(child, "exit");
      child.kill();
      await ended;
    },
  };
}
