import type { X509Certificate } from "node:crypto";
import { expect, test } from "@jest/globals";
import { systemClock } from "../../../../runtime/object/index.ts";
import { connect } from "../../../../runtime/client/index.ts";
import { eventually } from "../../../../runtime/testing/eventually.ts";
import { certificatesIn, isSignedBy, isValidAt, timeOf } from "../../../../runtime/webhook/certificates/bundle.ts";
import { KeptCertificates, ownAuthority, type ServingPair } from "../../../../runtime/webhook/index.ts";
import { recordingLogger } from "../serving.ts";
import { bundlesOf, install, MUTATING, NAMESPACE, SECRET, secretOf, SERVICE, startSite, VALIDATING } from "./operators.ts";

const DAY = 86_400_000;

test("two replicas live through three years by an injected clock: at every moment the configurations trust what each of them shows", async () => {
  await using site = await startSite("embedded");
  await install(site);
  // The date is set forward; timers, which watches need as well, go on as they are.
  let date = Date.parse("2026-01-01T00:00:00Z");
  const clock = { ...systemClock, now: () => date };
  const life = new AbortController();
  const lines: Parameters<typeof recordingLogger>[0] = [];
  const shown = new Map<number, ServingPair>();
  using connection = await connect({ kubeconfig: site.kubeconfig });
  for (const replica of [0, 1]) {
    const kept = new KeptCertificates({
      ...{ client: connection.client, transport: connection.transport, mapper: connection.mapper },
      ...{ serviceName: SERVICE, secretName: "webhook-server-cert", namespace: () => Promise.resolve(NAMESPACE) },
      ...{ clock, random: () => 0.4 * replica, log: recordingLogger(lines) },
      renewal: ownAuthority({}, () => 0.4 * replica),
      propagation: 20,
      targets: () => [
        { kind: MUTATING, name: "mutating-webhook-configuration" },
        { kind: VALIDATING, name: "validating-webhook-configuration" },
      ],
    });
    shown.set(replica, await kept.load());
    kept.watch((pair) => shown.set(replica, pair), life.signal);
  }
  const authorities = new Set<string>();
  const certificates = new Set<string>();
  let writes = 0;

  /** What a call to either replica needs, whenever it comes. */
  async function check(): Promise<void> {
    const [, mutating = "", validating = ""] = await bundlesOf(site);
    for (const bundle of [mutating, validating]) {
      const trusted = certificatesIn(bundle).filter((each) => isValidAt(each, clock.now()));
      for (const { fingerprint256 } of trusted) authorities.add(fingerprint256);
      for (const { cert } of shown.values()) {
        const [certificate] = certificatesIn(cert);
        expect(certificate !== undefined && isValidAt(certificate, clock.now())).toBe(true);
        expect(trusted.some((each) => isSignedBy(certificate as X509Certificate, each))).toBe(true);
        certificates.add(cert);
      }
    }
  }

  await eventually(check);
  const key = { namespace: NAMESPACE, name: "webhook-server-cert" };
  for (const end = date + 3 * 365 * DAY; date < end; date += 5 * DAY) {
    // Whoever changes something has it looked at.
    const { metadata } = await site.client.patch(SECRET, key, "merge", { metadata: { annotations: { touched: String(date) } } });
    await eventually(async () => {
      await check();
      const { "tls.crt": cert = "", "ca.crt": bundle = "" } = await secretOf(site);
      const [certificate] = certificatesIn(cert);
      const [latest] = certificatesIn(bundle);
      if (certificate === undefined || latest === undefined) throw new Error("there is none");
      expect(date).toBeLessThan(timeOf(certificate, 0.73));
      expect(isSignedBy(certificate, latest)).toBe(true);
      expect([...shown.values()].map((pair) => pair.cert)).toEqual([cert, cert]);
    });
    if ((await site.client.get(SECRET, key))?.metadata.resourceVersion !== metadata.resourceVersion) writes++;
  }
  life.abort();
  expect(authorities.size).toBe(5); // one every 243 days
  expect(certificates.size).toBeGreaterThanOrEqual(18); // one every 60 days
  expect(writes).toBeLessThan(30); // and nothing is written in between
  expect(lines.filter(({ message }) => message.includes("mended"))).toEqual([]);
}, 120_000);
