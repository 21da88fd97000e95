import type ts from "../typescript.cjs";
import type { ConvertedKind, Resource } from "../model/index.ts";
import { groupVersionOf, kindsOf, type ProgramKinds } from "./program-kinds.ts";
import { spotOf } from "./report.ts";
import { registrationsIn } from "./webhook-calls.ts";

/** The kinds that the program converts: `manager.webhook(Hub).convertWith(converter)`. */
export function readConversions(kinds: ProgramKinds): ConvertedKind[] {
  const { report, resources } = kinds;
  const converted: ConvertedKind[] = [];
  for (const { call, begin } of registrationsIn(kinds, ["convertWith"])) {
    const [kindNode] = begin.arguments;
    if (kindNode === undefined) continue;
    const tell = (message: string, instead: string): void => report.add("bad-webhook", spotOf(kindNode), message, instead);
    const [name, ...more] = kindsOf(kinds, kindNode) ?? [];
    if (name === undefined || more.length > 0) {
      tell("the kind that is converted is not known before the program runs", "write the class of the version that is the hub");
      continue;
    }
    const { group, version: hub } = groupVersionOf(name.apiVersion);
    const resource = resources.find((each) => each.group === group && each.kind === name.kind);
    const known = converted.find((each) => each.group === group && each.kind === name.kind);
    if (resource === undefined)
      tell(`${name.kind} of ${name.apiVersion} is no kind of this project`, "convert kinds whose CRDs this project makes");
    else if (known !== undefined)
      tell(
        `${name.kind} is converted at ${known.place.file}:${known.place.line} already`,
        "keep one converter: it has a spoke for each version",
      );
    else {
      if (resource.versions.length === 1)
        tell(
          `${name.kind} has the version ${hub} only, and nothing to convert it to`,
          "add a version (scaffold create api), or take convertWith out",
        );
      for (const { problem, spot } of wrongSpokes(kinds, call, resource, hub))
        report.add("bad-webhook", spotOf(spot), problem, spokes(resource, hub));
      converted.push({ group, kind: name.kind, place: report.place(spotOf(kindNode)) });
    }
  }
  return converted;
}

function spokes({ versions }: Resource, hub: string): string {
  const names = versions.map(({ name }) => name).filter((name) => name !== hub);
  return `give it a spoke for ${names.join(" and ")}`;
}

/** What is wrong with the spokes, where the converter's type says which it has. */
function wrongSpokes(
  { checker }: ProgramKinds,
  call: ts.CallExpression,
  resource: Resource,
  hub: string,
): { readonly problem: string; readonly spot: ts.Node }[] {
  const [converter] = call.arguments;
  const property = converter === undefined ? undefined : checker.getTypeAtLocation(converter).getProperty("spokes");
  if (converter === undefined || property === undefined) return [];
  const type = checker.getTypeOfSymbolAtLocation(property, converter);
  if (checker.getIndexInfosOfType(type).length > 0) return [];
  const given = type.getProperties().map(({ name }) => name);
  const wanted = resource.versions.map(({ name }) => name).filter((name) => name !== hub);
  const missing = wanted
    .filter((name) => !given.includes(name))
    .map((name) => `the converter has no spoke for ${name} of ${resource.kind}`);
  const odd = given.filter((name) => !wanted.includes(name)).map((name) => `${resource.kind} has no version ${name} beside the hub ${hub}`);
  return [...missing, ...odd].map((problem) => ({ problem, spot: converter }));
}
