import ts from "../typescript.cjs";
import { docOf, type Tag } from "./docs.ts";
import type { Sources } from "./sources.ts";

/** The markers of some names above the classes, methods, functions and statements of the code. Only the syntax is read, no types. */
export function* codeTags(sources: Sources, names: readonly string[], written: RegExp): Generator<Tag> {
  for (const path of sources.controllers) {
    const text = sources.text(path);
    if (text === undefined || !written.test(text)) continue;
    const file = ts.createSourceFile(`${sources.root}/${path}`, text, {
      languageVersion: ts.ScriptTarget.ES2024,
      jsDocParsingMode: ts.JSDocParsingMode.ParseNone,
    });
    yield* tagsIn(file, names, written);
  }
}

function* tagsIn(file: ts.SourceFile, names: readonly string[], written: RegExp): Generator<Tag> {
  // What stands below all code is above the end of the file.
  const nodes: ts.Node[] = [...file.statements, file.endOfFileToken];
  const seen = new Set<number>();
  for (let node = nodes.shift(); node !== undefined; node = nodes.shift()) {
    withParents(file, node);
    for (const tag of docOf(node).tags) {
      // A wrong marker of controller-gen is called by its whole line.
      if (!names.includes(tag.name) && !(tag.problem !== undefined && written.test(tag.name))) continue;
      if (seen.has(tag.spot.offset)) continue;
      seen.add(tag.spot.offset);
      yield tag;
    }
    if (ts.isClassDeclaration(node)) nodes.unshift(...node.members);
  }
}

/** docOf asks a node for its file, which it finds through its parents. */
function withParents(file: ts.SourceFile, node: ts.Node): void {
  const child = node as { parent: ts.Node | undefined };
  child.parent ??= file;
}
