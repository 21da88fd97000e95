import { createHash, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What a request gets instead of an answer: a status, or the connection cut off after so many bytes of the request's body or the answer's. */
export type Fault =
  { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string | Buffer } | "cut" | "garbled";

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
}

/**
 * A registry of a test, which keeps to the OCI distribution specification: nothing is named before it is there, and nothing is taken that is not
 * what its digest says.
 */
export class TestRegistry {
  /** `127.0.0.1:PORT`, the first part of the names of its images. */
  readonly name: string;
  readonly seen: Seen[] = [];
  /** Asked for each request; the first fault that it answers is what happens. */
  fault: (seen: Seen) => Fault | undefined = () => undefined;
  /** When set, nothing is answered without. `token`: a token service is to be asked, by Basic or with a refresh token. */
  login: { readonly scheme: "basic" | "token"; readonly user: string; readonly password: string } | undefined;
  /** Where blobs are fetched from, in place of here. */
  redirectBlobs: string | undefined;
  readonly blobs = new Map<string, Buffer>();
  /** By `repository:tag` and by `repository@digest`. */
  readonly manifests = new Map<string, { readonly mediaType: string; readonly bytes: Buffer }>();
  readonly #owners = new Set<string>();
  readonly #uploads = new Set<string>();
  readonly #tokens = new Map<string, string>();
  readonly #close: () => Promise<void>;

  private constructor(server: ReturnType<typeof createServer>) {
    const { port } = server.address() as AddressInfo;
    this.name = `127.0.0.1:${port}`;
    this.#close = async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    };
  }

  static async start(): Promise<TestRegistry> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const registry = new TestRegistry(server);
    server.on("request", (request, response) => void registry.#answer(request, response));
    return registry;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }

  /** Puts a blob there, as if somebody had pushed it. */
  keep(repository: string, bytes: Uint8Array): string {
    const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
    this.blobs.set(digest, Buffer.from(bytes));
    this.#owners.add(`${repository} ${digest}`);
    return digest;
  }

  requests(method: string): string[] {
    return this.seen.filter((one) => one.method === method).map(({ path }) => path);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", `http://${this.name}`);
    const seen = { method: request.method ?? "", path: `${url.pathname}${url.search}`, authorization: request.headers.authorization };
    this.seen.push(seen);
    const fault = this.fault(seen);
    if (fault === "cut" && request.method !== "GET") {
      request.once("data", () => request.destroy());
      return;
    }
    const body = await bodyOf(request);
    if (fault !== undefined && typeof fault === "object") return void response.writeHead(fault.status, fault.headers).end(fault.body);
    if (url.pathname === "/token") {
      this.#token(url, seen, body.toString(), response);
      return;
    }
    const refused = this.#refused(url, seen);
    if (refused) return void response.writeHead(refused.status, refused.headers).end();
    const [, repository = "", kind = "", reference = ""] = /^\/v2\/(.+)\/(blobs\/uploads|blobs|manifests)\/(.*)$/.exec(url.pathname) ?? [];
    if (kind === "manifests") {
      this.#manifest(request, response, repository, reference, body);
      return;
    }
    if (kind === "blobs/uploads") {
      this.#upload(request, response, repository, reference, url, body);
      return;
    }
    if (kind === "blobs") {
      this.#blob(request, response, repository, reference, fault);
      return;
    }
    response.writeHead(404).end();
  }

  #refused(url: URL, { authorization }: Seen): { status: number; headers: Record<string, string> } | undefined {
    if (!this.login) return undefined;
    const { scheme, user, password } = this.login;
    if (scheme === "basic") {
      const right = `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
      return authorization === right ? undefined : { status: 401, headers: { "www-authenticate": 'Basic realm="test"' } };
    }
    const allowed = this.#tokens.get(authorization?.replace("Bearer ", "") ?? "") ?? "";
    const [, repository = ""] = /^\/v2\/(.+?)\/(?:blobs|manifests)/.exec(url.pathname) ?? [];
    if (allowed.split(" ").some((scope) => scope.startsWith(`repository:${repository}:`))) return undefined;
    const challenge = `Bearer realm="http://${this.name}/token",service="test",scope="repository:${repository}:pull"`;
    return { status: 401, headers: { "www-authenticate": challenge } };
  }

  #token(url: URL, { method, authorization }: Seen, body: string, response: ServerResponse): void {
    const form = method === "POST" ? new URLSearchParams(body) : url.searchParams;
    const basic = `Basic ${Buffer.from(`${this.login?.user}:${this.login?.password}`).toString("base64")}`;
    const known = method === "POST" ? form.get("refresh_token") === this.login?.password : authorization === basic;
    if (!known || form.get("service") !== "test") return void response.writeHead(401).end();
    const token = randomUUID();
    this.#tokens.set(token, form.getAll("scope").join(" "));
    response.end(JSON.stringify(method === "POST" ? { access_token: token } : { token }));
  }

  #manifest(request: IncomingMessage, response: ServerResponse, repository: string, reference: string, body: Buffer): void {
    const key = `${repository}${reference.startsWith("sha256:") ? "@" : ":"}${reference}`;
    if (request.method === "PUT") {
      const digest = `sha256:${createHash("sha256").update(body).digest("hex")}`;
      const named = namedIn(body);
      const missing = named.find((one) => !this.#owners.has(`${repository} ${one}`) && !this.manifests.has(`${repository}@${one}`));
      if (missing !== undefined) {
        return void response.writeHead(404).end(JSON.stringify({ errors: [{ code: "MANIFEST_BLOB_UNKNOWN", message: `no ${missing}` }] }));
      }
      const kept = { mediaType: request.headers["content-type"] ?? "", bytes: body };
      this.manifests.set(key, kept).set(`${repository}@${digest}`, kept);
      return void response.writeHead(201, { "docker-content-digest": digest, location: `/v2/${key}` }).end();
    }
    const found = this.manifests.get(key);
    if (!found) return void response.writeHead(404).end();
    response.writeHead(200, { "content-type": found.mediaType }).end(found.bytes);
  }

  #blob(request: IncomingMessage, response: ServerResponse, repository: string, digest: string, fault: Fault | undefined): void {
    const bytes = this.blobs.get(digest);
    if (!bytes || !this.#owners.has(`${repository} ${digest}`)) return void response.writeHead(404).end();
    if (request.method === "GET" && this.redirectBlobs !== undefined) {
      return void response.writeHead(307, { location: `${this.redirectBlobs}/${digest}` }).end();
    }
    response.writeHead(200, { "content-length": bytes.length });
    if (request.method === "HEAD") return void response.end();
    if (fault === "cut") response.write(bytes.subarray(0, bytes.length / 2), () => response.destroy());
    else response.end(fault === "garbled" ? Buffer.alloc(bytes.length) : bytes);
  }

  #upload(request: IncomingMessage, response: ServerResponse, repository: string, id: string, url: URL, body: Buffer): void {
    if (request.method === "POST") {
      const mounted = url.searchParams.get("mount");
      if (mounted !== null && this.#owners.has(`${url.searchParams.get("from")} ${mounted}`)) {
        this.#owners.add(`${repository} ${mounted}`);
        return void response.writeHead(201, { location: `/v2/${repository}/blobs/${mounted}` }).end();
      }
      const begun = randomUUID();
      this.#uploads.add(begun);
      return void response.writeHead(202, { location: `/v2/${repository}/blobs/uploads/${begun}?state=x` }).end();
    }
    const promised = url.searchParams.get("digest") ?? "";
    if (!this.#uploads.delete(id) || url.searchParams.get("state") !== "x") return void response.writeHead(404).end();
    const digest = `sha256:${createHash("sha256").update(body).digest("hex")}`;
    if (digest !== promised) return void response.writeHead(400).end(JSON.stringify({ errors: [{ message: "digest invalid" }] }));
    this.keep(repository, body);
    response.writeHead(201, { location: `/v2/${repository}/blobs/${digest}` }).end();
  }
}

/** The digests that a manifest or an index needs to be there. */
function namedIn(bytes: Buffer): string[] {
  type Named = { readonly digest: string };
  const { config, layers = [], manifests = [] } = JSON.parse(bytes.toString()) as { config?: Named; layers?: Named[]; manifests?: Named[] };
  return [...(config ? [config] : []), ...layers, ...manifests].map(({ digest }) => digest);
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
