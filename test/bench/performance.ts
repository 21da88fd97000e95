import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { NODE_FLAGS, START_ENVIRONMENT } from "../../generators/project/index.ts";
import type { Report } from "./report.ts";
import { circumstances, markdownTable } from "./table.ts";

const RESULTS = join(import.meta.dirname, "results");
const DOCUMENT = join(import.meta.dirname, "..", "..", "docs", "performance.md");

/** What each bench measures, in the order of the document. */
const sections: Readonly<Record<string, readonly [heading: string, text: string]>> = {
  converge: [
    "From nothing to the desired state",
    "That many Memcacheds are there when the operator starts; each needs a Deployment and a status, which is two writes. Then nothing is to be done for a while; then every size is changed; then the operator is started again with nothing to do.",
  ],
  cache: ["Memory of a cache", "A process that keeps all objects of one kind, and nothing else."],
  webhook: [
    "Webhooks",
    "Admission reviews of a Deployment of 2 kB over 16 kept connections: one that adds six labels, one that refuses, one that allows; and one that adds a label to a Pod with 1,000 environment variables, of 40 kB.",
  ],
  admission: [
    "Admission while things change",
    "The label webhook with two replicas on a kind cluster. All the while Deployments are created through the API server, as dry runs at an even rate, each of which both of its webhooks are asked about. Lost is what is refused, or let through as it was. Written by `npm run test:e2e` to `test/e2e/artifacts`.",
  ],
  queue: ["The work queue", "A thousand keys are added, taken and ended."],
  watch: ["Watch events", "A server in another process sends changes of a thousand Pods as fast as the connection takes them, over TLS."],
  start: ["Start", "One Memcached is there when the operator starts; the clock runs until its Deployment is there."],
  references: [
    "Referenced objects",
    "One object names ten Secrets of 1.5 kB among many, on the embedded API server. The first column is the same operator with nothing to read.",
  ],
  generate: [
    "Generating",
    "CRDs, classes or deep copies, and roles from the types of six kinds, beside controller-gen on the same types in Go. Each run is a process of its own.",
  ],
  kind: [
    "On a kind cluster",
    "The memcached example as `scaffold build --node` and `scaffold deploy` bring it to a node of kind, measured by `npm run test:e2e`, which leaves the results in `test/e2e/artifacts/kind.json`. The pods of the thousand Memcacheds stay unscheduled.",
  ],
  soak: [
    "Months in minutes",
    "Ever new Memcacheds come, change and go, a thousand at a time, on the embedded API server. What an operator keeps of those that are gone would show as a slope.",
  ],
};

/**
 * Writes `docs/performance.md` from the results that `npm run bench -- all --out` has kept.
 *
 * @param folder where they are; default `test/bench/results`
 */
export async function writePerformance(folder = RESULTS): Promise<void> {
  const files = (await readdir(folder)).filter((name) => name.endsWith(".json")).sort();
  const reports = await Promise.all(files.map(async (name) => JSON.parse(await readFile(join(folder, name), "utf8")) as Report));
  await writeFile(DOCUMENT, performanceDocument(reports));
}

/** The document, with a section for each bench that there are results of. */
export function performanceDocument(reports: readonly Report[]): string {
  const parts = Object.entries(sections).flatMap(([bench, [heading, text]]) => {
    const tables = reports
      .filter((report) => report.bench === bench)
      .map((report) => `${circumstances(report)}\n\n${markdownTable(report)}`);
    return tables.length === 0 ? [] : [`## ${heading}\n\n${text}\n\n${tables.join("\n\n")}`];
  });
  return `${[INTRODUCTION, ...parts].join("\n\n")}\n`;
}

const INTRODUCTION = `# Performance

Written by \`npm run bench -- document\` from the results in \`test/bench/results\`; change those, not this file.

\`\`\`console
$ npm run bench -- all --repeat 3 --quiet 300 --out test/bench/results    # some hours; needs Go, Python 3 and openssl
$ npm run bench -- document
\`\`\`

Each of ours is written as a user writes it, bundled by \`scaffold bundle\`, and started as \`npm start\` and the image start an operator:
\`${[...Object.entries(START_ENVIRONMENT).map(([name, value]) => `${name}=${value}`), "node", ...NODE_FLAGS].join(" ")}\`. \`ours-plain\` is the same without these options. The yardstick, \`go\`, is the same program written with controller-runtime; \`bare\` is
the least that Node can do, with its standard library only and no handling of errors, and so a floor rather than a rival. They run one after the
other in one run, on one machine that the real etcd and kube-apiserver share with them. [How it is measured](../test/bench/README.md).`;
