// yours: YAML as kubectl reads and writes it.
// Copyright the authors of sidecar-injector, SPDX-License-Identifier: Apache-2.0
import { Document, parseAllDocuments, type DocumentOptions, type SchemaOptions, type ToStringOptions } from "yaml";

/** Of YAML 1.1 kubectl knows `yes`, `on` and `0644`, but neither dates nor numbers such as `22:22`. */
const ONLY_IN_1_1 = ["timestamp", "binary", "omap", "pairs", "set"];

const SCHEMA = {
  version: "1.1",
  customTags: (tags) =>
    tags.filter((tag) => typeof tag === "string" || !(isIn1Only(tag.tag) || ("format" in tag && tag.format === "TIME"))),
} satisfies DocumentOptions & SchemaOptions;

/** Long lines stay whole: nobody folds a command. */
const STYLE: ToStringOptions = { lineWidth: 0 };

function isIn1Only(tag: string): boolean {
  return ONLY_IN_1_1.some((name) => tag.endsWith(`:${name}`));
}

/** One document of a file: what it says, and its text, comments included. */
export interface YamlDocument {
  readonly value: unknown;
  readonly text: string;
}

/**
 * Reads a file of one or several documents, which may be JSON.
 *
 * @throws Error with the line of the first mistake
 */
export function readYaml(text: string): YamlDocument[] {
  return parseAllDocuments(text, SCHEMA).map((document) => {
    const [error] = document.errors;
    if (error) throw new Error(error.message.split("\n")[0] ?? "this is no YAML", { cause: error });
    // Who puts documents together again writes what is between them.
    document.directives.docStart = null;
    return { value: document.toJS() as unknown, text: document.toString(STYLE) };
  });
}

export function writeYaml(value: unknown): string {
  return new Document(value, { ...SCHEMA, aliasDuplicateObjects: false }).toString(STYLE);
}
