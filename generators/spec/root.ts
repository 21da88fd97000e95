import ts from "../typescript.cjs";
import type { Schema } from "../model/index.ts";
import { docOf, type Tag } from "./docs.ts";
import { interfaceArguments, noArguments } from "./hints.ts";
import { immutableRules, type Removable } from "./immutable.ts";
import { isRootMarker, schemaMarkers } from "./markers/schema-markers.ts";
import { fieldSchema } from "./objects.ts";
import type { Reading } from "./reading.ts";
import { spotOf } from "./report.ts";

/** The schema of a whole object: what every object has, and the fields of the interface and of what it extends. */
export function rootSchema(reading: Reading, declaration: ts.InterfaceDeclaration): Schema {
  const doc = docOf(declaration);
  const type = reading.checker.getTypeAtLocation(declaration);
  const known = interfaceArguments(reading.checker, declaration, noArguments);
  const use = { spot: spotOf(declaration.name), name: "", hint: undefined, within: [type], cut: false };
  const properties: [string, Schema][] = [
    ["apiVersion", { type: "string", description: "The group and version of this object's schema, such as apps/v1." }],
    ["kind", { type: "string", description: "The kind of this object, in UpperCamelCase; it cannot be changed." }],
    ["metadata", { type: "object" }],
  ];
  const required: string[] = [];
  const removable: Removable[] = [];
  for (const field of type.getProperties()) {
    if (properties.some(([name]) => name === field.name)) continue;
    const fieldType = reading.checker.getTypeOfSymbol(field);
    const absent = ts.TypeFlags.Undefined | ts.TypeFlags.Never | ts.TypeFlags.Void;
    if ((fieldType.flags & absent) !== 0) continue; // CustomResource without a status, or without a spec
    const read = fieldSchema(reading, field, use, known);
    if (read === undefined) continue;
    properties.push([field.name, read.schema]);
    if (!read.optional) required.push(field.name);
    removable.push({ name: field.name, ...read });
  }
  const rules = immutableRules(removable);
  const root: Schema = {
    type: "object",
    ...(doc.description === "" ? {} : { description: doc.description }),
    properties: Object.fromEntries(properties),
    ...(required.length === 0 ? {} : { required }),
    ...(rules.length === 0 ? {} : { "x-kubernetes-validations": rules }),
  };
  return applyRootMarkers(reading, root, doc.tags);
}

function applyRootMarkers(reading: Reading, root: Schema, tags: readonly Tag[]): Schema {
  let schema = root;
  for (const tag of tags) {
    const marker = isRootMarker(tag.name) ? schemaMarkers.find(({ name }) => name === tag.name) : undefined;
    if (marker === undefined) continue;
    const result = marker.apply(tag.text, schema, "object");
    if ("problem" in result)
      reading.report.add("bad-marker", tag.spot, `@${tag.name} ${result.problem}`, `write it like ${marker.example}`);
    else schema = result.value;
  }
  return schema;
}
