// yours: tests the program as it runs, with certificate files and without any API server.
// Copyright the authors of label-webhook, SPDX-License-Identifier: Apache-2.0
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { request } from "node:https";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { eventually, testWebhooks } from "@kubescaffold/runtime/testing";

const LABELS = ["example.com/owner", "example.com/stage"];

let folder: string;
let port: number;
let program: ChildProcess;
let log = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "label-webhook-"));
  const { settings } = await testWebhooks();
  const { cert, key } = await settings.certificates.load();
  await writeFile(join(folder, "tls.crt"), cert);
  await writeFile(join(folder, "tls.key"), key);
  port = await freePort();
  const flags = [`--webhook-port=${port}`, "--webhook-cert-path", folder, "--health-probe-bind-address=0"];
  const own = ["--labels", LABELS.join(), "--opt-out-prefix=opt.example.com", "--ignored-namespaces=quiet"];
  // No kubeconfig, and none to be found.
  const environment = { PATH: process.env["PATH"], HOME: folder, KUBECONFIG: join(folder, "none") };
  program = spawn(process.execPath, ["main.ts", ...flags, ...own], { env: environment, stdio: ["ignore", "pipe", "pipe"] });
  for (const stream of [program.stdout, program.stderr]) stream?.on("data", (part: Buffer) => (log += part.toString()));
  await eventually(async () => {
    if (program.exitCode !== null) throw new Error(`it ended: ${log}`);
    await ask("/mutate", review());
  });
});

afterAll(async () => {
  program.kill("SIGTERM");
  const [code] = (await once(program, "exit")) as [number | null];
  await rm(folder, { recursive: true });
  expect([log, code]).toEqual([log, 0]);
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port: free } = server.address() as AddressInfo;
  server.close();
  return free;
}

interface Answer {
  readonly status: number | undefined;
  readonly text: string;
  readonly review: { apiVersion?: string; kind?: string; response?: { uid?: string; allowed?: boolean; patch?: string; status?: { message?: string; code?: number } } };
}

function ask(path: string, body: unknown, contentType = "application/json"): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, path, method: "POST", headers: { "content-type": contentType }, rejectUnauthorized: false }, (response) => {
      let text = "";
      response.on("data", (part: Buffer) => (text += part.toString()));
      response.on("end", () => {
        const json = text.startsWith("{") ? (JSON.parse(text) as Answer["review"]) : {};
        resolve({ status: response.statusCode, text, review: json });
      });
    });
    sent.on("error", reject);
    sent.end(typeof body === "string" ? body : JSON.stringify(body));
  });
}

interface Asked {
  apiVersion?: string;
  object?: { apiVersion: string; kind: string; metadata: { labels?: Record<string, string>; annotations?: Record<string, string> } };
  namespace?: string;
}

function review({ apiVersion = "admission.k8s.io/v1", namespace = "default", ...rest }: Asked = {}): object {
  const { object = { apiVersion: "v1", kind: "Service", metadata: {} } } = rest;
  const [group = "", version] = object.apiVersion.includes("/") ? object.apiVersion.split("/") : ["", object.apiVersion];
  const kind = { group, version, kind: object.kind };
  const resource = { group, version, resource: `${object.kind.toLowerCase()}s` };
  return { apiVersion, kind: "AdmissionReview", request: { uid: "7", kind, resource, namespace, operation: "CREATE", userInfo: {}, object } };
}

function patchOf({ review: { response } }: Answer): unknown {
  return response?.patch === undefined ? undefined : JSON.parse(Buffer.from(response.patch, "base64").toString());
}

describe("a right request", () => {
  test("is answered by the labels, the prefix and the namespaces of the flags", async () => {
    const answer = await ask("/mutate", review());
    expect(answer.review).toMatchObject({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", response: { uid: "7", allowed: true } });
    expect(patchOf(answer)).toEqual([
      { op: "add", path: "/metadata/labels", value: Object.fromEntries(LABELS.map((label) => [label, "not_available"])) },
      { op: "add", path: "/metadata/annotations", value: { "opt.example.com/status": "mutated" } },
    ]);
    expect(patchOf(await ask("/mutate", review({ namespace: "quiet" })))).toBeUndefined();
    expect((await ask("/validate", review())).review.response).toMatchObject({
      allowed: false,
      status: { message: `missing labels: ${LABELS.join(", ")}`, reason: "required labels are not set", code: 403 },
    });
    const annotations = { "opt.example.com/validate": "No" };
    expect((await ask("/validate", review({ object: { apiVersion: "v1", kind: "Service", metadata: { annotations } } }))).review.response?.allowed).toBe(true);
  });

  test("gets keys with slashes escaped, and what is there is not touched", async () => {
    const metadata = { labels: { "example.com/owner": "me" }, annotations: { "a/b": "c" } };
    expect(patchOf(await ask("/mutate", review({ object: { apiVersion: "apps/v1", kind: "Deployment", metadata } })))).toEqual([
      { op: "add", path: "/metadata/labels/example.com~1stage", value: "not_available" },
      { op: "add", path: "/metadata/annotations/opt.example.com~1status", value: "mutated" },
    ]);
  });

  test("about another kind is allowed, with no patch", async () => {
    for (const path of ["/mutate", "/validate"]) {
      const answer = await ask(path, review({ object: { apiVersion: "v1", kind: "Pod", metadata: {} } }));
      expect([answer.review.response?.allowed, patchOf(answer)]).toEqual([true, undefined]);
    }
  });

  test("of the older version of reviews is answered in that version", async () => {
    expect((await ask("/mutate", review({ apiVersion: "admission.k8s.io/v1beta1" }))).review).toMatchObject({
      apiVersion: "admission.k8s.io/v1beta1",
      response: { uid: "7", allowed: true },
    });
  });
});

describe("a wrong request", () => {
  test("without a body is answered by 400", async () => {
    expect((await ask("/mutate", "")).status).toBe(400);
  });

  test.each(["text/plain", "application/xml", ""])("with the content type '%s' is answered by 415", async (type) => {
    expect((await ask("/mutate", review(), type)).status).toBe(415);
  });

  test("is none for a content type with parameters", async () => {
    expect((await ask("/mutate", review(), "application/json; charset=utf-8")).status).toBe(200);
  });

  test.each(["{", "[]", "null", '{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":7}'])(
    "with the body %s is answered by a review that says what is wrong",
    async (body) => {
      const answer = await ask("/mutate", body);
      expect(answer.status).toBe(200);
      expect(answer.review).toMatchObject({ kind: "AdmissionReview", response: { allowed: false, status: { code: 400 } } });
      expect(answer.review.response?.status?.message).toMatch(/\w/);
    },
  );

  test("is answered with its uid, version and kind, where they can be read", async () => {
    const answer = await ask("/mutate", { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", request: { uid: "9", kind: 3 } });
    expect(answer.review).toMatchObject({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", response: { uid: "9", allowed: false } });
  });

  test("of a version of reviews that there is not is refused", async () => {
    const answer = await ask("/mutate", review({ apiVersion: "admission.k8s.io/v7" }));
    expect(answer.review.response).toMatchObject({ allowed: false, uid: "7" });
    expect(answer.review.response?.status?.message).toContain("admission.k8s.io/v7");
  });
});
