import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { derivedArtefacts, emitSample, samplePath, type Artefact } from "../../../generators/emit/index.ts";
import { readProject, type ProjectReading } from "../../../generators/spec/index.ts";

const root = fileURLToPath(new URL("data/fleet", import.meta.url));

/** A project with everything that an interface can say. What is derived from it is committed beside it, and compiled and linted with the rest. */
export async function readFleet(): Promise<ProjectReading> {
  return readProject({ root, group: "fleet.ships.io" });
}

/** All files of the project that come from its types. */
export function fleetArtefacts(reading: ProjectReading): Artefact[] {
  const samples = reading.resources.flatMap((resource) =>
    resource.versions.map((version) => ({ path: samplePath(resource, version), text: emitSample(resource, version) })),
  );
  return [...derivedArtefacts(reading), ...samples];
}

/** What is committed. With UPDATE_GOLDEN=1 it becomes what is derived now, for people to look at in the diff. */
export function committed({ path, text }: Artefact): string {
  const file = join(root, path);
  if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(file, text);
  return readFileSync(file, "utf8");
}
