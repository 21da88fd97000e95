import { isScalar, isSeq, parseDocument, type Document, type YAMLSeq } from "yaml";
import { type ChangeSet } from "../changes/index.ts";
import { ScaffoldError } from "../errors.ts";

/** The lists of a kustomization.yaml that commands enter files in. */
export type KustomizationList = "resources" | "transformers";

/**
 * Adds an entry to a list of a kustomization.yaml; every other byte of it stays as it is.
 * Makes the file, with `heading` as its first line, when there is none.
 */
export function addListEntry(set: ChangeSet, path: string, entry: string, heading: string, key: KustomizationList = "resources"): void {
  const text = set.read(path);
  if (text === undefined) {
    set.write(path, `# ${heading}\n${key}:\n  - ${entry}\n`);
    return;
  }
  const document = parse(path, text);
  const list = listOf(path, document, key);
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

/** Takes an entry out again; no change when it is not there. An empty list of resources takes the file with it: kustomize refuses one. */
export function removeListEntry(set: ChangeSet, path: string, entry: string, key: KustomizationList = "resources"): void {
  const text = set.read(path);
  if (text === undefined) return;
  const document = parse(path, text);
  const list = listOf(path, document, key);
  const found = list.items.find((item) => valueOf(item) === entry);
  if (found === undefined) return;
  const line = lineOf(text, list, found);
  if (list.items.length === 1 && key === "resources") set.delete(path);
  else if (list.items.length === 1) {
    document.delete(key);
    set.write(path, document.toString({ lineWidth: 0 }));
  } else if (line) set.write(path, text.slice(0, line.start) + text.slice(line.end));
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
  // A block ends with the end of its last line.
  const newline = text.indexOf("\n", to > 0 && text[to - 1] === "\n" ? to - 1 : to);
  return indent === undefined ? undefined : { start, end: newline === -1 ? text.length : newline + 1, indent };
}

function parse(path: string, text: string): Document {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error)
    throw new ScaffoldError("conflict", `${path} is not YAML (${error.message.split("\n")[0] ?? ""}): mend it and run the command again.`);
  return document;
}

function listOf(path: string, document: Document, key: KustomizationList): YAMLSeq {
  if (document.get(key) === undefined || document.get(key) === null) document.set(key, document.createNode([]));
  const list = document.get(key);
  if (!isSeq(list)) throw new ScaffoldError("conflict", `${path} has ${key} that are not a list: mend it and run the command again.`);
  return list;
}

function valueOf(item: unknown): unknown {
  return isScalar(item) ? item.value : undefined;
}
