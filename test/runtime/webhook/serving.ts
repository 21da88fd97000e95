import { Agent, request } from "node:https";
import type { IncomingHttpHeaders } from "node:http";
import { silentLogger, systemClock, type LogFields, type Logger } from "../../../runtime/object/index.ts";
import {
  servingCertificate,
  WebhookServer,
  type CertificateSource,
  type ServingPair,
  type WebhookServerOptions,
} from "../../../runtime/webhook/index.ts";

/** A certificate for 127.0.0.1, good for an hour. */
export function localCertificate(commonName = "webhook"): Promise<ServingPair> {
  const now = systemClock.now();
  return servingCertificate({ commonName, names: ["127.0.0.1", "localhost"], notBefore: now - 60_000, notAfter: now + 3_600_000 });
}

/** A certificate that a test exchanges by hand. */
export class HandHeldCertificate implements CertificateSource {
  #pair: ServingPair;
  #onChange: (pair: ServingPair) => void = () => undefined;

  constructor(pair: ServingPair) {
    this.#pair = pair;
  }

  load(): Promise<ServingPair> {
    return Promise.resolve(this.#pair);
  }

  watch(onChange: (pair: ServingPair) => void): void {
    this.#onChange = onChange;
  }

  exchange(pair: ServingPair): void {
    this.#pair = pair;
    this.#onChange(pair);
  }
}

const certificate = await localCertificate();

export interface Served extends AsyncDisposable {
  readonly server: WebhookServer;
  readonly port: number;
  /** Posts JSON, or a text as it is, and reads the answer. */
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>;
}

export interface Answer {
  readonly code: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** A started server on a free port of 127.0.0.1, which stops with the test. */
export async function serve(wire: (server: WebhookServer) => void, options: Partial<WebhookServerOptions> = {}): Promise<Served> {
  const certificates = options.certificates ?? new HandHeldCertificate(certificate);
  const server = new WebhookServer({ port: 0, host: "127.0.0.1", log: silentLogger, ...options, certificates });
  wire(server);
  await server.start();
  const port = server.port ?? 0;
  const agent = new Agent({ keepAlive: true, rejectUnauthorized: false });
  return {
    server,
    port,
    post: (path, body, headers = {}) => post(agent, port, path, body, headers),
    async [Symbol.asyncDispose]() {
      agent.destroy();
      await server.stop({ grace: 0 });
    },
  };
}

export function post(agent: Agent, port: number, path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const content = typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const all = { "content-type": "application/json", "content-length": String(Buffer.byteLength(content)), ...headers };
    const sent = request({ host: "127.0.0.1", port, path, method: "POST", agent, headers: all }, (response) => {
      const parts: Buffer[] = [];
      response
        .on("data", (part: Buffer) => parts.push(part))
        .on("end", () => resolve({ code: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(parts).toString() }))
        .on("error", reject);
    });
    sent.on("error", reject).end(content);
  });
}

export interface Review {
  apiVersion: string;
  kind: string;
  response: {
    uid: string;
    allowed: boolean;
    status?: { code?: number; reason?: string; message?: string; status?: string; details?: unknown };
    patchType?: string;
    patch?: string;
    warnings?: string[];
    auditAnnotations?: Record<string, string>;
  };
}

/** The AdmissionReview in an answer. */
export function reviewIn(answer: Answer): Review {
  if (answer.code !== 200) throw new Error(`HTTP ${answer.code}: ${answer.text}`);
  return JSON.parse(answer.text) as Review;
}

/** The operations in a review's patch, as the text that was sent. */
export function patchIn({ response }: Review): string {
  return Buffer.from(response.patch ?? "", "base64").toString();
}

export const UID = "705ab4f5-6393-11e8-b7cc-42010a800002";

/** A review of a request to create a Deployment; what is given takes the place of what is there. */
export function reviewOf(request: Record<string, unknown> = {}, review: Record<string, unknown> = {}) {
  const kind = { group: "apps", version: "v1", kind: "Deployment" };
  const resource = { group: "apps", version: "v1", resource: "deployments" };
  return {
    apiVersion: "admission.k8s.io/v1",
    kind: "AdmissionReview",
    request: {
      uid: UID,
      kind,
      resource,
      requestKind: kind,
      requestResource: resource,
      name: "web",
      namespace: "default",
      operation: "CREATE",
      userInfo: { username: "admin", groups: ["system:masters"] },
      object: deployment(),
      oldObject: null,
      dryRun: false,
      options: { apiVersion: "meta.k8s.io/v1", kind: "CreateOptions" },
      ...request,
    },
    ...review,
  };
}

export function deployment(metadata: Record<string, unknown> = {}, spec: Record<string, unknown> = {}) {
  const containers = [{ name: "web", image: "registry.example.com/web:1.4.2" }];
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", namespace: "default", labels: { app: "web" }, ...metadata },
    spec: { replicas: 3, template: { spec: { containers } }, ...spec },
  };
}

/** A logger that keeps its lines. */
export function recordingLogger(lines: { level: string; message: string; error?: unknown; fields?: LogFields | undefined }[]): Logger {
  const logger: Logger = {
    debug: (message, fields) => lines.push({ level: "debug", message, fields }),
    info: (message, fields) => lines.push({ level: "info", message, fields }),
    warn: (message, fields) => lines.push({ level: "warn", message, fields }),
    error: (message, error, fields) => lines.push({ level: "error", message, error, fields }),
    child: () => logger,
  };
  return logger;
}
