import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { isObject, stringAt, type JsonObject, type JsonValue } from "../../schema/index.ts";

/**
 * Reads the CustomResourceDefinitions of YAML or JSON files, or of all such files directly in a folder. Other objects in them are left out.
 *
 * @throws Error that names the path when there is none, or it cannot be read.
 */
export async function readDefinitions(paths: readonly string[]): Promise<JsonObject[]> {
  if (paths.length === 0) return [];
  const { parseAllDocuments } = await import("yaml");
  const definitions: JsonObject[] = [];
  for (const file of (await Promise.all(paths.map(filesOf))).flat()) {
    const text = await readFile(file, "utf8");
    for (const document of parseAllDocuments(text)) {
      const problem = document.errors[0];
      if (problem !== undefined) throw new Error(`${file}: ${problem.message}`);
      const value = document.toJS() as JsonValue;
      if (isObject(value) && stringAt(value, "kind") === "CustomResourceDefinition") definitions.push(value);
    }
  }
  return definitions;
}

async function filesOf(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  const names = (await readdir(path)).filter((name) => /\.(ya?ml|json)$/.test(name));
  return names.sort().map((name) => join(path, name));
}
