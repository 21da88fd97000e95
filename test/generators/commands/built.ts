import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { unpackTar } from "modern-tar";
import { gunzipSync } from "node:zlib";
import { packagesFor } from "../../../generators/packages/index.ts";

const CHECKOUT = join(import.meta.dirname, "../../..");

/** An example as a project of its own that has been installed: its modules are the checkout's, and its lock says so. */
export async function exampleProject(project: string, named = "memcached-operator"): Promise<void> {
  const example = join(CHECKOUT, "examples", named);
  cpSync(example, project, { recursive: true, filter: (path) => !["node_modules", "dist", "package-lock.json"].includes(basename(path)) });
  (await packagesFor("link", () => undefined)).link?.(project);
  const read = (folder: string, name: string): Record<string, unknown> =>
    JSON.parse(readFileSync(join(folder, name), "utf8")) as Record<string, unknown>;
  const { name, version, dependencies, devDependencies } = read(project, "package.json");
  const { packages } = read(CHECKOUT, "package-lock.json") as { packages: object };
  const runtime = { version: read(join(CHECKOUT, "runtime"), "package.json")["version"] };
  const lock = {
    name,
    version,
    lockfileVersion: 3,
    packages: { ...packages, "": { name, version, dependencies, devDependencies }, "node_modules/@kubescaffold/runtime": runtime },
  };
  writeFileSync(join(project, "package-lock.json"), JSON.stringify(lock));
}

/** A project whose program says hello: all that is needed where the program does not matter. */
export function smallProject(project: string): void {
  const manifest = { name: "hello", version: "0.1.0", license: "MIT", description: "Says hello" };
  mkdirSync(project);
  cpSync(join(CHECKOUT, "examples/memcached-operator/PROJECT"), join(project, "PROJECT"));
  writeFileSync(join(project, "main.ts"), 'console.log("hello");\n');
  writeFileSync(join(project, "package.json"), JSON.stringify(manifest));
  writeFileSync(join(project, "package-lock.json"), JSON.stringify({ lockfileVersion: 3, packages: { "": manifest } }));
}

interface Described {
  readonly digest: string;
}

export interface Unpacked {
  readonly config: {
    readonly created: string;
    readonly architecture: string;
    readonly config: { User: string; Env: string[]; Entrypoint: string[]; WorkingDir: string; Labels: Record<string, string> };
  };
  readonly docker: readonly { readonly RepoTags: readonly string[] }[];
  readonly names: string[];
}

/** Unpacks the layers of an archive into a folder, as an engine does for a container of its only image. */
export async function unpack(archive: Uint8Array, folder: string): Promise<Unpacked> {
  const files = new Map((await unpackTar(archive)).map(({ header, data }) => [header.name, Buffer.from(data ?? [])]));
  const blob = ({ digest }: Described): Buffer => files.get(`blobs/${digest.replace(":", "/")}`) ?? Buffer.of();
  const json = (bytes: Buffer | undefined): unknown => JSON.parse(bytes?.toString() ?? "");
  const [root] = (json(files.get("index.json")) as { manifests: Described[] }).manifests;
  if (!root) throw new Error("the archive has no image");
  const manifest = json(blob(root)) as { config: Described; layers: Described[] };
  const names: string[] = [];
  for (const layer of manifest.layers) {
    for (const { header, data } of await unpackTar(gunzipSync(blob(layer)))) {
      names.push(header.name);
      const path = join(folder, header.name);
      if (header.type === "directory") {
        mkdirSync(path, { recursive: true });
        chmodSync(path, header.mode ?? 0);
      } else {
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, data ?? "", { mode: header.mode });
      }
    }
  }
  return {
    config: json(blob(manifest.config)) as Unpacked["config"],
    docker: json(files.get("manifest.json")) as Unpacked["docker"],
    names,
  };
}
