import { beforeAll, describe, expect, test } from "@jest/globals";
import { readSpecs, type Outcome } from "./cases.ts";

/** The type of the field `f` of a spec (or whole declarations), and the one line that it gets. */
const cases: Readonly<Record<string, readonly [source: string, line: string]>> = {
  any: ["any", "1:18: spec.f is any, which no CRD can describe; write the type, or unknown to keep whatever is there"],
  "a bigint": ["bigint", "1:18: spec.f is a bigint, which no CRD can describe; write Int64 of @kubescaffold/runtime/api"],
  "a bigint literal": ["1n", "1:18: spec.f is a bigint, which no CRD can describe; write Int64 of @kubescaffold/runtime/api"],
  "a list of itself": [
    "type T = T[]; interface Spec { f: T }",
    "1:32: spec.f[] is T within T, and a CRD's schema cannot refer to itself; write the levels that you need as types of their own, or cut it here with @preserveUnknownFields",
  ],
  "a type without a name within itself": [
    "type T = { next?: T }; interface Spec { f: T }",
    "1:12: spec.f.next is T within T, and a CRD's schema cannot refer to itself; write the levels that you need as types of their own, or cut it here with @preserveUnknownFields",
  ],
  "levels without end": [
    `${"{ a: ".repeat(120)}string${" }".repeat(120)}`,
    "1:513: spec.f.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.… has more than 100 levels above it; write fewer levels, or cut it here with @preserveUnknownFields",
  ],
  "a symbol": ["symbol", "1:18: spec.f is a symbol, which no CRD can describe; write a union of string literals"],
  never: ["never", "1:18: spec.f is never, which no CRD can describe; leave the field out"],
  "null alone": [
    "null",
    "1:18: spec.f is null alone, which no CRD can describe; write the type of the value beside it, or leave the field out",
  ],
  "a function": [
    "() => void",
    "1:18: spec.f is a function, which no CRD can describe; leave it out: an object of Kubernetes holds data only",
  ],
  "a method": [
    "{ m(): void }",
    "1:23: spec.f.m is a function, which no CRD can describe; leave it out: an object of Kubernetes holds data only",
  ],
  "a Date": ["Date", "1:18: spec.f is a Date, which no CRD can describe; write DateTime of @kubescaffold/runtime/api, a time as a string"],
  "a Map": ["Map<string, string>", "1:18: spec.f is a Map, which no CRD can describe; write Record<string, …>"],
  "a Set": ["Set<string>", "1:18: spec.f is a Set, which no CRD can describe; write an array with @listType set"],
  "a RegExp": ["RegExp", "1:18: spec.f is a RegExp, which no CRD can describe; write string, with @pattern for what it may hold"],
  "a Promise": ["Promise<string>", "1:18: spec.f is a Promise, which no CRD can describe; write the type of its value"],
  "a boxed string": ["String", "1:18: spec.f is a String, which no CRD can describe; write string"],
  bytes: ["Uint8Array", "1:18: spec.f is a Uint8Array, which no CRD can describe; write Base64 of @kubescaffold/runtime/api"],
  "an own class": [
    "class Boat { name = 1 } interface Spec { f: Boat }",
    "1:42: spec.f is the class Boat, which no CRD can describe; write an interface with its data",
  ],
  "a mixed tuple": [
    "[string, number]",
    "1:18: spec.f is the tuple [string, number], which no CRD can describe; write an interface with a named field for each place, or a tuple of one type",
  ],
  "an empty tuple": [
    "[]",
    "1:18: spec.f is the tuple [], which no CRD can describe; write an interface with a named field for each place, or a tuple of one type",
  ],
  "text or number": [
    "string | number",
    "1:18: spec.f is text or number (string | number), which no CRD can describe; write IntOrString or Quantity of @kubescaffold/runtime/api, or literals of one sort",
  ],
  "literals of two sorts": [
    '"a" | 1',
    '1:18: spec.f is text or number (1 | "a"), which no CRD can describe; write IntOrString or Quantity of @kubescaffold/runtime/api, or literals of one sort',
  ],
  "a union of a scalar and a list": [
    "string | string[]",
    "1:18: spec.f is a union of different types (string | string[]), which no CRD can describe; write one type, or unknown to keep whatever is there",
  ],
  "branches that give a field two types": [
    'interface Spec { f: { type: "a"; x: string } | { type: "b"; x: Int32 } }',
    "1:18: spec.f.x differs between the branches of spec.f, and a CRD has one schema for it; give it the same type and the same comment in all of them, or other names",
  ],
  "a marker on one branch": [
    '/** @atLeastOneOf x y */\ninterface A { type: "a"; x?: string; y?: string }\ninterface Spec { f: A | { type: "b" } }',
    "1:5: @atLeastOneOf stands on one branch of spec.f, and a schema has no branches; move it to the union or to a field",
  ],
  "a union of objects": [
    "{ a: string } | { b: string }",
    '1:18: spec.f is a union of objects ({ a: string; } | { b: string; }), which no CRD can describe; give every branch a required field with a text of its own (type: "file"), or write one interface with optional fields',
  ],
  "numbers or null": [
    "1 | 2 | null",
    "1:18: spec.f is null or one of some values, and API servers refuse null for an enum; write ? after the field's name instead of null",
  ],
  "a template": ["`v${number}`", "1:18: spec.f is the template `v${number}`, which no CRD can describe; write string with @pattern"],
  "a type that contains itself": [
    "interface Tree { children: Tree[] } interface Spec { f: Tree }",
    "1:18: spec.f.children[] is Tree within Tree, and a CRD's schema cannot refer to itself; write the levels that you need as types of their own, or cut it here with @preserveUnknownFields",
  ],
  "a generic type that grows": [
    "interface Grow<T> { next?: Grow<T[]> } interface Spec { f: Grow<string> }",
    "1:21: spec.f.next.next.next.next.next.next.next.next.next is Grow within Grow, and a CRD's schema cannot refer to itself; write the levels that you need as types of their own, or cut it here with @preserveUnknownFields",
  ],
  "named fields beside an index signature": [
    "{ a: string; [key: string]: string }",
    "1:18: spec.f has named fields and further keys at once, which is not structural; put the map into a field of its own, or use @preserveUnknownFields instead of the index signature",
  ],
  "a map with numbers as keys": [
    "Record<number, string>",
    "1:18: spec.f is a map whose keys are not plain strings; write Record<string, …>",
  ],
  "a map with a template for keys": [
    "{ [key: `x-${string}`]: string }",
    "1:18: spec.f is a map whose keys are not plain strings; write Record<string, …>",
  ],
  "a field called __proto__": [
    '{ "__proto__": string }',
    "1:23: a field of spec.f has the name __proto__, which objects have for something else; give it another name",
  ],
  "a field called constructor": [
    "{ constructor: string }",
    "1:23: a field of spec.f has the name constructor, which objects have for something else; give it another name",
  ],
  "a field named by a symbol": [
    "declare const s: unique symbol; interface Spec { [s]: string }",
    "1:50: a field of spec has a symbol as its name; give it another name",
  ],
  "a type that is not there": ["Missing", "1:21: Cannot find name 'Missing'. (TS2304)"],
  "a syntax error": ["string;;; ]", "1:28: Property or signature expected. (TS1131)"],
  "an import that is not there": [
    'import type { X } from "./nowhere.ts"; interface Spec { f: X }',
    "1:24: Cannot find module './nowhere.ts' or its corresponding type declarations. (TS2307)",
  ],
  "a type argument too few": ["Record<string>", "1:21: Generic type 'Record' requires 2 type argument(s). (TS2314)"],
};

let outcomes: Record<string, Outcome>;

beforeAll(async () => {
  const sources = Object.entries(cases).map(([name, [source]]) => [
    name,
    /\binterface Spec\b/.test(source) ? source : `interface Spec { f: ${source} }`,
  ]);
  outcomes = await readSpecs(Object.fromEntries(sources) as Record<string, string>);
});

describe("what no CRD can say is an error with its place and what to write instead", () => {
  test.each(Object.keys(cases))("%s", (name) => {
    expect(outcomes[name]?.lines[0]).toBe(cases[name]?.[1]);
  });
});

test("every error of a file is reported at once, in the order of the lines", async () => {
  const { spec } = await readSpecs({ spec: "interface Spec {\n  a: any;\n  b: bigint;\n  c: { d: () => void };\n}" });
  expect(spec.lines.map((line) => line.split(":", 1)[0])).toEqual(["2", "3", "4"]);
});
