import { relative } from "node:path";
import { paint, type Console } from "./console.ts";
import { type CommandFactory } from "./options.ts";

/** `scaffold bundle`: the operator as it runs in production. */
export const bundleCommand: CommandFactory = (start) => ({
  command: "bundle",
  describe: "Put main.ts and all that it imports into dist/main.js, which is what production runs",
  builder: (yargs) => yargs.example("$0 bundle", "then npm start, or node dist/main.js"),
  handler: () => start((console) => bundleProject(console)),
});

async function bundleProject(console: Console): Promise<number> {
  // Loaded here, so that no other command waits for it.
  const { bundle } = await import("../bundle/index.ts");
  const { main, bytes, warnings } = await bundle({ root: console.cwd, entry: "main.ts", out: "dist" });
  for (const warning of warnings) console.err(`${paint(console, "yellow", "warning")}  ${warning}`);
  console.out(`${relative(console.cwd, main)}  ${Math.ceil(bytes / 1000)} kB`);
  return 0;
}
