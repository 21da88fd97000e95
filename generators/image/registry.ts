import { setTimeout as wait } from "node:timers/promises";
import { ScaffoldError } from "../errors.ts";
import { credentialsFor, type Credentials } from "./credentials.ts";
import { objectsAt, parseObject, textAt } from "./json.ts";
import { digestOf, MEDIA, verify, type Descriptor } from "./oci.ts";
import { tokenFor } from "./token.ts";

export interface RegistryOptions {
  /** Who asks [default: what docker and podman logins left]. */
  readonly credentials?: (registry: string) => Promise<Credentials | undefined>;
  /** Waits before another try, in milliseconds. */
  readonly wait?: (milliseconds: number) => Promise<void>;
}

interface Call {
  readonly method: "GET" | "HEAD" | "POST" | "PUT";
  readonly url: URL;
  /** What the token has to allow. */
  readonly scopes: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

/** A failure that may be over when the same is tried again. */
class Transient extends Error {
  readonly after: number | undefined;
  constructor(message: string, after: number | undefined, options?: ErrorOptions) {
    super(message, options);
    this.after = after;
  }
}

/** Tries of one call or one upload; with the waits between them, about four seconds. */
const TRIES = 5;
/** A registry that asks for more patience than this is given up. Milliseconds. */
const LONGEST_WAIT = 30_000;

/**
 * A registry, by the OCI distribution specification 1.1: what an image needs of it to be read and written. Tokens are fetched when they are asked
 * for, calls that fail on the way are repeated, and bytes are believed only by their digest. Plain HTTP is spoken on this machine alone.
 */
export class Registry {
  readonly #name: string;
  readonly #origin: string;
  readonly #credentials: (registry: string) => Promise<Credentials | undefined>;
  readonly #wait: (milliseconds: number) => Promise<void>;
  readonly #authorizations = new Map<string, string>();
  #asked: Promise<Credentials | undefined> | undefined;

  constructor(name: string, options: RegistryOptions = {}) {
    this.#name = name;
    const host = name === "docker.io" ? "registry-1.docker.io" : name;
    this.#origin = `${isLoopback(host) ? "http" : "https"}://${host}`;
    this.#credentials = options.credentials ?? ((registry) => credentialsFor(registry));
    this.#wait = options.wait ?? (async (milliseconds) => wait(milliseconds));
  }

  /**
   * A manifest or an index.
   *
   * @param reference a tag or a digest
   * @throws ScaffoldError `registry-failed`, also when there is none; `bad-image` when it is not what the digest promises
   */
  async manifest(repository: string, reference: string): Promise<{ mediaType: string; bytes: Uint8Array; digest: string }> {
    const accept = [MEDIA.index, MEDIA.manifest, MEDIA.dockerIndex, MEDIA.dockerManifest].join(", ");
    const { headers, bytes } = await this.#read(`${repository}/manifests/${reference}`, repository, { accept });
    if (reference.includes(":")) verify(bytes, reference, `The manifest ${reference} of ${this.#name}/${repository}`);
    const mediaType = headers.get("content-type")?.split(";")[0]?.trim() ?? MEDIA.manifest;
    return { mediaType, bytes, digest: digestOf(bytes) };
  }

  async blob(repository: string, { digest }: Descriptor): Promise<Uint8Array> {
    const { bytes } = await this.#read(`${repository}/blobs/${digest}`, repository, {});
    verify(bytes, digest, `The blob ${digest} of ${this.#name}/${repository}`);
    return bytes;
  }

  /**
   * Sends a blob, unless it is there already.
   *
   * @param from another repository of this registry that has it: then it need not be sent
   * @returns how it came there
   */
  async putBlob(
    repository: string,
    { digest }: Descriptor,
    bytes: () => Promise<Uint8Array>,
    from?: string,
  ): Promise<"there" | "mounted" | "sent"> {
    const scopes = pushScopes(repository, from);
    const head = await this.#persistently(() => this.#call({ method: "HEAD", url: this.#url(`${repository}/blobs/${digest}`), scopes }));
    if (head.ok) return "there";
    if (head.status !== 404) throw await this.#refused(head, `does not say whether it has ${digest}`);
    // What has begun is not taken up after a failure, but begun anew.
    return this.#persistently(async () => {
      const start = this.#url(`${repository}/blobs/uploads/`);
      if (from !== undefined) start.search = new URLSearchParams({ mount: digest, from }).toString();
      const begun = await this.#call({ method: "POST", url: start, scopes });
      if (begun.status === 201) return "mounted";
      const location = begun.headers.get("location");
      if (begun.status !== 202 || location === null) throw await this.#refused(begun, `takes no upload to ${repository}`);
      const url = new URL(location, start);
      url.searchParams.set("digest", digest);
      const body = await bytes();
      const done = await this.#call({ method: "PUT", url, scopes, headers: { "content-type": "application/octet-stream" }, body });
      if (done.status !== 201) throw await this.#refused(done, `does not take the blob ${digest}`);
      return "sent";
    });
  }

  /** @param reference a tag or a digest */
  async putManifest(repository: string, reference: string, mediaType: string, bytes: Uint8Array): Promise<void> {
    const call: Call = {
      method: "PUT",
      url: this.#url(`${repository}/manifests/${reference}`),
      scopes: pushScopes(repository),
      headers: { "content-type": mediaType },
      body: bytes,
    };
    const answer = await this.#persistently(() => this.#call(call));
    if (answer.status !== 201) throw await this.#refused(answer, `does not take ${repository}:${reference}`);
    const digest = answer.headers.get("docker-content-digest");
    if (digest !== null && digest !== digestOf(bytes)) {
      throw new ScaffoldError(
        "bad-image",
        `${this.#name} has made something else of ${repository}:${reference}: ${digest} instead of ${digestOf(bytes)}.`,
      );
    }
  }

  async #read(path: string, repository: string, headers: Record<string, string>): Promise<{ headers: Headers; bytes: Uint8Array }> {
    return this.#persistently(async () => {
      const answer = await this.#call({ method: "GET", url: this.#url(path), scopes: [`repository:${repository}:pull`], headers });
      if (answer.status === 404) {
        throw new ScaffoldError(
          "registry-failed",
          `${this.#name} has no ${path.replace("/manifests/", path.includes("@") ? "@" : ":")}: check the name.`,
        );
      }
      if (!answer.ok) throw await this.#refused(answer, `does not give ${path}`);
      return { headers: answer.headers, bytes: await arrived(answer) };
    });
  }

  #url(path: string): URL {
    return new URL(`/v2/${path}`, this.#origin);
  }

  /** One call, with a token as soon as the registry asks for one. */
  async #call(call: Call): Promise<Response> {
    const answer = await this.#send(call);
    if (answer.status !== 401) return answer;
    const challenge = answer.headers.get("www-authenticate") ?? "";
    await answer.body?.cancel();
    this.#asked ??= this.#credentials(this.#name);
    const token = await tokenFor({ challenge, registry: this.#name, scopes: call.scopes, credentials: await this.#asked }, (url, init) =>
      reached(url, init),
    );
    if (token === undefined) return new Response(null, { status: 401 });
    this.#authorizations.set(call.scopes.join(" "), token);
    return this.#send(call);
  }

  async #send({ method, url, scopes, headers, body }: Call): Promise<Response> {
    const authorization = url.origin === this.#origin ? this.#authorizations.get(scopes.join(" ")) : undefined;
    const answer = await reached(url, {
      method,
      headers: { "user-agent": "kubescaffold", ...headers, ...(authorization === undefined ? {} : { authorization }) },
      ...(body === undefined ? {} : { body: Buffer.from(body.buffer, body.byteOffset, body.byteLength) }),
    });
    if (![408, 429, 500, 502, 503, 504].includes(answer.status)) return answer;
    await answer.body?.cancel();
    const seconds = Number(answer.headers.get("retry-after") ?? Number.NaN);
    throw new Transient(`answered ${answer.status} ${answer.statusText}`.trim(), Number.isFinite(seconds) ? seconds * 1000 : undefined);
  }

  async #persistently<T>(work: () => Promise<T>): Promise<T> {
    for (let tried = 1; ; tried++) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof Transient)) throw error;
        const pause = error.after ?? 125 * 2 ** tried;
        if (tried === TRIES || pause > LONGEST_WAIT) {
          throw new ScaffoldError("registry-failed", `The registry ${this.#name} ${error.message}, after ${tried} tries.`, {
            cause: error,
          });
        }
        await this.#wait(pause);
      }
    }
  }

  async #refused(answer: Response, what: string): Promise<ScaffoldError> {
    if (answer.status === 401 || answer.status === 403) {
      const who = (await this.#asked) === undefined ? "nobody is logged in" : "who is logged in may not";
      return new ScaffoldError("registry-failed", `The registry ${this.#name} ${what}: ${who}. Log in with: docker login ${this.#name}`);
    }
    const text = Buffer.from(await arrived(answer)).toString();
    return new ScaffoldError(
      "registry-failed",
      `The registry ${this.#name} ${what}: ${answer.status} ${reasonIn(text) ?? answer.statusText}`.trim(),
    );
  }
}

function pushScopes(repository: string, from?: string): string[] {
  return [`repository:${repository}:pull,push`, ...(from === undefined ? [] : [`repository:${from}:pull`])];
}

function reasonIn(text: string): string | undefined {
  try {
    const [first] = objectsAt(parseObject(text), "errors");
    return first === undefined ? undefined : (textAt(first, "message") ?? textAt(first, "code"));
  } catch {
    return undefined; // not every server on the way speaks JSON
  }
}

async function reached(url: URL, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    throw new Transient(`cannot be reached at ${url.origin} (${causeOf(error)})`, undefined, { cause: error });
  }
}

async function arrived(answer: Response): Promise<Uint8Array> {
  try {
    return await answer.bytes();
  } catch (error) {
    throw new Transient(`broke off its answer (${causeOf(error)})`, undefined, { cause: error });
  }
}

/** `fetch` says "fetch failed", and why in its cause. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(cause instanceof Error)) return String(cause);
  return "code" in cause && typeof cause.code === "string" ? cause.code : cause.message;
}

export function isLoopback(host: string): boolean {
  const name = host.replace(/:\d+$/, "");
  return name === "localhost" || name.endsWith(".localhost") || /^127(?:\.\d+){3}$/.test(name) || name === "[::1]";
}
