import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { ControlPlane } from "../../runtime/testing/controlplane/index.ts";
import { readKubeconfig } from "../../runtime/testing/controlplane/kubeconfig.ts";
import type { Endpoint } from "../../runtime/testing/controlplane/request.ts";
import { EmbeddedCluster } from "../../runtime/testing/embedded/index.ts";
import { ADMISSION } from "./fidelity/admission.ts";
import { CONVERSIONS } from "./fidelity/conversions.ts";
import { POLICIES } from "./fidelity/policies.ts";
import { Side } from "./fidelity/side.ts";
import { RecordingWebhook } from "./fidelity/webhook.ts";

const SCENARIOS = { ...ADMISSION, ...POLICIES, ...CONVERSIONS };

/** Both servers get the same webhooks, rules and requests: what webhooks are sent and what clients are answered is the same. */
describe("the embedded API server admits and converts as kube-apiserver does", () => {
  let real: ControlPlane;
  let embedded: EmbeddedCluster;
  let endpoints: readonly [Endpoint, Endpoint];
  let webhooks: readonly RecordingWebhook[];
  beforeAll(async () => {
    [real, embedded] = await Promise.all([ControlPlane.start(), EmbeddedCluster.start()]);
    endpoints = [await readKubeconfig(real.kubeconfig), { url: embedded.url }];
    webhooks = await Promise.all([RecordingWebhook.start(), RecordingWebhook.start()]);
  }, 120_000);
  afterAll(() => Promise.all([real.stop(), embedded.stop(), ...webhooks.map((webhook) => webhook.stop())]));

  test.each(Object.keys(SCENARIOS))(
    "%s",
    async (name) => {
      const namespace = `admission-${Object.keys(SCENARIOS).indexOf(name)}`;
      const sides = endpoints.map((endpoint) => new Side(endpoint, namespace));
      await Promise.all(
        sides.map(async (side, index) => {
          await side.send("POST", "/api/v1/namespaces", { body: { metadata: { name: namespace } } });
          const webhook = webhooks[index];
          if (webhook === undefined) throw new Error("there is a webhook for each side");
          webhook.reviews.length = 0;
          await SCENARIOS[name]?.(side, webhook);
        }),
      );
      const [wanted, actual] = sides;
      expect(wanted?.log.length).toBeGreaterThan(0);
      expect(actual?.log).toEqual(wanted?.log);
    },
    60_000,
  );
});
