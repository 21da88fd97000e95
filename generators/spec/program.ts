import { isBuiltin } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "../typescript.cjs";
import type { Sources } from "./sources.ts";

/** Settings of our own rather than the project's: a spec means the same under any tsconfig.json, and fewer files are read. */
const compilerOptions: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2024,
  lib: ["lib.es2024.d.ts"],
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  moduleDetection: ts.ModuleDetectionKind.Force,
  types: [],
  strict: true,
  exactOptionalPropertyTypes: true,
  noEmit: true,
  allowImportingTsExtensions: true,
  skipLibCheck: true,
  skipDefaultLibCheck: true,
};

/** Packages that a spec may import before the project's own dependencies are installed; then the generator's copies stand in. */
const ownPackages = /^(@kubescaffold\/runtime|kubernetes-models|@kubernetes-models)(\/|$)/;

/** Files of these packages, whose types say what they say without what else they import: clients, loggers, Node's own (10 MB of declarations). */
const ownFiles = /\/(?:@kubescaffold\/)?runtime\/(?:[\w-]+\/)*[\w-]+\.(?:d\.)?ts$|\/node_modules\/@?kubernetes-models\//;

/** Declarations that are not the project's own, most of the time that it takes to read one; they are the same for every program. */
const foreign = new Map<string, { readonly file: ts.SourceFile; readonly modified: number | undefined }>();

interface Made {
  readonly root: string;
  readonly program: ts.Program;
  /** Whether everything that it imports was found: what was not may be there by now. */
  readonly whole: boolean;
}

/** The program before this one: what has not changed since is taken from it, and all of it where nothing has. */
let last: Made | undefined;

/**
 * The program of a project, reading through the overlay: its types files, its policies and what begins in `main.ts`. The types files have to be read with it,
 * as the next to be asked for is mostly the same one.
 */
export function createProgram(sources: Sources): ts.Program {
  const main = sources.text("main.ts") === undefined ? [] : ["main.ts"];
  const roots = [...sources.types, ...sources.policies, ...main].map((path) => join(sources.root, path));
  const known = last?.root === sources.root ? last : undefined;
  if (known !== undefined && isSame(known, sources, roots)) return known.program;
  let whole = true;
  const host = createHost(sources, known?.program, () => (whole = false));
  const options = { rootNames: roots, options: compilerOptions, host };
  // With the one before, imports of unchanged files are not resolved again.
  const program = ts.createProgram(known?.whole === true ? { ...options, oldProgram: known.program } : options);
  last = { root: sources.root, program, whole };
  return program;
}

/** Whether a program would be made of the same texts again. */
function isSame({ program, whole }: Made, sources: Sources, roots: readonly string[]): boolean {
  if (!whole || program.getRootFileNames().join("\0") !== roots.join("\0")) return false;
  return program.getSourceFiles().every((file) => {
    const own = ownPath(sources.root, file.fileName);
    return own === undefined ? isUnchanged(file) : textOf(sources, own) === file.text;
  });
}

/** A file's text, but for derived schemas, which are long and which nothing is read from. */
function textOf(sources: Sources, path: string): string | undefined {
  const text = sources.text(path);
  return path.endsWith(".schema.ts") && text?.startsWith("// Derived from ") === true ? "export {};\n" : text;
}

/** The path of a project's own file in the project. */
function ownPath(root: string, path: string): string | undefined {
  const prefix = `${root.replaceAll("\\", "/")}/`;
  const relative = path.startsWith(prefix) ? path.slice(prefix.length) : undefined;
  return relative === undefined || relative.startsWith("node_modules/") ? undefined : relative;
}

function isUnchanged({ fileName }: ts.SourceFile): boolean {
  return foreign.get(fileName)?.modified === modifiedAt(fileName);
}

function modifiedAt(path: string): number | undefined {
  return ts.sys.getModifiedTime?.(path)?.getTime();
}

function createHost(sources: Sources, before: ts.Program | undefined, onMissing: () => void): ts.CompilerHost {
  const host = ts.createCompilerHost(compilerOptions);
  const ownFile = (path: string): string | undefined => ownPath(sources.root, path);

  host.jsDocParsingMode = ts.JSDocParsingMode.ParseNone; // comments are read from the text (docs.ts)
  const read = host.getSourceFile.bind(host);
  host.getSourceFile = (path, options, onError, shouldCreate) => {
    const own = ownFile(path);
    if (own !== undefined) {
      const same = before?.getSourceFile(path);
      return same !== undefined && same.text === textOf(sources, own) ? same : read(path, options, onError, shouldCreate);
    }
    const modified = modifiedAt(path);
    const known = foreign.get(path);
    if (known !== undefined && known.modified === modified) return known.file;
    const file = read(path, options, onError, shouldCreate);
    if (file !== undefined) foreign.set(path, { file, modified });
    return file;
  };
  host.getCurrentDirectory = () => sources.root;
  host.fileExists = (path) => {
    const own = ownFile(path);
    return own === undefined ? ts.sys.fileExists(path) : textOf(sources, own) !== undefined;
  };
  host.readFile = (path) => {
    const own = ownFile(path);
    return own === undefined ? ts.sys.readFile(path) : textOf(sources, own);
  };
  // Folders that are only in the overlay have to be seen too, or imports between new files would not resolve.
  host.directoryExists = (path) => ownFile(path) !== undefined || ts.sys.directoryExists(path);

  const cache = ts.createModuleResolutionCache(sources.root, (name) => name, compilerOptions);
  // Without it the program would read the package.json above each file anew.
  host.getModuleResolutionCache = () => cache;
  const here = fileURLToPath(import.meta.url);
  host.resolveModuleNameLiterals = (literals, containingFile, redirected, options, file) =>
    literals.map((literal) => {
      if (ownFiles.test(containingFile) && !literal.text.startsWith(".") && !ownPackages.test(literal.text))
        return { resolvedModule: undefined };
      const mode = ts.getModeForUsageLocation(file, literal, options);
      const found = ts.resolveModuleName(literal.text, containingFile, options, host, cache, redirected, mode);
      if (found.resolvedModule !== undefined) return found;
      if (!ownPackages.test(literal.text)) {
        if (!isBuiltin(literal.text)) onMissing();
        return found;
      }
      return ts.resolveModuleName(literal.text, here, options, host, undefined, redirected, mode);
    });
  return host;
}
