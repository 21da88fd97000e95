import { reasonOf, type Logger } from "../../object/index.ts";
import {
  BadReviewError,
  CallEndedError,
  decode,
  expectKind,
  objectIn,
  readHeader,
  text,
  type Call,
  type ReviewEndpoint,
  type ReviewHeader,
} from "../review/index.ts";

/** Who a token belongs to. */
export interface AuthenticatedUser {
  username: string;
  uid?: string;
  groups?: readonly string[];
  extra?: Readonly<Record<string, readonly string[]>>;
}

/** A token, and for whom it has to be good (`authentication.k8s.io/v1 TokenReviewSpec`). */
export interface TokenRequest {
  readonly token: string;
  /** The API server's names for itself, one of which the token must be meant for; empty when tokens have no audience. */
  readonly audiences: readonly string[];
  /** Aborts when the API server waits no longer. */
  readonly signal: AbortSignal;
  readonly log: Logger;
}

export interface Authentication {
  readonly user: AuthenticatedUser;
  /** Those of the request's audiences that the token is good for. Default: all of them. */
  readonly audiences?: readonly string[];
}

/** Says who a bearer token belongs to. */
export interface TokenAuthenticator {
  /** `undefined` when the token is nobody's. A throw means that it cannot be told; the API server then asks its other authenticators. */
  authenticate(request: TokenRequest): Authentication | undefined | Promise<Authentication | undefined>;
}

const API_VERSIONS = ["authentication.k8s.io/v1", "authentication.k8s.io/v1beta1"];
const DEFAULTS = { apiVersion: "authentication.k8s.io/v1", kind: "TokenReview" };

/** Answers TokenReviews. */
export class AuthenticationEndpoint implements ReviewEndpoint {
  readonly #authenticator: TokenAuthenticator;
  readonly #onFailure: () => void;

  /** @param onFailure called when the authenticator throws */
  constructor(authenticator: TokenAuthenticator, onFailure: () => void) {
    this.#authenticator = authenticator;
    this.#onFailure = onFailure;
  }

  async answer(body: Buffer, call: Call): Promise<string> {
    let header: ReviewHeader = { ...DEFAULTS, uid: "" };
    try {
      const { value } = decode(body);
      header = readHeader(value, DEFAULTS);
      const request = readToken(expectKind(value, "TokenReview", API_VERSIONS), call);
      const found = await call.within(Promise.resolve(this.#authenticator.authenticate(request)));
      return write(header, accepted(found, request));
    } catch (error) {
      return write(header, { authenticated: false, error: this.#failed(error, call) });
    }
  }

  #failed(error: unknown, call: Call): string {
    if (error instanceof BadReviewError || error instanceof CallEndedError) return error.message;
    this.#onFailure();
    call.log.error("a token could not be judged", error);
    return reasonOf(error);
  }
}

function accepted(found: Authentication | undefined, { audiences }: TokenRequest): Record<string, unknown> {
  if (found === undefined) return { authenticated: false };
  const shared = found.audiences === undefined ? audiences : audiences.filter((each) => found.audiences?.includes(each));
  // A token for somebody else is as good as none.
  if (audiences.length > 0 && shared.length === 0) return { authenticated: false, error: "the token is meant for another audience" };
  return { authenticated: true, user: found.user, ...(shared.length > 0 && { audiences: shared }) };
}

function readToken(review: Record<string, unknown>, call: Call): TokenRequest {
  const spec = objectIn(review, "spec") ?? {};
  const token = text(spec, "token");
  if (token === "") throw new BadReviewError("spec.token is missing");
  const audiences: unknown = spec["audiences"] ?? [];
  if (!isTexts(audiences)) throw new BadReviewError("spec.audiences is no list of strings");
  return {
    token,
    audiences,
    get signal() {
      return call.signal;
    },
    log: call.log,
  };
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function write({ apiVersion, kind }: ReviewHeader, status: Record<string, unknown>): string {
  return JSON.stringify({ apiVersion, kind, status });
}
