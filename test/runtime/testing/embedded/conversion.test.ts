import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { connect } from "../../../../runtime/client/index.ts";
import { unstructured } from "../../../../runtime/object/index.ts";
import { EmbeddedCluster } from "../../../../runtime/testing/embedded/index.ts";
import { eventually } from "../../../../runtime/testing/eventually.ts";
import { installCrds, readManifests } from "../../../../runtime/testing/manifests.ts";
import { arrayAt, isObject, stringAt, type JsonObject } from "../../../../runtime/schema/index.ts";
import { RecordingWebhook, type Reply } from "../../../cluster/fidelity/webhook.ts";

/** What cannot be compared with a real server: services without a network, and streams. The rest is in test/cluster/admission-fidelity.test.ts. */
const V1 = unstructured({ apiVersion: "ships.io/v1", kind: "Frigate" });
const V1beta1 = unstructured({ apiVersion: "ships.io/v1beta1", kind: "Frigate" });

function converted(request: JsonObject): Reply {
  const apiVersion = stringAt(request, "desiredAPIVersion") ?? "";
  const objects = arrayAt(request, "objects").filter(isObject);
  const spec = apiVersion.endsWith("v1") ? { guns: { count: 7 } } : { guns: 7 };
  return { response: { convertedObjects: objects.map((object) => ({ ...object, apiVersion, spec })), result: { status: "Success" } } };
}

async function start() {
  const webhook = await RecordingWebhook.start();
  const cluster = await EmbeddedCluster.start({
    serviceResolver: ({ name, port }) => (name === "hook" && port === 443 ? new URL(webhook.url).host : undefined),
  });
  const connection = await connect({ kubeconfig: cluster.kubeconfig });
  const [crd] = await readManifests([join(import.meta.dirname, "../../webhook/data/frigates.crd.yaml")]);
  if (crd === undefined) throw new Error("no CRD");
  const clientConfig = { service: { name: "hook", namespace: "services", path: "/convert" }, caBundle: webhook.caBundle };
  const conversion = { strategy: "Webhook", webhook: { clientConfig, conversionReviewVersions: ["v1"] } };
  await installCrds(connection.client, [{ ...crd, spec: { ...(crd["spec"] as object), conversion } }]);
  webhook.replies.set("/convert", converted);
  const stop = async () => {
    connection.close();
    await Promise.all([cluster.stop(), webhook.stop()]);
  };
  return { webhook, client: connection.client, [Symbol.asyncDispose]: stop };
}

const frigate = (kind: typeof V1, name: string) => ({ ...kind, metadata: { name, namespace: "default" }, spec: { guns: { count: 1 } } });

test("a service's webhook converts, under the service's name", async () => {
  await using cluster = await start();
  await cluster.client.create(frigate(V1, "victoria"));
  expect(cluster.webhook.reviews).toEqual([]);
  const older = await cluster.client.get(V1beta1, { name: "victoria", namespace: "default" });
  expect(older?.["spec"]).toEqual({ guns: 7 });
  expect(cluster.webhook.reviews).toHaveLength(1);
});

test("a watch shows changes in their order", async () => {
  await using cluster = await start();
  await cluster.client.create(frigate(V1, "first"));
  const names: string[] = [];
  const stop = new AbortController();
  const watching = (async () => {
    for await (const { object } of cluster.client.watch(V1beta1, { signal: stop.signal })) {
      expect(object["spec"]).toEqual({ guns: 7 });
      names.push(object.metadata.name ?? "");
    }
  })();
  await eventually(() => expect(names).toEqual(["first"]), { interval: 1 });
  const more = Array.from({ length: 10 }, (_, index) => `ship-${index}`);
  for (const name of more) await cluster.client.create(frigate(V1, name));
  await eventually(() => expect(names).toEqual(["first", ...more]), { interval: 1 });
  stop.abort();
  await watching;
});

test("a conversion that fails ends a watch with the reason", async () => {
  await using cluster = await start();
  cluster.webhook.replies.set("/convert", () => ({
    response: { convertedObjects: [], result: { status: "Failure", message: "no such ship" } },
  }));
  await cluster.client.create(frigate(V1, "first"));
  const events = cluster.client.watch(V1beta1)[Symbol.asyncIterator]();
  await expect(events.next()).rejects.toThrow("conversion webhook for ships.io/v1, Kind=Frigate failed: no such ship");
});
