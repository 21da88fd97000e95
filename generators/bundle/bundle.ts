import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { build, stop, type BuildFailure, type Message, type Metafile, type Plugin } from "esbuild";
import { ScaffoldError } from "../errors.ts";

export interface BundleOptions {
  /** The folder that paths in messages are relative to. */
  readonly root: string;
  /** The program, relative to `root`. Its bundle has the same name, with `.js`. */
  readonly entry: string;
  /** Where the bundle goes, relative to `root`. Folders that are missing are made; `chunks/` in it is replaced. */
  readonly out: string;
}

export interface Bundle {
  /** The file to start, absolute. */
  readonly main: string;
  /** Its size in bytes; what is loaded only when it is needed is not part of it. */
  readonly bytes: number;
  /** What esbuild noticed, a line each. */
  readonly warnings: readonly string[];
  /** All files that were written, absolute: the main one, chunks, source maps and a package.json. */
  readonly files: readonly string[];
  /** The sources that something is left of, absolute. */
  readonly sources: readonly string[];
}

/** CommonJS packages `require` modules of Node, which ESM has no function for. */
const REQUIRE = `import { createRequire as __createRequire } from "node:module";\nconst require = __createRequire(import.meta.url);`;

/**
 * Puts a program and all that it imports into one file, tree-shaken, with a source map beside it. What it imports by `import()`, such as the
 * loader of kubeconfigs with credential plugins, becomes files in `chunks/` that are read only then. Node's own modules are all that the result
 * needs, so the folder can be copied anywhere. One at a time in a process.
 *
 * @throws ScaffoldError `no-program` when there is no such entry, `bundle-failed` with the places that do not compile or resolve
 */
export async function bundle({ root, entry, out }: BundleOptions): Promise<Bundle> {
  const source = resolve(root, entry);
  if (!existsSync(source)) {
    throw new ScaffoldError("no-program", `There is no ${entry} in ${resolve(root)}: it is the program that is bundled.`);
  }
  const folder = resolve(root, out);
  // Their names carry hashes, so old ones would stay beside the new.
  rmSync(join(folder, "chunks"), { recursive: true, force: true });
  const { warnings, metafile } = await run(source, root, folder);
  mkdirSync(folder, { recursive: true });
  const manifest = join(folder, "package.json");
  writeFileSync(manifest, '{ "type": "module" }\n');
  const main = join(folder, relative(join(source, ".."), source).replace(/\.[cm]?ts$/, ".js"));
  const outputs = Object.entries(metafile.outputs);
  const sources = outputs.flatMap(([, { inputs }]) => Object.keys(inputs).filter((path) => (inputs[path]?.bytesInOutput ?? 0) > 0));
  return {
    main,
    bytes: statSync(main).size,
    warnings,
    files: [...outputs.map(([path]) => resolve(root, path)), manifest].sort(),
    sources: [...new Set(sources)].sort().map((path) => resolve(root, path)),
  };
}

async function run(source: string, root: string, folder: string): Promise<{ warnings: string[]; metafile: Metafile }> {
  try {
    const { warnings, metafile } = await build({
      absWorkingDir: resolve(root),
      entryPoints: [source],
      outdir: folder,
      chunkNames: "chunks/[name]-[hash]",
      bundle: true,
      splitting: true,
      format: "esm",
      platform: "node",
      target: "node22",
      banner: { js: REQUIRE },
      // Names stay as they are, so that the stack of an error can be read without the source map.
      minifyWhitespace: true,
      minifySyntax: true,
      sourcemap: "linked",
      sourcesContent: false,
      metafile: true,
      legalComments: "none",
      logLevel: "silent",
      plugins: [withoutForeignFormats],
    });
    return { warnings: warnings.map(inOneLine), metafile };
  } catch (error) {
    if (!isBuildFailure(error)) throw error;
    throw new ScaffoldError("bundle-failed", error.errors.map(inOneLine).join("\n"), { cause: error });
  } finally {
    await stop(); // else its process stays, with all that it has read, for as long as this one does
  }
}

/**
 * Formats of JSON schema that no kind of Kubernetes uses, and that bring with them a parser of mail addresses, a table of all URL schemes and a
 * module of Node's that warns when it is loaded. As on the API server, a format that is not known holds for every value.
 */
const withoutForeignFormats: Plugin = {
  name: "without foreign formats",
  setup(steps) {
    const formats = ["iri", "iri-reference", "idn-email", "idn-hostname"].map((name) => `${JSON.stringify(name)}: () => true`);
    steps.onLoad({ filter: /[\\/]ajv-formats-draft2019[\\/]formats[\\/]index\.js$/ }, () => ({
      contents: `module.exports = { ${formats.join(", ")} };`,
      loader: "js",
    }));
  },
};

function inOneLine({ text, location }: Message): string {
  return location ? `${location.file}:${location.line}:${location.column + 1}: ${text}` : text;
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && "errors" in error && Array.isArray(error.errors);
}
