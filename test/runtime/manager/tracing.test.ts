import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import * as api from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor, type ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { done, TerminalError, type Reconciler } from "../../../runtime/controller/index.ts";
import { Manager, type ManagerOptions } from "../../../runtime/manager/index.ts";
import { traceRuns } from "../../../runtime/manager/tracing.ts";
import type { KubernetesObject } from "../../../runtime/object/index.ts";
import { eventually } from "../../../runtime/testing/eventually.ts";
import { ConfigMap } from "../cache/bench.ts";
import { configMap, FakeServer } from "../fake-server.ts";
import { recorder } from "../recorder.ts";

const CONFIG_MAPS = "/api/v1/namespaces/default/configmaps";

let server: FakeServer;
let manager: Manager | undefined;
let log: ReturnType<typeof recorder>;
let exporter: InMemorySpanExporter;

beforeEach(async () => {
  server = await FakeServer.start();
  log = recorder();
  exporter = new InMemorySpanExporter();
  api.trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
  api.context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  api.propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  server.on("GET /api/v1/configmaps", (exchange) => exchange.listed("10", configMap("a", "3")));
  server.on(`PATCH ${CONFIG_MAPS}/b`, (exchange) => exchange.answer(exchange.body));
  server.on(`DELETE ${CONFIG_MAPS}/c`, (exchange) => exchange.fail(403, "Forbidden", "not yours"));
});
afterEach(async () => {
  await manager?.stop();
  await server.stop();
  api.trace.disable();
  api.context.disable();
  api.propagation.disable();
});

/** The spans of the first reconcile, once that has ended. */
async function traced(reconcile: Reconciler<KubernetesObject>["reconcile"], options: ManagerOptions = {}): Promise<ReadableSpan[]> {
  manager = await Manager.create({ kubeconfig: await server.kubeconfig(), log: log.log, tracing: api, ...options });
  manager.controller(ConfigMap).reconcileWith({ reconcile });
  await manager.start();
  await eventually(() => expect(exporter.getFinishedSpans().map(({ name }) => name)).toContain("reconcile configmap"));
  return exporter.getFinishedSpans();
}

const named = (spans: ReadableSpan[], name: string) => spans.find((span) => span.name === name);
const idOf = (span: ReadableSpan | undefined) => span?.spanContext().spanId;

describe("a reconcile", () => {
  test("is a span, its calls are spans below it, and the API server is sent their context", async () => {
    let id = "";
    const spans = await traced(async (_object, { client, reconcileId }) => {
      id = reconcileId;
      await client.apply(configMap("b", ""));
      return done();
    });
    const reconcile = named(spans, "reconcile configmap");
    expect(reconcile?.attributes).toEqual({
      controller: "configmap",
      controllerKind: "ConfigMap",
      namespace: "default",
      name: "a",
      reconcileID: id,
      result: "success",
    });
    const apply = named(spans, "apply configmaps");
    expect(apply).toMatchObject({
      kind: api.SpanKind.CLIENT,
      status: { code: api.SpanStatusCode.UNSET },
      attributes: {
        "http.request.method": "PATCH",
        "http.response.status_code": 200,
        "url.path": `${CONFIG_MAPS}/b`,
        verb: "apply",
        resource: "configmaps",
        namespace: "default",
        name: "b",
      },
      parentSpanContext: { spanId: idOf(reconcile) },
    });
    const { traceId } = reconcile?.spanContext() ?? {};
    expect(server.seen(`PATCH ${CONFIG_MAPS}/b`)[0]?.headers["traceparent"]).toBe(`00-${traceId ?? ""}-${idOf(apply) ?? ""}-01`);
    expect(server.seen("GET /api/v1/configmaps")[0]?.headers["traceparent"]).toBeUndefined();
  });

  test("that fails has the error, and so has the call that failed", async () => {
    const spans = await traced(async (_object, { client }) => {
      await client.delete(ConfigMap, { namespace: "default", name: "c" }).catch(() => undefined);
      throw new TerminalError("cannot work");
    });
    expect(named(spans, "delete configmaps")).toMatchObject({
      attributes: { "http.response.status_code": 403 },
      status: { code: api.SpanStatusCode.ERROR, message: expect.stringContaining("not yours") },
    });
    expect(named(spans, "reconcile configmap")).toMatchObject({
      attributes: { result: "error" },
      status: { code: api.SpanStatusCode.ERROR, message: "cannot work" },
      events: [{ name: "exception", attributes: { "exception.message": "cannot work" } }],
    });
  });

  test("is the parent of the spans that the reconciler makes itself, also with a watchdog", async () => {
    const reconcile = async () => {
      await Promise.resolve();
      api.trace.getTracer("mine").startSpan("own").end();
      return done();
    };
    const spans = await traced(reconcile, { healthProbe: { bindAddress: "127.0.0.1:0" } });
    const parent = named(spans, "reconcile configmap");
    expect(named(spans, "own")?.parentSpanContext?.spanId).toBe(idOf(parent));
    expect(idOf(parent)).toBeDefined();
  });
});

test.each([
  ["GET", "/api/v1/namespaces/x", "get namespaces"],
  ["GET", "/api/v1/namespaces/x/status", "get namespaces/status"],
  ["GET", "/api/v1/namespaces/x/pods?limit=500", "list pods"],
  ["GET", "/apis/apps/v1/namespaces/x/deployments/y/scale", "get deployments/scale"],
  ["DELETE", "/apis/example.com/v1/gadgets", "deletecollection gadgets"],
] as const)("the call %s %s is named %s", (method, path, name) => {
  const run = traceRuns(api).began({ controller: "c", kind: ConfigMap, key: { name: "a" }, reconcileId: "1" });
  run.calls.began({ method, path }).ended();
  expect(exporter.getFinishedSpans()[0]?.name).toBe(name);
});
