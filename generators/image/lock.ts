import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { ScaffoldError } from "../errors.ts";
import { mapAt, objectAt, parseObject, textAt, type Json } from "./json.ts";

/** A package that a bundle has something of, as it is installed. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** An SPDX expression, as the package says it. */
  readonly license?: string;
  /** The hash of its tarball, as package-lock.json has it: `sha512-…`. */
  readonly integrity?: string;
}

const SORTS = ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"] as const;

/**
 * The packages that sources belong to, the project's own left out, each of the version that package-lock.json says, as `npm ci` would have
 * installed them: what is built today can be built again.
 *
 * @param sources absolute paths
 * @throws ScaffoldError `not-locked` as `checkLock` does, and when something else is installed
 */
export function lockedPackages(root: string, sources: readonly string[]): BundledPackage[] {
  const packages = objectAt(checkLock(root), "packages");
  const manifests = new Map<string, Json>();
  for (const source of sources) {
    const folder = packageOf(dirname(source));
    if (folder !== undefined && folder !== root && !manifests.has(folder)) manifests.set(folder, manifestIn(folder));
  }
  const found = [...manifests].map(([folder, manifest]): BundledPackage => {
    const name = textAt(manifest, "name") ?? "";
    const version = textAt(manifest, "version") ?? "";
    const entry = entryFor(packages, relative(root, folder).split(sep).join("/"), name, version);
    const integrity = textAt(entry, "integrity");
    const license = textAt(manifest, "license");
    return { name, version, ...(license === undefined ? {} : { license }), ...(integrity === undefined ? {} : { integrity }) };
  });
  const distinct = new Map(found.map((one) => [`${one.name}@${one.version}`, one]));
  return [...distinct].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}

/**
 * The lock file of a project.
 *
 * @throws ScaffoldError `not-locked` when there is none, or it is not that of package.json
 */
export function checkLock(root: string): Json {
  const path = join(root, "package-lock.json");
  if (!existsSync(path)) {
    throw new ScaffoldError("not-locked", "There is no package-lock.json: run npm install, and keep the file in version control.");
  }
  const lock = parsed(path);
  const own = objectAt(objectAt(lock, "packages"), "");
  const manifest = manifestIn(root);
  for (const sort of SORTS) {
    const locked = mapAt(own, sort);
    const wanted = mapAt(manifest, sort);
    const name = Object.keys({ ...locked, ...wanted }).find((one) => locked[one] !== wanted[one]);
    if (name === undefined) continue;
    const said = `${name} is ${wanted[name] ?? "not"} in package.json, ${locked[name] ?? "not"} in package-lock.json`;
    throw new ScaffoldError("not-locked", `The dependencies are not locked (${said}): run npm install.`);
  }
  return lock;
}

function entryFor(packages: Json, path: string, name: string, version: string): Json {
  // A link leads out of the project; there the name has to do.
  const places = path.startsWith("..") ? Object.keys(packages).filter((place) => `/${place}`.endsWith(`/node_modules/${name}`)) : [path];
  const entries = places.map((place) => objectAt(packages, place));
  const entry = entries.find((one) => textAt(one, "version") === version);
  if (entry) return entry;
  const locked = entries.map((one) => textAt(one, "version")).find((one) => one !== undefined) ?? "none of it";
  throw new ScaffoldError("not-locked", `${name} ${version} is installed, but package-lock.json has ${locked}: run npm ci.`);
}

/** The nearest folder whose package.json has a name and a version; those without only say what kind of modules are there. */
function packageOf(folder: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, "package.json"))) {
      const manifest = manifestIn(at);
      if ("name" in manifest && "version" in manifest) return at;
    }
    if (dirname(at) === at) return undefined;
  }
}

function manifestIn(folder: string): Json {
  return parsed(join(folder, "package.json"));
}

function parsed(path: string): Json {
  try {
    return parseObject(readFileSync(path));
  } catch (error) {
    throw new ScaffoldError("not-locked", `${path} cannot be read as JSON: mend it, or run npm install.`, { cause: error });
  }
}
