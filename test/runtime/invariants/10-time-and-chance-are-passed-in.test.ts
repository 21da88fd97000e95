import { expect, test } from "@jest/globals";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const LAYERS = ["object", "client", "cache", "queue", "controller", "manager", "webhook/certificates"];

/** Where time and chance enter: the machine's clock, defaults of options, names that need be unique, and the dates of log lines. */
const ENTRANCES: Readonly<Record<string, RegExp>> = {
  "object/clock.ts": /Date\.now|performance\.now|setTimeout/,
  "manager/log.ts": /new Date\(\)/,
  // It watches the machine's own event loop from a thread that has nothing else.
  "manager/watchdog-thread.ts": /performance\.now|new Date\(\)|setInterval/,
};
const SOURCES_OF_TIME =
  /\bDate\.now\b|new Date\(\)|\bperformance\.|\bsetInterval\b|AbortSignal\.timeout|(?<![.\w])setTimeout\(|timers\/promises/;
/** A default such as `options.random ?? Math.random`, not a call. */
const CHANCE = /Math\.random\(/;

test("nothing takes the time or rolls dice by itself", () => {
  const found: string[] = [];
  for (const layer of LAYERS) {
    const folder = join(import.meta.dirname, "../../../runtime", layer);
    for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"))) {
      const path = `${layer}/${file}`;
      for (const line of readFileSync(join(folder, file), "utf8").split("\n")) {
        if (/^\s*(\*|\/\/|\/\*\*)/.test(line) || ENTRANCES[path]?.test(line) === true) continue;
        if (SOURCES_OF_TIME.test(line) || CHANCE.test(line)) found.push(`${path}: ${line.trim()}`);
      }
    }
  }
  expect(found).toEqual([]);
});
