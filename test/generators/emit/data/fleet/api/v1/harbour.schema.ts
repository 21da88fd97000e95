// Derived from harbour.types.ts by `scaffold generate`: change the types, not this file.
import { objectSchema, type ObjectSchema } from "@kubescaffold/runtime/validation";

/** The schema of Harbour without its texts, and what checks and completes an object by it. */
export const harbourSchema: ObjectSchema = objectSchema({
  group: "fleet.ships.io",
  kind: "Harbour",
  schema: {
    properties: {
      apiVersion: { type: "string" },
      kind: { type: "string" },
      metadata: { type: "object" },
      spec: {
        properties: {
          country: { pattern: "^[A-Z]{2}$", type: "string" },
          depth: { type: "number" },
          open: { type: "boolean" },
        },
        required: ["country", "depth", "open"],
        type: "object",
      },
    },
    required: ["spec"],
    type: "object",
  },
});
