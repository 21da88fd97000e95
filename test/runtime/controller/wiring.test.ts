import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { done } from "../../../runtime/controller/index.ts";
import { Manager } from "../../../runtime/manager/index.ts";
import { unstructured } from "../../../runtime/object/index.ts";
import { eventually } from "../../../runtime/testing/eventually.ts";
import { DrivenClock } from "../driven-clock.ts";
import { FakeServer } from "../fake-server.ts";
import { recorder } from "../recorder.ts";
import { wiringTests } from "./wiring.ts";

describe("on the embedded API server", wiringTests);

describe("the question what is allowed", () => {
  const REVIEWS = "POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
  const ConfigMap = unstructured({ apiVersion: "v1", kind: "ConfigMap" });
  const Pod = unstructured({ apiVersion: "v1", kind: "Pod" });
  const nothing = { reconcile: () => Promise.resolve(done()) };
  let server: FakeServer;
  let clock: DrivenClock;
  let manager: Manager;

  beforeEach(async () => {
    server = await FakeServer.start();
    clock = new DrivenClock();
    const review = { name: "selfsubjectaccessreviews", kind: "SelfSubjectAccessReview", namespaced: false };
    server.on("GET /apis/authorization.k8s.io/v1", (exchange) => exchange.answer({ kind: "APIResourceList", resources: [review] }));
    for (const path of ["configmaps", "pods"]) server.on(`GET /api/v1/${path}`, (exchange) => exchange.listed("10"));
    manager = await Manager.create({ kubeconfig: await server.kubeconfig(), clock, log: recorder().log });
    manager.controller(ConfigMap).owns(Pod).reconcileWith(nothing);
  });
  afterEach(async () => {
    await manager.stop();
    await server.stop();
  });

  /** The API server refuses one list, so that it is asked; and once it has been asked, it does not. */
  function refuseOnce(): void {
    server.on("GET /api/v1/pods", (exchange) => {
      server.on("GET /api/v1/pods", (again) => {
        if (again.isWatch) again.listed("10");
        else again.answer({ kind: "PodList", metadata: { resourceVersion: "10" }, items: [] });
      });
      exchange.fail(403, "Forbidden");
    });
  }

  async function startedAfterRefusal(): Promise<void> {
    let isStarted = false;
    const starting = manager.start().then(() => (isStarted = true));
    await eventually(async () => {
      await clock.advance(1000);
      expect(isStarted).toBe(true);
    });
    await starting;
  }

  test("is not asked while nothing is refused", async () => {
    await manager.start();
    expect(server.seen(REVIEWS)).toEqual([]);
  });

  test("is asked once for each kind and verb, when a list is refused", async () => {
    refuseOnce();
    manager.cache(Pod);
    server.on(REVIEWS, (exchange) => exchange.answer({ ...(exchange.body as object), status: { allowed: true } }, 201));
    await startedAfterRefusal();
    const asked = server.seen(REVIEWS).map(({ body }) => (body as { spec: { resourceAttributes: object } }).spec.resourceAttributes);
    expect(asked).toEqual(
      ["configmaps", "pods"].flatMap((resource) => ["list", "watch"].map((verb) => ({ group: "", version: "v1", resource, verb }))),
    );
  });

  test("is of no consequence when it may not be asked", async () => {
    refuseOnce();
    server.on(REVIEWS, (exchange) => exchange.fail(403, "Forbidden"));
    await startedAfterRefusal();
    expect(server.seen(REVIEWS)).not.toEqual([]);
  });

  test("is given up when it is not answered, and the start goes on", async () => {
    refuseOnce();
    server.on(REVIEWS, () => undefined);
    const starting = manager.start();
    await eventually(() => expect(server.seen(REVIEWS)).toHaveLength(4));
    await clock.advance(5000);
    await starting;
  });

  test("is not answered by an authorizer that fails", async () => {
    refuseOnce();
    server.on(REVIEWS, (exchange) => exchange.answer({ status: { allowed: false, evaluationError: "the webhook is down" } }, 201));
    await startedAfterRefusal();
    expect(server.seen(REVIEWS)).not.toEqual([]);
  });

  test("ends the start though the lists are refused and tried for ever", async () => {
    for (const path of ["configmaps", "pods"]) server.on(`GET /api/v1/${path}`, (exchange) => exchange.fail(403, "Forbidden"));
    server.on(REVIEWS, (exchange) => exchange.answer({ status: { allowed: false } }, 201));
    await expect(manager.start()).rejects.toMatchObject({ code: "wiring" });
    await eventually(() => expect(clock.pending).toEqual([]));
  });
});
