// yours: `node main.ts inject`, which adds the sidecar to manifests in place of the webhook.
// Copyright the authors of sidecar-injector, SPDX-License-Identifier: Apache-2.0
import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { connect } from "@kubescaffold/runtime";
import { injectText, joined } from "./manifests.ts";
import { fromConfigMap, fromFile, readTemplate, type Template } from "./template.ts";

const HELP = `Usage: inject -f FILE [-f FILE …] [--template FILE] [--only-annotated]

Prints manifests with the sidecar in their Pods and templates of Pods, as the webhook would add it.

  -f, --filename FILE    a YAML or JSON file of one or several documents; - is the standard input
  --template FILE        the template, or its ConfigMap (default: the ConfigMap of the cluster)
  --only-annotated       inject where the annotation asks for it, as in namespaces without the label (default: as in those with it)
  --kubeconfig FILE, --context NAME
                         the cluster of the ConfigMap
`;

/** Runs the command line after \`inject\`. Returns the exit code. */
export async function injectCommand(argv: readonly string[]): Promise<number> {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        filename: { type: "string", short: "f", multiple: true, default: [] },
        template: { type: "string" },
        "only-annotated": { type: "boolean", default: false },
        kubeconfig: { type: "string" },
        context: { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    if (values.help) {
      process.stdout.write(HELP);
      return 0;
    }
    if (values.filename.length === 0) throw new Error("say which file: inject -f FILE; --help tells more");
    const template = await templateOf(values);
    const results: string[] = [];
    for (const file of values.filename) {
      const source = file === "-" ? await text(process.stdin) : await readFile(file, "utf8");
      const result = about(file, () => injectText(source, template, !values["only-annotated"]));
      results.push(result.text);
      for (const warning of result.warnings) process.stderr.write(`warning: ${file}: ${warning}\n`);
    }
    process.stdout.write(joined(results));
    return 0;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

async function templateOf({
  template,
  kubeconfig,
  context,
}: Partial<Record<"template" | "kubeconfig" | "context", string>>): Promise<Template> {
  if (template !== undefined) {
    const source = await fromFile(template)();
    return about(template, () => readTemplate(source));
  }
  using connection = await connect({ kubeconfig, context });
  const source = await fromConfigMap(connection.client)();
  return about("the template of the cluster", () => readTemplate(source));
}

/** Says in an error what it is about. */
function about<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new Error(`${what}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
