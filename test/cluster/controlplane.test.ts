import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { promisify } from "node:util";

import { ControlPlane, findBinaries } from "../../runtime/testing/controlplane/index.ts";
import { readKubeconfig } from "../../runtime/testing/controlplane/kubeconfig.ts";
import { request } from "../../runtime/testing/controlplane/request.ts";
import { eventually } from "../../runtime/testing/eventually.ts";
import { kubeconfigFor } from "../../runtime/testing/identity.ts";

/** Command lines of the processes that name `folder`: a control plane's servers name theirs. */
function processesOf(folder: string): string[] {
  const lines = existsSync("/proc/self/cmdline")
    ? readdirSync("/proc")
        .filter((name) => /^\d+$/.test(name))
        .map(commandLine)
    : execFileSync("ps", ["-A", "-o", "args="], { encoding: "utf8" }).split("\n");
  return lines.filter((line) => line.includes(folder));
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return ""; // it has ended since
  }
}

async function get(kubeconfig: string, path: string): Promise<{ status: number; body: unknown }> {
  const { status, body } = await request(await readKubeconfig(kubeconfig), "GET", path);
  return { status, body: JSON.parse(body) };
}

async function create(kubeconfig: string, path: string, object: unknown): Promise<void> {
  const answer = await request(await readKubeconfig(kubeconfig), "POST", path, object);
  expect(answer).toMatchObject({ status: 201 });
}

describe("a control plane", () => {
  let cluster: ControlPlane;
  beforeAll(async () => {
    cluster = await ControlPlane.start({ audit: "Metadata" });
  }, 120_000);
  afterAll(async () => {
    await cluster.stop();
  });

  test("serves the Kubernetes version that is asked for, to a caller who trusts only its certificate", async () => {
    const admin = await readKubeconfig(cluster.kubeconfig);
    expect(admin).toMatchObject({ url: cluster.url, ca: expect.stringContaining("BEGIN CERTIFICATE") });
    const { status, body } = await get(cluster.kubeconfig, "/version");
    expect(status).toBe(200);
    expect(body).toMatchObject({ gitVersion: "v1.35.4" });
  });

  test("works with kubectl", async () => {
    const { kubectl = "kubectl" } = await findBinaries();
    const { stdout } = await promisify(execFile)(kubectl, ["--kubeconfig", cluster.kubeconfig, "auth", "can-i", "*", "*"]);
    expect(stdout).toBe("yes\n");
  });

  test("refuses callers without a token", async () => {
    const { token: _, ...stranger } = await readKubeconfig(cluster.kubeconfig);
    expect(await request(stranger, "GET", "/api/v1/namespaces")).toMatchObject({ status: 403 });
  });

  test("records what was asked of it, and by whom", async () => {
    await get(cluster.kubeconfig, "/api/v1/namespaces/default/configmaps/recorded");
    const events = await cluster.auditEvents();
    expect(events).toContainEqual(
      expect.objectContaining({
        verb: "get",
        user: expect.objectContaining({ username: "admin" }),
        objectRef: expect.objectContaining({ resource: "configmaps", namespace: "default", name: "recorded" }),
        responseStatus: expect.objectContaining({ code: 404 }),
      }),
    );
  });

  test("gives service accounts the access that their roles give and no more", async () => {
    const rbac = "/apis/rbac.authorization.k8s.io/v1/namespaces/default";
    await create(cluster.kubeconfig, "/api/v1/namespaces/default/serviceaccounts", { metadata: { name: "reader" } });
    await create(cluster.kubeconfig, `${rbac}/roles`, {
      metadata: { name: "reader" },
      rules: [{ apiGroups: [""], resources: ["configmaps"], verbs: ["list"] }],
    });
    await create(cluster.kubeconfig, `${rbac}/rolebindings`, {
      metadata: { name: "reader" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "reader" },
      subjects: [{ kind: "ServiceAccount", name: "reader", namespace: "default" }],
    });

    const reader = await kubeconfigFor({ kubeconfig: cluster.kubeconfig, serviceAccount: "reader", namespace: "default" });

    expect(await get(reader, "/api/v1/namespaces/default/configmaps")).toMatchObject({ status: 200 });
    expect(await get(reader, "/api/v1/namespaces/default/secrets")).toMatchObject({
      status: 403,
      body: { message: expect.stringContaining("system:serviceaccount:default:reader") },
    });
  });

  test("has no token for a service account that does not exist", async () => {
    await expect(kubeconfigFor({ kubeconfig: cluster.kubeconfig, serviceAccount: "nobody", namespace: "default" })).rejects.toThrow(
      'No token for service account default/nobody: 404 serviceaccounts "nobody" not found',
    );
  });
});

test("its controllers make replicas, and remove what a deleted owner leaves", async () => {
  await using cluster = await ControlPlane.start({ controllerManager: true });
  const labels = { app: "web" };
  const deployments = "/apis/apps/v1/namespaces/default/deployments";
  const pods = async () => (await get(cluster.kubeconfig, "/api/v1/namespaces/default/pods")).body as { items: unknown[] };
  await create(cluster.kubeconfig, deployments, {
    metadata: { name: "web" },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: "web", image: "example.com/web" }] } },
    },
  });
  await eventually(async () => expect((await pods()).items).toHaveLength(2));

  await request(await readKubeconfig(cluster.kubeconfig), "DELETE", `${deployments}/web`);
  await eventually(async () => expect((await pods()).items).toHaveLength(0));
}, 120_000);

test("several run side by side, and a stopped one leaves neither process nor file", async () => {
  const [first, second] = await Promise.all([ControlPlane.start(), ControlPlane.start()]);
  const folder = dirname(first.kubeconfig);
  expect(processesOf(folder)).not.toEqual([]);
  expect(first.url).not.toBe(second.url);

  await first.stop();
  expect(processesOf(folder)).toEqual([]);
  expect(existsSync(folder)).toBe(false);
  expect(await get(second.kubeconfig, "/version")).toMatchObject({ status: 200 });

  await second.stop();
  await second.stop();
  expect(processesOf(dirname(second.kubeconfig))).toEqual([]);
}, 120_000);

test("it ends with the process that started it, even one that was killed", async () => {
  const program = `
    import { ControlPlane } from ${JSON.stringify(resolve("runtime/testing/controlplane/index.ts"))};
    console.log((await ControlPlane.start()).kubeconfig);
    setInterval(() => undefined, 60_000);`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program], { stdio: ["ignore", "pipe", "inherit"] });
  const [output] = (await once(child.stdout, "data")) as [Buffer];
  const folder = dirname(output.toString("utf8").trim());
  expect(processesOf(folder)).not.toEqual([]);

  child.kill("SIGKILL");
  await eventually(() => expect({ processes: processesOf(folder), folder: existsSync(folder) }).toEqual({ processes: [], folder: false }));
}, 120_000);

test("a start that fails shows the log of the server that ended, and leaves no process", async () => {
  const failure: unknown = await ControlPlane.start({ apiServerArgs: ["--no-such-flag"] }).catch((error: unknown) => error);
  expect(String(failure)).toContain("kube-apiserver ended by itself");
  expect(String(failure)).toContain("unknown flag: --no-such-flag");
  const logs = /The logs are in (\S+)\./.exec(String(failure))?.[1] ?? "";
  expect(existsSync(resolve(logs, "etcd.log"))).toBe(true);
  rmSync(logs, { recursive: true });
}, 120_000);
