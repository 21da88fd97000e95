import { X509Certificate } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { certificateAuthority, servingCertificate } from "../../../../runtime/webhook/index.ts";
import { certificatesIn, isSignedBy, isValidAt } from "../../../../runtime/webhook/certificates/bundle.ts";
import type { Contents, Situation } from "../../../../runtime/webhook/certificates/contents.ts";
import { ownAuthority } from "../../../../runtime/webhook/certificates/own-authority.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;
const START = Date.parse("2026-01-01T00:00:00Z");
const names = ["webhook-service.system.svc", "webhook-service"];

function situation(now: number, more: Partial<Situation> = {}): Situation {
  return { now, names, namespace: "system", served: [], isTrusted: false, ...more };
}

interface Written {
  now: number;
  contents: Contents;
  done: string;
  fault: string | undefined;
}

/** Does all steps that are due, and returns them, and when to look again. */
async function settle(
  contents: Contents | undefined,
  at: Situation | ((latest: Contents | undefined) => Situation),
  renewal = ownAuthority({}, () => 0),
): Promise<{ steps: Written[]; next: number }> {
  const steps: Written[] = [];
  for (let last = contents; ;) {
    const now = typeof at === "function" ? at(last) : at;
    const step = await renewal.next(last, now);
    if ("lookAgainAt" in step) return { steps, next: step.lookAgainAt };
    steps.push({ now: now.now, contents: step.write, done: step.done, fault: step.fault });
    last = step.write;
    if (steps.length > 5) throw new Error("it never ends");
  }
}

const serving = ({ "tls.crt": cert = "" }: Contents) => new X509Certificate(cert);
const authorities = ({ "ca.crt": bundle = "" }: Contents) => certificatesIn(bundle);
const isTrusted = (certificate: X509Certificate, contents: Contents) => authorities(contents).some((each) => isSignedBy(certificate, each));

async function made(now = START): Promise<Contents> {
  const { steps } = await settle(undefined, situation(now));
  return steps.at(-1)?.contents ?? {};
}

test("through ten years, whoever has a bundle of the last weeks trusts what is served, and what is served has always time left", async () => {
  const history: Written[] = [];
  let now = START;
  let since = now;
  let contents: Contents | undefined;
  while (now < START + 10 * YEAR) {
    // It takes two days until everybody trusts a bundle.
    const begin = contents;
    const trusts = (latest: Contents | undefined) => latest?.["ca.crt"] === begin?.["ca.crt"] && now - since >= 2 * DAY;
    const { steps, next } = await settle(contents, (latest) => situation(now, { isTrusted: trusts(latest) }));
    for (const step of steps) {
      if (step.contents["ca.crt"] !== contents?.["ca.crt"]) since = now;
      contents = step.contents;
      history.push(step);
    }
    expect(next).toBeGreaterThan(now);
    now = Math.min(next, now - since < 2 * DAY ? since + 2 * DAY : Infinity);
    const current = contents ?? {};
    // Until the very moment at which it looks again.
    expect(serving(current).validToDate.getTime() - now).toBeGreaterThan(20 * DAY);
    expect([serving(current), ...authorities(current)].every((each) => isValidAt(each, now - 1))).toBe(true);
    expect(authorities(current).length).toBeLessThanOrEqual(3);
  }
  expect(history.every(({ fault }) => fault === undefined)).toBe(true);
  const signs = history.filter(({ done }) => done.startsWith("the new CA signs"));
  expect(signs.length).toBe(14); // one every two thirds of a year
  expect(history.filter(({ done }) => done.startsWith("dropped")).length).toBeGreaterThanOrEqual(13);
  history.forEach((step, index) => {
    // Those who have not heard of the last two days.
    const before = history.findLast(({ now: then }) => then <= step.now - 2 * DAY) ?? history[index];
    if (before !== undefined && index > 0) expect(isTrusted(serving(step.contents), before.contents)).toBe(true);
    // A server that has not heard of them.
    if (before !== undefined) expect(isTrusted(serving(before.contents), step.contents)).toBe(true);
  });
});

test("a serving certificate is renewed after two thirds of its lifetime, its authority too, each replica a little later", async () => {
  const contents = await made();
  for (const [random, share] of [
    [0, 2 / 3],
    [1, 2 / 3 + 0.05],
  ] as const) {
    const renewal = ownAuthority({}, () => random);
    const { steps, next } = await settle(contents, situation(START), renewal);
    expect(steps).toEqual([]);
    const { validFromDate, validToDate } = serving(contents);
    const due = validFromDate.getTime() + share * (validToDate.getTime() - validFromDate.getTime());
    expect(next).toBe(due);
    expect((await settle(contents, situation(due - 1), renewal)).steps).toEqual([]);
    const [renewed] = (await settle(contents, situation(due), renewal)).steps;
    expect(renewed?.done).toBe("renewed the serving certificate");
    expect(renewed?.contents["ca.crt"]).toBe(contents["ca.crt"]);
    expect(Math.round((serving(renewed?.contents ?? {}).validToDate.getTime() - due) / DAY)).toBe(90);
  }
});

test("a new CA does not sign before everybody trusts it, and nothing is signed for longer than its CA lasts", async () => {
  const late = START + YEAR * 0.7;
  const contents = await made();
  const { steps } = await settle(contents, situation(late));
  const last = steps.at(-1)?.contents ?? {};
  expect(steps.map(({ done }) => done)).toEqual(["made a serving certificate", "made a new CA beside the one that signs"]);
  const [young, old] = authorities(last);
  if (old === undefined || young === undefined) throw new Error("there are not two");
  expect(isSignedBy(serving(last), old)).toBe(true);
  const [promoted] = (await settle(last, situation(late + DAY, { isTrusted: true }))).steps;
  expect(isSignedBy(serving(promoted?.contents ?? {}), young)).toBe(true);
  expect(authorities(promoted?.contents ?? {}).map(({ fingerprint256 }) => fingerprint256)).toEqual(
    [young, old].map(({ fingerprint256 }) => fingerprint256),
  );
  expect(promoted?.contents["ca.crt"]).toBe(last["ca.crt"]); // so nothing has to be made known
  expect(Object.keys(promoted?.contents ?? {})).not.toContain("next-ca.key");
  // Nobody has ever taken the new one over.
  const end = START + YEAR - 10 * DAY;
  const [again] = (await settle(last, situation(end))).steps;
  expect(serving(again?.contents ?? {}).validToDate).toEqual(old.validToDate);
});

describe("contents that are of no use are mended", () => {
  const cases: [string, (contents: Contents) => Contents | Promise<Contents>, string][] = [
    ["nothing", () => ({}), "it is empty"],
    ["emptied", (contents) => Object.fromEntries(Object.keys(contents).map((key) => [key, ""])), "it is empty"],
    [
      "a foreign pair",
      async () => {
        const { cert, key } = await servingCertificate({ commonName: "x", names, notBefore: START, notAfter: START + YEAR });
        return { "tls.crt": cert, "tls.key": key };
      },
      "it holds no ca.key",
    ],
    [
      "a CA that is cut off",
      (contents) => ({ ...contents, "ca.crt": (contents["ca.crt"] ?? "").slice(0, 200) }),
      "ca.key is not the key of a CA",
    ],
    [
      "a key of another CA",
      async (contents) => ({ ...contents, "ca.key": (await made())["ca.key"] ?? "" }),
      "ca.key is not the key of a CA",
    ],
    [
      "an expired CA",
      async () => {
        const old = await made(START - 2 * YEAR);
        return old;
      },
      "its CA has expired",
    ],
    ["no serving certificate", (contents) => ({ ...contents, "tls.crt": "", "tls.key": "" }), "it holds no certificate"],
    [
      "garbage",
      (contents) => ({ ...contents, "tls.crt": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" }),
      "tls.crt is no certificate",
    ],
    ["another key", async (contents) => ({ ...contents, "tls.key": (await made())["tls.key"] ?? "" }), "tls.key is not the key of tls.crt"],
    [
      "another CA's certificate",
      async (contents) => {
        const { "tls.crt": cert = "", "tls.key": key = "" } = await made();
        return { ...contents, "tls.crt": cert, "tls.key": key };
      },
      "tls.crt is not signed by the CA",
    ],
    [
      "other names",
      async (contents) => {
        const [ca] = authorities(contents);
        const authority = { cert: ca?.toString() ?? "", key: contents["ca.key"] ?? "" };
        const other = { commonName: "x", names: ["other.system.svc"], notBefore: START, notAfter: START + YEAR };
        const { cert, key } = await servingCertificate(other, authority);
        return { ...contents, "tls.crt": cert, "tls.key": key };
      },
      "tls.crt is not for webhook-service.system.svc",
    ],
    [
      "a certificate of the future",
      async (contents) => {
        const [ca] = authorities(contents);
        const authority = { cert: ca?.toString() ?? "", key: contents["ca.key"] ?? "" };
        const { cert, key } = await servingCertificate(
          { commonName: "x", names, notBefore: START + DAY, notAfter: START + YEAR },
          authority,
        );
        return { ...contents, "tls.crt": cert, "tls.key": key };
      },
      "tls.crt is not valid yet",
    ],
    [
      "an expired certificate",
      async (contents) => {
        const [ca] = authorities(contents);
        const authority = { cert: ca?.toString() ?? "", key: contents["ca.key"] ?? "" };
        const { cert, key } = await servingCertificate({ commonName: "x", names, notBefore: START - DAY, notAfter: START }, authority);
        return { ...contents, "tls.crt": cert, "tls.key": key };
      },
      "tls.crt has expired",
    ],
  ];
  test.each(cases)("%s", async (_name, damage, fault) => {
    const now = START + HOUR;
    const damaged = await damage(await made());
    const { steps } = await settle(damaged, situation(now));
    expect(steps).toHaveLength(1);
    expect(steps[0]?.fault).toContain(fault);
    const mended = steps[0]?.contents ?? {};
    expect(isTrusted(serving(mended), mended)).toBe(true);
    expect(names.every((name) => serving(mended).checkHost(name) !== undefined)).toBe(true);
  });

  test("with the CA that there is, where that is whole", async () => {
    const contents = await made();
    const { steps } = await settle({ ...contents, "tls.crt": "" }, situation(START));
    expect(steps[0]?.contents["ca.crt"]).toBe(contents["ca.crt"]);
  });

  test("and who trusts what is served still does", async () => {
    const before = await made();
    for (const lost of [undefined, {}]) {
      const { steps } = await settle(lost, situation(START, { served: authorities(before) }));
      expect(isTrusted(serving(before), steps[0]?.contents ?? {})).toBe(true);
    }
    const { steps } = await settle({ ...before, "ca.key": "" }, situation(START));
    expect(isTrusted(serving(before), steps[0]?.contents ?? {})).toBe(true);
  });
});

test("a stranger's authority that signs for itself is not taken for ours", async () => {
  const stranger = await certificateAuthority({ commonName: "stranger", notBefore: START, notAfter: START + YEAR });
  const contents = await made();
  const { steps } = await settle({ ...contents, "next-ca.key": stranger.key }, situation(START + HOUR, { isTrusted: true }));
  expect(steps).toEqual([]);
});

test("a serving certificate that would outlive its authority is refused", () => {
  expect(() => ownAuthority({ serving: "2h", authority: "1h" }, Math.random)).toThrow("cannot be valid for longer");
});
