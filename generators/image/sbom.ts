import { createHash } from "node:crypto";
import type { Base } from "./base.ts";
import type { BundledPackage } from "./lock.ts";
import { timeText } from "./oci.ts";

export interface SbomInput {
  readonly name: string;
  readonly version: string;
  readonly license?: string | undefined;
  readonly packages: readonly BundledPackage[];
  readonly base: Base;
  /** When it was made, in seconds since 1970. */
  readonly seconds: number;
  /** What made it: name and version. */
  readonly tool: string;
}

interface Part {
  readonly name: string;
  readonly version?: string | undefined;
  readonly license?: string | undefined;
  readonly checksum?: { readonly algorithm: "SHA256" | "SHA512"; readonly checksumValue: string } | undefined;
  /** A package URL (github.com/package-url/purl-spec). */
  readonly purl?: string | undefined;
  readonly purpose: "APPLICATION" | "LIBRARY" | "CONTAINER";
  readonly relationship: "CONTAINS" | "DEPENDS_ON";
}

/** What an image is made of, as SPDX 2.3 (spdx.github.io/spdx-spec/v2.3) in JSON: the same for the same image. */
export function sbomOf({ name, version, license, packages, base, seconds, tool }: SbomInput): string {
  const parts: Part[] = [
    ...packages.map((one): Part => ({
      ...one,
      checksum: checksumOf(one.integrity),
      purl: `pkg:npm/${one.name.replace("@", "%40")}@${encodeURIComponent(one.version)}`,
      purpose: "LIBRARY",
      relationship: "CONTAINS",
    })),
    ...(base.parts ?? []).map((one): Part => ({
      ...one,
      checksum: { algorithm: "SHA256", checksumValue: createHash("sha256").update(one.content).digest("hex") },
      purl: one.version === undefined ? undefined : `pkg:generic/${one.name}@${one.version}`,
      purpose: one.version === undefined ? "LIBRARY" : "APPLICATION",
      relationship: "DEPENDS_ON",
    })),
    ...(base.name === undefined ? [] : [baseImage(base.name, base.digest)]),
  ];
  const root = { SPDXID: "SPDXRef-operator", ...packageOf({ name, version, license, purpose: "APPLICATION", relationship: "CONTAINS" }) };
  const described = parts.map((part, at) => ({ SPDXID: `SPDXRef-part-${at + 1}`, ...packageOf(part) }));
  const contents = {
    packages: [root, ...described],
    relationships: [
      { spdxElementId: "SPDXRef-DOCUMENT", relationshipType: "DESCRIBES", relatedSpdxElement: root.SPDXID },
      ...parts.map(({ relationship }, at) => ({
        spdxElementId: root.SPDXID,
        relationshipType: relationship,
        relatedSpdxElement: described[at]?.SPDXID,
      })),
    ],
  };
  // Two documents may not have one namespace unless they are the same.
  const hash = createHash("sha256").update(JSON.stringify(contents)).digest("hex");
  const document = {
    spdxVersion: "SPDX-2.3",
    dataLicense: "CC0-1.0",
    SPDXID: "SPDXRef-DOCUMENT",
    name: `${name}-${version}`,
    documentNamespace: `https://spdx.org/spdxdocs/${encodeURIComponent(name)}-${encodeURIComponent(version)}-${hash}`,
    creationInfo: { created: timeText(seconds), creators: [`Tool: ${tool}`] },
    ...contents,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function packageOf({ name, version, license, checksum, purl, purpose }: Part): Record<string, unknown> {
  return {
    name,
    ...(version === undefined ? {} : { versionInfo: version }),
    downloadLocation: "NOASSERTION",
    filesAnalyzed: false,
    licenseConcluded: "NOASSERTION",
    licenseDeclared: license !== undefined && isExpression(license) ? license : "NOASSERTION",
    copyrightText: "NOASSERTION",
    primaryPackagePurpose: purpose,
    ...(checksum ? { checksums: [checksum] } : {}),
    ...(purl === undefined
      ? {}
      : { externalRefs: [{ referenceCategory: "PACKAGE-MANAGER", referenceType: "purl", referenceLocator: purl }] }),
  };
}

function baseImage(name: string, digest: string | undefined): Part {
  const checksum = digest === undefined ? undefined : ({ algorithm: "SHA256", checksumValue: digest.replace("sha256:", "") } as const);
  return { name, version: digest, checksum, purpose: "CONTAINER", relationship: "DEPENDS_ON" };
}

/** npm allows `SEE LICENSE IN file` and `UNLICENSED`, which SPDX has no words for. */
function isExpression(license: string): boolean {
  return license !== "UNLICENSED" && /^\(*[A-Za-z0-9.+-]+\)*(?: (?:AND|OR|WITH) \(*[A-Za-z0-9.+-]+\)*)*$/.test(license);
}

function checksumOf(integrity: string | undefined): Part["checksum"] {
  const [, hash] = /(?:^|\s)sha512-([A-Za-z0-9+/]+=*)/.exec(integrity ?? "") ?? [];
  return hash === undefined ? undefined : { algorithm: "SHA512", checksumValue: Buffer.from(hash, "base64").toString("hex") };
}
