import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { silentLogger, unstructured, type UnstructuredKind, type UnstructuredObject } from "../../../runtime/object/index.ts";
import { startTestCluster, type TestCluster } from "../../../runtime/testing/cluster.ts";
import { eventually } from "../../../runtime/testing/eventually.ts";
import { installCrds, readManifests } from "../../../runtime/testing/manifests.ts";
import { migrateStoredVersions, WebhookServer, type StorageMigrationProgress } from "../../../runtime/webhook/index.ts";
import { careful, FrigateKind } from "./frigates.ts";
import { HandHeldCertificate, localCertificate } from "./serving.ts";

const CRD = unstructured({ apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" });
const V1 = unstructured({ apiVersion: "ships.io/v1", kind: "Frigate" });
const V1beta1 = unstructured({ apiVersion: "ships.io/v1beta1", kind: "Frigate" });
const NAME = "frigates.ships.io";
/** In two namespaces, one of which sorts between the objects of the other if their keys are compared in parts. */
const NAMESPACES = ["fleet", "fleet-2"];
const EACH = 12;

interface Version {
  name: string;
  storage: boolean;
}
type Definition = UnstructuredObject & { spec: { versions: Version[] }; status: { storedVersions: string[] } };

/** Tests of `migrateStoredVersions` with a conversion webhook reached by URL, on the API server that `KUBESCAFFOLD_TEST_CLUSTER` names. */
export function migrationTests(): void {
  let cluster: TestCluster;
  let server: WebhookServer;
  let versions: Version[];
  const conversions = { toHub: 0, fromHub: 0 };

  const definition = async () => (await cluster.client.get(CRD, { name: NAME })) as Definition | undefined;
  const storedVersions = async () => (await definition())?.status.storedVersions;
  const frigate = (kind: UnstructuredKind, namespace: string, name: string, spec: object) => ({
    ...kind,
    metadata: { namespace, name },
    spec,
  });

  /** Resolves when the API server stores in this version: it takes up a changed definition a moment later. */
  async function storeIn(version: string): Promise<void> {
    const changed = versions.map((each) => ({ ...each, storage: each.name === version }));
    await cluster.client.patch(CRD, { name: NAME }, "merge", { spec: { versions: changed } });
    const [kind, spec] = version === "v1" ? [V1, { guns: { count: 1 } }] : [V1beta1, { guns: 1 }];
    await eventually(async () => {
      const before = { ...conversions };
      await cluster.client.dryRun().create(frigate(kind, "fleet", "probe", spec));
      expect(conversions).toEqual(before);
    });
  }

  beforeAll(async () => {
    const pair = await localCertificate();
    server = new WebhookServer({ port: 0, host: "127.0.0.1", log: silentLogger, certificates: new HandHeldCertificate(pair) });
    const { v1beta1 } = careful.spokes;
    if (v1beta1 === undefined) throw new Error("the converter has a spoke v1beta1");
    server.convert(FrigateKind, {
      spokes: {
        v1beta1: {
          toHub: (object) => (conversions.toHub++, v1beta1.toHub(object)),
          fromHub: (hub) => (conversions.fromHub++, v1beta1.fromHub(hub)),
        },
      },
    });
    await server.start();
    cluster = await startTestCluster();
    const [crd] = (await readManifests([join(import.meta.dirname, "data", "frigates.crd.yaml")])) as unknown as Definition[];
    if (crd === undefined) throw new Error("no CRD");
    ({ versions } = crd.spec);
    const clientConfig = {
      url: `https://127.0.0.1:${server.port ?? 0}/convert`,
      caBundle: Buffer.from(pair.cert).toString("base64"),
    };
    const conversion = { strategy: "Webhook", webhook: { clientConfig, conversionReviewVersions: ["v1"] } };
    const older = versions.map((each) => ({ ...each, storage: each.name === "v1beta1" }));
    await installCrds(cluster.client, [{ ...crd, spec: { ...crd.spec, versions: older, conversion } }]);
    for (const namespace of NAMESPACES) {
      await cluster.client.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
      for (let index = 0; index < EACH; index++) {
        const guns = { guns: { count: index, caliber: "18" } };
        await cluster.client.create(frigate(V1, namespace, `frigate-${index}`, guns));
      }
    }
  }, 600_000);
  afterAll(async () => {
    await cluster.stop();
    await server.stop({ grace: 0 });
  });

  test("a migration that is broken off goes on where it was, and leaves the storage version alone in storedVersions", async () => {
    await storeIn("v1");
    expect(await storedVersions()).toEqual(["v1beta1", "v1"]);
    let last: StorageMigrationProgress["last"];
    const broken = migrateStoredVersions(cluster.client, NAME, {
      pageSize: 5,
      onPage(progress) {
        ({ last } = progress);
        if (progress.done === 10) throw new Error("broken off");
      },
    });
    await expect(broken).rejects.toThrow("broken off");
    expect(await storedVersions()).toEqual(["v1beta1", "v1"]);
    const rest = await migrateStoredVersions(cluster.client, NAME, { pageSize: 5, ...(last && { after: last }) });
    expect(rest).toMatchObject({ storageVersion: "v1", done: NAMESPACES.length * EACH - 10 });
    expect(await storedVersions()).toEqual(["v1"]);
  });

  test("nothing is converted any more when objects are read at the storage version, and another run writes nothing", async () => {
    const before = (await cluster.client.list(V1)).map(({ metadata }) => metadata.resourceVersion);
    conversions.toHub = 0; // the other way is the older version's watch cache, which a real server keeps
    await migrateStoredVersions(cluster.client, NAME);
    expect((await cluster.client.list(V1)).map(({ metadata }) => metadata.resourceVersion)).toEqual(before);
    expect(conversions.toHub).toBe(0);
  });

  test("a storage version that changes meanwhile leaves storedVersions as they are", async () => {
    const changing = migrateStoredVersions(cluster.client, NAME, {
      pageSize: 5,
      onPage: ({ done }) => (done === 5 ? storeIn("v1beta1") : undefined),
    });
    await expect(changing).rejects.toThrow(`the storage version of ${NAME} was changed while its objects were written; migrate them again`);
    expect(await storedVersions()).toEqual(["v1", "v1beta1"]);
    await storeIn("v1");
    await migrateStoredVersions(cluster.client, NAME);
  });

  test("after it, the API server lets the older version go", async () => {
    const spec = { versions: versions.filter(({ name }) => name === "v1"), conversion: { strategy: "None", webhook: null } };
    await cluster.client.patch(CRD, { name: NAME }, "merge", { spec });
    const all = await cluster.client.list(V1);
    expect(all.length).toBe(NAMESPACES.length * EACH);
    for (const { spec } of all) expect(spec).toMatchObject({ guns: { caliber: "18" } });
  });

  test("a definition that is not there is named", async () => {
    await expect(migrateStoredVersions(cluster.client, "sloops.ships.io")).rejects.toThrow(
      "there is no CustomResourceDefinition sloops.ships.io",
    );
  });
}
