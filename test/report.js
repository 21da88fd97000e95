// Adds up what the tasks of test/run.js left in a folder: `node test/report.js FOLDER [suite that could not run]…`
// A suite that could not run counts as one skipped test, so that nobody takes it for a passed one.
import { existsSync, readdirSync, readFileSync } from "fs";
import { join } from "path";

const [folder, ...missing] = process.argv.slice(2);
const total = { passed: 0, failed: 0, skipped: 0 };

for (const file of readdirSync(folder).filter((name) => name.endsWith(".steps.json"))) {
  for (const step of readJson(join(folder, file))) {
    add(file.replace(".steps.json", "") + ": " + step.does, countsOf(step));
  }
}
missing.forEach((suite) => add(suite + ": NOT RUN", { passed: 0, failed: 0, skipped: 1 }));
process.stdout.write(text(total) + "\n");
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;

/** Tests of a Jest run; any other step counts as one test. A run that failed without a failed test counts as a failed one. */
function countsOf(step) {
  const results = step.tests && existsSync(step.tests) ? readJson(step.tests) : undefined;
  const counts = results
    ? {
        passed: results.numPassedTests,
        failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
        skipped: results.numPendingTests + results.numTodoTests,
      }
    : { passed: step.code === 0 ? 1 : 0, failed: 0, skipped: 0 };
  return step.code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

function add(suite, counts) {
  Object.keys(total).forEach((outcome) => {
    total[outcome] += counts[outcome];
  });
  process.stdout.write(suite + ": " + text(counts) + "\n");
}

function readJson(file) {
  return JSON.parse(readFileSync(file, "utf8"));
}

function text({ passed, failed, skipped }) {
  return passed + " passed, " + failed + " failed, " + skipped + " skipped";
}
