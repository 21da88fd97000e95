import { compareApis, findingLine, type Finding, type Severity } from "../compatibility/index.ts";
import { Project } from "../project/index.ts";
import { readBase, type Base } from "./check/base.ts";
import { paint, type Color, type Console } from "./console.ts";
import { readSpecs } from "./derive.ts";
import { type CommandFactory } from "./options.ts";

/** What `scaffold check api` is asked for. */
export interface CheckApiOptions {
  /** A git ref, a file, a folder, a URL; undefined is the last commit. */
  readonly against: string | undefined;
  readonly format: "text" | "json";
}

/** `scaffold check api`: what the next release would break. */
export const checkApiCommand: CommandFactory = (start) => ({
  command: "api",
  describe: "Compare the API with an earlier one, and name what breaks",
  builder: (yargs) =>
    yargs
      .options({
        against: {
          type: "string",
          requiresArg: true,
          describe: "A git ref, or a file, folder or URL with CRDs [default: config/crd/bases at HEAD]",
        },
        format: { choices: ["text", "json"], default: "text", describe: "Lines for people, or JSON for tools" },
      })
      .example("$0 check api", "what the changes since the last commit break")
      .example("$0 check api --against v1.2.0", "what they break since a release"),
  handler: ({ against, format }) =>
    start((console) =>
      checkApi({ against: typeof against === "string" ? against : undefined, format: format === "json" ? "json" : "text" }, console),
    ),
});

/** Resolves to 1 when something is breaking, to 0 else. */
async function checkApi({ against, format }: CheckApiOptions, console: Console): Promise<number> {
  const project = Project.open(console.cwd);
  const base = await readBase(against, console.cwd);
  const { resources } = await readSpecs(project);
  const findings = bySeverity(compareApis(base.resources, resources));
  if (format === "json") console.out(JSON.stringify({ against: base.name, findings }, undefined, 2));
  else print(findings, base, console);
  return findings.some(({ severity }) => severity === "breaking") ? 1 : 0;
}

const severities: readonly Severity[] = ["breaking", "check by hand", "compatible"];
const colors: Readonly<Record<Severity, Color>> = { breaking: "red", "check by hand": "yellow", compatible: "green" };

function bySeverity(findings: readonly Finding[]): Finding[] {
  return findings.toSorted((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity));
}

function print(findings: readonly Finding[], { name, resources }: Base, console: Console): void {
  if (resources.length === 0) {
    console.out(`There are no CRDs in config/crd/bases at ${name}: nothing can break.`);
    return;
  }
  if (findings.length === 0) {
    console.out(`The API is the same as at ${name}.`);
    return;
  }
  const width = Math.max(...severities.map((severity) => severity.length));
  for (const finding of findings)
    console.out(`${paint(console, colors[finding.severity], finding.severity.padEnd(width))}  ${findingLine(finding)}`);
  const counts = severities.map((severity) => `${findings.filter((each) => each.severity === severity).length} ${severity}`);
  console.out(`Against ${name}: ${counts.join(", ")}.`);
}
