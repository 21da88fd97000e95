import { nearest } from "./arguments.ts";
import { codeMarkers } from "./code-markers.ts";
import { kindMarkers } from "./kind-markers.ts";
import { schemaMarkers } from "./schema-markers.ts";

/** Tags of JSDoc, TSDoc and common documentation tools: they say nothing about the schema and are left alone. */
const documentation = new Set(
  `alpha abstract access augments author beta borrows callback category class constant copyright decorator deprecated description document
  event eventProperty experimental expand file fileoverview fires function group hidden hideconstructor ignore import include includeCode
  inheritDoc inheritdoc inline interface internal issue kind label lends license link linkcode linkplain memberof module name namespace
  override overload packageDocumentation param partial preventExpand primaryExport private privateRemarks prop property protected public readonly remarks
  returns return satisfies sealed see since summary template this throws todo typedef typeParam typeparam until useDeclaredType variation
  version virtual`.split(/\s+/),
);

/** What people write who come from Go, from OpenAPI or from validation libraries, and how it is said here. */
const elsewhere: ReadonlyMap<string, string> = new Map([
  ["optional", "write ? after the field's name"],
  ["required", "leave out the ? after the field's name"],
  ["enum", "write a union of literals as the type"],
  ["uniqueItems", "write @listType set, since API servers refuse uniqueItems"],
  ["min", "write @minimum, @minLength, @minItems or @minProperties"],
  ["max", "write @maximum, @maxLength, @maxItems or @maxProperties"],
  ["length", "write @minLength and @maxLength"],
  ["regex", "write @pattern"],
  ["xValidation", "write @validation"],
  ["cel", "write @validation"],
  ["rule", "write @validation"],
  ["printcolumn", "write @printColumn"],
  ["storageversion", "write @storageVersion"],
  ["unservedversion", "write @unserved"],
  ["deprecatedversion", "write @deprecatedVersion"],
  ["additionalPrinterColumns", "write @printColumn"],
  ["shortName", "write @resource shortName=…"],
  ["scope", "write @resource scope=Namespaced or scope=Cluster"],
  ["plural", "write @resource plural=…"],
  ["categories", "write @resource categories=…"],
  ["schemaless", "write unknown as the type"],
  ["patchStrategy", "write @listType"],
  ["patchMergeKey", "write @listMapKey"],
]);

/** All markers that there are, by name. */
export const markerNames: readonly string[] = [
  ...schemaMarkers.map(({ name }) => name),
  ...kindMarkers.map(({ name }) => name),
  ...codeMarkers.map(({ name }) => name),
];

/** True for tags that only document. */
export function isDocumentation(name: string): boolean {
  return documentation.has(name);
}

/** How to spell what was probably meant. */
export function suggestion(name: string): string {
  const known = elsewhere.get(name) ?? elsewhere.get(name.charAt(0).toLowerCase() + name.slice(1));
  if (known !== undefined) return known;
  const marker = nearest(name, markerNames);
  return marker === undefined ? "take it out, or put a word before the @ where it is meant as text" : `write @${marker}`;
}
