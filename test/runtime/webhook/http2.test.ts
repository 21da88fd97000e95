import { once } from "node:events";
import { connect, type ClientHttp2Session, type ClientHttp2Stream, type IncomingHttpHeaders } from "node:http2";
import { expect, test } from "@jest/globals";
import { eventually } from "../../../runtime/testing/eventually.ts";
import { allowed, type WebhookServer } from "../../../runtime/webhook/index.ts";
import { DrivenClock } from "../driven-clock.ts";
import { reviewOf, serve } from "./serving.ts";

const allow = (server: WebhookServer) => server.handle("/allow", { handle: () => allowed() });
const REVIEW = JSON.stringify(reviewOf());

function open(port: number): ClientHttp2Session {
  return connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false }).on("error", () => undefined);
}

async function answerOf(stream: ClientHttp2Stream): Promise<{ code: number; text: string }> {
  const parts: Buffer[] = [];
  stream.on("data", (part: Buffer) => parts.push(part));
  const [headers] = (await once(stream, "response")) as [IncomingHttpHeaders];
  if (!stream.readableEnded) await once(stream, "end");
  return { code: Number(headers[":status"]), text: Buffer.concat(parts).toString() };
}

const post = (session: ClientHttp2Session, body = REVIEW, headers: Record<string, string> = {}) =>
  session.request({ ":method": "POST", ":path": "/allow?timeout=10s", "content-type": "application/json", ...headers }).end(body);

test("with the option, HTTP/2 is spoken, many requests on one connection, and HTTP/1.1 still is", async () => {
  await using served = await serve(allow, { http2: true });
  const session = open(served.port);
  const answers = await Promise.all(Array.from({ length: 50 }, () => answerOf(post(session))));
  for (const { code, text } of answers) {
    expect(code).toBe(200);
    expect(JSON.parse(text)).toMatchObject({ response: { allowed: true } });
  }
  expect(session.alpnProtocol).toBe("h2");
  expect((await served.post("/allow", REVIEW)).code).toBe(200);
  session.close();
});

test("what is refused over HTTP/1.1 is refused over HTTP/2", async () => {
  await using served = await serve(allow, { http2: true, bodyLimit: 2000 });
  const session = open(served.port);
  expect(await answerOf(session.request({ ":method": "GET", ":path": "/allow" }))).toMatchObject({ code: 405 });
  expect(await answerOf(post(session, ""))).toMatchObject({ code: 400 });
  expect(await answerOf(post(session, REVIEW, { "content-type": "text/plain" }))).toMatchObject({ code: 415 });
  expect(await answerOf(post(session, REVIEW.padEnd(2001)))).toMatchObject({ code: 413 });
  expect(await answerOf(post(session, REVIEW, { ":path": "/elsewhere" }))).toMatchObject({ code: 404 });
  expect(await answerOf(post(session))).toMatchObject({ code: 200 });
  session.close();
});

test("a body that does not come ends its stream, and not the others", async () => {
  await using served = await serve(allow, { http2: true, receiveTimeout: 200 });
  const session = open(served.port);
  const slow = session.request({ ":method": "POST", ":path": "/allow", "content-type": "application/json" }).on("error", () => undefined);
  slow.write("{");
  await once(slow, "close");
  expect(await answerOf(post(session))).toMatchObject({ code: 200 });
  session.close();
});

test("stopping answers the requests under way, and breaks off what does not end when the grace is over", async () => {
  const clock = new DrivenClock();
  const answers: (() => void)[] = [];
  const wire = (server: WebhookServer) =>
    server.handle("/allow", { handle: () => new Promise((resolve) => answers.push(() => resolve(allowed()))) });
  await using served = await serve(wire, { http2: true, clock });
  const [one, other] = [open(served.port), open(served.port)];
  const answered = answerOf(post(one));
  await eventually(() => expect(answers).toHaveLength(1), { interval: 1 });
  const broken = post(other).on("error", () => undefined);
  await eventually(() => expect(answers).toHaveLength(2), { interval: 1 });
  const stopping = served.server.stop({ grace: "5s" });
  answers[0]?.();
  expect(await answered).toMatchObject({ code: 200 });
  const gone = once(broken, "close");
  await clock.advance(5000);
  await stopping;
  await gone;
});
