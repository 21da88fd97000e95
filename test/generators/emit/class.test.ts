import { describe, expect, test } from "@jest/globals";
import { Model, type TypeMetaGuard } from "@kubernetes-models/base";
import { Deployment } from "kubernetes-models/apps/v1/Deployment";
import { Frigate, type IFrigate } from "./data/fleet/api/v1/frigate.ts";
import { frigateSchema } from "./data/fleet/api/v1/frigate.schema.ts";
import { ValidationError, type FieldError } from "../../../runtime/validation/index.ts";
import { messagesOf } from "./compiled.ts";
import { Harbour } from "./data/fleet/api/v1/harbour.ts";

const spec = { address: "192.0.2.7" };
const frigate = (fields: object): unknown => ({
  apiVersion: "fleet.ships.io/v1",
  kind: "Frigate",
  metadata: { name: "x" },
  spec: { ...spec, ...fields },
});
const messages = (fields: object): string[] => messagesOf(frigateSchema, frigate(fields));

describe("a generated class is used like those of kubernetes-models", () => {
  test("it is a Model and carries its apiVersion and kind", () => {
    const object = new Frigate({ metadata: { name: "victory" }, spec });
    expect(object).toBeInstanceOf(Model);
    expect([Frigate.apiVersion, Frigate.kind]).toEqual(["fleet.ships.io/v1", "Frigate"]);
    expect(JSON.stringify(object)).toBe(
      '{"apiVersion":"fleet.ships.io/v1","kind":"Frigate","metadata":{"name":"victory"},"spec":{"address":"192.0.2.7"}}',
    );
  });

  test("its guard tells its objects from others", () => {
    const guard: TypeMetaGuard<IFrigate> = Frigate.is;
    expect(guard(JSON.parse(JSON.stringify(Frigate.example)))).toBe(true);
    expect(guard(new Deployment())).toBe(false);
    expect(guard(null)).toBe(false);
  });

  test("fields that are undefined are left out", () => {
    const object = new Frigate({ metadata: { name: "x" }, spec: { ...spec, ...{ keel: undefined } } as unknown as IFrigate["spec"] });
    expect(Object.keys(object.spec)).toEqual(["address"]);
    expect(Object.keys(new Harbour({ metadata: {}, spec: { country: "DK", depth: 1, open: true } }))).toEqual([
      "apiVersion",
      "kind",
      "metadata",
      "spec",
    ]);
  });

  test("its example is valid, and a new one each time", () => {
    Frigate.example.validate();
    Harbour.example.validate();
    expect(Frigate.example).not.toBe(Frigate.example);
    expect(Frigate.example.spec).toEqual({ crew: 12, colour: "green", address: "192.0.2.1", target: 80 });
  });
});

describe("default", () => {
  test("fills in what is absent, in nested objects too, and leaves alone what is there", () => {
    const object = Frigate.default(
      new Frigate({ metadata: {}, spec: { ...spec, crew: 3, berths: [{ harbour: "a" }, { harbour: "b", pier: 7 }] } }),
    );
    expect(object.spec).toEqual({
      ...spec,
      crew: 3,
      colour: "green",
      target: 80,
      berths: [
        { harbour: "a", pier: 1 },
        { harbour: "b", pier: 7 },
      ],
    });
  });

  test("fills in where null is not allowed, as the API server does", () => {
    const object = { metadata: {}, spec: { ...spec, colour: null } } as unknown as IFrigate;
    expect(Frigate.default(object).spec.colour).toBe("green");
  });

  test("does nothing for a kind without defaults", () => {
    const object = { metadata: {}, spec: { country: "DK", depth: 1, open: true } };
    expect(Harbour.default(object)).toEqual({ metadata: {}, spec: { country: "DK", depth: 1, open: true } });
  });
});

describe("validate", () => {
  test("says what the API server would say", () => {
    const object = new Frigate({ metadata: { name: "victory" }, spec: { ...spec, crew: 401 } });
    expect(() => object.validate()).toThrow(
      'Frigate.fleet.ships.io "victory" is invalid: spec.crew: Invalid value: 401: spec.crew in body should be less than or equal to 400',
    );
  });

  test("says everything that is wrong, with the path of each field, as a webhook may return it", () => {
    const object = new Frigate({ metadata: {}, spec: { address: "here", ports: [80, 0] } });
    let errors: readonly FieldError[] = [];
    try {
      object.validate();
    } catch (error) {
      expect(error).toBeInstanceOf(ValidationError);
      if (error instanceof ValidationError) errors = error.errors;
    }
    expect(errors.map(({ field, type }) => [field, type])).toEqual([
      ["spec.address", "FieldValueTypeInvalid"],
      ["spec.ports[1]", "FieldValueInvalid"],
      ["<nil>", "FieldValueInvalid"], // rules were not asked
    ]);
  });

  test("asks the CEL rules", () => {
    expect(messages({ keel: "" })).toEqual(["<nil>: Invalid value: the keel needs a name"]);
  });

  /** What the API server adds where an object is too wrong to be asked about by rules. */
  const unasked =
    "<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation";
  const cases: readonly (readonly [fields: object, ...expected: string[]])[] = [
    [{ crew: 1.5 }, 'spec.crew: Invalid value: "number": spec.crew in body must be of type integer: "number"'],
    [{ crew: "3" }, 'spec.crew: Invalid value: "string": spec.crew in body must be of type integer: "string"'],
    [{ crew: 0 }, "spec.crew: Invalid value: 0: spec.crew in body should be greater than or equal to 1"],
    [{ tonnage: 0 }, "spec.tonnage: Invalid value: 0: spec.tonnage in body should be greater than 0"],
    [{ tonnage: 15 }, "spec.tonnage: Invalid value: 15: spec.tonnage in body should be a multiple of 10"],
    [{ colour: "blue" }, 'spec.colour: Unsupported value: "blue": supported values: "green", "off", "red", "yes"'],
    [{ level: 4 }, 'spec.level: Unsupported value: 4: supported values: "1", "2", "3"'],
    [{ flags: ["a", "b", "a"] }, 'spec.flags[2]: Duplicate value: "a"'],
    [{ flags: ["a", "b", "c", "d", "e"] }, "spec.flags: Too many: 5: must have at most 4 items"],
    [{ flags: [""] }, 'spec.flags[0]: Invalid value: "": spec.flags[0] in body should be at least 1 chars long'],
    [{ flags: ["A"] }, "spec.flags[0]: Invalid value: \"A\": spec.flags[0] in body should match '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$'"],
    [{ flags: ["a".repeat(64)] }, "spec.flags[0]: Too long: may not be more than 63 bytes"],
    [{ berths: [{ harbour: "a" }, { harbour: "a", pier: 1 }] }, 'spec.berths[1]: Duplicate value: {"harbour":"a","pier":1}'],
    [{ berths: [{}] }, "spec.berths[0].harbour: Required value"],
    [{ stores: {} }, "spec.stores: Invalid value: 0: spec.stores in body should have at least 1 properties"],
    [{ stores: { a: 1, b: 2, c: 3, d: 4 } }, "spec.stores: Too many: 4: must have at most 3 items"],
    [{ position: [1] }, "spec.position: Invalid value: 1: spec.position in body should have at least 2 items"],
    [{ captain: { name: "x" } }, "spec.captain.value: Required value"],
    [{ address: null }, "spec.address: Required value"],
    [{ object: { apiVersion: "v1" } }, "spec.object.kind: Required value", "spec.object.kind: Required value"],
    [{ key: "%" }, 'spec.key: Invalid value: "%": spec.key in body must be of type byte: "%"'],
  ];
  test.each(cases)("%j", (fields, ...expected) => {
    const blocking = expected.some((message) => /Required value|Unsupported value|Too (?:long|many)|must be of type/.test(message));
    expect(messages(fields)).toEqual(blocking ? [...expected, unasked] : expected);
  });

  test.each([
    [{ captain: null, mood: null, berths: [{ harbour: "a", remark: null }] }],
    [{ crew: null, keel: undefined }],
    [{ anything: [1, { a: "b" }], options: { verbose: true, more: 1 } }],
    [{ stores: { gold: "1Gi", rum: 5 }, memory: "500m", target: "http" }],
  ])("accepts %j", (fields) => {
    expect(messages(fields)).toEqual([]);
  });
});

describe("validateUpdate", () => {
  const update = (old: object, fields: object): (() => void) => {
    const object = new Frigate(frigate(fields) as IFrigate);
    return () => object.validateUpdate(frigate(old) as IFrigate);
  };

  test("asks the rules about the change", () => {
    expect(update({ keel: "oak" }, { keel: "oak", crew: 2 })).not.toThrow();
    expect(update({ keel: "oak" }, { keel: "elm" })).toThrow(
      'Frigate.fleet.ships.io "x" is invalid: spec.keel: Invalid value: "elm": field is immutable',
    );
  });

  test("tolerates what was wrong before, as long as it stays as it was", () => {
    expect(update({ crew: 401 }, { crew: 401, colour: "red" })).not.toThrow();
    expect(update({ crew: 401 }, { crew: 402 })).toThrow("spec.crew");
  });
});
