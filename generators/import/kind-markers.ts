import type { Resource, ResourceVersion } from "../model/index.ts";
import { isPlainLine, jsonText } from "./comment.ts";

/** The tags of a kind's interface: names, subresources, columns, and what else a CRD says beside the schema. */
export function kindMarkersOf(resource: Resource, version: ResourceVersion): string[] {
  const { status, scale, deprecated } = version;
  return [
    resourceMarker(resource),
    ...(resource.versions.length > 1 && version.storage ? ["@storageVersion"] : []),
    ...(version.served ? [] : ["@unserved"]),
    ...(deprecated === undefined ? [] : [`@deprecatedVersion ${warning(deprecated.warning)}`.trim()]),
    ...(status ? ["@subresource status"] : []),
    ...(scale === undefined ? [] : [`@subresource scale ${pairs(Object.entries(scale))}`]),
    ...version.printColumns.map(({ name, type, jsonPath, description, format, priority }) => {
      const given = Object.entries({ name, type, jsonPath, description, format, priority: priority?.toString() });
      return `@printColumn ${pairs(given)}`;
    }),
    ...version.selectableFields.map((jsonPath) => `@selectableField ${pairs([["jsonPath", jsonPath]])}`),
    ...Object.entries(resource.labels ?? {}).map(([key, value]) => `@metadata ${pairs([["label", `${key}=${value}`]])}`),
    ...Object.entries(resource.annotations ?? {}).map(([key, value]) => `@metadata ${pairs([["annotation", `${key}=${value}`]])}`),
  ];
}

function resourceMarker({ kind, plural, singular, listKind, shortNames, categories, scope }: Resource): string {
  const named = pairs([
    ["plural", plural],
    ["singular", singular === kind.toLowerCase() ? undefined : singular],
    ["listKind", listKind === `${kind}List` ? undefined : listKind],
    ["shortName", shortNames.length === 0 ? undefined : shortNames.join(",")],
    ["categories", categories.length === 0 ? undefined : categories.join(",")],
    ["scope", scope],
  ]);
  return `@resource ${named}`;
}

/** `key=value`, quoted where the value is more than a word. */
function pairs(entries: readonly (readonly [key: string, value: string | undefined])[]): string {
  return entries
    .flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${/^[\w./,-][\w./,=:-]*$/.test(value) ? value : jsonText(value)}`]))
    .join(" ");
}

/** The rest of the line is the warning; the server's own stands in for one that no line can hold. */
function warning(text: string | undefined): string {
  return isPlainLine(text ?? "") ? (text ?? "") : "";
}
