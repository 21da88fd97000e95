import { expect, test } from "@jest/globals";
import { withRuleErrors } from "../../../runtime/cel/index.ts";
import { compileSchema, type JsonSchema } from "../../../runtime/schema/index.ts";

const schema: JsonSchema = {
  type: "object",
  "x-kubernetes-validations": [{ rule: "false", message: "never" }],
  properties: { mode: { type: "string", enum: ["a"] }, size: { type: "integer", maximum: 1 }, name: { type: "string", maxLength: 1 } },
};

const said = (object: Record<string, string | number>): string[] =>
  withRuleErrors(compileSchema(schema).validate(object), schema, object).map(({ message }) => message);

test.each([
  ["a value that is none of the enum's", { mode: "b" }],
  ["a text that is too long", { name: "bb" }],
  ["another type", { size: "b" }],
])("%s keeps rules from being asked", (_name, object) => {
  expect(said(object)).toEqual([expect.anything(), expect.stringContaining("some validation rules were not checked")]);
});

test("a number out of bounds does not", () => {
  expect(said({ size: 2 })).toEqual([expect.stringContaining("less than or equal to 1"), "Invalid value: never"]);
});
