import type { Json, PrintColumn, ScaleSubresource } from "../../model/index.ts";
import type { Tag } from "../docs.ts";
import { parseLiteral } from "../literals.ts";
import type { Reading } from "../reading.ts";
import type { Pairs } from "./arguments.ts";
import { columnTypes, kindMarkers } from "./kind-markers.ts";
import { codeMarkers } from "./code-markers.ts";
import { isDocumentation, suggestion } from "./names.ts";
import { isRootMarker, schemaMarkers } from "./schema-markers.ts";

const byName = new Map(kindMarkers.map((marker) => [marker.name, marker]));

/** What `@resource` says. */
export interface KindNames {
  readonly plural?: string;
  readonly singular?: string;
  readonly listKind?: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly scope?: "Namespaced" | "Cluster";
}

/** The kind's markers, read and checked. */
export class KindMarkers {
  readonly #found: { readonly name: string; readonly pairs: Pairs }[] = [];

  constructor(reading: Reading, tags: readonly Tag[]) {
    const seen = new Set<string>();
    for (const tag of tags) {
      if (isRootMarker(tag.name) || tag.name === "example") continue;
      const marker = byName.get(tag.name);
      if (marker === undefined) {
        reportStranger(reading, tag);
        continue;
      }
      const identity = marker.repeatable === true ? `${tag.name} ${tag.text}` : tag.name;
      if (seen.has(identity)) {
        reading.report.add("duplicate-marker", tag.spot, `@${tag.name} stands twice on the kind`, "keep one of them");
        continue;
      }
      seen.add(identity);
      const argument = marker.read(tag.text);
      if ("problem" in argument)
        reading.report.add("bad-marker", tag.spot, `@${tag.name} ${argument.problem}`, `write it like ${marker.example}`);
      else this.#found.push({ name: tag.name, pairs: argument.value });
    }
  }

  all(name: string): Pairs[] {
    return this.#found.filter((each) => each.name === name).map(({ pairs }) => pairs);
  }

  first(name: string): Pairs | undefined {
    return this.all(name)[0];
  }
}

function reportStranger({ report }: Reading, tag: Tag): void {
  const ofCode = codeMarkers.find(({ name }) => name === tag.name);
  if (schemaMarkers.some(({ name }) => name === tag.name)) {
    report.add("misplaced-marker", tag.spot, `@${tag.name} is for fields and their types`, "move it into the spec or the status");
  } else if (ofCode !== undefined) {
    report.add("misplaced-marker", tag.spot, ...ofCode.misplaced);
  } else if (!isDocumentation(tag.name)) {
    const { problem = `there is no marker @${tag.name}`, instead = suggestion(tag.name) } = tag.problem ?? {};
    report.add("unknown-marker", tag.spot, problem, instead);
  }
}

export function printColumn(found: Pairs): PrintColumn {
  const [description, format, priority] = ["description", "format", "priority"].map((key) => found.get(key)?.[0]);
  return {
    name: only(found, "name"),
    type: columnTypes.find((type) => type === only(found, "type")) ?? "string",
    jsonPath: only(found, "jsonPath"),
    ...(description === undefined ? {} : { description }),
    ...(format === undefined ? {} : { format }),
    ...(priority === undefined || priority === "0" ? {} : { priority: Number(priority) }),
  };
}

export function scaleOf(found: Pairs): ScaleSubresource {
  const labelSelectorPath = found.get("labelSelectorPath")?.[0];
  return {
    specReplicasPath: only(found, "specReplicasPath"),
    statusReplicasPath: only(found, "statusReplicasPath"),
    ...(labelSelectorPath === undefined ? {} : { labelSelectorPath }),
  };
}

/** @param listed the categories of `@categories`, which go with those of `@resource` */
export function namesOf(found: Pairs = new Map(), listed: readonly string[] = []): KindNames {
  const [plural, singular, listKind, scope] = ["plural", "singular", "listKind", "scope"].map((key) => found.get(key)?.[0]);
  const shortNames = found.get("shortName");
  const categories = [...new Set([...(found.get("categories") ?? []), ...listed])];
  return {
    ...(plural === undefined ? {} : { plural }),
    ...(singular === undefined ? {} : { singular }),
    ...(listKind === undefined ? {} : { listKind }),
    ...(shortNames === undefined ? {} : { shortNames }),
    ...(categories.length === 0 ? {} : { categories }),
    ...(scope === undefined ? {} : { scope: scope === "Cluster" ? "Cluster" : "Namespaced" }),
  };
}

export function metadataOf(found: readonly Pairs[]): {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
} {
  const entries = (key: string): Record<string, string> =>
    Object.fromEntries(
      found.flatMap((pairs) => pairs.get(key) ?? []).map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]),
    );
  return {
    labels: { ...entries("labels"), ...entries("label") },
    annotations: { ...entries("annotations"), ...entries("annotation") },
  };
}

export function exampleOf(tags: readonly Tag[]): { readonly example?: Json } {
  for (const { name, text } of tags) {
    const value = name === "example" ? parseLiteral(text)?.value : undefined;
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return { example: value };
  }
  return {};
}

export function only(found: Pairs, key: string): string {
  return found.get(key)?.[0] ?? "";
}
