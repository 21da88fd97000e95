import type { Schema } from "../../../generators/model/index.ts";

const quantityPattern =
  "^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))))?$";
const intOrString: Schema = { anyOf: [{ type: "integer" }, { type: "string" }], "x-kubernetes-int-or-string": true };

/** What TypeScript says, and the schema that it becomes. */
export interface TypeCase {
  /** Declarations, of which `Spec` is the one that is read; or, when it declares none, the type of its only field `f`. */
  readonly source: string;
  /** Of the field `f`, or of the whole spec. */
  readonly schema: Schema;
}

/** Types of a field `f`. */
export const fieldTypes: Readonly<Record<string, TypeCase>> = {
  "a string": { source: "string", schema: { type: "string" } },
  "a number": { source: "number", schema: { type: "number" } },
  "a boolean": { source: "boolean", schema: { type: "boolean" } },
  "true alone": { source: "true", schema: { type: "boolean", enum: [true] } },
  Int32: { source: "Int32", schema: { type: "integer", format: "int32" } },
  Int64: { source: "Int64", schema: { type: "integer", format: "int64" } },
  Float: { source: "Float", schema: { type: "number", format: "float" } },
  Double: { source: "Double", schema: { type: "number", format: "double" } },
  Quantity: { source: "Quantity", schema: { ...intOrString, pattern: quantityPattern } },
  Duration: { source: "Duration", schema: { type: "string" } },
  IntOrString: { source: "IntOrString", schema: intOrString },
  Base64: { source: "Base64", schema: { type: "string", format: "byte" } },
  DateTime: { source: "DateTime", schema: { type: "string", format: "date-time" } },
  "a string literal": { source: '"only"', schema: { type: "string", enum: ["only"] } },
  "string literals, in the order of the source": { source: '"b" | "a" | "c"', schema: { type: "string", enum: ["b", "a", "c"] } },
  "whole number literals": { source: "3 | 1 | 2", schema: { type: "integer", enum: [3, 1, 2] } },
  "number literals with a fraction": { source: "0.5 | 1", schema: { type: "number", enum: [0.5, 1] } },
  "literals and null": { source: '"a" | null', schema: { type: "string", pattern: "^(?:a)$", nullable: true } },
  "a type and null": { source: "string | null", schema: { type: "string", nullable: true } },
  "a boolean and null": { source: "boolean | null", schema: { type: "boolean", nullable: true } },
  "Int32 and null": { source: "Int32 | null", schema: { type: "integer", format: "int32", nullable: true } },
  "an open set of words": { source: '"a" | "b" | (string & {})', schema: { type: "string" } },
  "an array": { source: "string[]", schema: { type: "array", items: { type: "string" } } },
  "Array<T>": { source: "Array<Int32>", schema: { type: "array", items: { type: "integer", format: "int32" } } },
  "a readonly array": { source: "readonly boolean[]", schema: { type: "array", items: { type: "boolean" } } },
  "an array of arrays": { source: "number[][]", schema: { type: "array", items: { type: "array", items: { type: "number" } } } },
  "an array of enums": { source: '("x" | "w")[]', schema: { type: "array", items: { type: "string", enum: ["x", "w"] } } },
  "an array with nulls": { source: "(string | null)[]", schema: { type: "array", items: { type: "string", nullable: true } } },
  "a pair": { source: "[Int32, Int32]", schema: { type: "array", items: { type: "integer", format: "int32" }, minItems: 2, maxItems: 2 } },
  "a tuple that may end early": {
    source: "[string, string?]",
    schema: { type: "array", items: { type: "string" }, minItems: 1, maxItems: 2 },
  },
  "a tuple with an open end": { source: "[string, ...string[]]", schema: { type: "array", items: { type: "string" }, minItems: 1 } },
  "a map": { source: "Record<string, string>", schema: { type: "object", additionalProperties: { type: "string" } } },
  "an index signature": {
    source: "{ [key: string]: Int32 }",
    schema: { type: "object", additionalProperties: { type: "integer", format: "int32" } },
  },
  "a map of lists": {
    source: "Record<string, string[]>",
    schema: { type: "object", additionalProperties: { type: "array", items: { type: "string" } } },
  },
  "a map with known keys": {
    source: 'Record<"a" | "b", boolean>',
    schema: { type: "object", properties: { a: { type: "boolean" }, b: { type: "boolean" } }, required: ["a", "b"] },
  },
  "unknown keeps whatever is there": { source: "unknown", schema: { "x-kubernetes-preserve-unknown-fields": true } },
  "object keeps whatever is there": { source: "object", schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
  "a map of anything": {
    source: "Record<string, unknown>",
    schema: { type: "object", additionalProperties: { "x-kubernetes-preserve-unknown-fields": true } },
  },
  "a type literal": {
    source: "{ a: string; b?: number }",
    schema: { type: "object", properties: { a: { type: "string" }, b: { type: "number" } }, required: ["a"] },
  },
  "readonly fields": {
    source: "{ readonly a: string }",
    schema: { type: "object", properties: { a: { type: "string" } }, required: ["a"] },
  },
  "a field that may be undefined": {
    source: "{ a: string | undefined }",
    schema: { type: "object", properties: { a: { type: "string" } } },
  },
  "an empty object": { source: "{}", schema: { type: "object" } },
  "odd names": {
    source: '{ "a-b": string; "$ref": string; "x.y/z": string; "ключ": string; 7: string; "": string }',
    schema: {
      type: "object",
      properties: Object.fromEntries(["7", "a-b", "$ref", "x.y/z", "ключ", ""].map((name) => [name, { type: "string" as const }])),
      required: ["a-b", "$ref", "x.y/z", "ключ", "7", ""],
    },
  },
  "ObjectMeta with its fields": {
    source: 'Pick<ObjectMeta, "labels">',
    schema: { type: "object", properties: { labels: { type: "object", additionalProperties: { type: "string" } } } },
  },
};

/** Declarations of `Spec`. */
export const specTypes: Readonly<Record<string, TypeCase>> = {
  "an interface that extends others": {
    source: "interface A { a: string } interface B extends A { b?: string } interface Spec extends B { c: Int32 }",
    schema: {
      type: "object",
      properties: { c: { type: "integer", format: "int32" }, b: { type: "string" }, a: { type: "string" } },
      required: ["c", "a"],
    },
  },
  "an intersection": {
    source: "interface A { a: string } type Spec = A & { b?: string }",
    schema: { type: "object", properties: { a: { type: "string" }, b: { type: "string" } }, required: ["a"] },
  },
  "Partial, Required, Pick, Omit and Readonly": {
    source: `interface A { /** One. */ a: string; /** Two. */ b?: Int32; c: boolean }
      interface Spec { partial: Partial<A>; required: Required<A>; pick: Pick<A, "a">; omit: Omit<A, "a" | "b">; readonly: Readonly<A> }`,
    schema: (() => {
      const a: Schema = { type: "string", description: "One." };
      const b: Schema = { type: "integer", format: "int32", description: "Two." };
      const c: Schema = { type: "boolean" };
      return {
        type: "object",
        properties: {
          partial: { type: "object", properties: { a, b, c } },
          required: { type: "object", properties: { a, b, c }, required: ["a", "b", "c"] },
          pick: { type: "object", properties: { a }, required: ["a"] },
          omit: { type: "object", properties: { c }, required: ["c"] },
          readonly: { type: "object", properties: { a, b, c }, required: ["a", "c"] },
        },
        required: ["partial", "required", "pick", "omit", "readonly"],
      };
    })(),
  },
  "an own mapped type": {
    source: "interface A { a: string; b: Int32 } type Nullable<T> = { [K in keyof T]?: T[K] | null }; interface Spec { f: Nullable<A> }",
    schema: {
      type: "object",
      properties: {
        f: {
          type: "object",
          properties: { a: { type: "string", nullable: true }, b: { type: "integer", format: "int32", nullable: true } },
        },
      },
      required: ["f"],
    },
  },
  "a TypeScript enum, in the order of its members": {
    source:
      'enum Size { Small = "small", Big = "big", Any = "any" } enum Level { Low = 1, High } interface Spec { size: Size; level?: Level; one?: Size.Big }',
    schema: {
      type: "object",
      properties: {
        size: { type: "string", enum: ["small", "big", "any"] },
        level: { type: "integer", enum: [1, 2] },
        one: { type: "string", enum: ["big"] },
      },
      required: ["size"],
    },
  },
  "a const object": {
    source:
      'const Mode = { Fast: "fast", Slow: "slow" } as const; type Mode = (typeof Mode)[keyof typeof Mode]; interface Spec { mode: Mode }',
    schema: { type: "object", properties: { mode: { type: "string", enum: ["fast", "slow"] } }, required: ["mode"] },
  },
  "keyof and indexed access": {
    source: "interface A { z: string; y: Int32 } interface Spec { key: keyof A; value: A['y'] }",
    schema: {
      type: "object",
      properties: { key: { type: "string", enum: ["y", "z"] }, value: { type: "integer", format: "int32" } },
      required: ["key", "value"],
    },
  },
  "generics, with markers of their arguments": {
    source: `/** A name.
       *  @maxLength 63 */
      type Name = string;
      interface Box<T> { /** What is inside. */ value: T; list: T[]; map: Record<string, T> }
      interface Outer<U> extends Box<U> { more?: U }
      interface Spec { box: Box<Name>; outer: Outer<Name> }`,
    schema: (() => {
      const name: Schema = { type: "string", description: "A name.", maxLength: 63 };
      const properties: Record<string, Schema> = {
        value: { ...name, description: "What is inside." },
        list: { type: "array", items: name },
        map: { type: "object", additionalProperties: name },
      };
      return {
        type: "object",
        properties: {
          box: { type: "object", properties, required: ["value", "list", "map"] },
          outer: { type: "object", properties: { more: name, ...properties }, required: ["value", "list", "map"] },
        },
        required: ["box", "outer"],
      };
    })(),
  },
  "names give their comment and markers; the field's own go before": {
    source: `/** A port number.
       *  @minimum 1
       *  @maximum 65535 */
      type Port = Int32;
      /** Where it listens. */
      interface Listener { port: Port; /** @minimum 1024 */ high: Port; /** The admin port. */ admin: Port }
      interface Spec { listener: Listener; /** Another. */ second?: Listener }`,
    schema: (() => {
      const port: Schema = { type: "integer", format: "int32", description: "A port number.", minimum: 1, maximum: 65535 };
      const listener: Schema = {
        type: "object",
        description: "Where it listens.",
        properties: { port, high: { ...port, minimum: 1024 }, admin: { ...port, description: "The admin port." } },
        required: ["port", "high", "admin"],
      };
      return { type: "object", properties: { listener, second: { ...listener, description: "Another." } }, required: ["listener"] };
    })(),
  },
  "an alias of an alias": {
    source: "/** @pattern ^a */ type A = string; /** @maxLength 3 */ type B = A; interface Spec { b: B[] }",
    schema: {
      type: "object",
      properties: { b: { type: "array", items: { type: "string", pattern: "^a", maxLength: 3 } } },
      required: ["b"],
    },
  },
  "a literal union by name": {
    source: 'type Old = "b" | "a"; type All = Old | "0"; interface Spec { all?: All }',
    schema: { type: "object", properties: { all: { type: "string", enum: ["b", "a", "0"] } } },
  },
  "a recursive type that is cut": {
    source: "interface Tree { name: string; /** @preserveUnknownFields */ children?: Tree[] } interface Spec { tree: Tree }",
    schema: {
      type: "object",
      properties: {
        tree: {
          type: "object",
          properties: {
            name: { type: "string" },
            children: { type: "array", items: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
          },
          required: ["name"],
        },
      },
      required: ["tree"],
    },
  },
  "a discriminated union of objects": {
    source:
      'interface File { type: "file"; path: string; mode?: Int32 } interface Web { type: "http" | "https"; host: string; path: string; "max-age": Int32 }\ninterface Spec { from: File | Web | { type: "none" } }',
    schema: {
      type: "object",
      properties: {
        from: {
          type: "object",
          properties: {
            type: { type: "string", enum: ["file", "http", "https", "none"] },
            path: { type: "string" },
            mode: { type: "integer", format: "int32" },
            host: { type: "string" },
            "max-age": { type: "integer", format: "int32" },
          },
          required: ["type"],
          "x-kubernetes-validations": [
            { rule: 'self.type != "file" || has(self.path)', message: "path must be set when type is file" },
            {
              rule: '!(self.type in ["http","https"]) || has(self.host) && has(self.path) && has(self.max__dash__age)',
              message: "host, path, max-age must be set when type is http or https",
            },
            {
              rule: 'self.type in ["file","http","https"] || !has(self.path)',
              message: "path may be set only when type is file or http or https",
            },
            { rule: 'self.type == "file" || !has(self.mode)', message: "mode may be set only when type is file" },
            { rule: 'self.type in ["http","https"] || !has(self.host)', message: "host may be set only when type is http or https" },
            {
              rule: 'self.type in ["http","https"] || !has(self.max__dash__age)',
              message: "max-age may be set only when type is http or https",
            },
          ],
        },
      },
      required: ["from"],
    },
  },
  "the same type in two places is not recursive": {
    source: "interface A { a: string } interface Spec { x: A; y: A }",
    schema: {
      type: "object",
      properties: {
        x: { type: "object", properties: { a: { type: "string" } }, required: ["a"] },
        y: { type: "object", properties: { a: { type: "string" } }, required: ["a"] },
      },
      required: ["x", "y"],
    },
  },
};

/** The sources of all cases by name, each with a declaration of `Spec`. */
export function typeSources(): Record<string, string> {
  const fields = Object.entries(fieldTypes).map(([name, { source }]) => [name, `interface Spec { f: ${source} }`]);
  const specs = Object.entries(specTypes).map(([name, { source }]) => [name, source]);
  return Object.fromEntries([...fields, ...specs]) as Record<string, string>;
}
