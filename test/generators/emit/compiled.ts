import { stripTypeScriptTypes } from "node:module";
import { emitSchemaModule } from "../../../generators/emit/index.ts";
import type { Resource } from "../../../generators/model/index.ts";
import type { Violation } from "./data/fleet/api/v1/frigate.schema.ts";

/** The functions of a generated schema module, as a generated class calls them. */
export interface SchemaModule {
  readonly findViolations: (object: unknown) => Violation[];
  readonly applyDefaults?: (object: unknown) => void;
}

/** Loads the schema module of a resource's first version, without writing it anywhere. */
export async function compile(resource: Resource): Promise<SchemaModule> {
  const version = resource.versions[0];
  if (version === undefined) throw new Error(`${resource.kind} has no version`);
  const source = stripTypeScriptTypes(emitSchemaModule(resource, version));
  return (await import(`data:text/javascript,${encodeURIComponent(source)}`)) as SchemaModule;
}
