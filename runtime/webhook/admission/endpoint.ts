import { writeJson, type ExactIntegers, type JsonDocument } from "../json/index.ts";
import {
  BadReviewError,
  CallEndedError,
  decode,
  expectKind,
  readHeader,
  type Call,
  type ReviewEndpoint,
  type ReviewHeader,
} from "../review/index.ts";
import { reasonOf, type KindToken } from "../../object/index.ts";
import { HandlersByKind, type KindHandlers } from "./by-kind.ts";
import type { AdmissionHandler } from "./handlers.ts";
import { IncomingRequest } from "./request.ts";
import { allowed, errored, type AdmissionResponse } from "./response.ts";
import { readRequest } from "./review.ts";

const API_VERSIONS = ["admission.k8s.io/v1", "admission.k8s.io/v1beta1"];
const DEFAULTS = { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview" };

/**
 * Answers AdmissionReviews by handlers. When there are several, each sees the object as the defaulters before it left it, the first refusal ends it, and
 * patches, warnings and audit annotations come one after the other.
 */
export class AdmissionEndpoint implements ReviewEndpoint {
  readonly #handlers: AdmissionHandler[] = [];
  readonly #onFailure: () => void;
  #byKind: HandlersByKind | undefined;

  /** @param onFailure called for each handler that throws */
  constructor(onFailure: () => void) {
    this.#onFailure = onFailure;
  }

  add(handler: AdmissionHandler): void {
    this.#handlers.push(handler);
  }

  /** The defaulters and validators of a kind, to add some to. */
  of(kind: KindToken): KindHandlers {
    if (this.#byKind === undefined) this.#handlers.push((this.#byKind = new HandlersByKind()));
    return this.#byKind.of(kind);
  }

  async answer(body: Buffer, call: Call): Promise<string> {
    let document: JsonDocument;
    try {
      document = decode(body);
    } catch (error) {
      return write({ ...DEFAULTS, uid: "" }, refuse(error));
    }
    const header = readHeader(document.value, DEFAULTS);
    let request: IncomingRequest;
    try {
      request = new IncomingRequest(readRequest(expectKind(document.value, "AdmissionReview", API_VERSIONS)), call);
    } catch (error) {
      return write(header, refuse(error));
    }
    try {
      const response = await call.within(this.#decide(request));
      return write(header, response, request, document.integers);
    } catch (error) {
      return write(header, this.#failed(error, request), request);
    }
  }

  async #decide(request: IncomingRequest): Promise<AdmissionResponse> {
    let whole: AdmissionResponse | undefined;
    for (const handler of this.#handlers) {
      const response = await handler.handle(request);
      if (!response.allowed) return response;
      whole = whole === undefined ? response : both(whole, response);
    }
    return whole ?? allowed();
  }

  #failed(error: unknown, request: IncomingRequest): AdmissionResponse {
    if (error instanceof CallEndedError) {
      request.log.warn("a webhook's handler took longer than its caller waits", { reason: error.message });
      return errored(504, error.message);
    }
    this.#onFailure();
    request.log.error("a webhook's handler failed; the request is refused", error);
    return errored(500, reasonOf(error));
  }
}

function both(one: AdmissionResponse, other: AdmissionResponse): AdmissionResponse {
  return {
    ...one,
    ...other,
    patch: [...(one.patch ?? []), ...(other.patch ?? [])],
    warnings: [...(one.warnings ?? []), ...(other.warnings ?? [])],
    auditAnnotations: { ...one.auditAnnotations, ...other.auditAnnotations },
  };
}

function refuse(error: unknown): AdmissionResponse {
  if (error instanceof BadReviewError) return errored(400, error.message);
  throw error;
}

function write(header: ReviewHeader, response: AdmissionResponse, request?: IncomingRequest, integers?: ExactIntegers): string {
  const { apiVersion, kind, uid } = header;
  const { allowed: isAllowed, status, patch, warnings = [], auditAnnotations } = response;
  const answer: Record<string, unknown> = { uid, allowed: isAllowed };
  if (status !== undefined) answer["status"] = status;
  if (patch !== undefined && patch.length > 0) {
    answer["patchType"] = "JSONPatch";
    answer["patch"] = Buffer.from(writeJson(patch, integers)).toString("base64");
  }
  const allWarnings = request === undefined ? warnings : [...request.warnings, ...warnings];
  // A header cannot hold a line break, so the API server would drop the whole warning.
  if (allWarnings.length > 0) answer["warnings"] = allWarnings.map((text) => text.replaceAll(/\p{Cc}+/gu, " "));
  if (auditAnnotations !== undefined || request?.annotations !== undefined) {
    answer["auditAnnotations"] = { ...Object.fromEntries(request?.annotations ?? []), ...auditAnnotations };
  }
  return JSON.stringify({ apiVersion, kind, response: answer });
}
