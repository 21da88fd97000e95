import { readdirSync, readFileSync } from "node:fs";
import { relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import Handlebars from "handlebars";
import { classOf, type GeneratedFile } from "../changes/index.ts";

/** What a template may name. A name that is missing is an error, not an empty string. */
export type TemplateContext = Readonly<
  Record<string, string | boolean | undefined | Readonly<Record<string, string>> | readonly Readonly<Record<string, string>>[]>
>;

const suffix = ".hbs";
const folder = fileURLToPath(new URL("../../templates/", import.meta.url));

/** Nothing is escaped: what is produced is code and YAML, not HTML, and every value has been checked before. */
const engine = Handlebars.create();

/**
 * Renders one folder of templates/. It mirrors the tree that it produces, in its file names too: they end in `.hbs`
 * and may contain `\{{names}}`. A file's class is what its first line says.
 */
export function renderTree(tree: string, context: TemplateContext): GeneratedFile[] {
  const root = `${folder}${tree}`;
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(suffix))
    .map((entry) => {
      const source = `${entry.parentPath}${sep}${entry.name}`;
      const path = render(relative(root, source).split(sep).join("/").slice(0, -suffix.length), context);
      const content = render(readFileSync(source, "utf8"), context);
      return { path, content, class: classOf(content) };
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

function render(source: string, context: TemplateContext): string {
  return engine.compile(source, { noEscape: true, strict: true })(context);
}
