import { posix } from "node:path";
import { type GeneratedFile } from "../changes/index.ts";
import { pluralOf } from "../model/index.ts";
import { sameResource, type License, type ProjectAnswers, type Resource } from "./file.ts";
import { layoutOf } from "./layout.ts";
import { NODE_FLAGS, START_ENVIRONMENT } from "./start.ts";
import { renderTree } from "./templates.ts";

/** What a project's package.json asks for: a range of the registry, or `file:vendor/….tgz`. */
export interface Dependencies {
  readonly kubescaffold: string;
  readonly runtime: string;
  /** True when the packages come along in `vendor/`. */
  readonly vendored: boolean;
}

const spdx: Record<License, string | undefined> = { apache2: "Apache-2.0", mit: "MIT", none: undefined };

/** The files that `init` writes once, without PROJECT and without what is derived. */
export function initialFiles(answers: ProjectAnswers, dependencies: Dependencies): GeneratedFile[] {
  const context = {
    ...baseContext(answers),
    domain: answers.domain,
    spdx: spdx[answers.license],
    vendored: dependencies.vendored,
    start: startOptions,
    dependency: { kubescaffold: dependencies.kubescaffold, runtime: dependencies.runtime },
  };
  const license = answers.license === "none" ? [] : renderTree(`license-${answers.license}`, context);
  return [...renderTree("project", context), ...license];
}

/** How `package.json` and the Dockerfile spell the start options. */
const startOptions = {
  flags: NODE_FLAGS.join(" "),
  entrypoint: JSON.stringify(["/nodejs/bin/node", ...NODE_FLAGS, "main.js"]).replaceAll(",", ", "),
  environment: Object.entries({ NODE_ENV: "production", ...START_ENVIRONMENT })
    .map(([name, value]) => `${name}=${value}`)
    .join(" "),
};

/** The types of a new kind. */
export function apiFiles(answers: ProjectAnswers, resources: readonly Resource[], resource: Resource): GeneratedFile[] {
  return renderTree("api", resourceContext(answers, resources, resource));
}

/** The reconciler of a kind and its test. */
export function controllerFiles(answers: ProjectAnswers, resources: readonly Resource[], resource: Resource): GeneratedFile[] {
  return renderTree("controller", resourceContext(answers, resources, resource));
}

/** What every template may name. */
export function baseContext(answers: ProjectAnswers): { projectName: string; holder: string; notice: string | undefined } {
  const holder = answers.owner ?? `the authors of ${answers.projectName}`;
  const license = spdx[answers.license];
  return {
    projectName: answers.projectName,
    holder,
    notice: license
      ? `Copyright ${holder}, SPDX-License-Identifier: ${license}`
      : answers.owner && `Copyright ${answers.owner.replace(/\.$/, "")}. All rights reserved.`,
  };
}

function resourceContext(
  answers: ProjectAnswers,
  resources: readonly Resource[],
  resource: Resource,
): Record<string, string | boolean | undefined> {
  const { controllerFolder } = layoutOf(resources, resource.group, resource.version);
  const first = resources.find(({ group, kind }) => group === resource.group && kind === resource.kind);
  const lower = resource.kind.toLowerCase();
  return {
    ...baseContext(answers),
    kind: resource.kind,
    lower,
    variable: variableName(resource.kind),
    plural: resource.plural,
    customPlural: resource.plural !== pluralOf(resource.kind),
    // Of several versions one has to be marked as the one that is stored; marking the first from the start spares an edit later.
    firstVersion: first === undefined || sameResource(first, resource),
    namespaced: resource.namespaced,
    scope: resource.namespaced ? "Namespaced" : "Cluster",
    apiGroup: `${resource.group}.${answers.domain}`,
    path: resource.path,
    controllerFolder,
    classImport: `${posix.relative(controllerFolder, resource.path)}/${lower}.ts`,
    typesImport: `${posix.relative(controllerFolder, resource.path)}/${lower}.types.ts`,
  };
}

/** A kind as the name of a variable: FrigateCrew to frigateCrew, HTTPRoute to httpRoute; and never a word of the language. */
export function variableName(kind: string): string {
  const camel = kind.replace(/^[A-Z]+(?=[A-Z][a-z])|^[A-Z]+(?![a-z])|^[A-Z]/, (start) => start.toLowerCase());
  return /^(await|break|case|catch|class|const|continue|debugger|default|delete|do|else|enum|export|extends|false|finally|for|function|if|implements|import|in|instanceof|interface|let|log|new|null|package|private|protected|public|return|static|status|super|switch|this|throw|true|try|typeof|var|void|while|with|yield)$/.test(
    camel,
  )
    ? `${camel}Object`
    : camel;
}
