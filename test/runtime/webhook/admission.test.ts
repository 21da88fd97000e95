import { expect, test } from "@jest/globals";
import { Deployment, type IDeployment } from "kubernetes-models/apps/v1/Deployment";
import { Service } from "kubernetes-models/v1/Service";
import { unstructured } from "../../../runtime/object/index.ts";
import { allowed, denied, fieldError, patched, type Defaulter, type Validator, type Verdict } from "../../../runtime/webhook/index.ts";
import { DrivenClock, settle } from "../driven-clock.ts";
import { deployment, patchIn, recordingLogger, reviewIn, reviewOf, serve, UID } from "./serving.ts";

const labelling: Defaulter<IDeployment> = {
  default(object) {
    ((object.metadata ??= {}).labels ??= {})["app.kubernetes.io/name"] ??= "not_available";
  },
};

test("what a defaulter changes becomes a JSON patch of just that, with its keys escaped", async () => {
  await using served = await serve((server) => server.mutate("/mutate", Deployment, labelling));
  const review = reviewIn(await served.post("/mutate", reviewOf()));
  expect(review).toMatchObject({
    apiVersion: "admission.k8s.io/v1",
    kind: "AdmissionReview",
    response: { uid: UID, allowed: true, patchType: "JSONPatch" },
  });
  expect(JSON.parse(patchIn(review))).toEqual([{ op: "add", path: "/metadata/labels/app.kubernetes.io~1name", value: "not_available" }]);
});

test("an object without labels gets them as a whole", async () => {
  await using served = await serve((server) => server.mutate("/mutate", Deployment, labelling));
  const review = reviewIn(await served.post("/mutate", reviewOf({ object: deployment({ labels: undefined }) })));
  expect(JSON.parse(patchIn(review))).toEqual([
    { op: "add", path: "/metadata/labels", value: { "app.kubernetes.io/name": "not_available" } },
  ]);
});

test("a defaulter that changes nothing makes no patch", async () => {
  await using served = await serve((server) => server.mutate("/mutate", Deployment, labelling));
  const object = deployment({ labels: { "app.kubernetes.io/name": "" } });
  expect(reviewIn(await served.post("/mutate", reviewOf({ object }))).response).toEqual({ uid: UID, allowed: true });
});

test("several defaulters of a kind each see what the one before made, and make one patch", async () => {
  await using served = await serve((server) =>
    server
      .mutate("/mutate", Deployment, { default: (object) => void ((object.metadata ??= {}).annotations = { first: "yes" }) })
      .mutate("/mutate", Deployment, {
        default: (object) => void ((object.metadata?.annotations ?? {})["second"] = object.metadata?.annotations?.["first"] ?? "no"),
      }),
  );
  const patch = JSON.parse(patchIn(reviewIn(await served.post("/mutate", reviewOf())))) as unknown;
  expect(patch).toEqual([{ op: "add", path: "/metadata/annotations", value: { first: "yes", second: "yes" } }]);
});

test("fields that nobody knows and integers beyond 2^53 survive, also where they are moved", async () => {
  const text = JSON.stringify(reviewOf({ object: deployment({}, { serial: "BIG", unknown: { deep: ["kept"] } }) })).replace(
    '"BIG"',
    "12345678901234567891",
  );
  await using served = await serve((server) =>
    server.mutate("/mutate", unstructured({ apiVersion: "apps/v1", kind: "Deployment" }), {
      default(object) {
        object["moved"] = { from: (object["spec"] as { serial: number }).serial };
      },
    }),
  );
  expect(patchIn(reviewIn(await served.post("/mutate", text)))).toBe(
    '[{"op":"add","path":"/moved","value":{"from":12345678901234567891}}]',
  );
});

test("two integers that are the same when rounded are never mixed up: the request is refused", async () => {
  const text = JSON.stringify(reviewOf({ object: deployment({}, { one: "A", other: "B" }) }))
    .replace('"A"', "9007199254740993")
    .replace('"B"', "9007199254740992");
  await using served = await serve((server) =>
    server.mutate("/mutate", unstructured({ apiVersion: "apps/v1", kind: "Deployment" }), {
      default: (object) => void (object["moved"] = (object["spec"] as { one: number }).one),
    }),
  );
  expect(reviewIn(await served.post("/mutate", text)).response).toMatchObject({ uid: UID, allowed: false, status: { code: 500 } });
});

test("a denial carries its reason, code and message", async () => {
  await using served = await serve((server) =>
    server.validate("/validate", Deployment, {
      validateCreate: () => denied("missing app.kubernetes.io/name", { reason: "required labels are not set" }),
    }),
  );
  expect(reviewIn(await served.post("/validate", reviewOf())).response).toEqual({
    uid: UID,
    allowed: false,
    status: { status: "Failure", code: 403, reason: "required labels are not set", message: "missing app.kubernetes.io/name" },
  });
});

test("wrong fields are told as the API server's own validation tells them, those of all validators together", async () => {
  await using served = await serve((server) =>
    server
      .validate("/validate", Deployment, {
        validateCreate: ({ spec }) => [fieldError.invalid("spec.replicas", spec?.replicas, "must be an even number")],
      })
      .validate("/validate", Deployment, {
        validateCreate: () => [fieldError.required("spec.paused"), fieldError.notSupported("spec.strategy.type", "Wild", ["Recreate"])],
      }),
  );
  expect(reviewIn(await served.post("/validate", reviewOf())).response.status).toEqual({
    status: "Failure",
    code: 422,
    reason: "Invalid",
    message:
      'Deployment.apps "web" is invalid: [spec.replicas: Invalid value: 3: must be an even number, spec.paused: Required value, spec.strategy.type: Unsupported value: "Wild": supported values: "Recreate"]',
    details: {
      name: "web",
      group: "apps",
      kind: "Deployment",
      causes: [
        { reason: "FieldValueInvalid", message: "Invalid value: 3: must be an even number", field: "spec.replicas" },
        { reason: "FieldValueRequired", message: "Required value", field: "spec.paused" },
        {
          reason: "FieldValueNotSupported",
          message: 'Unsupported value: "Wild": supported values: "Recreate"',
          field: "spec.strategy.type",
        },
      ],
    },
  });
});

class Guard implements Validator<IDeployment> {
  readonly seen: string[] = [];

  validateUpdate(object: IDeployment, old: IDeployment): Verdict {
    this.seen.push(`update from ${old.spec?.replicas ?? ""} to ${object.spec?.replicas ?? ""}`);
    return undefined;
  }

  async validateDelete(object: IDeployment): Promise<Verdict> {
    this.seen.push(`delete with ${object.spec?.replicas ?? ""}`);
    return Promise.resolve(denied("still needed"));
  }
}

test("a validator is asked by operation; what it has no method for is allowed", async () => {
  const guard = new Guard();
  await using served = await serve((server) => server.validate("/validate", Deployment, guard));
  const ask = async (request: Record<string, unknown>) => reviewIn(await served.post("/validate", reviewOf(request))).response.allowed;
  expect(await ask({ operation: "CREATE" })).toBe(true);
  expect(await ask({ operation: "UPDATE", object: deployment({}, { replicas: 4 }), oldObject: deployment() })).toBe(true);
  expect(await ask({ operation: "DELETE", object: null, oldObject: deployment() })).toBe(false);
  expect(guard.seen).toEqual(["update from 3 to 4", "delete with 3"]);
});

test("what one validator does to an object does not reach the next", async () => {
  const seen: unknown[] = [];
  const careless: Validator<IDeployment> = {
    validateUpdate(object, old) {
      seen.push(object.spec?.replicas, old.spec?.replicas);
      delete object.spec;
      delete old.spec;
      return [];
    },
  };
  await using served = await serve((server) => server.validate("/v", Deployment, careless).validate("/v", Deployment, careless));
  await served.post("/v", reviewOf({ operation: "UPDATE", oldObject: deployment({}, { replicas: 2 }) }));
  expect(seen).toEqual([3, 2, 3, 2]);
});

test("a defaulter and a validator at one path: the validator judges what the defaulter made", async () => {
  await using served = await serve((server) =>
    server
      .mutate("/both", Deployment, { default: ({ spec }) => void Object.assign(spec ?? {}, { replicas: 5 }) })
      .validate("/both", Deployment, { validateCreate: ({ spec }) => (spec?.replicas === 5 ? [] : denied("not five")) }),
  );
  const review = reviewIn(await served.post("/both", reviewOf()));
  expect(JSON.parse(patchIn(review))).toEqual([{ op: "replace", path: "/spec/replicas", value: 5 }]);
});

test("defaulters are asked on CREATE and UPDATE only", async () => {
  await using served = await serve((server) => server.mutate("/mutate", Deployment, labelling));
  const patches = async (request: Record<string, unknown>) =>
    reviewIn(await served.post("/mutate", reviewOf(request))).response.patch !== undefined;
  expect(await patches({ operation: "UPDATE", oldObject: deployment() })).toBe(true);
  expect(await patches({ operation: "DELETE", object: null, oldObject: deployment() })).toBe(false);
});

test("kinds share a path; one that nobody asked for is let through untouched", async () => {
  const refuse = (what: string) => ({ validateCreate: () => denied(what) });
  await using served = await serve((server) =>
    server.validate("/guard", Deployment, refuse("a Deployment")).validate("/guard", Service, refuse("a Service")),
  );
  const ask = async (kind: Record<string, string>) => reviewIn(await served.post("/guard", reviewOf({ kind }))).response.status?.message;
  expect(await ask({ group: "apps", version: "v1", kind: "Deployment" })).toBe("a Deployment");
  expect(await ask({ group: "", version: "v1", kind: "Service" })).toBe("a Service");
  expect(await ask({ group: "batch", version: "v1", kind: "Job" })).toBeUndefined();
});

test("another version of a kind is refused, since it would get past what understands one version only", async () => {
  await using served = await serve((server) => server.validate("/validate", Deployment, { validateCreate: () => undefined }));
  const { response } = reviewIn(
    await served.post("/validate", reviewOf({ kind: { group: "apps", version: "v1beta1", kind: "Deployment" } })),
  );
  expect(response).toMatchObject({ allowed: false, status: { code: 400 } });
  expect(response.status?.message).toMatch(/matchPolicy Equivalent/);
});

test("an operation without the object it is about is refused", async () => {
  await using served = await serve((server) => server.validate("/validate", Deployment, new Guard()));
  for (const request of [{ object: null }, { operation: "UPDATE" }, { operation: "DELETE" }]) {
    expect(reviewIn(await served.post("/validate", reviewOf(request))).response).toMatchObject({
      uid: UID,
      allowed: false,
      status: { code: 400 },
    });
  }
});

test("a handler of one's own sees the whole request, warns, and writes into the audit log", async () => {
  await using served = await serve((server) =>
    server.handle("/any", {
      handle(request) {
        if (request.dryRun) request.warn(`a dry run by ${request.userInfo.username ?? ""}`);
        request.annotate("judged", `${request.operation} ${request.resource.resource}/${request.subResource}`);
        return patched(request.object, { ...request.object, data: {} });
      },
    }),
  );
  const { response } = reviewIn(await served.post("/any", reviewOf({ dryRun: true, subResource: "status" })));
  expect(response).toMatchObject({
    allowed: true,
    warnings: ["a dry run by admin"],
    auditAnnotations: { judged: "CREATE deployments/status" },
  });
  expect(Buffer.from(response.patch ?? "", "base64").toString()).toBe('[{"op":"add","path":"/data","value":{}}]');
});

test("a warning of several lines is one that a header can hold", async () => {
  await using served = await serve((server) => server.handle("/any", { handle: () => ({ ...allowed(), warnings: ["first\n\tsecond"] }) }));
  expect(reviewIn(await served.post("/any", reviewOf())).response.warnings).toEqual(["first second"]);
});

test("several handlers at a path are asked in order, until one refuses", async () => {
  const asked: number[] = [];
  await using served = await serve((server) =>
    server
      .handle("/any", {
        handle: () => (asked.push(1), { ...allowed(), warnings: ["first"], patch: [{ op: "add", path: "/a", value: 1 }] }),
      })
      .handle("/any", {
        handle: (request) => (
          asked.push(2),
          request.name === "bad" ? denied("bad") : { ...allowed(), warnings: ["second"], patch: [{ op: "add", path: "/b", value: 2 }] }
        ),
      })
      .handle("/any", { handle: () => (asked.push(3), allowed()) }),
  );
  const good = reviewIn(await served.post("/any", reviewOf()));
  expect(good.response.warnings).toEqual(["first", "second"]);
  expect(JSON.parse(patchIn(good))).toEqual([
    { op: "add", path: "/a", value: 1 },
    { op: "add", path: "/b", value: 2 },
  ]);
  expect(asked.splice(0)).toEqual([1, 2, 3]);
  expect(reviewIn(await served.post("/any", reviewOf({ name: "bad" }))).response.allowed).toBe(false);
  expect(asked).toEqual([1, 2]);
});

test("a v1beta1 review is answered as v1beta1", async () => {
  await using served = await serve((server) => server.handle("/any", { handle: () => allowed() }));
  const review = reviewIn(await served.post("/any", reviewOf({}, { apiVersion: "admission.k8s.io/v1beta1" })));
  expect(review).toEqual({ apiVersion: "admission.k8s.io/v1beta1", kind: "AdmissionReview", response: { uid: UID, allowed: true } });
});

test("a body that is no review is answered by one that says so, with uid, apiVersion and kind where they can be read", async () => {
  await using served = await serve((server) => server.handle("/any", { handle: () => allowed() }));
  const refused = async (body: unknown) => {
    const { apiVersion, kind, response } = reviewIn(await served.post("/any", body));
    expect(response).toMatchObject({ allowed: false, status: { code: 400, status: "Failure" } });
    return [apiVersion, kind, response.uid, response.status?.message];
  };
  const [v1, kind] = ["admission.k8s.io/v1", "AdmissionReview"];
  expect(await refused("{")).toEqual([v1, kind, "", "the body is no JSON"]);
  expect(await refused(Buffer.from([0x22, 0xff, 0x22]))).toEqual([v1, kind, "", "the body is not UTF-8"]);
  expect(await refused([])).toEqual([v1, kind, "", "the body is no JSON object"]);
  expect(await refused({})).toEqual([v1, kind, "", "expected kind AdmissionReview, got nothing"]);
  expect(await refused(reviewOf({}, { kind: "TokenReview" }))).toEqual([
    v1,
    "TokenReview",
    UID,
    'expected kind AdmissionReview, got "TokenReview"',
  ]);
  const unknown = 'expected apiVersion admission.k8s.io/v1 or admission.k8s.io/v1beta1, got "admission.k8s.io/v2"';
  expect(await refused(reviewOf({}, { apiVersion: "admission.k8s.io/v2" }))).toEqual(["admission.k8s.io/v2", kind, UID, unknown]);
  expect(await refused({ apiVersion: v1, kind })).toEqual([v1, kind, "", "the review has no request"]);
  expect(await refused(reviewOf({ uid: 7 }))).toEqual([v1, kind, "", "uid is no string"]);
  expect(await refused(reviewOf({ operation: "PATCH" }))).toEqual([
    v1,
    kind,
    UID,
    'request.operation is "PATCH", expected one of CREATE, UPDATE, DELETE, CONNECT',
  ]);
  expect(await refused(reviewOf({ object: "text" }))).toEqual([v1, kind, UID, "object is no object"]);
});

test("a handler that throws, in whatever way, is an answer with code 500 and is logged", async () => {
  const lines: Parameters<typeof recordingLogger>[0] = [];
  const circular: Record<string, unknown> = {};
  circular["self"] = circular;
  const ways = {
    throw: () => {
      throw new Error("no database");
    },
    reject: () => Promise.reject(new Error("no database")),
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- users' code may
    text: () => Promise.reject("no database"),
    nothing: () => undefined as unknown as ReturnType<typeof allowed>,
    circular: () => ({ allowed: true, patch: [{ op: "add" as const, path: "/x", value: circular }] }),
    bigint: () => ({ allowed: true, patch: [{ op: "add" as const, path: "/x", value: 1n }] }),
  };
  await using served = await serve(
    (server) => {
      for (const [path, handle] of Object.entries(ways)) server.handle(`/${path}`, { handle });
    },
    { log: recordingLogger(lines) },
  );
  for (const way of Object.keys(ways)) {
    expect(reviewIn(await served.post(`/${way}`, reviewOf())).response).toMatchObject({
      uid: UID,
      allowed: false,
      status: { code: 500, reason: "InternalError" },
    });
  }
  expect(reviewIn(await served.post("/reject", reviewOf())).response.status?.message).toBe("no database");
  expect(lines.filter(({ level }) => level === "error")).toHaveLength(7);
});

test("the API server's timeout ends a handler: its signal aborts and the answer comes before the server gives up", async () => {
  const clock = new DrivenClock();
  let signal: AbortSignal | undefined;
  await using served = await serve(
    (server) =>
      server.handle("/slow", {
        handle(request) {
          ({ signal } = request);
          return new Promise(() => undefined);
        },
      }),
    { clock },
  );
  const answer = served.post("/slow?timeout=2s", reviewOf());
  while (signal === undefined) await settle();
  expect(clock.pending).toContain(1800);
  await clock.advance(1799);
  expect(signal.aborted).toBe(false);
  await clock.advance(1);
  expect(signal.aborted).toBe(true);
  expect(reviewIn(await answer).response).toMatchObject({ uid: UID, allowed: false, status: { code: 504, reason: "Timeout" } });
});

test("a handler that fails after its time is up harms nobody", async () => {
  const clock = new DrivenClock();
  let fail: ((error: Error) => void) | undefined;
  await using served = await serve(
    (server) => server.handle("/slow", { handle: () => new Promise((_resolve, reject) => (fail = reject)) }),
    { clock },
  );
  const answer = served.post("/slow?timeout=1s", reviewOf());
  while (fail === undefined) await settle();
  await clock.advance(1000);
  expect(reviewIn(await answer).response.status?.code).toBe(504);
  fail(new Error("late"));
  await settle();
});
