import type { AccessRule, AdmissionPolicy, Resource, Webhooks } from "../model/index.ts";
import { classPath, emitClass, schemaPath } from "./class.ts";
import { crdPath, emitCrd } from "./crd.ts";
import { policyArtefact } from "./policies.ts";
import { emitAggregatedRoles, emitRole, rolePath } from "./rbac.ts";
import { emitSchemaModule } from "./schema-module.ts";
import { webhookArtefacts } from "./webhooks.ts";

/** A file as text. The path is relative to the project, with forward slashes. */
export interface Artefact {
  readonly path: string;
  readonly text: string;
}

/** The classes of all kinds, which is what code that uses them is read with. */
export function classArtefacts(resources: readonly Resource[]): Artefact[] {
  return resources.flatMap((resource) =>
    resource.versions.map((version) => ({ path: classPath(resource, version), text: emitClass(resource, version) })),
  );
}

/**
 * All files that are derived from a project's model, sorted by path: the CRD of each resource with its three roles for people,
 * the class and the schema module of each version, `config/rbac/role.yaml`, and the configurations of webhooks and the policies where there
 * are some. `roleName` is the manager's ClusterRole (default `manager-role`), `projectName` what the manager's pods are labelled with.
 */
export function derivedArtefacts(
  project: {
    readonly resources: readonly Resource[];
    readonly accessRules: readonly AccessRule[];
    readonly webhooks?: Webhooks;
    readonly policies?: readonly AdmissionPolicy[];
  },
  options: { readonly roleName?: string; readonly projectName?: string } = {},
): Artefact[] {
  const { roleName, projectName = "operator" } = options;
  const artefacts = project.resources.flatMap((resource) => [
    { path: crdPath(resource), text: emitCrd(resource) },
    ...emitAggregatedRoles(resource),
    ...resource.versions.map((version) => ({ path: schemaPath(resource, version), text: emitSchemaModule(resource, version) })),
  ]);
  artefacts.push(...classArtefacts(project.resources));
  artefacts.push({ path: rolePath, text: emitRole(project.accessRules, roleName === undefined ? {} : { name: roleName }) });
  if (project.webhooks !== undefined) artefacts.push(...webhookArtefacts(project.webhooks, projectName));
  artefacts.push(...(project.policies ?? []).map(policyArtefact));
  return artefacts.sort((a, b) => (a.path < b.path ? -1 : 1));
}
