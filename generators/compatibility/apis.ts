import type { Resource } from "../model/index.ts";
import type { Add, Finding } from "./finding.ts";
import { compareSchemas } from "./schema.ts";
import { compareVersion } from "./version.ts";

/**
 * Every difference between two generations of a project's kinds that a client, an object or the API server could notice; none for
 * what only documents. In the order of the kinds, their versions and their fields.
 *
 * @param before what is in use
 * @param after what is to replace it
 */
export function compareApis(before: readonly Resource[], after: readonly Resource[]): Finding[] {
  const findings: Finding[] = [];
  const matched = new Set<Resource>();
  for (const old of before) {
    const now = after.find((each) => isSameKind(each, old)) ?? after.find((each) => crdName(each) === crdName(old));
    const add = into(findings, old);
    if (now === undefined) {
      add("breaking", "kind-removed", undefined, `the kind ${old.kind} is gone: with its CRD, all of its objects are deleted`);
    } else {
      matched.add(now);
      compareResources(old, now, add, (version) => into(findings, old, version));
    }
  }
  for (const now of after) {
    if (!matched.has(now)) into(findings, now)("compatible", "kind-added", undefined, `the kind ${now.kind} is new`);
  }
  return findings;
}

function compareResources(before: Resource, after: Resource, add: Add, of: (version: string) => Add): void {
  if (before.kind !== after.kind)
    add(
      "breaking",
      "kind-renamed",
      undefined,
      `the kind is ${after.kind} instead of ${before.kind}, which API servers refuse for a CRD in use`,
    );
  if (before.plural !== after.plural) {
    const what = `the plural is ${after.plural} instead of ${before.plural}`;
    add(
      "breaking",
      "plural-changed",
      undefined,
      `${what}: this is another CRD with other URLs, and the objects stay behind in the old one`,
    );
  }
  if (before.scope !== after.scope)
    add(
      "breaking",
      "scope-changed",
      undefined,
      `the scope is ${after.scope} instead of ${before.scope}, which API servers refuse for a CRD in use`,
    );
  compareNames(before, after, add);
  compareStorage(before, after, add);
  for (const old of before.versions) {
    const now = after.versions.find(({ name }) => name === old.name);
    if (now === undefined) {
      removedVersion(old, of(old.name));
      continue;
    }
    compareVersion(old, now, of(old.name));
    compareSchemas(old.schema, now.schema, "required", "", of(old.name));
  }
  for (const { name } of after.versions) {
    if (!before.versions.some((old) => old.name === name)) of(name)("compatible", "version-added", undefined, "the version is new");
  }
}

function compareNames(before: Resource, after: Resource, add: Add): void {
  for (const key of ["listKind", "singular"] as const) {
    if (before[key] !== after[key] && before.kind === after.kind)
      add(
        "check by hand",
        "names-changed",
        undefined,
        `the ${key} is ${after[key]} instead of ${before[key]}: whoever uses the name has to follow`,
      );
  }
  for (const [key, word] of [
    ["shortNames", "short name"],
    ["categories", "category"],
  ] as const) {
    const gone = before[key].filter((name) => !after[key].includes(name));
    const added = after[key].filter((name) => !before[key].includes(name));
    for (const name of gone)
      add("check by hand", "names-changed", undefined, `the ${word} ${name} is gone: kubectl get ${name} fails or shows less`);
    for (const name of added) add("compatible", "names-changed", undefined, `the ${word} ${name} is new`);
  }
}

function compareStorage(before: Resource, after: Resource, add: Add): void {
  const [old, now] = [before, after].map(({ versions }) => versions.find(({ storage }) => storage)?.name);
  if (old === undefined || now === undefined || old === now || !after.versions.some(({ name }) => name === old)) return;
  add(
    "check by hand",
    "storage-version-changed",
    undefined,
    `objects are stored as ${now} instead of ${old}: each is converted when it is next written, and what ${now} has no field for is lost without a conversion webhook`,
  );
}

function removedVersion({ served, storage }: Resource["versions"][number], add: Add): void {
  if (storage) {
    add(
      "breaking",
      "storage-version-removed",
      undefined,
      "the version is gone, in which objects are stored: API servers refuse that until all are stored in another and status.storedVersions no longer lists it",
    );
  } else if (served) {
    add("breaking", "version-removed", undefined, "the version is gone: clients that use it get 404");
  } else {
    add(
      "check by hand",
      "version-removed",
      undefined,
      "the version is gone, which was not served: API servers refuse that while status.storedVersions lists it",
    );
  }
}

function isSameKind(a: Resource, b: Resource): boolean {
  return a.group === b.group && a.kind === b.kind;
}

function crdName({ plural, group }: Resource): string {
  return `${plural}.${group}`;
}

function into(findings: Finding[], resource: Resource, version?: string): Add {
  return (severity, code, path, message) =>
    findings.push({
      severity,
      code,
      crd: crdName(resource),
      ...(version === undefined ? {} : { version }),
      ...(path === undefined || path === "" ? {} : { path }),
      message,
    });
}
