import { once } from "node:events";
import { connect as connectPlain, type Socket } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "@jest/globals";
import { Deployment } from "kubernetes-models/apps/v1/Deployment";
import { seeded } from "../../../runtime/testing/samples.ts";
import { denied, type WebhookServer } from "../../../runtime/webhook/index.ts";
import { FrigateKind, careful } from "./frigates.ts";
import { deployment, reviewIn, reviewOf, serve, UID, type Served } from "./serving.ts";

/** Change it to see other mutations; the test's name tells the one that failed. */
const SEED = 20261121;
const MUTATIONS = 10_000;
const LIMIT = 3 * 1024 * 1024;

const random = seeded(SEED);
const below = (limit: number) => Math.floor(random() * limit);
const oneOf = <T>(values: readonly T[]) => values[below(values.length)] as T;

/** Handlers that look into what they get, as careless as handlers are. */
function wire(server: WebhookServer): void {
  server
    .mutate("/admission", Deployment, {
      default: (object) => void ((object.metadata ?? {}).labels = { ...object.metadata?.labels, added: "yes" }),
    })
    .validate("/admission", Deployment, {
      validateCreate: ({ spec }) =>
        spec?.template.spec?.containers.some(({ image }) => image?.endsWith(":latest")) ? denied("no :latest") : undefined,
    })
    .authenticate("/token", { authenticate: ({ token }) => (token.length > 3 ? { user: { username: token.slice(0, 3) } } : undefined) })
    .convert(FrigateKind, careful);
}

const SUBJECTS: readonly [path: string, review: unknown][] = [
  ["/admission?timeout=10s", reviewOf()],
  ["/admission", reviewOf({ operation: "UPDATE", oldObject: deployment() })],
  ["/token", { apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", spec: { token: "secret", audiences: ["api"] } }],
  [
    "/convert",
    {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "ConversionReview",
      request: {
        uid: UID,
        desiredAPIVersion: "ships.io/v1",
        objects: [{ apiVersion: "ships.io/v1beta1", kind: "Frigate", metadata: { name: "a" }, spec: { guns: 3, crew: "a,b" } }],
      },
    },
  ],
];

const ODD_VALUES = [null, true, 0, -1, 1e308, "", "text", [], {}, [[]], [null], { a: { b: {} } }, "\u0000", "\ud800", "x".repeat(5000)];

/** Some place in a JSON text at which a value begins, and the text with another value there. */
function otherValue(text: string): string {
  const value = JSON.parse(text) as unknown;
  let container = value as Record<string, unknown>;
  for (;;) {
    const key = oneOf(Object.keys(container));
    const inner = container[key];
    if (typeof inner === "object" && inner !== null && Object.keys(inner).length > 0 && random() < 0.75)
      container = inner as Record<string, unknown>;
    else {
      if (random() < 0.2) Reflect.deleteProperty(container, key);
      else container[key] = oneOf(ODD_VALUES);
      return JSON.stringify(value);
    }
  }
}

const cut = (text: string) => text.slice(0, below(text.length));
const insert = (text: string, what: string) => {
  const at = below(text.length);
  return text.slice(0, at) + what + text.slice(at);
};

/** What is done to a review; each is done a thousand times and more. */
const BODIES: readonly ((text: string) => string | Buffer)[] = [
  otherValue,
  (text) => otherValue(otherValue(text)),
  cut,
  (text) => insert(text, oneOf(['"', "{", "}", "[", "]", ",", ":", "\\", "\u0000", "1e999", "-", "9".repeat(40)])),
  (text) =>
    text.replace(
      /\{/,
      `{${oneOf(['"__proto__":{"allowed":true},', '"constructor":{"prototype":{}},', '"toString":1,', '"toJSON":2,', '"hasOwnProperty":null,'])}`,
    ),
  (text) => text.replace('"labels":{', `"labels":{"__proto__":"x","deep":${"[".repeat(below(3000))}`),
  (text) => text.replace(/"(web|a|secret)"/, () => `{"nested":${'{"a":'.repeat(below(200))}1${"}".repeat(200)}`),
  (text) => Buffer.from(text, "utf16le"),
  (text) => {
    const bytes = Buffer.from(text);
    for (let count = 1 + below(4); count > 0; count--) bytes[below(bytes.length)] = below(256);
    return bytes;
  },
];

const HEADERS: readonly Record<string, string>[] = [
  { "content-type": "text/plain" },
  { "content-type": "application/json; charset=utf-7" },
  { "content-type": "" },
  { "content-type": ";;;=" },
  { "content-encoding": "gzip" },
  { "content-type": "application/json;charset=UTF-8" },
];

async function mutate(served: Served): Promise<void> {
  const [path, review] = oneOf(SUBJECTS);
  const text = JSON.stringify(review);
  const odd = random() < 0.1;
  // Some have the most bytes that are taken, or one more.
  const body = odd ? text : random() < 0.005 ? text.padEnd(LIMIT + below(2)) : oneOf(BODIES)(text);
  const { code, text: answer } = await served.post(path, body, odd ? oneOf(HEADERS) : {});
  expect([200, 400, 413, 415]).toContain(code);
  if (code !== 200) return;
  const { apiVersion, kind, response, status } = JSON.parse(answer) as Record<string, unknown>;
  expect([typeof apiVersion, typeof kind, typeof (response ?? status)]).toEqual(["string", "string", "object"]);
}

/** Runs the garbage collector, so that what is counted is what is held. */
function collect(): void {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
}

test(`${MUTATIONS} mutated reviews (seed ${SEED}) are answered, each by a review or an HTTP error, and memory stays flat`, async () => {
  await using served = await serve(wire);
  const rounds = MUTATIONS / 100;
  const heap: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await Promise.all(Array.from({ length: 100 }, () => mutate(served)));
    if (round % 10 === 9) {
      collect();
      heap.push(process.memoryUsage().heapUsed);
    }
  }
  expect(reviewIn(await served.post("/admission", reviewOf())).response.allowed).toBe(true);
  expect(({} as Record<string, unknown>)["allowed"]).toBeUndefined();
  const [, early = 0] = heap;
  expect((heap.at(-1) ?? 0) - early).toBeLessThan(10 * 1024 * 1024);
}, 60_000);

test("a value nested a million times, and a string of 3 MiB, are answered", async () => {
  await using served = await serve(wire);
  const text = JSON.stringify(reviewOf());
  const deep = text.replace('"labels":{', `"labels":{"deep":${"[".repeat(1_000_000)}${"]".repeat(1_000_000)},`);
  expect((await served.post("/admission", deep)).code).toBe(200);
  const long = text.replace('"labels":{', `"labels":{"long":"${"x".repeat(2_900_000)}",`);
  expect(reviewIn(await served.post("/admission", long)).response.allowed).toBe(true);
});

const REVIEW = JSON.stringify(reviewOf());
const REQUEST = `POST /admission HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(REVIEW)}\r\n\r\n${REVIEW}`;

/** Sends a text byte by byte, as slowly as it likes, until the connection is closed. */
function dribble(socket: Socket, text: string): Socket {
  let at = 0;
  const timer = setInterval(() => socket.write(text.charAt(at++ % text.length)), 10);
  socket.once("close", () => clearInterval(timer));
  return socket;
}

/** What a peer may do to its connection. */
const CONNECTIONS: readonly ((secure: (options?: object) => Promise<TLSSocket>, plain: () => Socket) => Promise<Socket>)[] = [
  async (_secure, plain) => Promise.resolve(plain().end(REQUEST)),
  async (_secure, plain) =>
    Promise.resolve(plain().end(Buffer.from([0x16, 3, 1, 0xff, 0xff, ...Array.from({ length: 50 }, () => below(256))]))),
  async (_secure, plain) => Promise.resolve(plain().end()),
  // Slow loris: in the headers, in the body, in chunks, and in the handshake.
  async (secure) => dribble(await secure(), "X-Header: 1\r\n"),
  async (secure) => dribble(await secure(), REQUEST.replace("Content-Length: ", "Content-Length: 9")),
  async (secure) => {
    const socket = await secure();
    socket.write("POST /admission HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
    return dribble(socket, "1\r\n{\r\n");
  },
  async (_secure, plain) => Promise.resolve(dribble(plain(), "\u0016\u0003\u0001")),
  // Half-closed: the peer has said all it has to say, and reads on.
  async (secure) => (await secure({ allowHalfOpen: true })).end(REQUEST),
  async (secure) => (await secure({ allowHalfOpen: true })).end(cut(REQUEST)),
  async (secure) => (await secure({ allowHalfOpen: true })).end(),
  // Renegotiation, before and in the middle of a request.
  async (secure) => {
    const socket = await secure({ maxVersion: "TLSv1.2" });
    socket.renegotiate({}, () => undefined);
    return socket.end(REQUEST);
  },
  async (secure) => {
    const socket = await secure({ maxVersion: "TLSv1.2" });
    socket.write(cut(REQUEST));
    socket.renegotiate({}, () => undefined);
    return socket.end();
  },
  // HTTP/2, which is not offered; other methods, and wishes that nobody has.
  async (secure) => (await secure()).end("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
  async (secure) => (await secure()).end(REQUEST.replace("POST /admission", "CONNECT x:443")),
  async (secure) => (await secure()).end(REQUEST.replace("POST", oneOf(["GET", "TRACE", "BREW", "post"]))),
  async (secure) => (await secure()).end(REQUEST.replace("Host: x", "Host: x\r\nConnection: Upgrade\r\nUpgrade: h2c")),
  async (secure) => (await secure()).end(REQUEST.replace("Host: x", `Host: x\r\nExpect: ${oneOf(["100-continue", "more"])}`)),
  async (secure) => (await secure()).end(cut(REQUEST)),
  async (secure) => (await secure()).end(insert(REQUEST, "\r\n")),
  async (secure) => (await secure()).end(REQUEST.replace("Content-Length: ", "Content-Length: 9")),
  async (secure) => (await secure()).end(REQUEST.replace("Content-Length", "Transfer-Encoding: chunked\r\nContent-Length")),
  async (secure) => (await secure()).end(REQUEST.replace("Host: x", `X-Long: ${"x".repeat(100_000)}`)),
  async (secure) => (await secure()).end(`${REQUEST}${REQUEST}${cut(REQUEST)}`),
  async (secure) => {
    const socket = await secure();
    socket.write(cut(REQUEST));
    socket.destroy();
    return socket;
  },
  async (secure) => {
    const socket = await secure();
    socket.write(REQUEST);
    socket.destroy();
    return socket;
  },
];

/** An error closes it as well. */
function closed(socket: Socket): Promise<unknown> {
  return socket.closed ? Promise.resolve() : new Promise((resolve) => socket.once("close", resolve));
}

test("whatever a peer does to its connection, it is closed, others are served, and memory stays flat", async () => {
  await using served = await serve(wire, { receiveTimeout: 500 });
  const secure = async (options: object = {}) => {
    const socket = connect({ host: "127.0.0.1", port: served.port, rejectUnauthorized: false, ...options });
    socket.on("error", () => undefined).resume();
    await once(socket, "secureConnect");
    return socket;
  };
  const plain = () =>
    connectPlain({ host: "127.0.0.1", port: served.port })
      .on("error", () => undefined)
      .resume();
  const heap: number[] = [];
  for (let round = 0; round < 10; round++) {
    const sockets = await Promise.all(CONNECTIONS.map((each) => each(secure, plain)));
    await Promise.all(sockets.map(closed));
    expect(reviewIn(await served.post("/admission", reviewOf())).response.allowed).toBe(true);
    collect();
    heap.push(process.memoryUsage().heapUsed);
  }
  expect((heap.at(-1) ?? 0) - (heap[2] ?? 0)).toBeLessThan(4 * 1024 * 1024);
}, 60_000);
