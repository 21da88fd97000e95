import { beforeAll, describe, expect, test } from "@jest/globals";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { execFileSync, spawnSync } from "node:child_process";
import { once } from "node:events";
import https from "node:https";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { certificateAuthority, servingCertificate, type KeyPair } from "../../../runtime/webhook/index.ts";

const now = Date.now();
const times = { notBefore: now - 3_600_000, notAfter: now + 86_400_000 };
const names = ["webhook.system.svc", "localhost", "127.0.0.1", "::1", "2001:db8::ff00:42:8329", "::ffff:10.1.2.3"];

let authority: KeyPair;
let serving: KeyPair;
let alone: KeyPair;

beforeAll(async () => {
  authority = await certificateAuthority({ commonName: "test authority", ...times });
  serving = await servingCertificate({ commonName: "webhook", names, ...times }, authority);
  alone = await servingCertificate({ commonName: "alone", names: ["localhost"], ...times });
});

describe("a serving certificate", () => {
  test("is signed by its authority, for the names that it is asked for", () => {
    const [certificate, issuer] = [new X509Certificate(serving.cert), new X509Certificate(authority.cert)];
    expect(certificate.verify(issuer.publicKey)).toBe(true);
    expect(certificate.checkIssued(issuer)).toBe(true);
    expect(certificate.checkPrivateKey(createPrivateKey(serving.key))).toBe(true);
    expect(certificate.ca).toBe(false);
    expect(certificate.checkHost("webhook.system.svc")).toBe("webhook.system.svc");
    expect(certificate.checkHost("other.system.svc")).toBeUndefined();
    for (const address of names.slice(2)) expect(certificate.checkIP(address)).toBe(address);
    expect(certificate.subject).toBe("CN=webhook");
    expect(certificate.issuer).toBe("CN=test authority");
  });

  test("is valid from and to the second that it is asked for, beyond 2049 too", async () => {
    const certificate = new X509Certificate(serving.cert);
    expect(Date.parse(certificate.validFrom)).toBe(Math.floor(times.notBefore / 1000) * 1000);
    expect(Date.parse(certificate.validTo)).toBe(Math.floor(times.notAfter / 1000) * 1000);
    const late = { commonName: "late", names: ["a"], notBefore: now, notAfter: Date.parse("2077-06-01T00:00:00Z") };
    expect(Date.parse(new X509Certificate((await servingCertificate(late)).cert).validTo)).toBe(late.notAfter);
  });

  test("has a serial number and a key of its own each time", async () => {
    const again = await servingCertificate({ commonName: "webhook", names, ...times }, authority);
    expect(new X509Certificate(again.cert).serialNumber).not.toBe(new X509Certificate(serving.cert).serialNumber);
    expect(again.key).not.toBe(serving.key);
  });

  test("may be signed by itself", () => {
    const certificate = new X509Certificate(alone.cert);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.issuer).toBe(certificate.subject);
  });

  test("is refused without a name, or of an authority that is none", async () => {
    await expect(servingCertificate({ commonName: "x", names: [], ...times })).rejects.toThrow("at least one name");
    await expect(servingCertificate({ commonName: "x", names: ["x"], ...times }, alone)).rejects.toThrow("is no authority's");
  });

  test.each([
    ["that trusts the authority", () => [serving, authority.cert] as const],
    ["that trusts just this certificate", () => [alone, alone.cert] as const],
  ])("convinces a client %s", async (_name, pair) => {
    const [{ cert, key }, ca] = pair();
    const server = https.createServer({ cert, key }, (_request, response) => response.end("ok")).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const [response] = (await once(https.get({ host: "127.0.0.1", port, ca, servername: "localhost", agent: false }), "response")) as [
      { statusCode: number; resume(): void },
    ];
    response.resume();
    expect(response.statusCode).toBe(200);
    const stranger = https.get({ host: "127.0.0.1", port, servername: "localhost", agent: false });
    await expect(once(stranger, "response")).rejects.toMatchObject({ code: expect.stringMatching(/SELF_SIGNED|UNABLE_TO_/) });
    server.closeAllConnections();
    server.close();
  });
});

const program = "openssl";
const openssl = spawnSync(program, ["version"]).status === 0;
// Not every machine has it. What it says is what the tests above ask Node of, which is built on it too.
(openssl ? describe : describe.skip)("openssl", () => {
  test("accepts the chain strictly, and reads the extensions as RFC 5280 has them", async () => {
    const folder = await mkdtemp(join(tmpdir(), "kubescaffold-openssl-"));
    const [ca, leaf] = [join(folder, "ca.pem"), join(folder, "leaf.pem")];
    await writeFile(ca, authority.cert);
    await writeFile(leaf, serving.cert);
    const verified = execFileSync(program, ["verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", ca, leaf], {
      encoding: "utf8",
    });
    expect(verified).toBe(`${leaf}: OK\n`);
    const show = (file: string) => execFileSync(program, ["x509", "-in", file, "-noout", "-text"], { encoding: "utf8" });
    expect(show(ca)).toMatch(/Version: 3.*Basic Constraints: critical\s+CA:TRUE, pathlen:0.*/s);
    expect(show(ca)).toMatch(/Key Usage: critical\s+Certificate Sign, CRL Sign/);
    expect(show(leaf)).toMatch(/Basic Constraints: critical\s+CA:FALSE/);
    expect(show(leaf)).toMatch(/Key Usage: critical\s+Digital Signature\n/);
    expect(show(leaf)).toMatch(/Extended Key Usage: \s*TLS Web Server Authentication/);
    const [, identifier] = /Subject Key Identifier: \s*([0-9A-F:]+)/.exec(show(ca)) ?? [];
    expect(show(leaf)).toMatch(new RegExp(`Authority Key Identifier: \\s*(keyid:)?${identifier ?? "none"}`));
    await rm(folder, { recursive: true });
  });
});
