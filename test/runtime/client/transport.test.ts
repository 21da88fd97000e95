import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { createServer as createSecureServer } from "node:https";
import { createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import { ConnectionError, InvalidResponseError, Transport } from "../../../runtime/client/index.ts";
import { eventually } from "../../../runtime/testing/eventually.ts";
import { servingCertificate } from "../../../runtime/webhook/index.ts";
import { DrivenClock, settle } from "../driven-clock.ts";
import { FakeServer } from "../fake-server.ts";

const certificate = () =>
  servingCertificate({ commonName: "test", names: ["127.0.0.1"], notBefore: Date.now() - 60_000, notAfter: Date.now() + 600_000 });

let server: FakeServer;
let clock: DrivenClock;
let warnings: string[];

beforeEach(async () => {
  server = await FakeServer.start();
  clock = new DrivenClock();
  warnings = [];
});
afterEach(() => server.stop());

const newTransport = (options = {}) => server.transport({ clock, random: () => 0, onWarning: (text) => warnings.push(text), ...options });

/** Lets every pause go by until the work settles. */
async function passingTime<T>(work: Promise<T>): Promise<T> {
  let settled = false;
  const done = () => (settled = true);
  work.then(done, done);
  await eventually(async () => {
    await clock.advance(1000);
    expect(settled).toBe(true);
  });
  return work;
}

describe("a call", () => {
  test("reuses its connection", async () => {
    const transport = newTransport();
    server.on("GET /x", (exchange) => exchange.answer({ ok: true }));
    for (let call = 0; call < 3; call++) expect(await transport.json({ method: "GET", path: "/x" })).toEqual({ ok: true });
    expect(new Set(server.requests.map(({ socket }) => socket)).size).toBe(1);
  });

  test("closes connections that were idle for long, before the server does", async () => {
    const transport = newTransport({ idleConnection: 20 });
    server.on("GET /x", (exchange) => exchange.answer({}));
    await transport.json({ method: "GET", path: "/x" });
    const [first] = server.requests;
    if (first?.socket.destroyed === false) await once(first.socket, "close");
    await transport.json({ method: "GET", path: "/x" });
    expect(server.requests[1]?.socket).not.toBe(first?.socket);
  });

  test("that may be repeated is repeated when the server closes its idle connection in that moment", async () => {
    const transport = newTransport();
    server.on("GET /x", (exchange) => exchange.answer({ ok: true }));
    await transport.json({ method: "GET", path: "/x" });
    const again = transport.json({ method: "GET", path: "/y" });
    (await server.next("GET /y")).cut();
    server.on("GET /y", (exchange) => exchange.answer({ ok: "again" }));
    expect(await passingTime(again)).toEqual({ ok: "again" });
  });

  test.each([
    ["POST", undefined],
    ["DELETE", undefined],
    ["PATCH", "application/merge-patch+json"],
  ] as const)("that may not be repeated (%s) is told of a broken connection, and sent once", async (method, contentType) => {
    const call = newTransport().json({ method, path: "/x", body: {}, ...(contentType !== undefined && { contentType }) });
    (await server.next(`${method} /x`)).cut();
    await expect(call).rejects.toBeInstanceOf(ConnectionError);
    expect(clock.pending).toEqual([]);
    expect(server.requests).toHaveLength(1);
  });

  test.each([
    ["PUT", undefined, undefined],
    ["PATCH", "application/apply-patch+yaml", undefined],
    ["POST", undefined, true],
  ] as const)("%s of type %p is repeated when the connection breaks in its answer", async (method, contentType, repeatable) => {
    const request = { method, path: "/x", body: {}, ...(contentType && { contentType }), ...(repeatable && { repeatable }) };
    const call = newTransport().json(request);
    const first = await server.next(`${method} /x`);
    first.raw('{"half":');
    await settle(20);
    first.cut();
    server.on(`${method} /x`, (exchange) => exchange.answer({ whole: true }));
    expect(await passingTime(call)).toEqual({ whole: true });
  });

  test("gives up after five tries", async () => {
    server.on("GET /x", (exchange) => exchange.cut());
    await expect(passingTime(newTransport().json({ method: "GET", path: "/x" }))).rejects.toBeInstanceOf(ConnectionError);
    expect(server.requests).toHaveLength(5);
  });

  test("waits as long as a 429 or 503 asks, whatever its method", async () => {
    const call = newTransport().json({ method: "POST", path: "/x", body: {} });
    (await server.next("POST /x")).fail(429, "TooManyRequests", "slow down", { "retry-after": "3" });
    await eventually(() => expect(clock.pending).toEqual([3000]));
    await clock.advance(3000);
    (await server.next("POST /x")).fail(503, "ServiceUnavailable", "not yet", { "retry-after": "1" });
    await eventually(() => expect(clock.pending).toEqual([1000]));
    await clock.advance(1000);
    (await server.next("POST /x")).answer({ ok: true });
    expect(await call).toEqual({ ok: true });
  });

  test("waits until the date that is named", async () => {
    const call = newTransport().json({ method: "GET", path: "/x" });
    const date = new Date(clock.now() + 7000).toUTCString();
    (await server.next("GET /x")).fail(429, "TooManyRequests", "slow down", { "retry-after": date });
    await eventually(() => expect(clock.pending).toEqual([7000]));
    await clock.advance(7000);
    (await server.next("GET /x")).answer({ ok: true });
    expect(await call).toEqual({ ok: true });
  });

  test("is told at once when the server asks for more patience than a call has, also in parts", async () => {
    const transport = newTransport({ timeout: 10_000 });
    const first = transport.json({ method: "GET", path: "/x" });
    (await server.next("GET /x")).fail(503, "ServiceUnavailable", "not yet", { "retry-after": "3600" });
    await expect(first).rejects.toMatchObject({ retryAfter: 3_600_000 });
    const second = transport.json({ method: "GET", path: "/x" });
    const told = expect(second).rejects.toMatchObject({ retryAfter: 6000 });
    (await server.next("GET /x")).fail(503, "ServiceUnavailable", "not yet", { "retry-after": "6" });
    await eventually(() => expect(clock.pending).toEqual([6000]));
    await clock.advance(6000);
    (await server.next("GET /x")).fail(503, "ServiceUnavailable", "not yet", { "retry-after": "6" });
    await told;
  });

  test("pauses for longer and longer when the server asks for no time at all", async () => {
    const call = newTransport().json({ method: "GET", path: "/x" });
    for (const pause of [100, 200, 400]) {
      (await server.next("GET /x")).fail(429, "TooManyRequests", "slow down", { "retry-after": "0" });
      await eventually(() => expect(clock.pending).toEqual([pause]));
      await clock.advance(pause);
    }
    (await server.next("GET /x")).answer({ ok: true });
    expect(await call).toEqual({ ok: true });
  });

  test("that may be repeated is repeated after other faults of the server that name a time; one that may not is not", async () => {
    const read = newTransport().json({ method: "GET", path: "/x" });
    (await server.next("GET /x")).fail(504, "Timeout", "not done", { "retry-after": "1" });
    await eventually(() => expect(clock.pending).toEqual([1000]));
    await clock.advance(1000);
    (await server.next("GET /x")).answer({ ok: true });
    expect(await read).toEqual({ ok: true });
    const create = newTransport().json({ method: "POST", path: "/x", body: {} });
    (await server.next("POST /x")).fail(504, "Timeout", "perhaps done", { "retry-after": "1" });
    await expect(create).rejects.toMatchObject({ reason: "Timeout" });
  });

  test("is not repeated after a 503 that asks for nothing, or a 500", async () => {
    for (const status of [500, 503]) {
      const call = newTransport().json({ method: "GET", path: "/x" });
      (await server.next("GET /x")).fail(status, "InternalError");
      await expect(call).rejects.toMatchObject({ status });
    }
  });

  test("is given up when no answer comes in its time, and not repeated", async () => {
    const call = newTransport({ timeout: 5000 }).json({ method: "GET", path: "/x" });
    const silent = await server.next("GET /x");
    const rejected = expect(call).rejects.toThrow("no answer within 5 s");
    await clock.advance(5000);
    await rejected;
    expect(server.requests).toHaveLength(1);
    await eventually(() => expect(silent.closed).toBe(true));
  });

  test("is given up when its answer stops in the middle, but not while it goes on", async () => {
    const call = newTransport({ timeout: 5000 }).json({ method: "GET", path: "/x" });
    const slow = await server.next("GET /x");
    slow.raw('{"half');
    await eventually(() => expect(clock.pending).toEqual([5000]));
    await clock.advance(4000);
    slow.raw("way");
    await eventually(() => expect(clock.pending).toEqual([5000]));
    const rejected = expect(call).rejects.toThrow("no answer within 5 s");
    await clock.advance(5000);
    await rejected;
  });

  test("ends with the reason of its signal, wherever it is", async () => {
    const life = new AbortController();
    const call = newTransport().json({ method: "GET", path: "/x", signal: life.signal });
    const asked = await server.next("GET /x");
    life.abort(new Error("enough"));
    await expect(call).rejects.toThrow("enough");
    await eventually(() => expect(asked.closed).toBe(true));
    await expect(newTransport().json({ method: "GET", path: "/x", signal: life.signal })).rejects.toThrow("enough");
    expect(clock.pending).toEqual([]);
  });

  test("leaves no timer behind", async () => {
    server.on("GET /x", (exchange) => exchange.answer({}));
    await newTransport().json({ method: "GET", path: "/x" });
    expect(clock.pending).toEqual([]);
  });

  test("tells a proxy's page in one line", async () => {
    const call = newTransport().json({ method: "GET", path: "/x" });
    (await server.next("GET /x")).text("<html>\n<h1>502 Bad\n Gateway</h1></html>", 502, { "content-type": "text/html" });
    await expect(call).rejects.toMatchObject({ message: "GET /x: HTTP 502: 502 Bad Gateway", status: 502, reason: "InternalError" });
  });

  test("tells of an answer that is no JSON without telling what it says", async () => {
    const call = newTransport().json({ method: "GET", path: "/x" });
    (await server.next("GET /x")).text('{"data":{"password":"c2VjcmV0');
    const error: unknown = await call.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InvalidResponseError);
    expect(JSON.stringify([String(error), (error as Error).cause])).not.toContain("c2VjcmV0");
  });

  test("tells each warning of the server once", async () => {
    server.on("GET /x", (exchange) => exchange.answer({}, 200, { warning: '299 - "v1 \\"Old\\" is deprecated"' }));
    const transport = newTransport();
    for (let call = 0; call < 2; call++) await transport.json({ method: "GET", path: "/x" });
    expect(warnings).toEqual(['v1 "Old" is deprecated']);
  });
});

test("a server that cannot be reached is named in one line, and is not tried again", async () => {
  const closed = createServer().listen(0, "127.0.0.1");
  await once(closed, "listening");
  const { port } = closed.address() as { port: number };
  closed.close();
  const config = { server: `http://127.0.0.1:${port}`, tls: {}, authenticate: () => Promise.resolve({}), namespace: "default" };
  const transport = new Transport(() => Promise.resolve(config), { clock });
  await expect(transport.json({ method: "GET", path: "/x" })).rejects.toMatchObject({
    code: "connection",
    message: `cannot reach the API server at http://127.0.0.1:${port}: connect ECONNREFUSED 127.0.0.1:${port}`,
  });
});

describe("a POST whose connection breaks", () => {
  test("before any of it was sent is sent again, over another one", async () => {
    const { cert, key } = await certificate();
    const secure = createSecureServer({ cert, key }, (_request, response) => response.end('{"ok":true}'));
    let connections = 0;
    const raw = createServer((socket) => {
      if (++connections === 1)
        socket.resetAndDestroy(); // in the middle of the handshake
      else secure.emit("connection", socket);
    });
    await new Promise<void>((resolve) => raw.listen(0, "127.0.0.1", resolve));
    const config = {
      server: `https://127.0.0.1:${(raw.address() as AddressInfo).port}`,
      tls: { ca: cert },
      authenticate: () => Promise.resolve({}),
      namespace: "default",
    };
    const transport = new Transport(() => Promise.resolve(config), { clock, random: () => 0 });
    try {
      expect(await passingTime(transport.json({ method: "POST", path: "/x", body: {} }))).toEqual({ ok: true });
      expect(connections).toBe(2);
    } finally {
      transport.close();
      secure.closeAllConnections();
      raw.close();
    }
  });

  test("while it lay idle is told, though it was the server who closed it: nobody knows what it has read", async () => {
    const transport = newTransport();
    server.on("GET /x", (exchange) => exchange.answer({}));
    await transport.json({ method: "GET", path: "/x" });
    const create = transport.json({ method: "POST", path: "/x", body: {} });
    server.requests[0]?.cut(); // the bytes are on their way
    await expect(create).rejects.toMatchObject({ code: "connection", nothingSent: false });
    expect(clock.pending).toEqual([]);
  });
});

test("certificates that cannot be read are the kubeconfig's fault", async () => {
  const tls = { cert: "-----BEGIN CERTIFICATE-----\nnonsense", key: "none" };
  const config = { server: "https://127.0.0.1:1", tls, authenticate: () => Promise.resolve({}), namespace: "default" };
  await expect(new Transport(() => Promise.resolve(config)).json({ method: "GET", path: "/x" })).rejects.toMatchObject({
    code: "kubeconfig",
  });
});
