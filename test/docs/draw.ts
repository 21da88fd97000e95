/**
 * Draws the picture of the README anew: `npm run test:e2e`, then `node test/docs/draw.ts test/e2e/artifacts/tutorial.json`. What is shown is what the
 * tutorial's commands printed in its test; it is kept beside the picture.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pictureOf, PICTURES, type Scene } from "./picture.ts";

/** Of all commands of the tutorial those that make an operator and bring it on a cluster, each once. */
const shown = ["npx", "npm run generate", "npm run build", "npm run deploy", "kubectl apply", "kubectl get memcacheds"];
/** Of their output all but npm's: what it runs, and what it thinks of the machine. */
const isOurs = (line: string): boolean => !/^(?:> |npm |$)/.test(line);

const [session] = process.argv.slice(2);
if (session === undefined) throw new Error("usage: node test/docs/draw.ts SESSION.json");
const all = JSON.parse(readFileSync(session, "utf8")) as Scene[];
const scenes = all
  .filter(
    ({ command }, index) => shown.some((start) => command.startsWith(start)) && all.findIndex((each) => each.command === command) === index,
  )
  .map((scene) => ({ ...scene, output: scene.output.split("\n").filter(isOurs).join("\n"), milliseconds: Math.round(scene.milliseconds) }));
mkdirSync(PICTURES, { recursive: true });
writeFileSync(join(PICTURES, "tutorial.json"), `${JSON.stringify(scenes, undefined, 2)}\n`);
writeFileSync(join(PICTURES, "tutorial.svg"), pictureOf(scenes));
