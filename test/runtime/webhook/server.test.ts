import { mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { Agent, request } from "node:https";
import { connect as connectPlain } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { once } from "node:events";
import { connect, type TLSSocket } from "node:tls";
import { expect, test } from "@jest/globals";
import { silentLogger, systemClock, type Clock } from "../../../runtime/object/index.ts";
import { eventually } from "../../../runtime/testing/eventually.ts";
import { allowed, certificateFiles, type ServingPair, type WebhookMetrics, type WebhookServer } from "../../../runtime/webhook/index.ts";
import { DrivenClock, settle } from "../driven-clock.ts";
import { HandHeldCertificate, localCertificate, post, reviewIn, reviewOf, serve } from "./serving.ts";

const allow = (server: WebhookServer) => server.handle("/allow", { handle: () => allowed() });

test("requests that are none are refused by HTTP status", async () => {
  await using served = await serve(allow, { bodyLimit: 1000 });
  const code = async (path: string, body: unknown, headers?: Record<string, string>) => (await served.post(path, body, headers)).code;
  expect(await code("/allow", "")).toBe(400);
  expect(await code("/allow", reviewOf(), { "content-type": "text/plain" })).toBe(415);
  expect(await code("/allow", reviewOf(), { "content-type": "application/json; charset=latin1" })).toBe(415);
  expect(await code("/allow", reviewOf(), { "content-encoding": "gzip" })).toBe(415);
  expect(await code("/allow", "x".repeat(1001))).toBe(413);
  expect(await code("/allow", "x".repeat(100_000))).toBe(413);
  expect(await code("/elsewhere", reviewOf())).toBe(404);
  expect(await code("/allow", reviewOf(), { "content-type": "Application/JSON; charset=UTF-8" })).toBe(200);
});

test("a review of 3 MiB is taken, a larger one is not", async () => {
  await using served = await serve(allow);
  const review = JSON.stringify(reviewOf());
  expect((await served.post("/allow", review.padEnd(3 * 1024 * 1024))).code).toBe(200);
  expect((await served.post("/allow", review.padEnd(3 * 1024 * 1024 + 1))).code).toBe(413);
});

test("only POST is answered", async () => {
  await using served = await serve(allow);
  const agent = new Agent({ rejectUnauthorized: false });
  const sent = request({ host: "127.0.0.1", port: served.port, path: "/allow", agent }).end();
  const [response] = (await once(sent, "response")) as [{ statusCode: number; headers: Record<string, string>; resume(): void }];
  response.resume();
  expect(response).toMatchObject({ statusCode: 405, headers: { allow: "POST" } });
});

test("a path is served by one thing, and is a path", async () => {
  await using served = await serve(allow);
  expect(() => served.server.authenticate("/allow", { authenticate: () => undefined })).toThrow("/allow serves something else already");
  expect(() => served.server.handle("allow", { handle: () => allowed() })).toThrow('"allow" is no path');
});

/** A TLS connection as the API server opens it. */
async function open(port: number, options: object = {}): Promise<TLSSocket> {
  const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false, ALPNProtocols: ["http/1.1"], ...options });
  await once(socket, "secureConnect");
  return socket;
}

test("TLS is 1.2 or newer and speaks HTTP/1.1", async () => {
  await using served = await serve(allow);
  await expect(open(served.port, { maxVersion: "TLSv1.1", minVersion: "TLSv1" })).rejects.toThrow();
  await expect(open(served.port, { ALPNProtocols: ["h2"] })).rejects.toThrow();
  const socket = await open(served.port, { ALPNProtocols: ["h2", "http/1.1"], maxVersion: "TLSv1.2" });
  expect([socket.getProtocol(), socket.alpnProtocol]).toEqual(["TLSv1.2", "http/1.1"]);
  socket.destroy();
});

test("plain HTTP on the TLS port is a closed connection, and nothing else is disturbed", async () => {
  await using served = await serve(allow);
  const socket = connectPlain({ host: "127.0.0.1", port: served.port });
  socket.on("error", () => undefined).write("POST /allow HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}");
  const received: Buffer[] = [];
  socket.on("data", (part: Buffer) => received.push(part));
  await once(socket, "close");
  expect(Buffer.concat(received).toString()).not.toContain("HTTP/1.1 200");
  expect(reviewIn(await served.post("/allow", reviewOf())).response.allowed).toBe(true);
});

test("a sender that takes too long with its headers, or with its body, is cut off", async () => {
  await using served = await serve(allow, { receiveTimeout: 200 });
  for (const start of [
    "POST /allow HT",
    "POST /allow HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{",
  ]) {
    const socket = await open(served.port);
    socket.on("error", () => undefined).write(start);
    socket.resume();
    await once(socket, "close");
  }
});

test("a sender that closes its half after the request gets its answer", async () => {
  await using served = await serve(allow);
  const socket = await open(served.port, { allowHalfOpen: true });
  const body = JSON.stringify(reviewOf());
  socket.end(
    `POST /allow HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  const parts: Buffer[] = [];
  socket.on("data", (part: Buffer) => parts.push(part));
  await once(socket, "close");
  expect(Buffer.concat(parts).toString()).toContain('"allowed":true');
});

test("a caller that goes away aborts the handler's signal", async () => {
  let signal: AbortSignal | undefined;
  await using served = await serve((server) =>
    server.handle("/slow", {
      handle(admission) {
        ({ signal } = admission);
        return new Promise(() => undefined);
      },
    }),
  );
  const agent = new Agent({ rejectUnauthorized: false });
  const answer = post(agent, served.port, "/slow", reviewOf());
  await eventually(() => expect(signal).toBeDefined(), { interval: 1 });
  agent.destroy();
  await expect(answer).rejects.toThrow();
  await eventually(() => expect(signal?.aborted).toBe(true), { interval: 1 });
});

/** The name in the certificate that a new connection is shown. */
async function shownName(port: number): Promise<string> {
  const socket = await open(port);
  const name = String(socket.getPeerCertificate().subject.CN);
  socket.destroy();
  return name;
}

test("a new certificate is shown to new connections, while old ones go on", async () => {
  const certificates = new HandHeldCertificate(await localCertificate("old"));
  await using served = await serve(allow, { certificates });
  const agent = new Agent({ keepAlive: true, rejectUnauthorized: false, maxSockets: 1 });
  await post(agent, served.port, "/allow", reviewOf());
  const [before] = Object.values(agent.freeSockets).flat();
  certificates.exchange(await localCertificate("new"));
  expect(await shownName(served.port)).toBe("new");
  await post(agent, served.port, "/allow", reviewOf());
  expect(Object.values(agent.freeSockets).flat()[0]).toBe(before);
  agent.destroy();
});

/** A folder as the kubelet mounts a Secret: links to a folder that is exchanged as a whole. */
class MountedSecret implements AsyncDisposable {
  readonly path: string;
  #version = 0;

  private constructor(path: string) {
    this.path = path;
  }

  static async create(pair: ServingPair): Promise<MountedSecret> {
    const secret = new MountedSecret(await mkdtemp(join(tmpdir(), "webhook-certificate-")));
    await secret.write(pair);
    for (const file of ["tls.crt", "tls.key"]) await symlink(join("..data", file), join(secret.path, file));
    return secret;
  }

  async write({ cert, key }: ServingPair): Promise<void> {
    const folder = await mkdtemp(join(this.path, `..${++this.#version}`));
    await writeFile(join(folder, "tls.crt"), cert);
    await writeFile(join(folder, "tls.key"), key);
    await symlink(folder, join(this.path, "..data_tmp"));
    await rename(join(this.path, "..data_tmp"), join(this.path, "..data"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true });
  }
}

test("certificate files that are exchanged are read again at once", async () => {
  await using secret = await MountedSecret.create(await localCertificate("old"));
  const clock = new DrivenClock(); // it stands still, so nothing but the file system tells of the change
  await using served = await serve(allow, { certificates: certificateFiles({ path: secret.path, clock, log: silentLogger }) });
  expect(await shownName(served.port)).toBe("old");
  await secret.write(await localCertificate("new"));
  await eventually(async () => expect(await shownName(served.port)).toBe("new"));
});

test("files that are no pair are passed over, and looked at again", async () => {
  const [old, other, next] = await Promise.all([localCertificate("old"), localCertificate("other"), localCertificate("new")]);
  await using secret = await MountedSecret.create(old);
  const clock = new DrivenClock();
  await using served = await serve(allow, { certificates: certificateFiles({ path: secret.path, clock, log: silentLogger }) });
  await secret.write({ cert: next.cert, key: other.key });
  await clock.advance(10_000);
  expect(await shownName(served.port)).toBe("old");
  await secret.write(next);
  await eventually(async () => {
    await clock.advance(10_000);
    expect(await shownName(served.port)).toBe("new");
  });
});

test("without a usable certificate the server does not start, and says which file it is", async () => {
  const path = await mkdtemp(join(tmpdir(), "webhook-certificate-"));
  const certificates = certificateFiles({ path, clock: new DrivenClock(), log: silentLogger });
  await expect(serve(allow, { certificates })).rejects.toThrow(`cannot be read from ${join(path, "tls.crt")}; correct --webhook-cert-path`);
  const [one, other] = await Promise.all([localCertificate(), localCertificate()]);
  await writeFile(join(path, "tls.crt"), one.cert);
  await writeFile(join(path, "tls.key"), other.key);
  await expect(serve(allow, { certificates })).rejects.toThrow(/do not work together/);
  await rm(path, { recursive: true });
});

test("stopping answers what is under way and takes nothing new", async () => {
  let answer: (() => void) | undefined;
  await using served = await serve((server) =>
    server.handle("/slow", { handle: () => new Promise((resolve) => (answer = () => resolve(allowed()))) }),
  );
  expect(() => served.server.check()).not.toThrow();
  const under = served.post("/slow", reviewOf());
  await eventually(() => expect(answer).toBeDefined(), { interval: 1 });
  let stopped = false;
  const stopping = served.server.stop().then(() => (stopped = true));
  await settle();
  expect(stopped).toBe(false);
  expect(() => served.server.check()).toThrow("does not listen");
  await expect(post(new Agent({ rejectUnauthorized: false }), served.port, "/slow", reviewOf())).rejects.toThrow("ECONNREFUSED");
  answer?.();
  const { headers, text } = await under;
  expect(headers.connection).toBe("close");
  expect(text).toContain('"allowed":true');
  await stopping;
});

test("a connection that nothing was asked by yet does not keep the server from stopping", async () => {
  const served = await serve(allow);
  const unused = connect({ host: "127.0.0.1", port: served.port, rejectUnauthorized: false });
  await once(unused, "secureConnect");
  unused.resume();
  const closed = once(unused, "close");
  await served.server.stop({ grace: "1h" });
  await closed;
});

test("a request that does not end is broken off when the grace is over", async () => {
  const clock = new DrivenClock();
  let asked = false;
  await using served = await serve(
    (server) =>
      server.handle("/slow", {
        handle() {
          asked = true;
          return new Promise(() => undefined);
        },
      }),
    { clock },
  );
  const under = expect(served.post("/slow?timeout=10m", reviewOf())).rejects.toThrow();
  await eventually(() => expect(asked).toBe(true), { interval: 1 });
  const stopping = served.server.stop({ grace: "5s" });
  await clock.advance(5000);
  await stopping;
  await under;
});

test("while it drains, the server goes on to answer and asks each connection to close", async () => {
  const clock = new DrivenClock();
  await using served = await serve(allow, { clock });
  await served.post("/allow", reviewOf());
  const stopping = served.server.stop({ drain: "5s" });
  const { code, headers } = await served.post("/allow", reviewOf());
  expect([code, headers.connection]).toEqual([200, "close"]);
  await clock.advance(5000);
  await stopping;
});

test("a draining server leaves connections open that look idle: their next request may be on its way", async () => {
  const clock = new DrivenClock();
  await using served = await serve(allow, { clock });
  const ask = (agent: Agent) => post(agent, served.port, "/allow", reviewOf());
  const [idle, busy] = [new Agent({ keepAlive: true, rejectUnauthorized: false }), new Agent({ rejectUnauthorized: false })];
  await ask(idle);
  const [socket] = Object.values(idle.freeSockets).flat();
  let isClosed = socket === undefined;
  socket?.on("close", () => (isClosed = true));
  const stopping = served.server.stop({ drain: "5s" });
  await ask(busy);
  await settle(50);
  expect(isClosed).toBe(false);
  expect((await ask(idle)).code).toBe(200);
  await clock.advance(5000);
  await stopping;
});

test("where requests come in a burst when the drain is over, idle connections stay open for their next request", async () => {
  const clock = new DrivenClock();
  await using served = await serve(allow, { clock });
  const ask = (agent: Agent) => post(agent, served.port, "/allow", reviewOf());
  const [idle, busy] = [new Agent({ keepAlive: true, rejectUnauthorized: false }), new Agent({ rejectUnauthorized: false })];
  await ask(idle);
  const stopping = served.server.stop({ drain: "5s" });
  await clock.advance(4990);
  await ask(busy);
  await clock.advance(10);
  await settle(50);
  expect((await ask(idle)).code).toBe(200);
  await clock.advance(100);
  await stopping;
});

test("a request that has come in, but was not read yet when the drain is over, is answered", async () => {
  let drained: (() => void) | undefined;
  const clock: Clock = {
    ...systemClock,
    setTimeout(callback, delay) {
      if (delay !== 5000) return systemClock.setTimeout(callback, delay);
      drained = callback;
      return { cancel: () => undefined };
    },
  };
  await using served = await serve(allow, { clock });
  const idle = new Agent({ keepAlive: true, rejectUnauthorized: false });
  const ask = () => post(idle, served.port, "/allow", reviewOf());
  await ask();
  const stopping = served.server.stop({ drain: "5s" });
  const answer = ask();
  // The request is written, and nothing read, before the event loop looks at sockets again.
  for (let turn = 0; turn < 10; turn++) await new Promise<void>((resolve) => process.nextTick(resolve));
  drained?.();
  expect((await answer).code).toBe(200);
  await stopping;
});

test("requests are counted with controller-runtime's meaning: by path and HTTP status", async () => {
  const seen: string[] = [];
  const metrics: WebhookMetrics = {
    started: (webhook) => seen.push(`started ${webhook}`),
    answered: (webhook, code, seconds) => seen.push(`answered ${webhook} ${code} ${seconds > 0 && seconds < 5}`),
    ended: (webhook) => seen.push(`ended ${webhook}`),
    panicked: () => seen.push("panicked"),
    served: () => undefined,
    conversionPanicked: () => seen.push("conversion panicked"),
  };
  const wire = (server: WebhookServer) => {
    allow(server).handle("/broken", {
      handle() {
        throw new Error("broken");
      },
    });
  };
  await using served = await serve(wire, { metrics });
  const seenAfter = async (path: string, body: unknown) => {
    await served.post(path, body);
    await eventually(() => expect(seen.some((line) => line.startsWith("answered"))).toBe(true), { interval: 1 });
    return seen.splice(0).toSorted();
  };
  expect(await seenAfter("/allow", reviewOf())).toEqual(["answered /allow 200 true", "ended /allow", "started /allow"]);
  expect(await seenAfter("/allow", "")).toEqual(["answered /allow 400 true", "ended /allow", "started /allow"]);
  expect(await seenAfter("/broken", reviewOf())).toEqual(["answered /broken 200 true", "ended /broken", "panicked", "started /broken"]);
});
