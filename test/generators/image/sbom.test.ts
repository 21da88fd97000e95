import { expect, test } from "@jest/globals";
import { sbomOf, type SbomInput } from "../../../generators/image/sbom.ts";
import { sha256 } from "./samples.ts";

const node = Buffer.from("a Node");
const input: SbomInput = {
  name: "cache-operator",
  version: "1.0.0+build",
  license: "Apache-2.0",
  packages: [
    { name: "@scope/a", version: "1.2.3", license: "MIT", integrity: `sha512-${Buffer.alloc(64, 1).toString("base64")}` },
    { name: "b", version: "4.5.6-rc.1", license: "(MIT OR Apache-2.0)" },
    { name: "c", version: "1.0.0", license: "SEE LICENSE IN LICENSE.txt" },
    { name: "d", version: "1.0.0", license: "UNLICENSED" },
  ],
  base: {
    name: "gcr.io/distroless/nodejs24-debian12:nonroot",
    digest: sha256(node),
    images: [],
    parts: [
      { name: "node", version: "24.21.0", license: "MIT", content: node },
      { name: "libc.so.6", content: node },
    ],
  },
  seconds: 1_700_000_000,
  tool: "kubescaffold-0.1.0",
};

type Package = Record<string, unknown> & { SPDXID: string; name: string };
interface Document {
  packages: Package[];
  relationships: { spdxElementId: string; relationshipType: string; relatedSpdxElement: string }[];
  documentNamespace: string;
}
const document = JSON.parse(sbomOf(input)) as Document & Record<string, unknown>;
const named = (name: string): Package | undefined => document.packages.find((one) => one.name === name);

test("it has all that SPDX 2.3 asks of a document and of a package (clauses 6 and 7)", () => {
  expect(document).toMatchObject({
    spdxVersion: "SPDX-2.3",
    dataLicense: "CC0-1.0",
    SPDXID: "SPDXRef-DOCUMENT",
    name: "cache-operator-1.0.0+build",
    creationInfo: { created: "2023-11-14T22:13:20Z", creators: ["Tool: kubescaffold-0.1.0"] },
  });
  const namespace = new URL(document.documentNamespace);
  expect(namespace.hash).toBe("");
  for (const one of document.packages) {
    expect(one.SPDXID).toMatch(/^SPDXRef-[A-Za-z0-9.-]+$/);
    expect(one.name).not.toBe("");
    expect(one).toMatchObject({
      downloadLocation: "NOASSERTION",
      filesAnalyzed: false,
      licenseConcluded: "NOASSERTION",
      copyrightText: "NOASSERTION",
    });
  }
  expect(new Set(document.packages.map(({ SPDXID }) => SPDXID)).size).toBe(document.packages.length);
});

test("the operator is what it describes, and everything else belongs to that", () => {
  const [first, ...others] = document.relationships;
  expect(first).toEqual({
    spdxElementId: "SPDXRef-DOCUMENT",
    relationshipType: "DESCRIBES",
    relatedSpdxElement: named("cache-operator")?.SPDXID,
  });
  const related = new Map(others.map((one) => [one.relatedSpdxElement, [one.spdxElementId, one.relationshipType]]));
  for (const one of document.packages.slice(1)) {
    const isBundled = ["@scope/a", "b", "c", "d"].includes(one.name);
    expect(related.get(one.SPDXID)).toEqual(["SPDXRef-operator", isBundled ? "CONTAINS" : "DEPENDS_ON"]);
  }
});

test("packages have their licences, checksums and package URLs", () => {
  expect(named("@scope/a")).toMatchObject({
    versionInfo: "1.2.3",
    licenseDeclared: "MIT",
    primaryPackagePurpose: "LIBRARY",
    checksums: [{ algorithm: "SHA512", checksumValue: "01".repeat(64) }],
    externalRefs: [{ referenceCategory: "PACKAGE-MANAGER", referenceType: "purl", referenceLocator: "pkg:npm/%40scope/a@1.2.3" }],
  });
  expect(named("b")).toMatchObject({ licenseDeclared: "(MIT OR Apache-2.0)" });
  expect(named("b")).not.toHaveProperty("checksums");
  expect(named("c")).toMatchObject({ licenseDeclared: "NOASSERTION" });
  expect(named("d")).toMatchObject({ licenseDeclared: "NOASSERTION" });
  const checksums = [{ algorithm: "SHA256", checksumValue: sha256(node).slice(7) }];
  expect(named("node")).toMatchObject({ versionInfo: "24.21.0", licenseDeclared: "MIT", checksums });
  expect(named("libc.so.6")).toMatchObject({ licenseDeclared: "NOASSERTION", checksums });
  expect(named("gcr.io/distroless/nodejs24-debian12:nonroot")).toMatchObject({ primaryPackagePurpose: "CONTAINER", checksums });
});

test("the same parts give the same document, and other parts another namespace", () => {
  expect(sbomOf(input)).toBe(sbomOf({ ...input }));
  const other = JSON.parse(sbomOf({ ...input, packages: input.packages.slice(1) })) as Document;
  expect(other.documentNamespace).not.toBe(document.documentNamespace);
});
