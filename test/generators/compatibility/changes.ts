/** A change of a spec, what is said of it, and what API servers do with an object of the old one. */
export interface Change {
  /** The members of the old and of the new `Spec`; both have `other?: string` besides. */
  readonly before: string;
  readonly after: string;
  /** Of each finding its severity and its line without the CRD's name and version. */
  readonly lines: readonly string[];
  /** A spec that the old schema takes as it is. */
  readonly sample?: object;
  /** What the new one makes of the sample: the spec as it is stored, or nothing at all. */
  readonly outcome?: object | "refused";
  /** What becomes of a stored sample that is written again with another label, and with another `other`. */
  readonly stored?: readonly ["taken" | "refused", "taken" | "refused"];
}

const untouched = "a stored value may stay while it is not changed";
const taken = ["taken", "taken"] as const;

/** A bound, a choice or a rule that is new or narrower: the sample is beyond it. */
function tightened(before: string, after: string, line: string, sample: unknown): Change {
  return { before, after, lines: [`breaking spec.f: ${line}; ${untouched}`], sample: { f: sample }, outcome: "refused", stored: taken };
}

function harmless(before: string, after: string, ...lines: string[]): Change {
  return { before, after, lines: lines.map((line) => `compatible spec.f: ${line}`) };
}

/** One entry for each kind of change of a schema. */
export const changes: Readonly<Record<string, Change>> = {
  nothing: { before: "/** Old. @see x */ f?: string;", after: "/** New. */ f?: string;", lines: [] },

  "a field removed": {
    before: "f?: string;",
    after: "",
    lines: ["breaking spec.f: the field is gone: it is cut off from stored objects when these are read, and strict clients get an error"],
    sample: { f: "x" },
    outcome: {},
    stored: taken,
  },
  "a field added": harmless("", "f?: string;", "the field is new"),
  "a required field added": {
    before: "",
    after: "f: string;",
    lines: [
      "breaking spec.f: the field is new and required, without a default: objects without it are refused, stored ones as soon as anything else in spec changes",
    ],
    sample: {},
    outcome: "refused",
    stored: ["taken", "refused"],
  },
  "a field that becomes required": {
    before: "f?: string;",
    after: "f: string;",
    lines: [
      "breaking spec.f: the field is required now, without a default: objects without it are refused, stored ones as soon as anything else in spec changes",
    ],
    sample: {},
    outcome: "refused",
    stored: ["taken", "refused"],
  },
  "a field that becomes required, with a default": {
    before: "f?: string;",
    after: "/** @default a */ f: string;",
    lines: [
      'check by hand spec.f: the default "a" is new: objects without the field get it, stored ones too when they are read',
      "compatible spec.f: the field is required now, and its default fills it in",
    ],
    sample: {},
    outcome: { f: "a" },
    stored: taken,
  },
  "a required field added, with a default": harmless("", "/** @default a */ f: string;", "the field is new"),
  "a field that need not be there any more": harmless("f: string;", "f?: string;", "the field may be absent now"),

  "another type": tightened("f?: string;", "f?: Int32;", "the type is integer instead of string: other values are refused", "x"),
  "a number that must be whole": tightened(
    "f?: number;",
    "/** @type integer */ f?: number;",
    "the type is integer instead of number: other values are refused",
    1.5,
  ),
  "a whole number that need not be": harmless("/** @type integer */ f?: number;", "f?: number;", "the type is number instead of integer"),
  "text or number that must be text": tightened(
    "f?: IntOrString;",
    "f?: string;",
    "the type is string instead of integer or string: other values are refused",
    3,
  ),
  "text that may be a number": harmless("f?: string;", "f?: IntOrString;", "the type is integer or string instead of string"),
  "anything that must be text": tightened("f?: unknown;", "f?: string;", "the type is string instead of any: other values are refused", 3),
  "text that may be anything": harmless("f?: string;", "f?: unknown;", "the type is any instead of string"),

  "a greater minimum": tightened(
    "/** @minimum 1 */ f?: Int32;",
    "/** @minimum 2 */ f?: Int32;",
    "the minimum is 2 instead of 1: values beyond it are refused",
    1,
  ),
  "a new maximum": tightened(
    "f?: Int32;",
    "/** @maximum 3 */ f?: Int32;",
    "the maximum is 3 instead of none: values beyond it are refused",
    4,
  ),
  "a minimum that is not allowed itself": tightened(
    "/** @minimum 1 */ f?: Int32;",
    "/** @exclusiveMinimum 1 */ f?: Int32;",
    "the minimum is 1, which is not allowed itself instead of 1: values beyond it are refused",
    1,
  ),
  "wider limits": harmless(
    "/** @exclusiveMinimum 1\n * @maximum 3 */ f?: Int32;",
    "/** @minimum 1 */ f?: Int32;",
    "the minimum is 1 instead of 1, which is not allowed itself",
    "the maximum is none instead of 3",
  ),
  "a greater least length": tightened(
    "f?: string;",
    "/** @minLength 2 */ f?: string;",
    "the minLength is 2 instead of 0: values beyond it are refused",
    "a",
  ),
  "a smaller greatest length": tightened(
    "/** @maxLength 3 */ f?: string;",
    "/** @maxLength 2 */ f?: string;",
    "the maxLength is 2 instead of 3: values beyond it are refused",
    "abc",
  ),
  "more items": tightened(
    "f?: string[];",
    "/** @minItems 1 */ f?: string[];",
    "the minItems is 1 instead of 0: values beyond it are refused",
    [],
  ),
  "fewer items": tightened(
    "f?: string[];",
    "/** @maxItems 1 */ f?: string[];",
    "the maxItems is 1 instead of none: values beyond it are refused",
    ["a", "b"],
  ),
  "more keys": tightened(
    "f?: Record<string, string>;",
    "/** @minProperties 1 */ f?: Record<string, string>;",
    "the minProperties is 1 instead of 0: values beyond it are refused",
    {},
  ),
  "fewer keys": tightened(
    "f?: Record<string, string>;",
    "/** @maxProperties 1 */ f?: Record<string, string>;",
    "the maxProperties is 1 instead of none: values beyond it are refused",
    { a: "1", b: "2" },
  ),
  "wider sizes": harmless(
    "/** @minLength 2\n * @maxLength 3 */ f?: string;",
    "/** @minLength 0\n * @maxLength 4 */ f?: string;",
    "the minLength is 0 instead of 2",
    "the maxLength is 4 instead of 3",
  ),
  "a least length of nothing": { before: "f?: string;", after: "/** @minLength 0 */ f?: string;", lines: [] },
  "another multiple": tightened(
    "/** @multipleOf 2 */ f?: Int32;",
    "/** @multipleOf 4 */ f?: Int32;",
    "values must be multiples of 4 instead of 2: values beyond it are refused",
    2,
  ),
  "a finer multiple": harmless(
    "/** @multipleOf 4 */ f?: Int32;",
    "/** @multipleOf 2 */ f?: Int32;",
    "values must be multiples of 2 instead of 4",
  ),
  "a new pattern": tightened(
    "f?: string;",
    "/** @pattern ^a */ f?: string;",
    "the pattern is ^a: values that do not match are refused",
    "b",
  ),
  "another pattern": tightened(
    "/** @pattern ^b */ f?: string;",
    "/** @pattern ^a */ f?: string;",
    "the pattern is ^a instead of ^b: values that do not match are refused",
    "b",
  ),
  "no pattern any more": harmless("/** @pattern ^b */ f?: string;", "f?: string;", "the pattern ^b is gone"),
  "a new format": tightened(
    "f?: string;",
    "/** @format date */ f?: string;",
    "the format is date: values of another form are refused",
    "x",
  ),
  "a format that nobody checks": harmless(
    "f?: string;",
    "/** @format my-own */ f?: string;",
    "the format is my-own, which refuses nothing more",
  ),
  "a password, which is any text": harmless(
    "f?: string;",
    "/** @format password */ f?: string;",
    "the format is password, which refuses nothing more",
  ),
  "no format any more": harmless("/** @format date */ f?: string;", "f?: string;", "the format date is gone"),
  "fewer bits": {
    before: "f?: Int64;",
    after: "f?: Int32;",
    lines: [
      "check by hand spec.f: the format is int32 instead of int64: API servers take greater values still, and clients may fail to read them",
    ],
    sample: { f: 2 ** 31 },
    outcome: { f: 2 ** 31 },
    stored: taken,
  },
  "more bits": harmless("f?: Int32;", "f?: Int64;", "the format is int64 instead of int32, which refuses nothing more"),
  "a smaller float": {
    before: "f?: number;",
    after: "f?: Float;",
    lines: ["check by hand spec.f: the format is float: API servers take greater values still, and clients may fail to read them"],
    sample: { f: 1e39 },
    outcome: { f: 1e39 },
    stored: taken,
  },
  "a larger float": harmless("f?: Float;", "f?: Double;", "the format is double instead of float, which refuses nothing more"),
  "a choice that is gone": tightened(
    'f?: "a" | "b" | "c";',
    'f?: "a";',
    '"b" and "c" are no longer allowed: objects with it are refused',
    "b",
  ),
  "a choice where there was none": tightened(
    "f?: string;",
    'f?: "a" | "b";',
    'only "a" and "b" are allowed now: other values are refused',
    "c",
  ),
  "a further choice": harmless('f?: "a";', 'f?: "b" | "a";', '"b" is allowed now'),
  "no choice any more": harmless('f?: "a";', "f?: string;", "any value is allowed now, not only some"),
  "null that is not allowed any more": {
    before: "f?: string | null;",
    after: "f?: string;",
    lines: ["breaking spec.f: null is no longer allowed: it is dropped as if the field were absent, from stored objects too"],
    sample: { f: null },
    outcome: {},
    stored: taken,
  },
  "null in a field that must be there": {
    before: "f: string | null;",
    after: "f: string;",
    lines: ["breaking spec.f: null is no longer allowed: it is dropped, and objects without the field are refused"],
    sample: { f: null },
    outcome: "refused",
    stored: ["taken", "refused"],
  },
  "null in a list": {
    before: "f?: (string | null)[];",
    after: "f?: string[];",
    lines: [`breaking spec.f[]: null is no longer allowed: objects with it are refused; ${untouched}`],
    sample: { f: [null] },
    outcome: "refused",
    stored: taken,
  },
  "null that becomes the default": {
    before: "/** @default a */ f?: string | null;",
    after: "/** @default a */ f?: string;",
    lines: ['breaking spec.f: null is no longer allowed: the default "a" takes its place, in stored objects too'],
    sample: { f: null },
    outcome: { f: "a" },
    stored: taken,
  },
  "null that is allowed": harmless("f?: string;", "f?: string | null;", "null is allowed now"),

  "another default": {
    before: "/** @default a */ f?: string;",
    after: "/** @default b */ f?: string;",
    lines: ['breaking spec.f: the default is "b" instead of "a": new objects behave otherwise, stored ones keep what they have'],
  },
  "no default any more": {
    before: "/** @default { a: 1 } */ f?: { a?: Int32 };",
    after: "f?: { a?: Int32 };",
    lines: ['breaking spec.f: the default {"a":1} is gone: new objects stay without the field, stored ones keep what they have'],
  },
  "a new default": {
    before: "f?: string;",
    after: "/** @default a */ f?: string;",
    lines: ['check by hand spec.f: the default "a" is new: objects without the field get it, stored ones too when they are read'],
    sample: {},
    outcome: { f: "a" },
    stored: taken,
  },

  "a list that becomes a set": {
    before: "f?: string[];",
    after: "/** @listType set */ f?: string[];",
    lines: [
      "breaking spec.f: the list is a set instead of atomic: new lists in which an item stands twice are refused (an object that is stored with one may keep it), and server-side apply merges otherwise",
    ],
    sample: { f: ["a", "a"] },
    outcome: "refused",
    stored: taken,
  },
  "other keys of a list": {
    before: "/** @listType map\n * @listMapKey a\n * @listMapKey b */ f?: { a: string; b: string }[];",
    after: "/** @listType map\n * @listMapKey a */ f?: { a: string; b: string }[];",
    lines: [
      "breaking spec.f: the list is a map by a instead of a map by a, b: new lists in which an item stands twice are refused (an object that is stored with one may keep it), and server-side apply merges otherwise",
    ],
    sample: {
      f: [
        { a: "1", b: "1" },
        { a: "1", b: "2" },
      ],
    },
    outcome: "refused",
    stored: taken,
  },
  "keys of a list in another order": {
    before: "/** @listType map\n * @listMapKey a\n * @listMapKey b */ f?: { a: string; b: string }[];",
    after: "/** @listType map\n * @listMapKey b\n * @listMapKey a */ f?: { a: string; b: string }[];",
    lines: [],
  },
  "a list that becomes atomic": {
    before: "/** @listType set */ f?: string[];",
    after: "f?: string[];",
    lines: [
      "breaking spec.f: the list is atomic instead of a set: server-side apply merges otherwise, and takes away items of other managers",
    ],
  },
  "a list that says that it is atomic": { before: "f?: string[];", after: "/** @listType atomic */ f?: string[];", lines: [] },
  "an object that becomes atomic": {
    before: "f?: { a?: string };",
    after: "/** @mapType atomic */ f?: { a?: string };",
    lines: ["check by hand spec.f: the object is atomic instead of granular: server-side apply merges it otherwise"],
  },

  "unknown fields that are not kept any more": {
    before: "/** @preserveUnknownFields */ f?: { a?: string };",
    after: "f?: { a?: string };",
    lines: ["breaking spec.f: fields without a schema are no longer kept: they are cut off from stored objects when these are read"],
    sample: { f: { a: "1", b: 2 } },
    outcome: { f: { a: "1" } },
    stored: taken,
  },
  "unknown fields that are kept": harmless(
    "f?: { a?: string };",
    "/** @preserveUnknownFields */ f?: { a?: string };",
    "fields without a schema are kept now",
  ),
  "a field without a schema that gets one": {
    before: "/** @preserveUnknownFields */ f?: { a?: string };",
    after: "/** @preserveUnknownFields */ f?: { a?: string; b?: string };",
    lines: [`check by hand spec.f.b: the field has a schema now, and objects may hold something else there; ${untouched}`],
    sample: { f: { b: 1 } },
    outcome: "refused",
    stored: taken,
  },
  "a field that loses its schema": {
    before: "/** @preserveUnknownFields */ f?: { a?: string };",
    after: "/** @preserveUnknownFields */ f?: {};",
    lines: ["compatible spec.f.a: the field has no schema any more, and is kept as it is"],
  },
  "an object that must be whole": {
    before: "f?: object;",
    after: "/** @embeddedResource */ f?: object;",
    lines: [
      "breaking spec.f: it must be a whole Kubernetes object now: without apiVersion and kind it is refused, also in stored objects when these are written",
    ],
    sample: { f: { a: 1 } },
    outcome: "refused",
    stored: ["refused", "refused"],
  },
  "a whole object that is none any more": {
    before: "/** @embeddedResource */ f?: { a?: string };",
    after: "f?: { a?: string };",
    lines: [
      "breaking spec.f: it is no Kubernetes object any more: apiVersion, kind and metadata are cut off where the schema does not name them",
    ],
    sample: { f: { apiVersion: "v1", kind: "X", metadata: { name: "x" }, a: "1" } },
    outcome: { f: { a: "1" } },
    stored: taken,
  },
  "a map that gets fields": {
    before: "f?: Record<string, string>;",
    after: "f?: { a?: string };",
    lines: ["breaking spec.f: it was a map and has named fields now: all other keys are cut off, from stored objects too"],
    sample: { f: { a: "1", b: "2" } },
    outcome: { f: { a: "1" } },
    stored: taken,
  },
  "fields that become a map": {
    before: "f?: { a?: string; b?: Int32 };",
    after: "f?: Record<string, string>;",
    lines: [`breaking spec.f.b: the type is string instead of integer: other values are refused; ${untouched}`],
    sample: { f: { b: 1 } },
    outcome: "refused",
    stored: taken,
  },
  "other values of a map": {
    before: "f?: Record<string, string>;",
    after: "f?: Record<string, Int32>;",
    lines: [`breaking spec.f.*: the type is integer instead of string: other values are refused; ${untouched}`],
    sample: { f: { a: "x" } },
    outcome: "refused",
    stored: taken,
  },
  "a field of the items of a list": {
    before: "f?: { a?: { b?: string }[] };",
    after: "f?: { a?: { b?: Int32 }[] };",
    lines: [`breaking spec.f.a[].b: the type is integer instead of string: other values are refused; ${untouched}`],
    sample: { f: { a: [{ b: "x" }] } },
    outcome: "refused",
    stored: taken,
  },

  "a further condition": {
    before: "f?: string;",
    after: '/** @schema { allOf: [{ pattern: "^a" }] } */ f?: string;',
    lines: ['breaking spec.f: allOf has {"pattern":"^a"} now: values that do not meet it are refused'],
    sample: { f: "b" },
    outcome: "refused",
    stored: taken,
  },
  "a condition less": harmless(
    '/** @schema { allOf: [{ pattern: "^a" }, { pattern: "b$" }] } */ f?: string;',
    '/** @schema { allOf: [{ pattern: "b$" }] } */ f?: string;',
    'allOf has no {"pattern":"^a"} any more',
  ),
  "an alternative less": {
    before: '/** @schema { anyOf: [{ pattern: "^a" }, { pattern: "^b" }] } */ f?: string;',
    after: '/** @schema { anyOf: [{ pattern: "^b" }] } */ f?: string;',
    lines: ['breaking spec.f: anyOf has no {"pattern":"^a"} any more: values that do not meet it are refused'],
    sample: { f: "a" },
    outcome: "refused",
    stored: taken,
  },
  "a further alternative": harmless(
    '/** @schema { anyOf: [{ pattern: "^b" }] } */ f?: string;',
    '/** @schema { anyOf: [{ pattern: "^b" }, { pattern: "^a" }] } */ f?: string;',
    'anyOf has {"pattern":"^a"} now',
  ),
  "a further alternative that excludes the others": {
    before: '/** @schema { oneOf: [{ pattern: "^b" }] } */ f?: string;',
    after: '/** @schema { oneOf: [{ pattern: "^b" }, { pattern: "a$" }] } */ f?: string;',
    lines: ['check by hand spec.f: oneOf has {"pattern":"a$"} now: values that meet two of them are refused'],
    sample: { f: "ba" },
    outcome: "refused",
    stored: taken,
  },
  "something that must not be": {
    before: "f?: string;",
    after: '/** @schema { not: { pattern: "^a" } } */ f?: string;',
    lines: ['breaking spec.f: values must not meet {"pattern":"^a"} now: those that do are refused'],
    sample: { f: "a" },
    outcome: "refused",
    stored: taken,
  },

  "a new rule": tightened(
    "f?: Int32;",
    '/** @validation rule="self > 1" */ f?: Int32;',
    "the rule self > 1 is new: objects that break it are refused",
    1,
  ),
  "another rule": tightened(
    '/** @validation rule="self > 1" message="too small" */ f?: Int32;',
    '/** @validation rule="self > 2" message="too small" */ f?: Int32;',
    "the rule is self > 2 instead of self > 1: objects that break it are refused",
    2,
  ),
  "a new rule about changes": {
    before: "f?: Int32;",
    after: '/** @validation rule="self >= oldSelf" */ f?: Int32;',
    lines: ["breaking spec.f: the rule self >= oldSelf is new: changes that break it are refused"],
    sample: { f: 3 },
    outcome: { f: 3 },
    stored: taken,
  },
  "a rule about changes that is asked at once": {
    before: '/** @validation rule="oldSelf == 1" */ f?: Int32;',
    after: '/** @validation rule="oldSelf.orValue(1) == 1 && self == 1" optionalOldSelf=true */ f?: Int32;',
    lines: [
      "breaking spec.f: the rule oldSelf.orValue(1) == 1 && self == 1 is new: objects and changes that break it are refused",
      "compatible spec.f: the rule oldSelf == 1 is gone",
    ],
    sample: { f: 3 },
    outcome: "refused",
    stored: ["refused", "refused"],
  },
  "a rule that is asked when an object is created too": {
    before: '/** @validation rule="self == 1 || oldSelf != oldSelf" */ f?: Int32;',
    after: '/** @validation rule="self == 1 || oldSelf != oldSelf" optionalOldSelf=true */ f?: Int32;',
    lines: ["breaking spec.f: the rule self == 1 || oldSelf != oldSelf is asked when an object is created too"],
    sample: { f: 2 },
    outcome: "refused",
    stored: ["refused", "refused"],
  },
  "no rule any more": harmless('/** @validation rule="self > 1" */ f?: Int32;', "f?: Int32;", "the rule self > 1 is gone"),
  "other words of a rule": {
    before: '/** @validation rule="self > 1" message="a" */ f?: Int32;',
    after: '/** @validation rule="self > 1" message="b" */ f?: Int32;',
    lines: [],
  },
};
