import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { classPath, emitClass, emitCrd, emitSchemaModule, schemaPath, type Artefact } from "../emit/index.ts";
import type { Resource } from "../model/index.ts";
import type { CrdDocument } from "./documents.ts";
import { readCrd } from "./crd.ts";
import { emitTypes, headerOf } from "./types.ts";

/** Where imported CRDs are kept, for tests and for access rules. */
export const externalFolder = "config/crd/external";

/** An imported kind and its files. */
export interface Imported {
  readonly resource: Resource;
  readonly artefacts: readonly Artefact[];
}

/**
 * The files of an imported kind: types, class and schema module of each version under `api/<group>/<version>/`, and the CRD itself under
 * `config/crd/external/`, which tests load and nothing deploys.
 *
 * @throws ScaffoldError `bad-crd`
 */
export function importedArtefacts(crd: CrdDocument): Imported {
  const resource = readCrd(crd, (group, version, kind) => `api/${group}/${version}/${kind.toLowerCase()}.types.ts`);
  const files = resource.versions.flatMap((version) => [
    { path: version.typesFile, text: emitTypes(resource, version) },
    { path: classPath(resource, version), text: owned(emitClass(resource, version), "//", resource) },
    { path: schemaPath(resource, version), text: owned(emitSchemaModule(resource, version), "//", resource) },
  ]);
  return { resource, artefacts: [...files, { path: crdPath(resource), text: owned(emitCrd(resource), "#", resource) }] };
}

/** The files of a kind that an earlier import has written, also of versions that are gone by now. Relative to the root. */
export function importedFiles(root: string, resource: Resource): string[] {
  const folder = `api/${resource.group}`;
  if (!existsSync(join(root, folder))) return [];
  const lower = resource.kind.toLowerCase();
  return readdirSync(join(root, folder))
    .flatMap((version) => [`${lower}.types.ts`, `${lower}.ts`, `${lower}.schema.ts`].map((name) => `${folder}/${version}/${name}`))
    .filter((path) => existsSync(join(root, path)) && readFileSync(join(root, path), "utf8").startsWith(`// ${headerOf(resource)}`));
}

function crdPath({ group, plural }: Resource): string {
  return `${externalFolder}/${group}_${plural}.yaml`;
}

/** The same text, with a first line that says where it comes from. */
function owned(text: string, mark: string, resource: Resource): string {
  return `${mark} ${headerOf(resource)}: import it again rather than change it here.\n${text.slice(text.indexOf("\n") + 1)}`;
}
