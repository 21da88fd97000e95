import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
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

/** A program that begins in some files of the project, reading through the overlay. */
export function createProgram(sources: Sources, roots: readonly string[]): ts.Program {
  const host = createHost(sources);
  return ts.createProgram({ rootNames: roots.map((path) => join(sources.root, path)), options: compilerOptions, host });
}

function createHost(sources: Sources): ts.CompilerHost {
  const host = ts.createCompilerHost(compilerOptions);
  const prefix = `${sources.root.replaceAll("\\", "/")}/`;
  const ownFile = (path: string): string | undefined => {
    const relative = path.startsWith(prefix) ? path.slice(prefix.length) : undefined;
    return relative === undefined || relative.startsWith("node_modules/") ? undefined : relative;
  };

  host.jsDocParsingMode = ts.JSDocParsingMode.ParseNone; // comments are read from the text (docs.ts)
  const read = host.getSourceFile.bind(host);
  host.getSourceFile = (path, options, onError, shouldCreate) => {
    if (ownFile(path) !== undefined) return read(path, options, onError, shouldCreate);
    const modified = ts.sys.getModifiedTime?.(path)?.getTime();
    const known = foreign.get(path);
    if (known !== undefined && known.modified === modified) return known.file;
    const file = read(path, options, onError, shouldCreate);
    if (file !== undefined) foreign.set(path, { file, modified });
    return file;
  };
  host.getCurrentDirectory = () => sources.root;
  host.fileExists = (path) => {
    const own = ownFile(path);
    return own === undefined ? ts.sys.fileExists(path) : sources.text(own) !== undefined;
  };
  host.readFile = (path) => {
    const own = ownFile(path);
    return own === undefined ? ts.sys.readFile(path) : sources.text(own);
  };
  // Folders that are only in the overlay have to be seen too, or imports between new files would not resolve.
  host.directoryExists = (path) => ownFile(path) !== undefined || ts.sys.directoryExists(path);

  const cache = ts.createModuleResolutionCache(sources.root, (name) => name, compilerOptions);
  const here = fileURLToPath(import.meta.url);
  host.resolveModuleNameLiterals = (literals, containingFile, redirected, options, file) =>
    literals.map((literal) => {
      if (ownFiles.test(containingFile) && !literal.text.startsWith(".") && !ownPackages.test(literal.text))
        return { resolvedModule: undefined };
      const mode = ts.getModeForUsageLocation(file, literal, options);
      const found = ts.resolveModuleName(literal.text, containingFile, options, host, cache, redirected, mode);
      if (found.resolvedModule !== undefined || !ownPackages.test(literal.text)) return found;
      return ts.resolveModuleName(literal.text, here, options, host, undefined, redirected, mode);
    });
  return host;
}
