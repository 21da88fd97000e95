// Derived from frigate.types.ts by `scaffold generate`: change the types, not this file.
import { objectSchema, type ObjectSchema } from "@kubescaffold/runtime/validation";

/** The schema of Frigate without its texts, and what checks and completes an object by it. */
export const frigateSchema: ObjectSchema = objectSchema({
  group: "fleet.ships.io",
  kind: "Frigate",
  schema: {
    properties: {
      apiVersion: { type: "string" },
      kind: { type: "string" },
      metadata: { type: "object" },
      spec: {
        properties: { crew: { format: "int32", type: "integer" } },
        type: "object",
      },
    },
    required: ["spec"],
    type: "object",
  },
});
