/**
 * The server of the `watch` bench, in a process of its own: it lists a thousand Pods, and whoever has listed them gets as many changes of them as
 * BENCH_EVENTS says, as fast as the connection takes them. An event is 2,000 bytes long. TLS_CERT_FILE and TLS_KEY_FILE name its certificate;
 * prints its port.
 */
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import type { ServerResponse } from "node:http";

const EVENT_BYTES = 2000;
const PODS = 1000;
/** Resource versions are of one length, so that a block of events is made once and only the versions in it change. */
const FIRST_VERSION = 100_000_000;

const events = Number(process.env["BENCH_EVENTS"]);
const file = (variable: string): Buffer => readFileSync(process.env[variable] ?? "");

const server = createServer({ cert: file("TLS_CERT_FILE"), key: file("TLS_KEY_FILE") }, (request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? "/", "https://localhost");
  if (pathname === "/api/v1")
    answer(response, 200, { kind: "APIResourceList", resources: [{ name: "pods", kind: "Pod", namespaced: true }] });
  else if (pathname === "/api/v1/pods" && searchParams.get("watch") === "true") void feed(response);
  else answer(response, 406, { kind: "Status", apiVersion: "v1", status: "Failure", code: 406, reason: "NotAcceptable" });
});
server.listen(0, "127.0.0.1", () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
process.on("SIGTERM", () => process.exit(0));

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

/** The list as a stream, and then the changes. */
async function feed(response: ServerResponse): Promise<void> {
  response.writeHead(200, { "content-type": "application/json" });
  for (let index = 0; index < PODS; index++) response.write(line("ADDED", index, FIRST_VERSION));
  const metadata = { resourceVersion: String(FIRST_VERSION), annotations: { "k8s.io/initial-events-end": "true" } };
  response.write(`${JSON.stringify({ type: "BOOKMARK", object: { kind: "Pod", apiVersion: "v1", metadata } })}\n`);
  const block = Buffer.from(Array.from({ length: PODS }, (_, index) => line("MODIFIED", index, FIRST_VERSION)).join(""));
  const versionAt = block.indexOf(String(FIRST_VERSION));
  for (let sent = 0; sent < events; sent += PODS) {
    const next = Buffer.from(block);
    for (let index = 0; index < PODS; index++)
      next.write(String(FIRST_VERSION + sent + index + 1), index * EVENT_BYTES + versionAt, "latin1");
    if (!response.write(next)) await once(response, "drain");
  }
}

/** An event of a Pod as the API server sends it. */
function line(type: string, index: number, version: number): string {
  const name = `web-7d9c6b8f5d-${String(index).padStart(5, "0")}`;
  const labels = { "app.kubernetes.io/name": "web", "pod-template-hash": "7d9c6b8f5d" };
  const object = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      resourceVersion: String(version),
      name,
      namespace: "bench",
      uid: `6d0b4f6e-0000-4000-8000-${String(index).padStart(12, "0")}`,
      creationTimestamp: "2026-01-01T00:00:00Z",
      labels,
      ownerReferences: [
        {
          apiVersion: "apps/v1",
          kind: "ReplicaSet",
          name: "web-7d9c6b8f5d",
          uid: "6d0b4f6e-0000-4000-8000-0000000000ff",
          controller: true,
        },
      ],
      managedFields: [
        {
          manager: "kube-controller-manager",
          operation: "Update",
          apiVersion: "v1",
          time: "2026-01-01T00:00:00Z",
          fieldsType: "FieldsV1",
          fieldsV1: { "f:metadata": { "f:labels": { "f:app.kubernetes.io/name": {} } }, "f:spec": { "f:containers": {} } },
        },
      ],
      annotations: { padding: "" },
    },
    spec: {
      nodeName: "node-1",
      serviceAccountName: "web",
      containers: [
        {
          name: "web",
          image: "registry.example.com/web:1.4.2",
          ports: [{ name: "http", containerPort: 8080 }],
          env: [{ name: "LOG_LEVEL", value: "info" }],
        },
      ],
    },
    status: {
      phase: "Running",
      podIP: "10.0.0.1",
      conditions: [{ type: "Ready", status: "True", lastTransitionTime: "2026-01-01T00:00:00Z" }],
    },
  };
  const event = { type, object };
  object.metadata.annotations.padding = "x".repeat(EVENT_BYTES - 1 - JSON.stringify(event).length);
  return `${JSON.stringify(event)}\n`;
}
