/**
 * Records the public API of the packages in docs/reference/api, so that a change of it is seen and reviewed.
 *
 *   node test/api/report.ts            fails when the API is not the recorded one
 *   node test/api/report.ts --update   records it
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Extractor, ExtractorConfig, ExtractorLogLevel, ExtractorMessageCategory } from "@microsoft/api-extractor";
import { buildPackages } from "../../generators/packages/index.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const REPORTS = join(ROOT, "docs", "reference", "api");
const ENTRIES = {
  runtime: "index.d.ts",
  "runtime-api": "api/index.d.ts",
  "runtime-testing": "testing/index.d.ts",
  "runtime-validation": "validation/index.d.ts",
  "runtime-validation-cel": "validation/cel.d.ts",
  "runtime-validation-definition": "validation/definition.d.ts",
};
const update = process.argv.includes("--update");

// Inside the checkout, so that what the declarations import is found; not in node_modules, whose files count as others'.
mkdirSync(join(ROOT, "dist"), { recursive: true });
const work = mkdtempSync(join(ROOT, "dist", "api-"));
try {
  const { runtime } = buildPackages(join(work, "packages"));
  mkdirSync(REPORTS, { recursive: true });
  const changed = Object.entries(ENTRIES).filter(([name, entry]) => !isRecorded(name, join(runtime, entry), runtime));
  if (changed.length > 0 && !update) {
    const names = changed.map(([name]) => `docs/reference/api/${name}.api.md`).join(", ");
    process.stderr.write(
      `The public API differs from ${names}: if it is meant to, run "npm run api -- --update" and commit the difference.\n`,
    );
    process.exitCode = 1;
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}

function isRecorded(name: string, entry: string, packageFolder: string): boolean {
  const reportFileName = `${name}.api.md`;
  const isNew = !existsSync(join(REPORTS, reportFileName));
  const config = ExtractorConfig.prepare({
    configObject: {
      projectFolder: packageFolder,
      mainEntryPointFilePath: entry,
      newlineKind: "lf",
      compiler: {
        overrideTsconfig: {
          compilerOptions: {
            target: "es2022",
            lib: ["es2022", "esnext.disposable"],
            module: "nodenext",
            moduleResolution: "nodenext",
            strict: true,
            skipLibCheck: true,
            types: ["node"],
            typeRoots: [join(ROOT, "node_modules", "@types")],
          },
          files: [entry],
        },
      },
      apiReport: { enabled: true, reportFileName, reportFolder: REPORTS, reportTempFolder: join(tmpdir(), "kubescaffold-api") },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      messages: { extractorMessageReporting: { "ae-missing-release-tag": { logLevel: ExtractorLogLevel.None } } },
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: join(packageFolder, "package.json"),
  });
  const { apiReportChanged, errorCount } = Extractor.invoke(config, {
    localBuild: update,
    messageCallback(message) {
      if (message.category === ExtractorMessageCategory.Console) message.handled = true;
    },
  });
  if (errorCount > 0) throw new Error(`the declarations of ${name} cannot be read`);
  return !apiReportChanged && !isNew;
}
