import ts from "../typescript.cjs";
import type { Report } from "./report.ts";

/** What the compiler has against a file, in its own words. @returns whether there is something */
export function reportTypeErrors(program: ts.Program, report: Report, file: ts.SourceFile): boolean {
  const found = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].filter(
    ({ category }) => category === ts.DiagnosticCategory.Error,
  );
  for (const { start, messageText, code } of found) {
    report.add("typescript", { file, offset: start ?? 0 }, `${ts.flattenDiagnosticMessageText(messageText, " ")} (TS${code})`);
  }
  return found.length > 0;
}
