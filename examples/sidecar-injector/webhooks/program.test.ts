// yours: tests the program as it runs, without any API server.
// Copyright the authors of sidecar-injector, SPDX-License-Identifier: Apache-2.0
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { request } from "node:https";
import { createServer, type AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { eventually, testWebhooks } from "@kubescaffold/runtime/testing";
import { readYaml, writeYaml } from "./yaml.ts";

const POD = { apiVersion: "v1", kind: "Pod", metadata: { name: "app" }, spec: { containers: [{ name: "app", image: "app:1" }] } };

let folder: string;
let template: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sidecar-injector-"));
  template = join(folder, "template.yaml");
  await cp("config/manager/template.yaml", template);
});

afterAll(() => rm(folder, { recursive: true }));

/** Starts main.ts with no kubeconfig, and none to be found. */
function start(args: readonly string[]): ChildProcess {
  const env = { PATH: process.env["PATH"], HOME: folder, KUBECONFIG: join(folder, "none") };
  return spawn(process.execPath, ["main.ts", ...args], { env });
}

async function run(args: readonly string[], input = ""): Promise<{ code: unknown; out: string; err: string }> {
  const program = start(args);
  program.stdin?.end(input);
  const [out, err, [code]] = await Promise.all([
    streamText(program.stdout),
    streamText(program.stderr),
    once(program, "exit") as Promise<unknown[]>,
  ]);
  return { code, out, err };
}

const streamText = (stream: ChildProcess["stdout"]): Promise<string> => (stream === null ? Promise.resolve("") : text(stream));

describe("inject", () => {
  test("prints a file with the sidecar", async () => {
    const file = join(folder, "pod.yaml");
    await writeFile(file, writeYaml(POD));
    const { code, out, err } = await run(["inject", "-f", file, "--template", template]);
    expect([code, err]).toEqual([0, ""]);
    expect(readYaml(out)[0]?.value).toMatchObject({
      spec: { containers: [{ name: "app" }, { name: "sidecar" }], initContainers: [{ name: "sidecar-init" }] },
    });
  });

  test("reads the standard input and several files, prints one after the other, and warns beside them", async () => {
    const file = join(folder, "taken.yaml");
    const taken = { ...POD, spec: { containers: [{ name: "sidecar", image: "mine:1" }] } };
    await writeFile(file, writeYaml(taken));
    const { code, out, err } = await run(
      ["inject", "-f", "-", "--filename", file, "--template", template, "--only-annotated"],
      writeYaml(POD),
    );
    expect([code, err]).toEqual([0, ""]);
    expect(readYaml(out).map(({ value }) => value)).toEqual([POD, taken]);
    const warned = await run(["inject", "-f", file, "--template", template]);
    expect(warned.err).toBe(`warning: ${file}: Pod app: the container sidecar is kept as it is, in place of the sidecar's\n`);
  });

  test.each([
    [[], "say which file"],
    [["-f", "none.yaml"], "none.yaml"],
    [["-f", "-", "--odd"], "--odd"],
  ])("says what is wrong with %j, and fails", async (args, message) => {
    const { code, out, err } = await run(["inject", ...args, "--template", template]);
    expect([code, out]).toEqual([1, ""]);
    expect(err).toContain(message);
    expect(err.trim()).not.toContain("\n");
  });

  test("names the file that is wrong, and the template", async () => {
    expect((await run(["inject", "-f", "-", "--template", template], "a: 1")).err).toBe(
      "-: document 1 is no Kubernetes object: it has no apiVersion and kind\n",
    );
    const wrong = join(folder, "wrong.yaml");
    await writeFile(wrong, "sidecars: []");
    expect((await run(["inject", "-f", "-", "--template", wrong], "a: 1")).err).toContain(`${wrong}: a template has`);
  });

  test("without a template needs the cluster of one", async () => {
    const { code, err } = await run(["inject", "-f", "-"], writeYaml(POD));
    expect(code).toBe(1);
    expect(err).toContain(join(folder, "none"));
  });
});

describe("the webhook, with a template and a certificate in files", () => {
  let port: number;
  let program: ChildProcess;
  let log = "";

  beforeAll(async () => {
    const { cert, key } = await (await testWebhooks()).settings.certificates.load();
    await writeFile(join(folder, "tls.crt"), cert);
    await writeFile(join(folder, "tls.key"), key);
    port = await freePort();
    program = start([`--webhook-port=${port}`, "--webhook-cert-path", folder, "--health-probe-bind-address=0", "--template", template]);
    for (const stream of [program.stdout, program.stderr]) stream?.on("data", (part: Buffer) => (log += part.toString()));
    await eventually(async () => {
      if (program.exitCode !== null) throw new Error(`it ended: ${log}`);
      await patch("/mutate", POD);
    });
  });

  afterAll(async () => {
    program.kill("SIGTERM");
    const [code] = (await once(program, "exit")) as [number | null];
    expect([log, code]).toEqual([log, 0]);
  });

  test("answers with a patch", async () => {
    const operations = await patch("/mutate", POD);
    expect(operations).toContainEqual({
      op: "add",
      path: "/metadata/annotations",
      value: { "sidecar-injector.example.com/status": "injected" },
    });
    for (const name of ["app", "sidecar", "sidecar-init", "sidecar-data"]) expect(JSON.stringify(operations)).toContain(`"name":"${name}"`);
    expect(await patch("/mutate-annotated", POD)).toEqual([]);
    const generated = { ...POD, metadata: { generateName: "app-", annotations: { inject: "true" } } };
    expect(await patch("/mutate-annotated", generated)).toContainEqual({
      op: "add",
      path: "/metadata/annotations/sidecar-injector.example.com~1status",
      value: "injected",
    });
  });

  test("takes the template as the file has it now", async () => {
    await writeFile(template, "containers: [{ name: second, image: second:1 }]");
    expect(await patch("/mutate", POD)).toContainEqual({
      op: "add",
      path: "/spec/containers/1",
      value: { name: "second", image: "second:1" },
    });
  });

  async function freePort(): Promise<number> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port: free } = server.address() as AddressInfo;
    server.close();
    return free;
  }

  /** The operations of the answer's patch. */
  async function patch(path: string, object: object): Promise<unknown[]> {
    const kind = { group: "", version: "v1", kind: "Pod" };
    const resource = { group: "", version: "v1", resource: "pods" };
    const asked = { uid: "7", kind, resource, namespace: "default", operation: "CREATE", userInfo: {}, object };
    const sent = request({
      host: "127.0.0.1",
      port,
      path,
      method: "POST",
      headers: { "content-type": "application/json" },
      rejectUnauthorized: false,
    });
    sent.end(JSON.stringify({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", request: asked }));
    const [response] = (await once(sent, "response")) as [NodeJS.ReadableStream];
    const { response: answer } = JSON.parse(await text(response)) as { response: { allowed: boolean; patch?: string } };
    expect(answer.allowed).toBe(true);
    return answer.patch === undefined ? [] : (JSON.parse(Buffer.from(answer.patch, "base64").toString()) as unknown[]);
  }
});
