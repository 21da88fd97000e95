/** Writes the derived parts of the examples anew, after the generator or a template has changed: `npm run examples`. */
import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { filesIn, folderOf, make } from "./made.ts";
import { examples } from "./projects.ts";

for (const example of examples) {
  const made = make(example);
  const folder = folderOf(example);
  const files = filesIn(made);
  for (const file of filesIn(folder)) if (!files.includes(file)) rmSync(join(folder, file));
  for (const file of files) cpSync(join(made, file), join(folder, file));
  rmSync(made, { recursive: true });
  console.log(`examples/${example.name}: ${files.length} files`);
}
