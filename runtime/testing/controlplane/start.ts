import { generateKeyPairSync, randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { auditArguments, type AuditLevel, auditPolicy, auditPolicyFile } from "./audit.ts";
import type { Binaries } from "./binaries.ts";
import { writeKubeconfig } from "./kubeconfig.ts";
import { type Endpoint, request } from "./request.ts";
import { ServerProcess } from "./server-process.ts";

/** One start: what is wanted, and the servers that it has started so far. */
export interface Start {
  readonly folder: string;
  readonly binaries: Binaries;
  readonly apiServerArgs: readonly string[];
  readonly controllerManager: boolean;
  readonly audit: AuditLevel | undefined;
  readonly signal: AbortSignal;
  readonly servers: ServerProcess[];
}

const portAttempts = 5;
const pollMilliseconds = 50;
/** A try that takes longer is given up: before the server listens, a connection to its port can be one to itself, which holds the port. */
const probeMilliseconds = 5000;

/** Starts the servers, writes `kubeconfig` into the folder, and returns the URL of the API server, which is ready then. */
export async function startServers(start: Start): Promise<string> {
  const { folder, servers } = start;
  const keys = generateKeyPairSync("ec", {
    namedCurve: "P-256",
    privateKeyEncoding: { type: "sec1", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  const tokens = { admin: randomBytes(24).toString("hex"), controllerManager: randomBytes(24).toString("hex") };
  await write(start, "service-account.key", keys.privateKey);
  await write(start, "service-account.pub", keys.publicKey);
  await write(
    start,
    "tokens.csv",
    [
      `${tokens.admin},admin,admin,system:masters`,
      `${tokens.controllerManager},system:kube-controller-manager,system:kube-controller-manager,system:masters`,
    ].join("\n"),
  );
  if (start.audit !== undefined) {
    await write(start, auditPolicyFile, auditPolicy(start.audit));
  }

  servers.push(await ServerProcess.start("etcd", etcdCommand(start), folder));
  const server = await startApiServer(start, tokens.admin);
  await writeKubeconfig(join(folder, "kubeconfig"), "admin", { ...server, token: tokens.admin });
  if (start.controllerManager) {
    await writeKubeconfig(join(folder, "controller-manager.kubeconfig"), "controller-manager", {
      ...server,
      token: tokens.controllerManager,
    });
    servers.push(await ServerProcess.start("kube-controller-manager", await controllerManagerCommand(start, server), folder));
    // Pods are refused in a namespace without its service account, which the controllers make.
    const path = "/api/v1/namespaces/default/serviceaccounts/default";
    await until(
      start,
      async () => (await request({ ...server, token: tokens.admin }, "GET", path, undefined, start.signal)).status === 200,
    );
  }
  return server.url;
}

/** The API server's port may be taken by another program between our asking for a free one and its use; the next try has another. */
async function startApiServer(start: Start, token: string): Promise<Endpoint> {
  for (let attempt = 1; ; attempt += 1) {
    const url = `https://127.0.0.1:${await freePort()}`;
    const server = await ServerProcess.start("kube-apiserver", apiServerCommand(start, new URL(url).port), start.folder);
    start.servers.push(server);
    const certificate = join(start.folder, "certificates", "apiserver.crt");
    try {
      let ca = "";
      await until(start, async () => {
        ca = await readFile(certificate, "utf8"); // made by the server; it holds its authority's certificate too
        const signal = AbortSignal.any([start.signal, AbortSignal.timeout(probeMilliseconds)]);
        return (await request({ url, ca, token }, "GET", "/readyz", undefined, signal)).status === 200;
      });
      return { url, ca };
    } catch (error) {
      const taken = server.ended && (await server.lastLines(20)).includes("address already in use");
      if (!taken || attempt === portAttempts) {
        throw error;
      }
      start.servers.pop();
    }
  }
}

/** Sockets in the folder: no port that can be taken, and nobody else gets in. Their names look like hosts since etcd asks for a port. */
const etcdSocket = { clients: "unix://localhost:1", peers: "unix://localhost:2" };

function etcdCommand({ binaries, folder }: Start): string[] {
  return [
    binaries.etcd,
    "--name=test",
    `--data-dir=${join(folder, "etcd")}`,
    `--listen-client-urls=${etcdSocket.clients}`,
    `--advertise-client-urls=${etcdSocket.clients}`,
    `--listen-peer-urls=${etcdSocket.peers}`,
    `--initial-advertise-peer-urls=${etcdSocket.peers}`,
    `--initial-cluster=test=${etcdSocket.peers}`,
    "--unsafe-no-fsync",
    "--log-level=warn",
  ];
}

function apiServerCommand(start: Start, port: string): string[] {
  const { binaries, folder } = start;
  return [
    binaries.kubeApiserver,
    `--etcd-servers=${etcdSocket.clients}`,
    "--bind-address=127.0.0.1",
    `--secure-port=${port}`,
    `--cert-dir=${join(folder, "certificates")}`,
    // The address of the Service `kubernetes`: nothing routes to it, and without these lines a machine without network has no address.
    "--advertise-address=127.0.0.1",
    "--endpoint-reconciler-type=none",
    "--service-cluster-ip-range=10.96.0.0/16",
    "--authorization-mode=RBAC",
    `--token-auth-file=${join(folder, "tokens.csv")}`,
    "--service-account-issuer=https://kubernetes.default.svc",
    `--service-account-key-file=${join(folder, "service-account.pub")}`,
    `--service-account-signing-key-file=${join(folder, "service-account.key")}`,
    "--allow-privileged=true",
    // This plugin refuses Pods as long as no controller has made the namespace's service account.
    ...(start.controllerManager ? [] : ["--disable-admission-plugins=ServiceAccount"]),
    ...(start.audit === undefined ? [] : auditArguments(folder)),
    ...start.apiServerArgs,
  ];
}

const controllers = [
  "deployment-controller",
  "replicaset-controller",
  "garbage-collector-controller",
  "namespace-controller",
  "serviceaccount-controller",
  "root-ca-certificate-publisher-controller",
];

async function controllerManagerCommand(start: Start, server: Endpoint): Promise<string[]> {
  const { binaries, folder } = start;
  if (binaries.kubeControllerManager === undefined) {
    throw new Error(`There is no kube-controller-manager in ${binaries.folder}: add one, or unset KUBEBUILDER_ASSETS to have it built`);
  }
  await write(start, "ca.crt", server.ca ?? "");
  return [
    binaries.kubeControllerManager,
    `--kubeconfig=${join(folder, "controller-manager.kubeconfig")}`,
    `--controllers=${controllers.join(",")}`,
    `--root-ca-file=${join(folder, "ca.crt")}`,
    "--secure-port=0",
    "--leader-elect=false",
    "--kube-api-qps=500", // requests a second; the default of 20 is for clusters with other users
    "--kube-api-burst=1000",
  ];
}

/**
 * Calls `probe` until it resolves to true. What it throws counts as "not yet": files and ports appear one after the other.
 *
 * @throws when a server ends, with the last refusal as the cause when `start.signal` fires.
 */
async function until(start: Start, probe: () => Promise<boolean>): Promise<void> {
  let refusal: unknown;
  for (;;) {
    try {
      if (await probe()) {
        return;
      }
    } catch (error) {
      refusal = error;
    }
    const ended = start.servers.find((server) => server.ended);
    if (ended !== undefined) {
      throw new Error(`${ended.name} ended by itself`, { cause: refusal });
    }
    if (start.signal.aborted) {
      throw new Error("the start was given up", { cause: refusal ?? start.signal.reason });
    }
    await sleep(pollMilliseconds);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") {
    throw new Error("The system gave no TCP port on 127.0.0.1");
  }
  return address.port;
}

async function write({ folder }: Start, name: string, text: string): Promise<void> {
  await writeFile(join(folder, name), text, { mode: 0o600 });
}
