import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ScaffoldError } from "../errors.ts";
import { readElf, type Elf } from "./elf.ts";

export interface Library {
  /** As programs ask for it, such as `libc.so.6`. */
  readonly name: string;
  /** Where it was found. */
  readonly path: string;
  readonly content: Uint8Array;
}

/** Where a loader looks when nothing else says so, Debian's folders by architecture among them. */
const TRIPLETS: Readonly<Record<string, string>> = {
  amd64: "x86_64",
  arm64: "aarch64",
  ppc64le: "powerpc64le",
  s390x: "s390x",
  riscv64: "riscv64",
};

function defaultFolders(architecture: string): string[] {
  const triplet = `${TRIPLETS[architecture] ?? architecture}-linux-gnu`;
  return [`/lib/${triplet}`, `/usr/lib/${triplet}`, "/lib64", "/usr/lib64", "/lib", "/usr/lib", "/usr/local/lib", `/usr/${triplet}/lib`];
}

/**
 * The shared libraries that a program needs, and theirs, by name. Each is looked for as the loader does it (ld.so(8)): in the paths that the
 * file itself names, in the loader's cache, in its default folders; what is built for another processor is passed over.
 *
 * @throws ScaffoldError `bad-node` for a library that is not there
 */
export function librariesOf(program: string, elf: Elf): Library[] {
  const found = new Map<string, Library>();
  const cached = loaderCache("/etc/ld.so.cache");
  const folders = defaultFolders(elf.architecture ?? "");
  const follow = (user: string, { needed, runPath }: Elf): void => {
    const own = runPath.map((folder) => folder.replaceAll(/\$\{?ORIGIN\}?/g, dirname(user)));
    for (const name of needed) {
      if (found.has(name) || name === (elf.interpreter ?? "").split("/").at(-1)) continue;
      const places = [
        ...own.map((folder) => join(folder, name)),
        ...(cached.get(name) ?? []),
        ...folders.map((folder) => join(folder, name)),
      ];
      const library = firstFor(elf.architecture, name, places);
      if (!library)
        throw new ScaffoldError(
          "bad-node",
          `${user} needs ${name}, which is not on this machine: install it, or take a base image (--base-image).`,
        );
      found.set(name, library);
      follow(library.path, library.elf);
    }
  };
  follow(program, elf);
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function firstFor(architecture: string | undefined, name: string, places: readonly string[]): (Library & { elf: Elf }) | undefined {
  for (const path of places) {
    if (!existsSync(path)) continue;
    const content = readFileSync(path);
    const elf = readElf(content);
    if (elf && elf.architecture === architecture) return { name, path, content, elf };
  }
  return undefined;
}

const MAGIC = "glibc-ld.so.cache1.1";

/**
 * The cache of glibc's loader: from the name of a library to the files of that name (`struct cache_file_new` of its sysdeps/generic/dl-cache.h).
 * Files for the newest processors only are left out, because an image runs on others too. Empty where there is no such cache.
 */
export function loaderCache(path: string): Map<string, string[]> {
  const places = new Map<string, string[]>();
  if (!existsSync(path)) return places;
  const file = readFileSync(path);
  const start = file.indexOf(MAGIC);
  if (start === -1) return places;
  const text = (at: number): string => file.toString("utf8", start + at, file.indexOf(0, start + at));
  const count = file.readUInt32LE(start + 20);
  for (let entry = start + 48, left = count; left > 0 && entry + 24 <= file.length; left--, entry += 24) {
    if (file.readBigUInt64LE(entry + 16) !== 0n) continue;
    const name = text(file.readUInt32LE(entry + 4));
    places.set(name, [...(places.get(name) ?? []), text(file.readUInt32LE(entry + 8))]);
  }
  return places;
}
