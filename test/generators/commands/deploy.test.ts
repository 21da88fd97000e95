import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer, request as forward } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { connect, silentLogger, unstructured, type Connection, type UnstructuredObject } from "@kubescaffold/runtime";
import { EmbeddedCluster, eventually, Workloads } from "@kubescaffold/runtime/testing";
import { runCli } from "../../../generators/cli.ts";
import { awaitRollout, RolloutFailure, type Manifest } from "../../../generators/commands/deploy/index.ts";
import { temporaryFolder } from "../temporary.ts";
import { crdName, deafWebhook, operatorManifests, yaml, type OperatorManifests } from "./operator-manifests.ts";
import { scaffold, type Shown } from "./terminal.ts";

jest.setTimeout(30_000);

const Deployment = unstructured({ apiVersion: "apps/v1", kind: "Deployment" });
const Namespace = unstructured({ apiVersion: "v1", kind: "Namespace" });
const CustomResourceDefinition = unstructured({ apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" });
const Webhooks = unstructured({ apiVersion: "admissionregistration.k8s.io/v1", kind: "ValidatingWebhookConfiguration" });
const Ship = unstructured({ apiVersion: "fleet.example.com/v1", kind: "Ship" });
const pods = [{ apiGroups: [""], apiVersions: ["v1"], resources: ["pods"], operations: ["CREATE"] }];
const key = { namespace: "ship-system", name: "ship-operator" };
const folder = temporaryFolder();

let cluster: EmbeddedCluster;
let workloads: Workloads;
let connection: Connection;

beforeAll(async () => {
  cluster = await EmbeddedCluster.start();
  workloads = await Workloads.start({ kubeconfig: cluster.kubeconfig, log: silentLogger });
  connection = await connect({ kubeconfig: cluster.kubeconfig });
});

afterAll(async () => {
  connection.close();
  await workloads.stop();
  await cluster.stop();
  folder[Symbol.dispose]();
});

/** Runs a command against the cluster with these manifests. */
async function run(command: string, manifests: OperatorManifests | string, ...more: string[]): Promise<Shown> {
  writeFileSync(join(folder.path, "operator.yaml"), typeof manifests === "string" ? manifests : yaml(operatorManifests(manifests)));
  const where = more.includes("--kubeconfig") ? [] : ["--kubeconfig", cluster.kubeconfig];
  return scaffold(folder.path, [command, "--from", "operator.yaml", ...where, ...more]);
}

const good = { image: "example.com/ship:1" };

afterEach(async () => {
  await run("undeploy", { ...good, more: [deafWebhook([])] }, "--remove-finalizers");
});

/** What the lines say that tell of an object: `create namespace ship-system`. */
function changes({ out }: Shown): string[] {
  return out.split("\n").flatMap((line) => /^ {2}(?:create|update|delete) {2}.*$/.exec(line)?.[0].trim().replace("  ", " ") ?? []);
}

describe("scaffold deploy", () => {
  test("applies what others need first and what may refuse others last, and waits until the operator runs", async () => {
    const shown = await run("deploy", {
      ...good,
      replicas: 2,
      more: [deafWebhook(pods.map((rule) => ({ ...rule, apiGroups: ["x.io"] })))],
    });
    expect(shown).toMatchObject({ code: 0, err: "" });
    expect(changes(shown)).toEqual([
      "create namespace ship-system",
      `create customresourcedefinition ${crdName}`,
      "create serviceaccount ship-system/ship-operator",
      "create clusterrole ship-operator",
      "create deployment ship-system/ship-operator",
      "create validatingwebhookconfiguration ship-operator",
    ]);
    expect(shown.out).toContain(`${crdName}\n  wait    the CRDs to be served\n`);
    expect(shown.out.split("\n")[0]).toBe(`The cluster of the kubeconfig's current context, ${cluster.url}`);
    expect((await connection.client.get(Deployment, key))?.["status"]).toMatchObject({ availableReplicas: 2, updatedReplicas: 2 });
    expect(await connection.client.list(Ship)).toEqual([]); // served
  });

  test("has the operator run before the cluster asks it about the requests of others", async () => {
    const more = [deafWebhook([])];
    const configuration = { apiVersion: "admissionregistration.k8s.io/v1", kind: "ValidatingWebhookConfiguration" } as const;
    expect(await run("deploy", { image: "never-ready", more }, "--timeout", "1s")).toMatchObject({ code: 1 });
    expect(await connection.client.get(Deployment, key)).toBeDefined();
    expect(await connection.client.get(configuration, { name: "ship-operator" })).toBeUndefined();

    expect((await run("deploy", { ...good, more })).out).toMatch(/wait {4}deployment .*\n {2}create {2}validatingwebhookconfiguration/);
    expect(await connection.client.get(configuration, { name: "ship-operator" })).toBeDefined();
  });

  test("waits for StatefulSets and Jobs too, and says what is missing of them", async () => {
    const namespace = "ship-system";
    const labels = { app: "store" };
    const template = (image: string) => ({ metadata: { labels }, spec: { containers: [{ name: "store", image }] } });
    const store = (image: string): object => ({
      ...{ apiVersion: "apps/v1", kind: "StatefulSet", metadata: { name: "store", namespace } },
      spec: { replicas: 2, serviceName: "store", selector: { matchLabels: labels }, template: template(image) },
    });
    const job = {
      ...{ apiVersion: "batch/v1", kind: "Job", metadata: { name: "seed", namespace } },
      spec: { template: { spec: { restartPolicy: "Never", containers: [{ name: "seed", image: "seed:1" }] } } },
    };
    const { code, out, err } = await run("deploy", { ...good, more: [store("store:1"), job] });
    expect([code, err]).toEqual([0, ""]);
    expect(out).toMatch(/wait {4}statefulset ship-system\/store: \d of 2 pods are/);
    const kinds = [unstructured({ apiVersion: "apps/v1", kind: "StatefulSet" }), unstructured({ apiVersion: "batch/v1", kind: "Job" })];
    const [[stored] = [], [seed] = []] = await Promise.all(kinds.map((kind) => connection.client.list(kind, { namespace })));
    expect(stored?.["status"]).toMatchObject({ availableReplicas: 2 });
    expect(seed?.["status"]).toMatchObject({ succeeded: 1 });

    const stuck = await run("deploy", { ...good, more: [store("never-ready")] }, "--timeout", "2s");
    expect(stuck.err).toMatch(/\nThe statefulset ship-system\/store does not run: \d of 2 pods are \w+ after 2 s\./);
    expect(stuck.err).toContain("container store (never-ready): running, but its readiness probe does not succeed");
    await run("undeploy", { ...good, more: [store("never-ready"), job] });
  });

  test("changes nothing the second time, and afterwards only what is different", async () => {
    await run("deploy", good);
    const before = await connection.client.get(Deployment, key);
    const again = await run("deploy", good);
    expect(again).toMatchObject({ code: 0, err: "" });
    expect(again.out.split("\n").slice(1)).toEqual(["Nothing to do: everything is on the cluster and runs as it should."]);
    expect((await connection.client.get(Deployment, key))?.metadata.resourceVersion).toBe(before?.metadata.resourceVersion);

    const changed = await run("deploy", { image: "example.com/ship:2" });
    expect(changes(changed)).toEqual(["update deployment ship-system/ship-operator"]);
    expect(changed.out).toMatch(/Deployed, after [\d.]+ s\.$/);
  });

  test("--image is what the operator's container runs, and nothing is written into the manifests", async () => {
    await run(
      "deploy",
      good,
      "--image",
      "registry.example.com:5000/team/ship@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    );
    expect(await connection.client.get(Deployment, key)).toMatchObject({
      spec: {
        template: {
          spec: { containers: [{ image: expect.stringMatching(/^registry\.example\.com:5000\/team\/ship@sha256:/) as unknown }] },
        },
      },
    });
    expect(await run("deploy", good, "--image", "no name")).toMatchObject({
      code: 1,
      err: "--image no name is no name of an image: use one such as example.com/operator:0.1.0.",
    });
  });

  test("--image is the operator's alone, not that of others beside it", async () => {
    const other = operatorManifests({ image: "redis:8" }).find((object) => "kind" in object && object.kind === "Deployment") as Manifest;
    const more = [{ ...other, metadata: { ...other.metadata, name: "redis" } }];
    const unlabelled = await run("deploy", { ...good, more }, "--image", "example.com/ship:2");
    expect(unlabelled).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^The manifests do not say which container is the operator/) as unknown,
    });

    const images = async () =>
      (await connection.client.list(Deployment, { namespace: "ship-system" })).map(({ metadata, spec }) => [
        metadata.name,
        (spec as { template: { spec: { containers: { image: string }[] } } }).template.spec.containers.map(({ image }) => image).join(),
      ]);
    expect(await run("deploy", { ...good, more })).toMatchObject({ code: 0, err: "" });
    expect(await images()).toEqual([["redis", "redis:8"], ["ship-operator", good.image]]); // prettier-ignore

    const labelled = operatorManifests({ ...good, more }).map((object) =>
      "kind" in object && object.kind === "Deployment" && !more.includes(object as Manifest)
        ? { ...object, metadata: { ...(object as Manifest).metadata, labels: { "control-plane": "controller-manager" } } }
        : object,
    );
    expect(await run("deploy", yaml(labelled), "--image", "example.com/ship:2")).toMatchObject({ code: 0, err: "" });
    expect(await images()).toEqual([["redis", "redis:8"], ["ship-operator", "example.com/ship:2"]]); // prettier-ignore
    await connection.client.delete(Deployment, { namespace: "ship-system", name: "redis" });
  });

  test("writes nothing when the cluster does not know a kind, and names it", async () => {
    const monitor = {
      apiVersion: "monitoring.coreos.com/v1",
      kind: "ServiceMonitor",
      metadata: { name: "ship", namespace: "ship-system" },
    };
    expect(await run("deploy", { ...good, more: [monitor] })).toMatchObject({
      code: 1,
      err: "The cluster has no kind ServiceMonitor in monitoring.coreos.com/v1, which servicemonitor ship-system/ship is of: install what brings it, or take the object out of the kustomization.",
    });
    expect(await connection.client.get(Namespace, { name: "ship-system" })).toBeUndefined();
  });

  test("custom resources of the operator's own kinds are applied too, once these are served", async () => {
    const ship = { ...Ship, metadata: { name: "flagship", namespace: "ship-system" }, spec: {} };
    expect(changes(await run("deploy", { ...good, more: [ship] }))).toContain("create ship ship-system/flagship");
  });

  test("says in one line what the cluster refuses", async () => {
    const shown = await run("deploy", yaml([{ ...Namespace, metadata: { name: "Ship" } }]));
    expect(shown.code).toBe(1);
    expect(shown.err).toMatch(/^The cluster of the kubeconfig's current context refuses: .*namespaces\/Ship.*: .*RFC 1123.*\.$/);
  });

  test("waits for what is left of an earlier deployment to go, and gives up in time", async () => {
    await run("deploy", good);
    const ship = { namespace: "ship-system", name: "anchored" };
    await connection.client.create({ ...Ship, metadata: { ...ship, finalizers: ["example.com/anchor"] } });
    await connection.client.delete(Namespace, { name: "ship-system" });
    expect(await run("deploy", good, "--timeout", "1s")).toMatchObject({
      code: 1,
      err: "The namespace ship-system is still being deleted after 1 s: kubectl get namespace ship-system -o yaml tells what it waits for.",
    });
    const deploying = run("deploy", good);
    await connection.client.patch(Ship, ship, "merge", { metadata: { finalizers: null } });
    expect(changes(await deploying)).toContain("create namespace ship-system");
  });

  test("where objects are converted stays as it is when scaffold dev installs the CRD without it", async () => {
    const [definition] = operatorManifests(good).filter((object) => "kind" in object && object.kind === "CustomResourceDefinition");
    const { spec, ...rest } = definition as UnstructuredObject & { spec: object };
    const service = { namespace: "ship-system", name: "webhooks", path: "/convert" };
    const conversion = { strategy: "Webhook", webhook: { clientConfig: { service }, conversionReviewVersions: ["v1"] } };
    await run("deploy", yaml([{ ...rest, spec: { ...spec, conversion } }]));
    await connection.client.apply({ ...rest, spec });
    expect(await connection.client.get(CustomResourceDefinition, { name: crdName })).toMatchObject({
      spec: { conversion: { webhook: { clientConfig: { service } } } },
    });
  });

  test("an end by the user is no fault", async () => {
    writeFileSync(join(folder.path, "operator.yaml"), yaml(operatorManifests({ image: "never-ready" })));
    const ending = new AbortController();
    const lines: string[] = [];
    const say = (line: string): void => {
      lines.push(line);
      if (line.includes("0 of 1 pods are available")) ending.abort(new Error("ended by SIGINT"));
    };
    const code = await runCli(["deploy", "--from", "operator.yaml", "--kubeconfig", cluster.kubeconfig], {
      cwd: folder.path,
      out: say,
      err: say,
      color: false,
      interrupted: () => ending.signal,
    });
    expect([code, lines.at(-1)]).toEqual([130, "Ended before it was done: run the same command again to go on."]);
  });
});

describe("when the operator does not run, scaffold deploy tells why", () => {
  test("an image that is not there: the pod, its events, and what to do", async () => {
    const { code, err } = await run("deploy", { image: "does-not-exist:1" }, "--timeout", "1s");
    expect(code).toBe(1);
    const lines = err.split("\n");
    expect(lines).toContainEqual(expect.stringMatching(/^pod ship-operator-\w+-\w+: Pending on kubescaffold-node$/));
    expect(lines).toContainEqual(
      expect.stringMatching(/^ {2}container manager \(does-not-exist:1\): ImagePullBackOff: Back-off pulling image/),
    );
    expect(lines).toContainEqual(
      expect.stringMatching(/^ {2}Warning Failed pod\/ship-operator-\S+: Failed to pull image "does-not-exist:1"/),
    );
    expect(lines.at(-1)).toBe(
      "The deployment ship-system/ship-operator does not run: 0 of 1 pods are available after 1 s. Mend the cause and deploy again; scaffold undeploy takes everything away.",
    );
  });

  test("one that is mended runs", async () => {
    await run("deploy", { image: "does-not-exist:1" }, "--timeout", "1s");
    expect(await run("deploy", good)).toMatchObject({ code: 0, err: "" });
  });

  test("a program that ends: its exit code, and what became of its log", async () => {
    const { err } = await run("deploy", { image: "ship:exits-with-3" }, "--timeout", "1s");
    expect(err).toMatch(
      /container manager \(ship:exits-with-3\): CrashLoopBackOff: .*, 1 restarts\n {4}its last run ended with exit code 3 \(Error\)/,
    );
    expect(err).toMatch(/\nlog of ship-operator-\S+, container manager, its last run cannot be read: /); // no containers, no logs
  });

  test("the last lines of the log, of the run that ended", async () => {
    await using front = await withLogs("Error: no such flag\n    at main.ts:1\n");
    const { err } = await run("deploy", { image: "ship:exits-with-3" }, "--timeout", "1s", "--kubeconfig", front.kubeconfig);
    expect(err).toMatch(/\nlog of ship-operator-\S+, container manager, its last run\n {2}Error: no such flag\n {6}at main\.ts:1\n/);
    expect(front.asked).toEqual([
      expect.stringMatching(
        /^\/api\/v1\/namespaces\/ship-system\/pods\/ship-operator-\S+\/log\?container=manager&tailLines=20&previous=true$/,
      ),
    ]);
  });

  /** The cluster with a kubelet that has logs. */
  async function withLogs(text: string): Promise<{ kubeconfig: string; asked: string[] } & AsyncDisposable> {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      if (request.url?.includes("/log?") === true) {
        asked.push(request.url);
        response.end(text);
        return;
      }
      const { method, headers, url = "" } = request;
      const onward = forward(new URL(url, cluster.url), { method, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      });
      request.pipe(onward);
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { port } = server.address() as AddressInfo;
    const kubeconfig = join(folder.path, "front");
    const contexts = [{ name: "front", context: { cluster: "front" } }];
    const clusters = [{ name: "front", cluster: { server: `http://127.0.0.1:${port}` } }];
    writeFileSync(kubeconfig, JSON.stringify({ clusters, contexts, "current-context": "front" }));
    const close = async (): Promise<void> => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    };
    return { kubeconfig, asked, [Symbol.asyncDispose]: close };
  }

  test("a program that is never ready", async () => {
    const { err } = await run("deploy", { image: "never-ready" }, "--timeout", "1s");
    expect(err).toContain("container manager (never-ready): running, but its readiness probe does not succeed");
  });

  test("pods that nobody lets in: who refuses them", async () => {
    await run("deploy", good);
    await connection.client.create(deafWebhook(pods));
    await connection.client.patch(Deployment, key, "merge", { spec: { template: { metadata: { annotations: { anew: "1" } } } } });
    const failure = await failureOf({ timeout: 20_000, patience: 300 });
    expect(failure.message).toMatch(/failed calling webhook "ships\.fleet\.example\.com"/);
    expect(failure.pods).toEqual([]);
    await connection.client.delete(Webhooks, { name: "ship-operator" });
  });

  test("what lasts ends the wait long before its time", async () => {
    await run("deploy", { image: "does-not-exist:1" }, "--timeout", "1s");
    const failure = await failureOf({ timeout: 600_000, patience: 300 });
    expect(failure.message).toMatch(/^container manager: ImagePullBackOff, Back-off pulling image "does-not-exist:1"/);
    expect(failure.pods).toHaveLength(1);
  });

  async function failureOf(times: { timeout: number; patience: number }): Promise<RolloutFailure> {
    const deployment = { ...Deployment, metadata: key } satisfies Manifest;
    const progress: string[] = [];
    const waiting = awaitRollout(connection.client, deployment, {
      ...times,
      signal: new AbortController().signal,
      onProgress: (text) => progress.push(text),
    });
    const failure: unknown = await waiting.then(
      () => "it runs",
      (error: unknown) => error,
    );
    if (!(failure instanceof RolloutFailure)) throw new Error(`no failure, but ${String(failure)}; ${progress.join("\n")}`);
    expect(progress.at(-1)).toContain(failure.message);
    return failure;
  }
});

describe("scaffold install", () => {
  test("puts the CRDs on the cluster and nothing else; uninstall takes them away with their objects", async () => {
    expect(changes(await run("install", good))).toEqual([`create customresourcedefinition ${crdName}`]);
    expect((await run("install", good)).out).toContain("Nothing to do: the cluster has the CRDs as they are.");
    await connection.client.create({ ...Ship, metadata: { namespace: "default", name: "one" } });
    const gone = await run("uninstall", good);
    expect(gone.out).toContain(`Custom resources on the cluster, which go with their CRDs: 1 ${crdName}`);
    expect(changes(gone)).toEqual(["delete ship default/one", `delete customresourcedefinition ${crdName}`]);
    await eventually(async () => expect(await connection.client.get(CustomResourceDefinition, { name: crdName })).toBeUndefined());
    expect((await run("uninstall", good)).out).toContain("Nothing to do: nothing of it is on the cluster.");
  });
});

describe("bad input", () => {
  test.each([
    [["--timeout", "soon"], "--timeout soon is no duration: write it as 90s, 5m or 1h."],
    [["--context", "a", "--kind-cluster", "b"], "Arguments context and kind-cluster are mutually exclusive (see scaffold --help)"],
    [["--image-archive", "image.tar"], "--image-archive is loaded into the nodes of a kind cluster: pass --kind-cluster with its name."],
  ])("%j", async (more, err) => {
    expect(await run("deploy", good, ...more)).toMatchObject({ code: 1, err });
  });

  test("a context that the kubeconfig does not have, and a cluster that is not there", async () => {
    expect(await run("deploy", good, "--context", "prod")).toMatchObject({
      code: 1,
      err: expect.stringMatching(/there is no context named prod\.$/) as unknown,
    });
    const kubeconfig = join(folder.path, "kubeconfig");
    const away = {
      clusters: [{ name: "x", cluster: { server: "http://127.0.0.1:1" } }],
      contexts: [{ name: "x", context: { cluster: "x" } }],
      "current-context": "x",
    };
    writeFileSync(kubeconfig, JSON.stringify(away));
    const { err } = await scaffold(folder.path, ["deploy", "--from", "operator.yaml", "--kubeconfig", kubeconfig]);
    expect(err).toMatch(
      /^The cluster of the kubeconfig's current context is not reachable \(.*\): is it running, and does kubectl reach it\?$/,
    );
  });

  test.each([
    ["a: [", /^operator\.yaml is not YAML: /],
    ["# nothing\n", /^There is no object in operator\.yaml\.$/],
    [
      "kind: Service\nmetadata: { name: x }\n",
      /^operator\.yaml has a document that is no Kubernetes object: it needs apiVersion, kind and metadata\.name\.$/,
    ],
    [
      yaml([
        { ...Namespace, metadata: { name: "a" } },
        { ...Namespace, metadata: { name: "a" } },
      ]),
      /^operator\.yaml has the namespace a twice: take one out\.$/,
    ],
  ])("manifests that are none: %j", async (text, err) => {
    expect(await run("deploy", text)).toMatchObject({ code: 1, err: expect.stringMatching(err) as unknown });
  });
});
