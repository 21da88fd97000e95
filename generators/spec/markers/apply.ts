import type ts from "../../typescript.cjs";
import { schemaProblems, type Schema } from "../../model/index.ts";
import { docOf, type Doc, type Tag } from "../docs.ts";
import { isOfApi, isOwn, type Reading, type Use } from "../reading.ts";
import { codeMarkers } from "./code-markers.ts";
import { kindMarkers } from "./kind-markers.ts";
import { isDocumentation, suggestion } from "./names.ts";
import { schemaMarkers, type SchemaMarker, type Sort } from "./schema-markers.ts";

const byName: ReadonlyMap<string, SchemaMarker> = new Map(schemaMarkers.map((marker) => [marker.name, marker]));
const ofKinds = new Set(kindMarkers.map(({ name }) => name));

/** Which marker says the same for another sort of value. */
const counterparts: Readonly<Record<string, Partial<Record<Sort, string>>>> = {
  minimum: { string: "minLength", array: "minItems", object: "minProperties" },
  maximum: { string: "maxLength", array: "maxItems", object: "maxProperties" },
  minLength: { integer: "minimum", number: "minimum", array: "minItems", object: "minProperties" },
  maxLength: { integer: "maximum", number: "maximum", array: "maxItems", object: "maxProperties" },
  minItems: { integer: "minimum", number: "minimum", string: "minLength", object: "minProperties" },
  maxItems: { integer: "maximum", number: "maximum", string: "maxLength", object: "maxProperties" },
  minProperties: { integer: "minimum", number: "minimum", string: "minLength", array: "minItems" },
  maxProperties: { integer: "maximum", number: "maximum", string: "maxLength", array: "maxItems" },
  listType: { object: "mapType" },
  mapType: { array: "listType" },
};

/** The schema with the markers of the type's names, from the innermost on, and then those of the field, which have the last word. */
export function applyMarkers(
  reading: Reading,
  structure: Schema,
  names: readonly ts.Declaration[],
  field: Doc | undefined,
  use: Use,
): Schema {
  let schema = structure;
  for (const [index, name] of names.toReversed().entries()) {
    const file = name.getSourceFile();
    if (isOwn(file)) reading.visited.add(file);
    if (!isOwn(file) && !isOfApi(name)) continue;
    const applied = applyAll(reading, schema, docOf(name).tags, use);
    schema = index === 0 ? applied : outerRulesFirst(schema, applied);
  }
  schema = outerRulesFirst(schema, applyAll(reading, schema, field?.tags ?? [], use));
  return check(reading, schema, field, use);
}

function applyAll(reading: Reading, structure: Schema, tags: readonly Tag[], use: Use): Schema {
  let schema = structure;
  const seen = new Set<string>();
  for (const tag of tags) {
    if (!isOwn(tag.spot.file) && !/\/runtime\/api\//.test(tag.spot.file.fileName)) continue;
    // What Go's +enum asks for is there; on any other type it is a stranger, and a promise that nothing would keep.
    if (tag.name === "enum" && (schema.enum !== undefined || schema.nullable === true)) continue;
    const marker = byName.get(tag.name);
    if (marker === undefined) {
      reportStranger(reading, tag);
      continue;
    }
    const sort = sortOf(schema);
    if (marker.on !== undefined && sort !== "any" && !marker.on.includes(sort)) {
      reading.report.add(
        "misplaced-marker",
        tag.spot,
        `@${tag.name} is for ${listed(marker.on)}, and ${use.name} is ${article(sort)}`,
        counterpart(tag.name, sort),
      );
      continue;
    }
    if (seen.has(tag.name) && marker.repeatable !== true) {
      reading.report.add("duplicate-marker", tag.spot, `@${tag.name} stands twice on ${use.name}`, "keep one of them");
      continue;
    }
    seen.add(tag.name);
    const result = marker.apply(tag.text, schema, sort);
    if ("problem" in result)
      reading.report.add("bad-marker", tag.spot, `@${tag.name} ${result.problem}`, `write it like ${marker.example}`);
    else schema = result.value;
  }
  return schema;
}

/** A field's rules come before those of its type, as controller-gen has them: servers report in this order. */
function outerRulesFirst(inner: Schema, outer: Schema): Schema {
  const [before = [], after = []] = [inner["x-kubernetes-validations"], outer["x-kubernetes-validations"]];
  const isAppended = after.length > before.length && before.every((rule, index) => rule === after[index]);
  if (before.length === 0 || !isAppended) return outer;
  return { ...outer, "x-kubernetes-validations": [...after.slice(before.length), ...before] };
}

function reportStranger(reading: Reading, tag: Tag): void {
  const ofCode = codeMarkers.find(({ name }) => name === tag.name);
  if (ofKinds.has(tag.name)) {
    reading.report.add(
      "misplaced-marker",
      tag.spot,
      `@${tag.name} is for the interface of a kind`,
      "move it to the interface that extends CustomResource",
    );
  } else if (ofCode !== undefined) {
    reading.report.add("misplaced-marker", tag.spot, ...ofCode.misplaced);
  } else if (!isDocumentation(tag.name)) {
    const { problem = `there is no marker @${tag.name}`, instead = suggestion(tag.name) } = tag.problem ?? {};
    reading.report.add("unknown-marker", tag.spot, problem, instead);
  }
}

/** What is wrong with the whole: bounds that exclude each other, a default that breaks them, list keys that are not there. */
function check(reading: Reading, schema: Schema, field: Doc | undefined, use: Use): Schema {
  const tags = field?.tags ?? [];
  for (const { code, message, instead, keyword } of schemaProblems(schema)) {
    const tag = tags.findLast(({ name }) => name === keyword);
    reading.report.add(code, tag?.spot ?? use.spot, `${use.name}: ${message}`, instead);
  }
  return schema;
}

/** The sort of value that a schema describes. */
function sortOf(schema: Schema): Sort {
  if (schema["x-kubernetes-int-or-string"] === true) return "int-or-string";
  return schema.type ?? "any";
}

function counterpart(name: string, sort: Sort): string | undefined {
  const other = counterparts[name]?.[sort];
  return other === undefined ? "take it out" : `write @${other}`;
}

function article(sort: Sort): string {
  return sort === "any" ? "unknown" : `${/^[aio]/.test(sort) ? "an" : "a"} ${sort}`;
}

function listed(sorts: readonly Sort[]): string {
  const words = sorts.map((sort) => (sort === "any" ? "unknown" : `${sort}s`));
  return words.length === 1 ? (words[0] ?? "") : `${words.slice(0, -1).join(", ")} and ${words.at(-1) ?? ""}`;
}
