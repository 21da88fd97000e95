import type { AccessRule, AdmissionPolicy, CertificateSource, Resource, Webhooks } from "../model/index.ts";
import { classPath, emitClass, schemaPath } from "./class.ts";
import { crdPath, emitCrd, type CrdOptions } from "./crd.ts";
import { emitJsonSchemas } from "./json-schema.ts";
import { emitOpenApi } from "./openapi.ts";
import { policyArtefact } from "./policies.ts";
import { emitAggregatedRoles, emitRole, rolePath } from "./rbac.ts";
import { emitSchemaModule } from "./schema-module.ts";
import { webhookServerArtefacts } from "./webhook-server.ts";
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

/** What a project may ask for besides, or otherwise. */
export interface DerivedOptions extends CrdOptions {
  /** The manager's ClusterRole; `manager-role` by default. */
  readonly roleName?: string;
  /** What the manager's pods are labelled with. */
  readonly projectName?: string;
  /** A folder for a JSON Schema of each version. */
  readonly jsonSchema?: string | undefined;
  /** A file for an OpenAPI document of all kinds; YAML when it is called so, else JSON. */
  readonly openapi?: string | undefined;
  /** Who looks after the certificate of the webhook server; the operator itself by default. */
  readonly webhookCertificates?: CertificateSource | undefined;
}

/**
 * All files that are derived from a project's model, sorted by path: the CRD of each resource with its three roles for people,
 * the class and the schema module of each version, `config/rbac/role.yaml`, the configurations of webhooks with what serves them and the
 * policies where there are some, and what the options ask for.
 */
export function derivedArtefacts(
  project: {
    readonly resources: readonly Resource[];
    readonly accessRules: readonly AccessRule[];
    readonly webhooks?: Webhooks;
    readonly policies?: readonly AdmissionPolicy[];
  },
  options: DerivedOptions = {},
): Artefact[] {
  const { roleName, projectName = "operator", jsonSchema, openapi, webhookCertificates = "self" } = options;
  const { webhooks } = project;
  const artefacts = project.resources.flatMap((resource) => [
    { path: crdPath(resource), text: emitCrd(resource, { ...options, converted: isConverted(webhooks, resource) }) },
    ...emitAggregatedRoles(resource),
    ...resource.versions.map((version) => ({ path: schemaPath(resource, version), text: emitSchemaModule(resource, version) })),
  ]);
  artefacts.push(...classArtefacts(project.resources));
  artefacts.push({ path: rolePath, text: emitRole(project.accessRules, roleName === undefined ? {} : { name: roleName }) });
  if (webhooks !== undefined) {
    const converted = project.resources
      .filter((resource) => isConverted(webhooks, resource))
      .map(({ plural, group }) => `${plural}.${group}`);
    artefacts.push(
      ...webhookArtefacts(webhooks, `${projectName}-system`),
      ...webhookServerArtefacts(webhooks, { projectName, crds: converted, source: webhookCertificates }),
    );
  }
  artefacts.push(...(project.policies ?? []).map(policyArtefact));
  if (jsonSchema !== undefined) artefacts.push(...emitJsonSchemas(project.resources, jsonSchema));
  if (openapi !== undefined) artefacts.push({ path: openapi, text: emitOpenApi(project.resources, openapi) });
  return artefacts.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function isConverted(webhooks: Webhooks | undefined, { group, kind }: Resource): boolean {
  return webhooks?.conversions.some((each) => each.group === group && each.kind === kind) ?? false;
}
