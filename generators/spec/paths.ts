import type { ResourceVersion, Schema } from "../model/index.ts";
import type { Tag } from "./docs.ts";
import { nearest } from "./markers/arguments.ts";
import type { Reading } from "./reading.ts";
import type { Spot } from "./report.ts";

/** Checks that the JSON paths of columns, of the scale subresource and of selectable fields lead to something. */
export function checkPaths(reading: Reading, version: ResourceVersion, kind: Spot, tags: readonly Tag[]): void {
  const spotOfPath = (path: string): Spot => tags.find(({ text }) => text.includes(path))?.spot ?? kind;
  const paths = [
    ...version.printColumns.map(({ jsonPath }) => jsonPath),
    ...version.selectableFields,
    ...(version.scale === undefined
      ? []
      : [version.scale.specReplicasPath, version.scale.statusReplicasPath, version.scale.labelSelectorPath ?? ""]),
  ];
  for (const path of new Set(paths)) {
    const problem = follow(version.schema, path);
    if (problem !== undefined)
      reading.report.add("bad-marker", spotOfPath(path), `${path} leads nowhere: ${problem.what}`, problem.instead);
  }
  const [tooMany] = version.selectableFields.slice(mostSelectable);
  if (tooMany !== undefined)
    reading.report.add("bad-marker", spotOfPath(tooMany), `a version has ${mostSelectable} selectable fields at most`, "take one out");
  for (const path of version.selectableFields) {
    const type = leaf(version.schema, path)?.type;
    if (type === "object" || type === "array" || type === "number") {
      reading.report.add(
        "bad-marker",
        spotOfPath(path),
        `${path} is of type ${type}, which field selectors cannot compare`,
        "choose a string, an integer or a boolean",
      );
    }
  }
}

/** API servers take no more. */
const mostSelectable = 8;

interface Nowhere {
  readonly what: string;
  readonly instead: string;
}

function follow(root: Schema, path: string): Nowhere | undefined {
  let schema = root;
  for (const step of plainSteps(path)) {
    if (schema.properties === undefined || isOpen(schema)) return undefined;
    if (schema === root && step === "metadata") return undefined;
    const next = Object.hasOwn(schema.properties, step) ? schema.properties[step] : undefined;
    if (next === undefined) {
      const near = nearest(step, Object.keys(schema.properties));
      return {
        what: `there is no field ${step}`,
        instead: near === undefined ? `write one of ${Object.keys(schema.properties).join(", ")}` : `write ${near}`,
      };
    }
    schema = next;
  }
  return undefined;
}

function leaf(root: Schema, path: string): Schema | undefined {
  let schema: Schema | undefined = root;
  for (const step of plainSteps(path)) schema = schema?.properties?.[step];
  return schema;
}

/** The steps up to the first that is more than a name (an index, a filter). */
function plainSteps(path: string): string[] {
  return /^(?:\.[A-Za-z_][\w-]*)*/.exec(path)?.[0].split(".").slice(1) ?? [];
}

function isOpen(schema: Schema): boolean {
  return schema.additionalProperties !== undefined || schema["x-kubernetes-preserve-unknown-fields"] === true;
}
