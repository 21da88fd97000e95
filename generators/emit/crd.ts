import {
  convertPath,
  mapSchemas,
  webhookService,
  type PrintColumn,
  type Resource,
  type ResourceVersion,
  type Schema,
} from "../model/index.ts";
import { withShortDescriptions } from "./descriptions.ts";
import { sorted, toYaml, type Tree, type TreeMap } from "./yaml.ts";

/** `config/crd/bases/<group>_<plural>.yaml` */
export function crdPath(resource: Resource): string {
  return `config/crd/bases/${resource.group}_${resource.plural}.yaml`;
}

/** What a CRD says besides its kind, or leaves out. */
export interface CrdOptions {
  /** Descriptions in schemas are cut to so many characters; 0 leaves them out. Absent, they stay as they are. */
  readonly maxDescriptionLength?: number | undefined;
  /** Whether the operator converts its objects between versions. Default false: the API server changes their `apiVersion` only. */
  readonly converted?: boolean;
}

/** The CustomResourceDefinition (apiextensions.k8s.io/v1) as YAML, all versions. Derived. */
export function emitCrd(resource: Resource, options: CrdOptions = {}): string {
  const files = resource.versions.map(({ typesFile }) => typesFile).join(", ");
  return toYaml(
    sorted(customResourceDefinition(resource, options)),
    `Derived from ${files} by \`scaffold generate\`: change the types, not this file.`,
  );
}

/** The same as data: what an API client would send. */
export function customResourceDefinition(resource: Resource, { maxDescriptionLength, converted = false }: CrdOptions = {}): TreeMap {
  const { group, kind, listKind, plural, singular, shortNames, categories, scope, labels, annotations } = resource;
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}`, labels, annotations },
    spec: {
      group,
      names: { kind, listKind, plural, singular, shortNames: unlessEmpty(shortNames), categories: unlessEmpty(categories) },
      scope,
      conversion: converted ? conversion : undefined,
      versions: resource.versions.map((each) => version(each, maxDescriptionLength)),
    },
  };
}

/** By the operator's own Service; config/default says what that is called in the end. */
const conversion: TreeMap = {
  strategy: "Webhook",
  webhook: { clientConfig: { service: { ...webhookService, path: convertPath } }, conversionReviewVersions: ["v1"] },
};

function version(each: ResourceVersion, maxDescriptionLength: number | undefined): Tree {
  const { name, served, storage, deprecated, printColumns, selectableFields, status, scale } = each;
  const schema = maxDescriptionLength === undefined ? each.schema : withShortDescriptions(each.schema, maxDescriptionLength);
  return {
    name,
    served,
    storage,
    deprecated: deprecated === undefined ? undefined : true,
    deprecationWarning: deprecated?.warning,
    additionalPrinterColumns: unlessEmpty(printColumns.map((column: PrintColumn) => ({ ...column }))),
    selectableFields: unlessEmpty(selectableFields.map((jsonPath) => ({ jsonPath }))),
    schema: { openAPIV3Schema: withSortedLists(schema) },
    subresources:
      status || scale !== undefined
        ? { status: status ? {} : undefined, scale: scale === undefined ? undefined : { ...scale } }
        : undefined,
  };
}

/** Lists whose order means nothing are sorted, so that moving a field in the types changes nothing here. */
function withSortedLists(schema: Schema): Schema {
  const { required } = schema;
  return { ...mapSchemas(schema, withSortedLists), ...(required && { required: [...required].sort() }) };
}

function unlessEmpty<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length === 0 ? undefined : list;
}
