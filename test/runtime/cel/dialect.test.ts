import { expect, test } from "@jest/globals";
import { withRuleErrors } from "../../../runtime/cel/index.ts";
import type { JsonObject, JsonSchema } from "../../../runtime/schema/index.ts";

const routes: JsonSchema = {
  type: "object",
  properties: {
    routes: {
      type: "array",
      items: {
        type: "object",
        properties: {
          path: { type: "string" },
          match: { type: "object", properties: { host: { type: "string" } } },
          names: { type: "array", items: { type: "object", properties: { first: { type: "string" } } } },
        },
      },
    },
  },
};

/** What a rule for the whole object says of these routes. */
function said(rule: string, ...list: JsonObject[]): string[] {
  const schema: JsonSchema = { ...routes, "x-kubernetes-validations": [{ rule, message: "broken" }] };
  return withRuleErrors([], schema, { routes: list }).map(({ message }) => message);
}

const broken = ["Invalid value: broken"];

test("has asks for a field of an item", () => {
  expect(said("has(self.routes[0].path)", { path: "/" })).toEqual([]);
  expect(said("has(self.routes[0].path)", {})).toEqual(broken);
  expect(said("!has(self.routes[1].path) && has(self.routes[0].path)", { path: "/" }, {})).toEqual([]);
});

test("has asks for a field of what a macro gives, and inside of one", () => {
  expect(said("has(self.routes.filter(r, has(r.match))[0].match.host)", {}, { match: { host: "a" } })).toEqual([]);
  expect(said("has(self.routes.filter(r, has(r.match))[0].match.host)", {}, { match: {} })).toEqual(broken);
  expect(said("self.routes.all(r, has(r.names[0].first))", { names: [{ first: "a" }] })).toEqual([]);
  expect(
    said("has(self.routes.filter(r, has(r.names[0].first))[0].path)", { names: [{}] }, { names: [{ first: "a" }], path: "/" }),
  ).toEqual([]);
  expect(said("has((self.routes + self.routes)[1].path) && 'has(a[0].b)' == 'has(a[0].b)'", { path: "/" })).toEqual([]);
});

test("a field of something that is not there is an error, not false", () => {
  expect(said("has(self.routes[0].match.host)", {})).toEqual(['Invalid value: "object": no such key: match evaluating rule: broken']);
  expect(said("has(self.routes[3].path)", {})).toEqual(['Invalid value: "object": index out of bounds: 3 evaluating rule: broken']);
});

test("patterns are Go's in matches, find and findAll", () => {
  const route = { path: "Info.B" };
  expect(said("self.routes[0].path.matches('^(?i)[a-z]+[.][a-z]$')", route)).toEqual([]);
  expect(said("self.routes[0].path.matches('^[a-z]+$')", route)).toEqual(broken);
  expect(said("self.routes.all(r, r.path.matches(r'^[[:alpha:]]+\\.B$') && !r.path.matches('\\\\d'))", route)).toEqual([]);
  expect(said("self.routes.filter(r, r.path.matches('^I'))[0].path.matches('(?P<end>B)$')", {}, route)).toEqual([
    'Invalid value: "object": no such key: path evaluating rule: broken',
  ]);
  expect(said("has(self.routes.filter(r, has(r.path) && r.path.matches('^I'))[0].path)", {}, route)).toEqual([]);
  expect(
    said("self.routes[0].path.find('(?i)[a-z]+') == 'Info' && self.routes[0].path.findAll('[[:upper:]]') == ['I', 'B']", route),
  ).toEqual([]);
  expect(said("'matches(' + self.routes[0].path == 'matches(Info.B'", route)).toEqual([]);
});
