import { describe, expect, test } from "@jest/globals";
import { compareApis, findingLine } from "../../../generators/compatibility/index.ts";
import type { Resource, ResourceVersion } from "../../../generators/model/index.ts";

const v1: ResourceVersion = {
  name: "v1",
  served: true,
  storage: true,
  schema: { type: "object", properties: { spec: { type: "object" }, status: { type: "object" } } },
  printColumns: [{ name: "Size", type: "integer", jsonPath: ".spec.size" }],
  selectableFields: [".spec.colour"],
  status: true,
  scale: { specReplicasPath: ".spec.size", statusReplicasPath: ".status.size" },
  typesFile: "api/v1/ship.types.ts",
  place: { file: "api/v1/ship.types.ts", line: 1, column: 1 },
};
const v1beta1: ResourceVersion = { ...v1, name: "v1beta1", storage: false };
const v1alpha1: ResourceVersion = { ...v1, name: "v1alpha1", storage: false, served: false };
const ship: Resource = {
  group: "fleet.example.com",
  kind: "Ship",
  listKind: "ShipList",
  singular: "ship",
  plural: "ships",
  shortNames: ["sh"],
  categories: ["all"],
  scope: "Namespaced",
  versions: [v1, v1beta1, v1alpha1],
};

function lines(after: readonly Resource[], before: readonly Resource[] = [ship]): string[] {
  return compareApis(before, after).map((each) => `${each.severity} ${findingLine(each)}`);
}

/** The ship with a change of all that v1 says. */
function withV1(change: Partial<ResourceVersion>): Resource[] {
  return [{ ...ship, versions: [{ ...v1, ...change }, v1beta1, v1alpha1] }];
}

function without({ scale: _scale, ...version }: ResourceVersion): ResourceVersion {
  return version;
}

test("the same API has no findings, whatever it says for documentation", () => {
  expect(lines([ship])).toEqual([]);
  expect(lines([{ ...ship, labels: { a: "b" }, annotations: { c: "d" }, versions: [v1alpha1, v1beta1, v1] }])).toEqual([]);
});

describe("a kind", () => {
  test("that goes takes its objects along; a new one does no harm", () => {
    const { kind: _kind, ...rest } = ship;
    const boat: Resource = { ...rest, kind: "Boat", plural: "boats" };
    expect(lines([boat])).toEqual([
      "breaking ships.fleet.example.com: the kind Ship is gone: with its CRD, all of its objects are deleted",
      "compatible boats.fleet.example.com: the kind Boat is new",
    ]);
  });

  test("keeps its plural, its scope and its name", () => {
    expect(lines([{ ...ship, plural: "shipses", scope: "Cluster" }])).toEqual([
      "breaking ships.fleet.example.com: the plural is shipses instead of ships: this is another CRD with other URLs, and the objects stay behind in the old one",
      "breaking ships.fleet.example.com: the scope is Cluster instead of Namespaced, which API servers refuse for a CRD in use",
    ]);
    expect(lines([{ ...ship, kind: "Boat" }])).toEqual([
      "breaking ships.fleet.example.com: the kind is Boat instead of Ship, which API servers refuse for a CRD in use",
    ]);
  });

  test("may be called otherwise by people, who have to follow", () => {
    expect(lines([{ ...ship, singular: "vessel", listKind: "Ships", shortNames: ["shp"], categories: [] }])).toEqual([
      "check by hand ships.fleet.example.com: the listKind is Ships instead of ShipList: whoever uses the name has to follow",
      "check by hand ships.fleet.example.com: the singular is vessel instead of ship: whoever uses the name has to follow",
      "check by hand ships.fleet.example.com: the short name sh is gone: kubectl get sh fails or shows less",
      "compatible ships.fleet.example.com: the short name shp is new",
      "check by hand ships.fleet.example.com: the category all is gone: kubectl get all fails or shows less",
    ]);
  });
});

describe("a version", () => {
  test("that goes breaks its clients, or what is stored in it", () => {
    expect(lines([{ ...ship, versions: [v1] }])).toEqual([
      "breaking ships.fleet.example.com v1beta1: the version is gone: clients that use it get 404",
      "check by hand ships.fleet.example.com v1alpha1: the version is gone, which was not served: API servers refuse that while status.storedVersions lists it",
    ]);
    expect(lines([{ ...ship, versions: [{ ...v1beta1, storage: true }, v1alpha1] }])).toEqual([
      "breaking ships.fleet.example.com v1: the version is gone, in which objects are stored: API servers refuse that until all are stored in another and status.storedVersions no longer lists it",
    ]);
  });

  test("may be new, and may become the one that is stored", () => {
    expect(lines([{ ...ship, versions: [{ ...v1, name: "v2" }, { ...v1, storage: false }, v1beta1, v1alpha1] }])).toEqual([
      "check by hand ships.fleet.example.com: objects are stored as v2 instead of v1: each is converted when it is next written, and what v2 has no field for is lost without a conversion webhook",
      "compatible ships.fleet.example.com v2: the version is new",
    ]);
  });

  test("that is served no more breaks its clients; one that is deprecated warns them", () => {
    expect(lines([{ ...ship, versions: [v1, { ...v1beta1, served: false, deprecated: {} }, { ...v1alpha1, served: true }] }])).toEqual([
      "breaking ships.fleet.example.com v1beta1: the version is no longer served: clients that use it get 404",
      "compatible ships.fleet.example.com v1beta1: clients get a warning that the version is deprecated",
      "compatible ships.fleet.example.com v1alpha1: the version is served now",
    ]);
  });

  test("may show other columns", () => {
    expect(lines(withV1({ printColumns: [] }))).toEqual(["compatible ships.fleet.example.com v1: kubectl get shows other columns"]);
  });

  test("keeps its subresources", () => {
    expect(lines([{ ...ship, versions: [{ ...without(v1), status: false }, v1beta1, v1alpha1] }])).toEqual([
      "breaking ships.fleet.example.com v1 status: the status subresource is gone: requests to it fail, and whoever writes the object may overwrite its status",
      "breaking ships.fleet.example.com v1: the scale subresource is gone: kubectl scale and autoscalers fail",
    ]);
    expect(lines([ship], [{ ...ship, versions: [{ ...without(v1), status: false }, v1beta1, v1alpha1] }])).toEqual([
      "check by hand ships.fleet.example.com v1 status: the status has an endpoint of its own now: writes of the object no longer change its status, without an error",
      "compatible ships.fleet.example.com v1: the scale subresource is new",
    ]);
    expect(
      lines(
        withV1({ scale: { specReplicasPath: ".spec.crew", statusReplicasPath: ".status.size", labelSelectorPath: ".status.selector" } }),
      ),
    ).toEqual([
      "check by hand ships.fleet.example.com v1: the scale subresource has .spec.crew as its specReplicasPath, not .spec.size: kubectl scale and autoscalers see other numbers",
    ]);
  });

  test("keeps its selectable fields", () => {
    expect(lines(withV1({ selectableFields: [".spec.name"] }))).toEqual([
      "breaking ships.fleet.example.com v1 spec.colour: it is no selectable field any more: requests with it in a field selector fail",
      "compatible ships.fleet.example.com v1 spec.name: it is a selectable field now",
    ]);
  });
});

test("findings are plain data with stable codes, for tools", () => {
  expect(compareApis([ship], withV1({ schema: { type: "object", properties: { spec: { type: "object" } } } }))).toEqual([
    {
      severity: "breaking",
      code: "field-removed",
      crd: "ships.fleet.example.com",
      version: "v1",
      path: "status",
      message: "the field is gone: it is cut off from stored objects when these are read, and strict clients get an error",
    },
  ]);
});
