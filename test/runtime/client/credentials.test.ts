import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { loadConnection, Transport } from "../../../runtime/client/index.ts";
import { servingCertificate } from "../../../runtime/webhook/index.ts";
import { DrivenClock } from "../driven-clock.ts";
import { FakeServer } from "../fake-server.ts";

let folder: string;
let clock: DrivenClock;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "kubescaffold-credentials-"));
  clock = new DrivenClock();
});
afterEach(() => rm(folder, { recursive: true }));

async function kubeconfig(server: string, user: object, cluster: object = {}): Promise<string> {
  const path = join(folder, "kubeconfig");
  const config = {
    "current-context": "test",
    contexts: [{ name: "test", context: { cluster: "test", user: "test" } }],
    clusters: [{ name: "test", cluster: { server, ...cluster } }],
    users: [{ name: "test", user }],
  };
  await writeFile(path, JSON.stringify(config));
  return path;
}

describe("credentials that the server does not accept any more", () => {
  let server: FakeServer;
  let transport: Transport;
  let accepted: string;

  beforeEach(async () => {
    server = await FakeServer.start();
    accepted = "old";
    await writeFile(join(folder, "token"), "old");
    const config = await kubeconfig(server.url, { tokenFile: "token" });
    transport = new Transport(() => loadConnection({ kubeconfig: config, clock }), { clock });
    for (const method of ["GET", "POST"]) {
      server.on(`${method} /x`, (exchange) => {
        if (exchange.headers.authorization === `Bearer ${accepted}`) exchange.answer({ ok: true });
        else exchange.fail(401, "Unauthorized");
      });
    }
  });
  afterEach(async () => {
    transport.close();
    await server.stop();
  });

  test.each(["GET", "POST"] as const)("are read anew, and the %s is sent once more", async (method) => {
    await transport.json({ method, path: "/x" });
    accepted = "new";
    await writeFile(join(folder, "token"), "new");
    expect(await transport.json({ method, path: "/x" })).toEqual({ ok: true });
    expect(server.requests).toHaveLength(3);
    await transport.json({ method, path: "/x" });
    expect(server.requests).toHaveLength(4);
  });

  test("open a watch with the new ones, too", async () => {
    await transport.json({ method: "GET", path: "/x" });
    accepted = "new";
    await writeFile(join(folder, "token"), "new");
    const { body } = await transport.stream({ method: "GET", path: "/x" });
    expect(body.statusCode).toBe(200);
    body.resume();
  });

  test("are told as an error when there are no others, without another try", async () => {
    accepted = "other";
    await expect(transport.json({ method: "GET", path: "/x" })).rejects.toMatchObject({ reason: "Unauthorized" });
    expect(server.requests).toHaveLength(1);
  });

  test("are not asked for again and again by one call", async () => {
    accepted = "a third";
    await transport.json({ method: "GET", path: "/x" }).catch(() => undefined);
    await writeFile(join(folder, "token"), "new");
    await expect(transport.json({ method: "GET", path: "/x" })).rejects.toMatchObject({ reason: "Unauthorized" });
    expect(server.requests).toHaveLength(3);
  });
});

test("a CA file that was replaced holds for new connections, within a minute", async () => {
  const [old, renewed] = await Promise.all([certificate(), certificate()]);
  await using first = await secureServer(old);
  const ca = join(folder, "ca.crt");
  await writeFile(ca, old.cert);
  const config = await kubeconfig(first.url, {}, { "certificate-authority": "ca.crt" });
  const transport = new Transport(() => loadConnection({ kubeconfig: config, clock }), { clock, idleConnection: 1 });
  try {
    await transport.json({ method: "GET", path: "/x" });
    first.server.setSecureContext(renewed);
    first.server.closeAllConnections();
    await writeFile(ca, renewed.cert);
    await utimes(ca, new Date(), new Date(Date.now() + 5000));
    await clock.advance(61_000);
    expect(await transport.json({ method: "GET", path: "/x" })).toEqual({ ok: true });

    // While the file is half written, or gone, the last good one holds.
    await writeFile(ca, "nothing yet");
    await utimes(ca, new Date(), new Date(Date.now() + 10_000));
    await clock.advance(61_000);
    expect(await transport.json({ method: "GET", path: "/x" })).toEqual({ ok: true });
    await rm(ca);
    await clock.advance(61_000);
    expect(await transport.json({ method: "GET", path: "/x" })).toEqual({ ok: true });
  } finally {
    transport.close();
  }
});

const certificate = () =>
  servingCertificate({ commonName: "test", names: ["127.0.0.1"], notBefore: Date.now() - 60_000, notAfter: Date.now() + 600_000 });

async function secureServer(tls: { cert: string; key: string }) {
  const server: Server = createServer(tls, (_request, response) => response.end('{"ok":true}'));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  };
  return { server, url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, [Symbol.asyncDispose]: close };
}
