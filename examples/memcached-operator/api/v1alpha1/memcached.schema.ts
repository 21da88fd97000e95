// Derived from memcached.types.ts by `scaffold generate`: change the types, not this file.
import { objectSchema, type ObjectSchema } from "@kubescaffold/runtime/validation";

/** The schema of Memcached without its texts, and what checks and completes an object by it. */
export const memcachedSchema: ObjectSchema = objectSchema({
  group: "cache.example.com",
  kind: "Memcached",
  schema: {
    properties: {
      apiVersion: { type: "string" },
      kind: { type: "string" },
      metadata: { type: "object" },
      spec: {
        properties: {
          containerPort: {
            default: 11211,
            format: "int32",
            maximum: 65535,
            minimum: 1,
            type: "integer",
          },
          size: {
            default: 3,
            format: "int32",
            maximum: 5,
            minimum: 1,
            type: "integer",
          },
        },
        type: "object",
      },
      status: {
        properties: {
          conditions: {
            items: {
              properties: {
                lastTransitionTime: { format: "date-time", type: "string" },
                message: { maxLength: 32768, type: "string" },
                observedGeneration: { format: "int64", minimum: 0, type: "integer" },
                reason: {
                  maxLength: 1024,
                  minLength: 1,
                  pattern: "^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$",
                  type: "string",
                },
                status: { enum: ["True", "False", "Unknown"], type: "string" },
                type: {
                  maxLength: 316,
                  pattern: "^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$",
                  type: "string",
                },
              },
              required: ["type", "status", "lastTransitionTime", "reason", "message"],
              type: "object",
            },
            type: "array",
            "x-kubernetes-list-map-keys": ["type"],
            "x-kubernetes-list-type": "map",
          },
          nodes: {
            items: { type: "string" },
            type: "array",
            "x-kubernetes-list-type": "set",
          },
        },
        type: "object",
      },
    },
    required: ["spec"],
    type: "object",
  },
});
