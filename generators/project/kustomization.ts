import { isScalar, isSeq, parseDocument, type Document, type YAMLSeq } from "yaml";
import { type ChangeSet } from "../changes/index.ts";
import { ScaffoldError } from "../errors.ts";

/**
 * Adds an entry to the `resources` of a kustomization.yaml; every other byte of it stays as it is.
 * Makes the file, with `heading` as its first line, when there is none.
 */
export function addListEntry(set: ChangeSet, path: string, entry: string, heading: string): void {
  const text = set.read(path);
  if (text === undefined) {
    set.write(path, `# ${heading}\nresources:\n  - ${entry}\n`);
    return;
  }
  const document = parse(path, text);
  const list = resourcesOf(path, document);
  if (list.items.some((item) => valueOf(item) === entry)) return;
  const last = lineOf(text, list, list.items.at(-1));
  if (last) {
    const newline = text.includes("\r\n") ? "\r\n" : "\n";
    const open = text.slice(last.start, last.end).endsWith("\n") ? "" : newline;
    set.write(path, `${text.slice(0, last.end)}${open}${last.indent}- ${entry}${newline}${text.slice(last.end)}`);
    return;
  }
  list.flow = false;
  list.add(document.createNode(entry));
  set.write(path, document.toString({ lineWidth: 0 }));
}

/** Takes an entry out again; no change when it is not there. An empty list takes the file with it: kustomize refuses one. */
export function removeListEntry(set: ChangeSet, path: string, entry: string): void {
  const text = set.read(path);
  if (text === undefined) return;
  const document = parse(path, text);
  const list = resourcesOf(path, document);
  const found = list.items.find((item) => valueOf(item) === entry);
  if (found === undefined) return;
  const line = lineOf(text, list, found);
  if (list.items.length === 1) set.delete(path);
  else if (line) set.write(path, text.slice(0, line.start) + text.slice(line.end));
  else {
    list.items = list.items.filter((item) => item !== found);
    set.write(path, document.toString({ lineWidth: 0 }));
  }
}

/** The line of an item, with its line end, in a list that has a line for each; undefined for `[a, b]` and the like. */
function lineOf(text: string, list: YAMLSeq, item: unknown): { start: number; end: number; indent: string } | undefined {
  if (list.flow || !isScalar(item) || !item.range) return undefined;
  const [from, to] = item.range;
  const start = text.lastIndexOf("\n", from - 1) + 1;
  const indent = /^( *)- +$/.exec(text.slice(start, from))?.[1];
  const newline = text.indexOf("\n", to);
  return indent === undefined ? undefined : { start, end: newline === -1 ? text.length : newline + 1, indent };
}

function parse(path: string, text: string): Document {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error)
    throw new ScaffoldError("conflict", `${path} is not YAML (${error.message.split("\n")[0] ?? ""}): mend it and run the command again.`);
  return document;
}

function resourcesOf(path: string, document: Document): YAMLSeq {
  if (!document.has("resources")) document.set("resources", document.createNode([]));
  const list = document.get("resources");
  if (!isSeq(list)) throw new ScaffoldError("conflict", `${path} has resources that are not a list: mend it and run the command again.`);
  return list;
}

function valueOf(item: unknown): unknown {
  return isScalar(item) ? item.value : undefined;
}
