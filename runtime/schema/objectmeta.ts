/**
 * The schema of `metadata`, which every kind shares and no CRD spells out.
 */
import type { JsonSchema } from "./jsonschema.ts";

const text: JsonSchema = { type: "string" };
const time: JsonSchema = { type: "string", format: "date-time" };
const whole: JsonSchema = { type: "integer", format: "int64" };
const texts: JsonSchema = { type: "object", additionalProperties: { type: "string", default: "" } };

/** `meta/v1 ObjectMeta`, in the order in which the server writes it. */
export const objectMetaSchema: JsonSchema = {
  type: "object",
  properties: {
    name: text,
    generateName: text,
    namespace: text,
    selfLink: text,
    uid: text,
    resourceVersion: text,
    generation: whole,
    creationTimestamp: time,
    deletionTimestamp: time,
    deletionGracePeriodSeconds: whole,
    labels: texts,
    annotations: texts,
    ownerReferences: {
      type: "array",
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["uid"],
      "x-kubernetes-patch-strategy": "merge",
      "x-kubernetes-patch-merge-key": "uid",
      items: {
        type: "object",
        "x-kubernetes-map-type": "atomic",
        required: ["apiVersion", "kind", "name", "uid"],
        properties: {
          apiVersion: { type: "string", default: "" },
          kind: { type: "string", default: "" },
          name: { type: "string", default: "" },
          uid: { type: "string", default: "" },
          controller: { type: "boolean" },
          blockOwnerDeletion: { type: "boolean" },
        },
      },
    },
    finalizers: {
      type: "array",
      "x-kubernetes-list-type": "set",
      "x-kubernetes-patch-strategy": "merge",
      items: { type: "string", default: "" },
    },
    managedFields: {
      type: "array",
      "x-kubernetes-list-type": "atomic",
      items: {
        type: "object",
        properties: {
          manager: text,
          operation: text,
          apiVersion: text,
          time,
          fieldsType: text,
          fieldsV1: { type: "object" },
          subresource: text,
        },
      },
    },
  },
};
