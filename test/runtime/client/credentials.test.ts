import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer as createPlainServer, type RequestListener } from "node:http";
import { createServer, type Server, type ServerOptions } from "node:https";
import { connect as connectTo, type AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
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

  test("are renewed once for however many calls are refused", async () => {
    await transport.json({ method: "GET", path: "/x" });
    accepted = "new";
    let renewals = 0;
    const config = {
      server: server.url,
      tls: {},
      namespace: "default",
      authenticate: (refused = false) => {
        if (refused) renewals++;
        return Promise.resolve({ authorization: `Bearer ${renewals === 0 ? "old" : "new"}` });
      },
    };
    const renewing = new Transport(() => Promise.resolve(config), { clock });
    await Promise.all(Array.from({ length: 20 }, () => renewing.json({ method: "GET", path: "/x" })));
    renewing.close();
    expect(renewals).toBe(1);
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

describe("a credential plugin that answers with a client certificate", () => {
  test("is asked again when that is not accepted any more, and the call is sent with the new one", async () => {
    const [serving, old, renewed] = await Promise.all([certificate(), certificate("old"), certificate("new")]);
    let accepted = "old";
    await using secure = await secureServer({ ...serving, requestCert: true, rejectUnauthorized: false }, ({ socket }, response) => {
      if (socket instanceof TLSSocket && socket.getPeerCertificate().subject.CN === accepted) response.end('{"ok":true}');
      else response.writeHead(401).end("{}");
    });
    const answer = async ({ cert, key }: { cert: string; key: string }) => {
      const status = { clientCertificateData: cert, clientKeyData: key };
      const credential = { apiVersion: "client.authentication.k8s.io/v1", kind: "ExecCredential", status };
      await writeFile(join(folder, "answer"), JSON.stringify(credential));
    };
    await answer(old);
    const exec = {
      apiVersion: "client.authentication.k8s.io/v1",
      command: "cat",
      args: [join(folder, "answer")],
      interactiveMode: "Never",
    };
    const ca = { "certificate-authority-data": Buffer.from(serving.cert).toString("base64") };
    const config = await kubeconfig(secure.url, { exec }, ca);
    const transport = new Transport(() => loadConnection({ kubeconfig: config, clock }), { clock });
    try {
      expect(await transport.json({ method: "GET", path: "/x" })).toEqual({ ok: true });
      accepted = "new";
      await answer(renewed);
      const calls = Array.from({ length: 5 }, () => transport.json({ method: "POST", path: "/x", body: {} }));
      expect(await Promise.all(calls)).toEqual(Array(5).fill({ ok: true }));
    } finally {
      transport.close();
    }
  }, 30_000);
});

describe("an HTTP proxy", () => {
  /** A proxy that tunnels whatever it is asked to, and notes it. */
  async function proxy() {
    const asked: [target: string | undefined, authorization: string | undefined][] = [];
    const server = createPlainServer();
    const open = new Set<Duplex>();
    server.on("connect", (request, socket) => {
      asked.push([request.url, request.headers["proxy-authorization"]]);
      if (request.url?.startsWith("refused") === true) {
        socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
        return;
      }
      const { hostname, port } = new URL(`http://${request.url ?? ""}`);
      const upstream = connectTo(Number(port), hostname, () => {
        socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
        socket.pipe(upstream).pipe(socket);
      });
      for (const each of [socket, upstream]) open.add(each.on("error", () => undefined));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const close = () => {
      for (const each of open) each.destroy();
      server.close();
    };
    return { asked, host: `127.0.0.1:${(server.address() as AddressInfo).port}`, [Symbol.dispose]: close };
  }

  test("is gone through by calls and watches, in a tunnel that it cannot look into", async () => {
    using through = await proxy();
    const serving = await certificate();
    await using secure = await secureServer(serving);
    const ca = { "certificate-authority-data": Buffer.from(serving.cert).toString("base64") };
    const config = await kubeconfig(secure.url, {}, { ...ca, "proxy-url": `http://me:s%20cret@${through.host}` });
    const transport = new Transport(() => loadConnection({ kubeconfig: config, clock }), { clock });
    try {
      for (let call = 0; call < 2; call++) expect(await transport.json({ method: "GET", path: "/x" })).toEqual({ ok: true });
      const { body } = await transport.stream({ method: "GET", path: "/x" });
      body.resume();
      const authorization = `Basic ${Buffer.from("me:s cret").toString("base64")}`;
      const target = secure.url.replace("https://", "");
      expect(through.asked).toEqual([
        [target, authorization], // both calls
        [target, authorization], // the watch
      ]);
    } finally {
      transport.close();
    }
  });

  test("that refuses, or is not there, is named in one line", async () => {
    using through = await proxy();
    const calling = async (host: string) => {
      const config = await kubeconfig("https://refused:6443", {}, { "proxy-url": `http://${host}` });
      const transport = new Transport(() => loadConnection({ kubeconfig: config, clock }), { clock });
      return transport.json({ method: "GET", path: "/x" });
    };
    await expect(calling(through.host)).rejects.toMatchObject({
      code: "connection",
      message: `cannot reach the API server at https://refused:6443: the proxy ${through.host} does not connect to refused:6443: 403 Forbidden`,
    });
    await expect(calling("127.0.0.1:1")).rejects.toMatchObject({
      message: expect.stringMatching(/the proxy 127\.0\.0\.1:1 cannot be reached: connect ECONNREFUSED/),
    });
  });
});

const certificate = (commonName = "test") =>
  servingCertificate({ commonName, names: ["127.0.0.1"], notBefore: Date.now() - 60_000, notAfter: Date.now() + 600_000 });

async function secureServer(
  tls: ServerOptions,
  listener: RequestListener = (_request, response) => {
    response.end('{"ok":true}');
  },
) {
  const server: Server = createServer(tls, listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  };
  return { server, url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, [Symbol.asyncDispose]: close };
}
