import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { ScaffoldError } from "../errors.ts";

export interface PackedPackage {
  readonly name: string;
  readonly version: string;
  /** The tarball's name. */
  readonly file: string;
}

type Manifest = Record<string, unknown>;

const checkout = fileURLToPath(new URL("../../", import.meta.url));
const runtimeName = "@kubescaffold/runtime";

/** What only a checkout's package.json has; the last two are heeded in the root of an installation alone. */
const sourceOnly = ["private", "workspaces", "scripts", "devDependencies", "overrides", "allowScripts"];

/**
 * Builds both packages: JavaScript and declarations, data, and a package.json of its own for each. Then `npm pack` or
 * `npm publish` of `<out>/runtime` and `<out>/kubescaffold` is all there is to do.
 */
export function buildPackages(out: string): { runtime: string; kubescaffold: string } {
  const runtime = join(out, "runtime");
  const kubescaffold = join(out, "kubescaffold");
  rmSync(out, { recursive: true, force: true });

  compile(join(checkout, "runtime"), runtime, { include: [join(checkout, "runtime")] });
  copyData(join(checkout, "runtime"), runtime);
  const runtimeManifest = publishable(readManifest(join(checkout, "runtime")));
  writeManifest(runtime, runtimeManifest);

  // Against the declarations just made, so that the runtime's sources do not become part of this package.
  const paths = Object.fromEntries(
    Object.entries(asRecord(runtimeManifest["exports"])).map(([name, target]) => [
      `${runtimeName}${name.slice(1)}`,
      [join(runtime, String(asRecord(target)["types"]))],
    ]),
  );
  compile(checkout, kubescaffold, { include: [join(checkout, "generators")], paths });
  copyData(join(checkout, "generators"), join(kubescaffold, "generators"));
  cpSync(join(checkout, "templates"), join(kubescaffold, "templates"), { recursive: true });
  const manifest = readManifest(checkout);
  writeManifest(kubescaffold, { ...publishable(manifest), bin: manifest["bin"] });

  for (const name of ["LICENSE", "README.md", "CHANGELOG.md"]) {
    for (const [from, to] of [
      [checkout, kubescaffold],
      [join(checkout, "runtime"), runtime],
    ] as const)
      copyIfThere(join(from, name), join(to, name));
  }
  copyIfThere(join(checkout, "LICENSE"), join(runtime, "LICENSE"));
  return { runtime, kubescaffold };
}

/** Builds and packs both packages; the same sources give the same bytes. */
export function packPackages(destination: string): PackedPackage[] {
  const work = mkdtempSync(join(tmpdir(), "kubescaffold-build-"));
  try {
    const { runtime, kubescaffold } = buildPackages(work);
    return [runtime, kubescaffold].map((folder) => {
      const output = execFileSync("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", destination], {
        cwd: folder,
        encoding: "utf8",
        stdio: ["ignore", "pipe", "pipe"],
      });
      return packedFrom(JSON.parse(output));
    });
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function compile(root: string, out: string, options: { include: string[]; paths?: Record<string, string[]> }): void {
  mkdirSync(out, { recursive: true });
  const config = join(out, "tsconfig.build.json");
  const compilerOptions = {
    noEmit: false,
    declaration: true,
    rewriteRelativeImportExtensions: true,
    rootDir: root,
    outDir: out,
    typeRoots: [join(checkout, "node_modules", "@types")],
    ...(options.paths ? { paths: options.paths } : {}),
  };
  const exclude = ["node_modules", "dist"].map((name) => join(root, "**", name));
  writeFileSync(config, JSON.stringify({ extends: join(checkout, "tsconfig.json"), compilerOptions, include: options.include, exclude }));
  const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin", "tsc");
  const { status, stdout } = spawnSync(process.execPath, [tsc, "-p", config], { encoding: "utf8" });
  rmSync(config);
  if (status !== 0)
    throw new ScaffoldError(
      "pack-failed",
      `${relative(checkout, root) || "kubescaffold"} does not compile, so it cannot be packed:\n${stdout.trim()}`,
    );
  for (const path of filesBelow(out)) if (path.endsWith(".d.ts")) nameDeclarations(path);
}

/** The compiler turns `./x.ts` into `./x.js` in code but not in declarations, where tools look for a file of that very name. */
function nameDeclarations(file: string): void {
  const text = readFileSync(file, "utf8");
  writeFileSync(file, text.replace(/((?:from|import)\s*\(?\s*["']\.{1,2}\/[^"']+)\.ts(["'])/g, "$1.js$2"));
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Everything that is read at run time and is no TypeScript: JSON, compressed data, JavaScript. */
function copyData(from: string, to: string): void {
  for (const source of filesBelow(from)) {
    const path = relative(from, source);
    if (!/\.ts$|(^|[\\/])(node_modules|dist)[\\/]|^package\.json$/.test(path)) {
      mkdirSync(dirname(join(to, path)), { recursive: true });
      cpSync(source, join(to, path));
    }
  }
}

/** A checkout's package.json as it is published: exports of sources become exports of what is built. */
function publishable(manifest: Manifest): Manifest {
  const kept = Object.fromEntries(Object.entries(manifest).filter(([key]) => !sourceOnly.includes(key)));
  if (!("exports" in kept)) return kept;
  const exports = Object.entries(asRecord(kept["exports"])).map(([name, target]) => {
    const stem = String(target).replace(/\.ts$/, "");
    return [name, { types: `${stem}.d.ts`, default: `${stem}.js` }];
  });
  return { ...kept, exports: Object.fromEntries(exports) as Manifest };
}

function readManifest(folder: string): Manifest {
  return asRecord(JSON.parse(readFileSync(join(folder, "package.json"), "utf8")));
}

function writeManifest(folder: string, manifest: Manifest): void {
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
}

function copyIfThere(from: string, to: string): void {
  if (existsSync(from)) cpSync(from, to);
}

/** What `npm pack --json` prints: a list before npm 11.?, and a map by name since. */
function packedFrom(value: unknown): PackedPackage {
  const [first] = Array.isArray(value) ? (value as unknown[]) : Object.values(asRecord(value));
  const { name, version, filename } = asRecord(first);
  if (typeof name !== "string" || typeof version !== "string" || typeof filename !== "string")
    throw new ScaffoldError("pack-failed", "npm pack did not say what it has packed.");
  return { name, version, file: filename };
}

function asRecord(value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new TypeError("not an object");
  return value as Record<string, unknown>;
}
