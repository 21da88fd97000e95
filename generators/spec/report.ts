import { relative } from "node:path";
import type ts from "../typescript.cjs";
import { compareDiagnostics, type Diagnostic, type DiagnosticCode, type Place } from "../model/index.ts";

/** Something in a source file that a diagnostic can point at. */
export interface Spot {
  readonly file: ts.SourceFile;
  /** In UTF-16 units from the file's beginning. */
  readonly offset: number;
}

/** Collects diagnostics; the same one is kept once, as a type may be read from several fields. */
export class Report {
  readonly #root: string;
  readonly #found = new Map<string, Diagnostic>();

  constructor(root: string) {
    this.#root = root;
  }

  /** How many different things were reported. */
  get size(): number {
    return this.#found.size;
  }

  place({ file, offset }: Spot): Place {
    const { line, character } = file.getLineAndCharacterOfPosition(offset);
    const path = relative(this.#root, file.fileName).replaceAll("\\", "/");
    return { file: path.startsWith("..") ? file.fileName : path, line: line + 1, column: character + 1 };
  }

  add(code: DiagnosticCode, spot: Spot, message: string, instead?: string): void {
    this.addAt(code, this.place(spot), message, instead);
  }

  addAt(code: DiagnosticCode, place: Place, message: string, instead?: string): void {
    const diagnostic: Diagnostic = {
      code,
      place,
      message: oneLine(message),
      ...(instead === undefined ? {} : { instead: oneLine(instead) }),
    };
    this.#found.set(JSON.stringify(diagnostic), diagnostic);
  }

  sorted(): Diagnostic[] {
    return [...this.#found.values()].sort(compareDiagnostics);
  }
}

/** Where a node's own text begins. */
export function spotOf(node: ts.Node): Spot {
  const file = node.getSourceFile();
  return { file, offset: node.getStart(file) };
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, " ");
}
