import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { expectRoundTrip } from "../../../runtime/testing/round-trip.ts";
import type { Converter, WebhookServer } from "../../../runtime/webhook/index.ts";
import { careful, careless, FrigateKind, type Frigate } from "./frigates.ts";
import { serve, UID, type Served } from "./serving.ts";

const crd = join(import.meta.dirname, "data", "frigates.crd.yaml");
const metadata = { name: "victoria", namespace: "default", uid: "1", labels: { fleet: "north" } };
const older = { apiVersion: "ships.io/v1beta1", kind: "Frigate", metadata, spec: { guns: 38, crew: "anna,ben" } };
const hub = { apiVersion: "ships.io/v1", kind: "Frigate", metadata, spec: { guns: { count: 38, caliber: "18" }, crew: ["anna", "ben"] } };

interface ConversionAnswer {
  apiVersion: string;
  kind: string;
  response: { uid: string; convertedObjects: unknown[]; result: { status: string; message?: string } };
}

async function convert(served: Served, desired: unknown, objects: unknown): Promise<ConversionAnswer> {
  const review = {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "ConversionReview",
    request: { uid: UID, desiredAPIVersion: desired, objects },
  };
  return JSON.parse((await served.post("/convert", review)).text) as ConversionAnswer;
}

const withConverter = (converter: Converter<Frigate>) => (server: WebhookServer) => server.convert(FrigateKind, converter);

test("objects become those of the version asked for, in order, with their metadata", async () => {
  await using served = await serve(withConverter(careful));
  expect(await convert(served, "ships.io/v1", [older, hub])).toEqual({
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "ConversionReview",
    response: {
      uid: UID,
      convertedObjects: [{ ...hub, spec: { guns: { count: 38 }, crew: ["anna", "ben"] } }, hub],
      result: { status: "Success" },
    },
  });
});

test("what the older version cannot say comes back from its annotation", async () => {
  await using served = await serve(withConverter(careful));
  const there = await convert(served, "ships.io/v1beta1", [hub]);
  expect(there.response.convertedObjects).toMatchObject([{ apiVersion: "ships.io/v1beta1", spec: { guns: 38, crew: "anna,ben" } }]);
  const back = await convert(served, "ships.io/v1", there.response.convertedObjects);
  expect(back.response.convertedObjects).toEqual([hub]);
});

test("spokes are converted into one another by way of the hub", async () => {
  await using served = await serve((server) =>
    server.convert(FrigateKind, {
      spokes: {
        ...careful.spokes,
        v1alpha1: {
          toHub: ({ spec }: Frigate & { spec: { count: number } }) => ({ spec: { guns: { count: spec.count } } }),
          fromHub: ({ spec }) => ({ spec: { count: spec?.guns.count } }),
        },
      },
    }),
  );
  const { response } = await convert(served, "ships.io/v1alpha1", [older]);
  expect(response.convertedObjects).toMatchObject([
    { apiVersion: "ships.io/v1alpha1", kind: "Frigate", metadata: { name: "victoria" }, spec: { count: 38 } },
  ]);
});

test("large integers go through a conversion unharmed", async () => {
  await using served = await serve((server) =>
    server.convert(FrigateKind, {
      spokes: { v1beta1: { toHub: ({ spec }: Frigate) => ({ ...(spec && { spec }) }), fromHub: ({ spec }) => ({ spec }) } },
    }),
  );
  const review = {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "ConversionReview",
    request: { uid: UID, desiredAPIVersion: "ships.io/v1", objects: [{ ...older, spec: { guns: "BIG" } }] },
  };
  const { text } = await served.post("/convert", JSON.stringify(review).replace('"BIG"', "12345678901234567891"));
  expect(text).toContain('"guns":12345678901234567891');
});

test("when one object cannot be converted, the answer says why and has none", async () => {
  await using served = await serve(withConverter(careful));
  const fails = async (desired: unknown, objects: unknown) => {
    const { response } = await convert(served, desired, objects);
    expect(response).toMatchObject({ uid: UID, convertedObjects: [], result: { status: "Failure" } });
    return response.result.message;
  };
  expect(await fails("ships.io/v2", [hub])).toBe("Frigate has no version ships.io/v2 here, only ships.io/v1, ships.io/v1beta1");
  expect(await fails("ships.io/v1", [older, { ...older, apiVersion: "ships.io/v0" }])).toMatch(/no version ships.io\/v0/);
  expect(await fails("ships.io/v1", [{ ...older, kind: "Sloop" }])).toBe('there is no converter for "ships.io/v1beta1" "Sloop"');
  expect(await fails("ships.io/v1", "many")).toBe("request.objects is no list");
  expect(await fails(undefined, [])).toBe("request.desiredAPIVersion is missing");
  expect(await fails("ships.io/v1", [null])).toBe("there is no converter for nothing nothing");
});

const spoiling = (metadata: object): Converter<Frigate> => ({
  spokes: { v1beta1: { toHub: () => ({ metadata }), fromHub: () => ({}) } },
});

test("a conversion may change labels and annotations, and nothing else of the metadata", async () => {
  await using good = await serve(withConverter(spoiling({ name: "victoria", labels: { fleet: "south" } })));
  expect((await convert(good, "ships.io/v1", [older])).response.convertedObjects).toMatchObject([
    { metadata: { ...metadata, labels: { fleet: "south" } } },
  ]);
  await using bad = await serve(withConverter(spoiling({ name: "mary" })));
  expect((await convert(bad, "ships.io/v1", [older])).response.result).toEqual({
    status: "Failure",
    message: "the conversion changed metadata.name; only labels and annotations may change",
  });
});

test("a conversion that throws is an answer", async () => {
  const broken: Converter<Frigate> = {
    spokes: {
      v1beta1: {
        toHub() {
          throw new Error("no such ship");
        },
        fromHub: () => ({}),
      },
    },
  };
  await using served = await serve(withConverter(broken));
  expect((await convert(served, "ships.io/v1", [older])).response.result).toEqual({ status: "Failure", message: "no such ship" });
});

test("the server refuses to start with a converter that loses something of a sample", async () => {
  await using good = await serve(withConverter({ ...careful, samples: [hub, older] }));
  expect(good.port).toBeGreaterThan(0);
  await expect(serve(withConverter({ ...careless, samples: [older] }))).rejects.toThrow(
    'ships.io/v1beta1 Frigate "victoria" is another one after a conversion to ships.io/v1 and back, at /spec/crew (remove)',
  );
});

test("a kind has one converter, and its hub is no spoke", async () => {
  await using served = await serve(withConverter(careful));
  expect(() => served.server.convert(FrigateKind, careful)).toThrow("Frigate has a converter already");
  expect(() =>
    served.server.convert({ ...FrigateKind, kind: "Sloop" }, { spokes: { v1: { toHub: () => ({}), fromHub: () => ({}) } } }),
  ).toThrow(/is the hub/);
});

test("expectRoundTrip passes a converter that loses nothing, over all objects of the CRD's schemas", async () => {
  await expectRoundTrip({ hub: FrigateKind, converter: careful, crd });
});

test("expectRoundTrip finds fields that the API server would drop, though they come back without it", async () => {
  const { v1beta1 } = careful.spokes;
  if (v1beta1 === undefined) throw new Error("the converter has a spoke v1beta1");
  const loose: Converter<Frigate> = {
    spokes: { v1beta1: { toHub: (older) => v1beta1.toHub(older), fromHub: (frigate) => ({ ...v1beta1.fromHub(frigate), reserve: 1 }) } },
  };
  await expect(expectRoundTrip({ hub: FrigateKind, converter: loose, crd, seed: 7 })).rejects.toThrow(
    /becomes a ships.io\/v1beta1 with fields that its schema does not have: reserve[^]*seed: 7/,
  );
});

test("expectRoundTrip finds what a converter loses, and tells how to see it again", async () => {
  await expect(expectRoundTrip({ hub: FrigateKind, converter: careless, crd, seed: 7 })).rejects.toThrow(
    /is another one after a conversion to ships.io\/v1beta1 and back[^]*seed: 7/,
  );
});
