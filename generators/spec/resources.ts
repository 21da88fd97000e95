import { compareVersions, pluralOf, type Resource } from "../model/index.ts";
import type { KindVersion } from "./kinds.ts";
import { isKindName } from "./names.ts";
import type { Report } from "./report.ts";

/** The versions of one kind, brought together. */
export function toResources(report: Report, group: string, found: readonly KindVersion[]): Resource[] {
  const byKind = Map.groupBy(found, ({ kind }) => kind);
  const resources = [...byKind].map(([kind, versions]) => toResource(report, group, kind, withoutDuplicates(report, versions)));
  reportSharedNames(report, resources, byKind);
  return resources;
}

function withoutDuplicates(report: Report, versions: readonly KindVersion[]): KindVersion[] {
  const first = new Map<string, KindVersion>();
  for (const each of versions) {
    const other = first.get(each.version.name);
    if (other === undefined) first.set(each.version.name, each);
    else
      report.add(
        "duplicate-kind",
        each.spot,
        `${each.kind} ${each.version.name} is in ${other.version.typesFile} already`,
        "keep one of the two",
      );
  }
  return [...first.values()].sort((a, b) => compareVersions(a.version.name, b.version.name));
}

function toResource(report: Report, group: string, kind: string, versions: readonly KindVersion[]): Resource {
  const plural = agreed(report, versions, "plural") ?? pluralOf(kind);
  const singular = agreed(report, versions, "singular") ?? kind.toLowerCase();
  const scope = agreed(report, versions, "scope") ?? "Namespaced";
  const shortNames = agreed(report, versions, "shortNames") ?? [];
  const categories = agreed(report, versions, "categories") ?? [];
  // A kind that is no name has been reported, and what follows from it is none either.
  const derived = isKindName(kind) ? [plural, singular] : [];
  const said = versions.flatMap(({ names }) => [names.plural ?? [], names.singular ?? []].flat());
  for (const name of new Set([...derived, ...said, ...shortNames, ...categories])) {
    if (/^[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?$/.test(name)) continue;
    const spot = versions[0]?.spot;
    if (spot !== undefined)
      report.add(
        "bad-name",
        spot,
        `${kind} has the name ${JSON.stringify(name)} in @resource, which is no DNS label`,
        "write lower case letters, digits and hyphens",
      );
  }
  const labels = Object.fromEntries(versions.flatMap((each) => Object.entries(each.labels)));
  const annotations = Object.fromEntries(versions.flatMap((each) => Object.entries(each.annotations)));
  const storage = storageOf(report, kind, versions);
  return {
    group,
    kind,
    listKind: agreed(report, versions, "listKind") ?? `${kind}List`,
    singular,
    plural,
    shortNames,
    categories,
    scope,
    versions: versions.map((each) => ({ ...each.version, storage: each === storage })),
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  };
}

/** What the versions that say anything about a name agree on. */
function agreed<K extends keyof KindVersion["names"]>(
  report: Report,
  versions: readonly KindVersion[],
  key: K,
): KindVersion["names"][K] | undefined {
  const saying = versions.filter(({ names }) => names[key] !== undefined);
  const [first, ...others] = saying;
  for (const each of others) {
    if (JSON.stringify(each.names[key]) === JSON.stringify(first?.names[key])) continue;
    report.add(
      "conflicting-versions",
      each.spot,
      `${each.kind} has another ${key} in ${each.version.name} than in ${first?.version.name ?? ""}`,
      "say it in one version only: it holds for all",
    );
  }
  return first?.names[key];
}

function storageOf(report: Report, kind: string, versions: readonly KindVersion[]): KindVersion | undefined {
  const marked = versions.filter(({ storage }) => storage);
  const [first, second] = marked;
  if (second !== undefined) {
    report.add(
      "conflicting-versions",
      second.spot,
      `${kind} has two storage versions, ${first?.version.name ?? ""} and ${second.version.name}`,
      "keep @storageVersion in one of them",
    );
  }
  const [only, another] = versions;
  if (first === undefined && another !== undefined) {
    report.add(
      "conflicting-versions",
      another.spot,
      `${kind} has ${versions.length} versions and none is the one that is stored`,
      "write @storageVersion on one of them",
    );
  }
  return first ?? only;
}

function reportSharedNames(report: Report, resources: readonly Resource[], byKind: ReadonlyMap<string, readonly KindVersion[]>): void {
  const owners = new Map<string, string>();
  for (const { kind, plural, singular, shortNames } of resources) {
    for (const name of new Set([plural, singular, ...shortNames])) {
      const other = owners.get(name);
      const spot = byKind.get(kind)?.[0]?.spot;
      if (other === undefined) owners.set(name, kind);
      else if (spot !== undefined)
        report.add("duplicate-kind", spot, `${kind} and ${other} are both called ${name}`, "give one another name with @resource");
    }
  }
}
