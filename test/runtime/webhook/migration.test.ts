import { expect, test } from "@jest/globals";
import { unstructured } from "../../../runtime/object/index.ts";
import { startTestCluster } from "../../../runtime/testing/cluster.ts";
import { migrateStoredVersions } from "../../../runtime/webhook/index.ts";
import { hook, RecordingWebhook, rule } from "../../cluster/fidelity/webhook.ts";
import { join } from "node:path";
import { migrationTests } from "./migration.ts";

migrationTests();

test("objects that cannot be written are named, and the others are done", async () => {
  await using cluster = await startTestCluster({ crds: [join(import.meta.dirname, "data", "frigates.crd.yaml")] });
  await using webhook = await RecordingWebhook.start();
  const Frigate = unstructured({ apiVersion: "ships.io/v1", kind: "Frigate" });
  for (const name of ["anne", "mary", "victoria"]) {
    await cluster.client.create({ ...Frigate, metadata: { namespace: "default", name }, spec: { guns: { count: 1 } } });
  }
  webhook.replies.set("/deny", (request) => ({
    response: request["name"] === "mary" ? { allowed: false, status: { message: "she is sold" } } : { allowed: true },
  }));
  await cluster.client.create({
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingWebhookConfiguration",
    metadata: { name: "hooks" },
    webhooks: [hook(webhook, "/deny", "default", { rules: [rule("UPDATE", "ships.io", ["frigates"])] })],
  });
  await expect(migrateStoredVersions(cluster.client, "frigates.ships.io")).rejects.toThrow(
    /^1 objects of Frigate cannot be stored in v1: default\/mary: .*she is sold/,
  );
  expect(webhook.reviews.length).toBe(3);
});
