import { expect, test } from "@jest/globals";
import { parse } from "yaml";
import { customResourceDefinition, derivedArtefacts, emitCrd } from "../../../generators/emit/index.ts";
import { committed, fleetArtefacts, readFleet } from "./fleet.ts";

test("a project's derived files and samples are those that are committed", async () => {
  const reading = await readFleet();
  expect(reading.diagnostics).toEqual([]);
  const artefacts = fleetArtefacts(reading);
  expect(artefacts.map(({ path }) => path)).toEqual([
    "api/v1/frigate.schema.ts",
    "api/v1/frigate.ts",
    "api/v1/harbour.schema.ts",
    "api/v1/harbour.ts",
    "api/v1beta1/frigate.schema.ts",
    "api/v1beta1/frigate.ts",
    "config/crd/bases/fleet.ships.io_frigates.yaml",
    "config/crd/bases/fleet.ships.io_harbours.yaml",
    "config/rbac/frigate_admin_role.yaml",
    "config/rbac/frigate_editor_role.yaml",
    "config/rbac/frigate_viewer_role.yaml",
    "config/rbac/harbour_admin_role.yaml",
    "config/rbac/harbour_editor_role.yaml",
    "config/rbac/harbour_viewer_role.yaml",
    "config/rbac/role.yaml",
    "config/samples/fleet_v1_frigate.yaml",
    "config/samples/fleet_v1beta1_frigate.yaml",
    "config/samples/fleet_v1_harbour.yaml",
  ]);
  for (const artefact of artefacts) expect({ ...artefact, text: committed(artefact) }).toEqual(artefact);
});

test("the same project gives the same bytes every time", async () => {
  expect(derivedArtefacts(await readFleet())).toEqual(derivedArtefacts(await readFleet()));
});

test("every file says in its first line to whom it belongs", async () => {
  for (const { path, text } of fleetArtefacts(await readFleet())) {
    expect(text.split("\n", 1)[0]).toMatch(
      path.startsWith("config/samples/") ? /^# yours: / : /^(#|\/\/) Derived from .+ by `scaffold generate`/,
    );
  }
});

test("the CRD's YAML is the object that is sent to API servers, under YAML 1.1 and 1.2", async () => {
  for (const resource of (await readFleet()).resources) {
    const wanted: unknown = JSON.parse(JSON.stringify(customResourceDefinition(resource)));
    for (const version of ["1.1", "1.2"] as const) expect(parse(emitCrd(resource), { version })).toEqual(wanted);
  }
});
