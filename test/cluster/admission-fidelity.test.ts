import { afterAll, beforeAll, describe, test } from "@jest/globals";
import { ADMISSION } from "./fidelity/admission.ts";
import { BothServers } from "./fidelity/both.ts";
import { CONVERSIONS } from "./fidelity/conversions.ts";
import { POLICIES } from "./fidelity/policies.ts";
import { RecordingWebhook } from "./fidelity/webhook.ts";

const SCENARIOS = { ...ADMISSION, ...POLICIES, ...CONVERSIONS };

/** Both servers get the same webhooks, rules and requests: what webhooks are sent and what clients are answered is the same. */
describe("the embedded API server admits and converts as kube-apiserver does", () => {
  const both = BothServers.forTests();
  let webhooks: readonly RecordingWebhook[];
  beforeAll(async () => {
    webhooks = await Promise.all([RecordingWebhook.start(), RecordingWebhook.start()]);
  });
  afterAll(() => Promise.all(webhooks.map((webhook) => webhook.stop())));

  test.each(Object.keys(SCENARIOS))(
    "%s",
    async (name) => {
      await both.expectSame(`admission-${Object.keys(SCENARIOS).indexOf(name)}`, async (side, index) => {
        const webhook = webhooks[index];
        if (webhook === undefined) throw new Error("there is a webhook for each side");
        webhook.reviews.length = 0;
        await SCENARIOS[name]?.(side, webhook);
      });
    },
    60_000,
  );
});
