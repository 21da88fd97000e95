// The npm scripts: `node test/run.js TASK [arguments]`. On a fresh machine it installs what is missing first.
// Any Node from 12.17 on reads this file; the steps run under the Node of the devDependencies.
import { spawn } from "child_process";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "fs";
import { dirname, join, resolve } from "path";
import { fileURLToPath } from "url";

import { environment, installDependencies, newEnoughNode, noNode } from "./install.js";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Jest as it finds its configuration in the folder where it runs. */
const plainJest = (...args) => [
  "--experimental-vm-modules",
  "--disable-warning=ExperimentalWarning",
  join(root, "node_modules/jest/bin/jest.js"),
  // What a failing test leaves behind would keep it waiting, where nobody is there to end it.
  ...(process.env.KUBESCAFFOLD_REPORTS ? ["--forceExit"] : []),
  ...args,
];
const jest = (...args) => plainJest("--config=test/jest.config.js", ...args);
/** Jest on folders that our configuration leaves out. */
const jestIn = (pattern, ...more) => jest("--testPathIgnorePatterns=/node_modules/", "--testMatch=<rootDir>/test/" + pattern, ...more);

const checks = [
  { name: "format", does: "the format of every file (Prettier)", args: ["node_modules/prettier/bin/prettier.cjs", "--check", "."] },
  { name: "types", does: "the types (tsc)", args: ["node_modules/typescript/bin/tsc", "-p", "tsconfig.json"] },
  { name: "lint", does: "the lint rules (ESLint)", args: ["node_modules/eslint/bin/eslint.js", "--config=test/eslint.config.js", "."] },
  { name: "unused", does: "unused files, exports and dependencies (knip)", args: ["node_modules/knip/bin/knip.js"] },
];
/** The examples' own tests, as their authors run them. */
const folders = existsSync(join(root, "examples")) ? readdirSync(join(root, "examples")) : [];
const examples = folders.map((name) => ({
  name: "example-" + name,
  does: "the own tests of the example " + name + " (Jest)",
  args: plainJest("--passWithNoTests"),
  folder: "examples/" + name,
  jest: true,
}));
const examplesOnCluster = examples.map((example) =>
  Object.assign({}, example, {
    name: example.name + "-cluster",
    does: example.does.replace("(Jest)", "on a real kube-apiserver (Jest)"),
    args: plainJest("--passWithNoTests", "--testTimeout=120000"),
    setting: { KUBESCAFFOLD_TEST_CLUSTER: "controlplane" },
  }),
);
const api = {
  name: "api",
  does: "the public API against its record in docs/reference/api (API Extractor)",
  args: ["test/api/report.ts"],
  takesArguments: true,
};
const unit = { name: "tests", does: "the tests that need neither root nor a cluster (Jest)", args: jest(), jest: true };
const controlPlane = {
  name: "controlplane",
  does: "etcd and kube-apiserver, built once",
  args: ["test/cluster/binaries.ts"],
  needed: true,
};

/**
 * What each npm script runs. A step is a Node program with its arguments, in the root folder or in `folder`; those that are marked `jest` take
 * the arguments of the command line and write their results as JSON into the folder KUBESCAFFOLD_REPORTS, if that is set.
 * `setting` is added to the environment. All steps run, also after one has failed, unless that is `needed` by those after it.
 */
const tasks = {
  test: [...checks, api, unit, ...examples],
  unit: [unit],
  "test:cluster": [
    controlPlane,
    {
      name: "cluster",
      does: "the tests on a real kube-apiserver (Jest)",
      // Those of test/runtime that ask for a test cluster get the real one.
      args: jestIn(
        "{cluster/**/*,runtime/{bad-input,client,controller}/**/*,runtime/manager/handover,runtime/webhook/migration}.test.ts",
        "--testTimeout=120000",
      ),
      jest: true,
      setting: { KUBESCAFFOLD_TEST_CLUSTER: "controlplane" },
    },
    ...examplesOnCluster,
  ],
  api: [api],
  examples: [{ name: "examples", does: "the examples, as the generator writes them today", args: ["test/examples/remake.ts"] }],
  "test:packages": [
    {
      name: "packages",
      does: "the packages, as a user installs them (Jest)",
      args: jestIn("packages/**/*.test.ts", "--testTimeout=300000"),
      jest: true,
    },
  ],
  "test:published": [
    {
      name: "published",
      does: "the published CRDs of other projects, which Go modules bring (Jest)",
      args: jestIn("generators/published/**/*.test.ts"),
      jest: true,
    },
  ],
  "test:images": [
    {
      name: "images",
      does: "images in docker, built by scaffold build and by the Dockerfile (Jest)",
      args: jestIn("e2e/dockerfile.test.ts"),
      jest: true,
    },
  ],
  "test:e2e": [
    {
      name: "e2e",
      does: "operators on a kind cluster (Jest)",
      args: plainJest("--config=test/e2e/kind/jest.config.js"),
      jest: true,
    },
  ],
  demo: [{ name: "demo", does: "from an empty folder to a running operator", args: ["test/demo/main.ts"], takesArguments: true }],
  bench: [controlPlane, { name: "bench", does: "our operator beside its peers", args: ["test/bench/run.ts"], takesArguments: true }],
};

async function main() {
  const [name, ...rest] = process.argv.slice(2);
  const args = rest[0] === "--" ? rest.slice(1) : rest;
  const steps = tasks[name];
  if (!steps) {
    return fail("Which task? " + Object.keys(tasks).join(", "));
  }
  const problem = installDependencies(root);
  if (problem) {
    return fail(problem);
  }
  const node = newEnoughNode(root);
  if (!node) {
    return fail(noNode);
  }
  const reports = process.env.KUBESCAFFOLD_REPORTS && resolve(process.env.KUBESCAFFOLD_REPORTS);
  if (reports) {
    mkdirSync(reports, { recursive: true });
  }
  const outcomes = [];
  for (const step of steps) {
    if (outcomes.some((outcome) => outcome.interrupted || (outcome.needed && outcome.code !== 0))) {
      break;
    }
    outcomes.push(await run(node, step, args, reports, steps.length > 1));
    if (reports) {
      writeFileSync(join(reports, name.replace(":", "-") + ".steps.json"), JSON.stringify(outcomes));
    }
  }
  if (steps.length > 1) {
    const lines = outcomes.map((o) => (o.code === 0 ? "  ok      " : "  FAILED  ") + o.does + ", " + seconds(o.milliseconds));
    process.stderr.write("\n" + name + ":\n" + lines.join("\n") + "\n");
  }
  const failed = outcomes.find((outcome) => outcome.code !== 0);
  process.exitCode = failed ? failed.code : 0;
}

/** Minutes after which a step hangs, where somebody waits for reports: the steps after it have something to tell as well. */
const LONGEST = 40;

/** Runs one step. Signals go on to it, and no step follows; when it ends by one, so do we. */
async function run(node, step, args, reports, announced) {
  const output = step.jest && reports ? join(reports, step.name + ".json") : undefined;
  const all = step.args.concat(output ? ["--json", "--outputFile=" + output] : [], step.jest || step.takesArguments ? args : []);
  if (announced) {
    process.stderr.write("\n> " + step.does + "\n");
  }
  const begin = Date.now();
  const child = spawn(node, all, {
    cwd: join(root, step.folder || "."),
    stdio: "inherit",
    env: Object.assign(environment(root, node), step.setting),
  });
  let interrupted = false;
  const watchdog =
    reports &&
    setTimeout(() => {
      process.stderr.write("\nended after " + LONGEST + " minutes: " + step.does + "\n");
      child.kill("SIGKILL");
    }, LONGEST * 60000);
  const handlers = ["SIGTERM", "SIGHUP", "SIGINT"].map((signal) => {
    const handler = () => {
      interrupted = true;
      // A terminal sends Ctrl-C to us and to the step alike.
      if (signal !== "SIGINT" || !process.stdin.isTTY) {
        child.kill(signal);
      }
    };
    process.on(signal, handler);
    return [signal, handler];
  });
  const [code, signal] = await new Promise((settle) => {
    child.on("exit", (...ending) => settle(ending));
    child.on("error", (error) => {
      process.stderr.write(error.message + "\n");
      settle([1]);
    });
  });
  clearTimeout(watchdog);
  handlers.forEach(([name, handler]) => process.removeListener(name, handler));
  if (signal === "SIGTERM" || signal === "SIGHUP" || signal === "SIGINT") {
    process.kill(process.pid, signal);
  }
  const milliseconds = Date.now() - begin;
  if (announced) {
    process.stderr.write((code === 0 ? "  ok, " : "  FAILED, ") + seconds(milliseconds) + "\n");
  }
  return {
    name: step.name,
    does: step.does,
    needed: step.needed,
    interrupted,
    code: code === null || code === undefined ? 1 : code,
    milliseconds,
    tests: output,
  };
}

function seconds(milliseconds) {
  return (milliseconds / 1000).toFixed(1) + " s";
}

function fail(text) {
  process.stderr.write(text + "\n");
  process.exitCode = 1;
}

main().catch((error) => {
  process.exitCode = 1;
  throw error;
});
