import { ScaffoldError } from "../errors.ts";
import { classOf, place } from "../changes/index.ts";
import { importedArtefacts, importedFiles, nameOf, type CrdDocument, type Imported } from "../import/index.ts";
import { Project } from "../project/index.ts";
import { type Console } from "./console.ts";
import { readSources } from "./import/sources.ts";
import { changeOptions, type CommandFactory, type GlobalOptions, textsIn } from "./options.ts";
import { conclude } from "./outcome.ts";

/** What `scaffold import crd` is asked for. */
export interface ImportCrdOptions extends GlobalOptions {
  /** Files, folders, URLs, `-`; or `cluster` and names of CRDs. */
  readonly from: readonly string[];
  /** Of the CRDs that are found, only these kinds; all when empty. */
  readonly kinds: readonly string[];
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
}

/** `scaffold import crd`: kinds of others, to be used like one's own. */
export const importCrdCommand: CommandFactory = (start) => ({
  command: "crd <from..>",
  describe: "Import foreign kinds: types and classes from their CRDs",
  builder: (yargs) =>
    changeOptions(yargs)
      // Without it, only the last of several words would be left.
      .parserConfiguration({ "duplicate-arguments-array": true, "strip-dashed": true, "parse-numbers": false })
      .positional("from", {
        type: "string",
        array: true,
        demandOption: true,
        describe: "Files, folders, URLs, - for the standard input; or cluster and the names of CRDs",
      })
      .options({
        kind: { type: "string", requiresArg: true, describe: "Only these kinds of what is found, separated by commas" },
        kubeconfig: { type: "string", requiresArg: true, describe: "Kubeconfig for import crd cluster [default: as kubectl finds it]" },
        context: { type: "string", requiresArg: true, describe: "Context of the kubeconfig [default: its current one]" },
      })
      .example("$0 import crd gateway-api.yaml --kind Gateway,HTTPRoute", "two kinds of a file")
      .example("$0 import crd cluster certificates.cert-manager.io", "a kind as the cluster has it"),
  handler: (args) => {
    // An option that is given twice is an array.
    const flag = (name: string): boolean => [args[name]].flat().includes(true);
    const text = textsIn(args);
    // yargs takes the - of the standard input for an option without a name, and leaves nothing of it.
    const from = Array.isArray(args["from"]) ? args["from"].map(String) : [];
    const kinds = (text("kind") ?? "").split(",").filter((kind) => kind !== "");
    start((console) =>
      importCrd(
        {
          from: from.length === 0 ? ["-"] : from,
          kinds,
          kubeconfig: text("kubeconfig"),
          context: text("context"),
          dryRun: flag("dryRun"),
          diff: flag("diff"),
        },
        console,
      ),
    );
  },
});

async function importCrd(options: ImportCrdOptions, console: Console): Promise<number> {
  const project = Project.open(console.cwd);
  const { crds, others } = await readSources(options, console.cwd);
  const imported = newest(chosen(crds, options)).map((crd) => importedArtefacts(crd));
  for (const each of imported) stage(project, each);
  const written = conclude(project, options, console);
  if (others > 0)
    console.out(others === 1 ? "1 document is no CRD, and was left alone." : `${others} documents are no CRDs, and were left alone.`);
  if (written.length > 0) for (const line of hints(imported)) console.out(line);
  return 0;
}

function chosen(crds: readonly CrdDocument[], { kinds, from }: ImportCrdOptions): readonly CrdDocument[] {
  if (crds.length === 0)
    throw new ScaffoldError("crd-missing", `There is no CustomResourceDefinition in ${from.join(", ")}: pass what holds one.`);
  if (kinds.length === 0) return crds;
  const byKind = Map.groupBy(crds, kindOf);
  const absent = kinds.find((kind) => !byKind.has(kind));
  if (absent !== undefined) {
    throw new ScaffoldError(
      "crd-missing",
      `There is no kind ${absent} in ${from.join(", ")}: it has ${[...byKind.keys()].sort().join(", ")}.`,
    );
  }
  return kinds.flatMap((kind) => byKind.get(kind) ?? []);
}

function kindOf(crd: CrdDocument): string {
  const { kind } = importedArtefacts(crd).resource;
  return kind;
}

/** The same CRD twice (a folder with a bundle beside its parts): the last one counts, and must not be another one in disguise. */
function newest(crds: readonly CrdDocument[]): CrdDocument[] {
  const byName = new Map<string, CrdDocument>();
  for (const crd of crds) {
    const other = byName.get(nameOf(crd));
    if (other !== undefined && JSON.stringify(other["spec"]) !== JSON.stringify(crd["spec"])) {
      throw new ScaffoldError(
        "conflict",
        `There are two different CRDs ${nameOf(crd)} in what was given: import the file with the right one.`,
      );
    }
    byName.set(nameOf(crd), crd);
  }
  return [...byName.values()];
}

function stage(project: Project, { resource, artefacts }: Imported): void {
  const { group, kind } = resource;
  const own = project.file.resources.find((each) => `${each.group}.${project.file.answers.domain}` === group && each.kind === kind);
  if (own !== undefined) {
    throw new ScaffoldError(
      "conflict",
      `${kind} of ${group} is this project's own kind, in ${own.path}: its types are the source of its CRD.`,
    );
  }
  const wanted = new Set(artefacts.map(({ path }) => path));
  for (const path of importedFiles(project.root, resource)) {
    if (!wanted.has(path) && classOf(project.set.read(path) ?? "") === "derived") project.set.delete(path);
  }
  // PROJECT does not list them: what is imported is no output of this project's sources, and its first line says whose it is.
  for (const { path, text } of artefacts) place(project.set, { path, content: text, class: "derived" }, undefined);
}

function hints(imported: readonly Imported[]): string[] {
  const [first] = imported;
  const version = first?.resource.versions.find(({ storage }) => storage) ?? first?.resource.versions[0];
  if (first === undefined || version === undefined) return [];
  const { group, kind } = first.resource;
  return [
    "Next:",
    `  use it: import { ${kind} } from "./api/${group}/${version.name}/${kind.toLowerCase()}.ts"`,
    '  in tests: startTestCluster({ crds: ["config/crd/bases", "config/crd/external"] })',
  ];
}
