import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { ScaffoldError } from "../errors.ts";
import type { Base, BasePart } from "./base.ts";
import type { BlobCache } from "./blob-cache.ts";
import { readElf, type Elf } from "./elf.ts";
import { layerOf, type ImageFile } from "./layer.ts";
import { librariesOf } from "./libraries.ts";
import { fits, platformText, type Platform } from "./oci.ts";

/** Where it is in the image. */
const NODE = "/usr/local/bin/node";
/** Where a project has its own: a package that it depends on. */
const PROJECTS_NODE = "node_modules/node/bin/node";
/** The certificates that this machine trusts; Node has a list of its own, but may be told to use this one (`--use-openssl-ca`). */
const CERTIFICATES = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"];
/** glibc loads them by name, to look up hosts; from 2.34 on they are part of libc itself. */
const LOOKUPS = ["libnss_dns.so.2", "libnss_files.so.2", "libresolv.so.2"];
/** The user as whom it runs, known to what asks for a name or a home. */
const USER = 65532;
const files: readonly ImageFile[] = [
  { path: "/etc/passwd", content: `root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:${USER}:${USER}:nonroot:/home/nonroot:/sbin/nologin\n` },
  { path: "/etc/group", content: `root:x:0:\nnonroot:x:${USER}:\n` },
  { path: "/etc/nsswitch.conf", content: "passwd: files\ngroup: files\nhosts: files dns\n" },
  { path: "/home/nonroot", mode: 0o700, owner: USER },
  { path: "/tmp", mode: 0o1777 },
];

/**
 * A base of one Node, the libraries that it needs, and the few files that a program expects of a system: no shell, no package manager. Time
 * zones need no files, Node has them in itself.
 *
 * @param path the Node: a binary, or what starts one
 * @param flags what it is to be started with
 * @throws ScaffoldError `bad-node` for what is none, or one for another system, or one that does not know these options
 */
export async function baseFromNode(
  path: string,
  flags: readonly string[],
  platforms: readonly Platform[],
  cache: BlobCache,
): Promise<Base> {
  const { binary, version } = started(path, flags);
  const content = readFileSync(binary);
  const elf = readElf(content);
  if (elf?.architecture === undefined)
    throw new ScaffoldError("bad-node", `${binary} is no Node for 64-bit Linux: take a base image (--base-image).`);
  const platform = { os: "linux", architecture: elf.architecture };
  const wrong = platforms.find((wanted) => !fits(platform, wanted));
  if (wrong)
    throw new ScaffoldError(
      "bad-node",
      `${binary} is for ${platformText(platform)}, not for ${platformText(wrong)}: pass a Node for it, or a base image.`,
    );

  const { at, libraries, system } = libraryFiles(binary, elf);
  const certificates = CERTIFICATES.find((file) => existsSync(file));
  const layer = await layerOf(
    [
      ...files,
      { path: NODE, content, mode: 0o555 },
      ...system,
      ...libraries.map((library) => ({ path: `${at}/${library.name}`, content: library.content, mode: 0o555 })),
      ...(certificates === undefined ? [] : [{ path: "/etc/ssl/certs/ca-certificates.crt", content: readFileSync(certificates) }]),
    ],
    0, // it is the same whenever it is made, so it is compressed once
    cache,
  );
  const config = {
    env: ["PATH=/usr/local/bin:/usr/bin:/bin", `NODE_VERSION=${version}`],
    entrypoint: [],
    diffIds: [layer.diffId],
    history: [{ created_by: `Node ${version} and its libraries` }],
  };
  const parts = [{ name: "node", version, license: "MIT", content }, ...libraries];
  return { images: [{ platform, config, layers: [layer], node: NODE }], parts };
}

/** The Node that a path starts, which may be a link or a script of a version manager. */
function started(path: string, flags: readonly string[]): { binary: string; version: string } {
  const file = resolve(path);
  const wrong = (why: string, cause?: unknown): ScaffoldError =>
    new ScaffoldError("bad-node", `--node ${path}: ${why} Pass the path of a Node for Linux, such as --node ${PROJECTS_NODE}.`, { cause });
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) throw wrong("there is no such file.");
  const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => name !== "NODE_OPTIONS"));
  const run = (...args: string[]): string =>
    execFileSync(file, args, { encoding: "utf8", env: environment, stdio: ["ignore", "pipe", "ignore"], timeout: 20_000 });
  let said: string;
  try {
    said = run("-p", "process.execPath + '\\n' + process.versions.node");
  } catch (error) {
    throw wrong("it does not run as Node here.", error);
  }
  const [binary = "", version = ""] = said.split("\n");
  if (!existsSync(binary) || !/^\d+\.\d+\.\d+/.test(version)) throw wrong("it does not answer as Node does.");
  try {
    run(...flags, "-e", "");
  } catch (error) {
    throw wrong(`Node ${version} does not know the options that operators are started with (${flags.join(" ")}).`, error);
  }
  return { binary, version };
}

/** The loader where the binary looks for it, and all libraries in the one folder that the loader looks into by itself: libc's. */
function libraryFiles(binary: string, elf: Elf): { at: string; libraries: BasePart[]; system: ImageFile[] } {
  if (elf.interpreter === undefined) return { at: "/lib", libraries: [], system: [] };
  const libraries = librariesOf(binary, elf);
  const libc = libraries.find(({ name }) => name === "libc.so.6") ?? libraries[0];
  const at = libc ? dirname(libc.path) : "/lib";
  const lookups = LOOKUPS.filter((name) => existsSync(`${at}/${name}`) && !libraries.some((library) => library.name === name));
  const found = [...libraries, ...lookups.map((name) => ({ name, content: readFileSync(`${at}/${name}`) }))];
  const system = [{ path: elf.interpreter, content: readFileSync(elf.interpreter), mode: 0o555 }];
  return { at, libraries: found.map(({ name, content }) => ({ name, content })), system };
}
