// Derived from frigate.types.ts by `scaffold generate`: change the types, not this file.
import { objectSchema, type ObjectSchema } from "@kubescaffold/runtime/validation";
import { celRules } from "@kubescaffold/runtime/validation/cel";

/** The schema of Frigate without its texts, and what checks and completes an object by it. */
export const frigateSchema: ObjectSchema = objectSchema({
  group: "fleet.ships.io",
  kind: "Frigate",
  rules: celRules,
  schema: {
    properties: {
      apiVersion: { type: "string" },
      kind: { type: "string" },
      metadata: { type: "object" },
      spec: {
        properties: {
          address: { format: "ipv4", type: "string" },
          anything: { "x-kubernetes-preserve-unknown-fields": true },
          berths: {
            items: {
              properties: {
                harbour: {
                  maxLength: 63,
                  minLength: 1,
                  pattern: "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
                  type: "string",
                },
                pier: { default: 1, format: "int32", type: "integer" },
                remark: { nullable: true, type: "string" },
              },
              required: ["harbour"],
              type: "object",
            },
            type: "array",
            "x-kubernetes-list-map-keys": ["harbour", "pier"],
            "x-kubernetes-list-type": "map",
          },
          captain: {
            nullable: true,
            properties: {
              name: {
                maxLength: 63,
                minLength: 1,
                pattern: "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
                type: "string",
              },
              value: { type: "string" },
            },
            required: ["name", "value"],
            type: "object",
          },
          colour: {
            default: "green",
            enum: ["green", "off", "red", "yes"],
            type: "string",
          },
          crew: {
            default: 12,
            format: "int32",
            maximum: 400,
            minimum: 1,
            type: "integer",
          },
          flags: {
            items: {
              maxLength: 63,
              minLength: 1,
              pattern: "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
              type: "string",
            },
            maxItems: 4,
            type: "array",
            "x-kubernetes-list-type": "set",
          },
          keel: {
            type: "string",
            "x-kubernetes-validations": [{ message: "field is immutable", rule: "self == oldSelf" }],
          },
          key: { format: "byte", type: "string" },
          launched: { format: "date-time", type: "string" },
          level: { enum: [1, 2, 3], type: "integer" },
          log: {
            properties: {
              name: {
                maxLength: 63,
                minLength: 1,
                pattern: "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
                type: "string",
              },
              value: {
                properties: {
                  name: {
                    maxLength: 63,
                    minLength: 1,
                    pattern: "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
                    type: "string",
                  },
                  value: { format: "int32", type: "integer" },
                },
                required: ["name", "value"],
                type: "object",
              },
            },
            type: "object",
          },
          memory: {
            anyOf: [{ type: "integer" }, { type: "string" }],
            pattern: "^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))))?$",
            "x-kubernetes-int-or-string": true,
          },
          mood: { nullable: true, pattern: "^(?:good|bad)$", type: "string" },
          object: {
            properties: {
              apiVersion: { type: "string" },
              kind: { type: "string" },
              metadata: {
                properties: {
                  annotations: { additionalProperties: { type: "string" }, type: "object" },
                  creationTimestamp: { type: "string" },
                  deletionGracePeriodSeconds: { type: "number" },
                  deletionTimestamp: { type: "string" },
                  finalizers: { items: { type: "string" }, type: "array" },
                  generateName: { type: "string" },
                  generation: { type: "number" },
                  labels: { additionalProperties: { type: "string" }, type: "object" },
                  managedFields: {
                    items: {
                      properties: {
                        apiVersion: { type: "string" },
                        fieldsType: { type: "string" },
                        fieldsV1: { "x-kubernetes-preserve-unknown-fields": true },
                        manager: { type: "string" },
                        operation: { type: "string" },
                        subresource: { type: "string" },
                        time: { type: "string" },
                      },
                      type: "object",
                    },
                    type: "array",
                  },
                  name: { type: "string" },
                  namespace: { type: "string" },
                  ownerReferences: {
                    items: {
                      properties: {
                        apiVersion: { type: "string" },
                        blockOwnerDeletion: { type: "boolean" },
                        controller: { type: "boolean" },
                        kind: { type: "string" },
                        name: { type: "string" },
                        uid: { type: "string" },
                      },
                      required: ["apiVersion", "kind", "name", "uid"],
                      type: "object",
                    },
                    type: "array",
                  },
                  resourceVersion: { type: "string" },
                  selfLink: { type: "string" },
                  uid: { type: "string" },
                },
                type: "object",
              },
            },
            required: ["apiVersion", "kind"],
            type: "object",
            "x-kubernetes-embedded-resource": true,
            "x-kubernetes-preserve-unknown-fields": true,
          },
          "odd.name/with-more": { type: "string" },
          on: { type: "boolean" },
          options: {
            properties: { verbose: { type: "boolean" } },
            type: "object",
            "x-kubernetes-preserve-unknown-fields": true,
          },
          ports: {
            items: { format: "int32", maximum: 65535, minimum: 1, type: "integer" },
            type: "array",
          },
          position: {
            items: { type: "number" },
            maxItems: 2,
            minItems: 2,
            type: "array",
          },
          sails: { items: { enum: ["main", "jib"], type: "string" }, type: "array" },
          stores: {
            additionalProperties: {
              anyOf: [{ type: "integer" }, { type: "string" }],
              pattern: "^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))))?$",
              "x-kubernetes-int-or-string": true,
            },
            maxProperties: 3,
            minProperties: 1,
            type: "object",
          },
          target: {
            anyOf: [{ type: "integer" }, { type: "string" }],
            default: 80,
            "x-kubernetes-int-or-string": true,
          },
          tonnage: {
            exclusiveMinimum: true,
            format: "int64",
            minimum: 0,
            multipleOf: 10,
            type: "integer",
          },
          watch: { type: "string" },
        },
        required: ["address"],
        type: "object",
        "x-kubernetes-validations": [
          {
            message: "field keel is immutable once set",
            rule: "!has(oldSelf.keel) || has(self.keel)",
          },
        ],
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
          crew: { format: "int32", type: "integer" },
          selector: { type: "string" },
        },
        type: "object",
      },
    },
    required: ["spec"],
    type: "object",
    "x-kubernetes-validations": [
      {
        message: "the keel needs a name",
        rule: "!has(self.spec.keel) || self.spec.keel != ''",
      },
    ],
  },
});
