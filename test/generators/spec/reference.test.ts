import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { goMarkerNames } from "../../../generators/spec/markers/kubebuilder.ts";
import { markerNames } from "../../../generators/spec/markers/names.ts";
import { markersReference, referenceFile } from "../../../generators/spec/markers/reference.ts";

test("the reference page of types and markers is what the tables say (node generators/spec/markers/reference.ts)", async () => {
  expect(readFileSync(referenceFile, "utf8")).toBe(await markersReference());
});

test("it has every marker, and no example of one that fails", () => {
  const page = readFileSync(referenceFile, "utf8");
  for (const name of markerNames) expect(page).toContain(`| \`@${name}\` |`);
  for (const name of goMarkerNames) expect(page).toContain(`+${name}`);
  expect(page).not.toMatch(/there is no marker|is no list of|it has no /);
});
