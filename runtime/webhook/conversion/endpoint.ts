import { groupOf, reasonOf, type KindToken } from "../../object/index.ts";
import { isObject, writeJson, type ExactIntegers } from "../json/index.ts";
import {
  BadReviewError,
  CallEndedError,
  decode,
  expectKind,
  readHeader,
  shown,
  type Call,
  type ReviewEndpoint,
  type ReviewHeader,
} from "../review/index.ts";
import { ConversionError, type Conversion } from "./conversion.ts";

const API_VERSIONS = ["apiextensions.k8s.io/v1", "apiextensions.k8s.io/v1beta1"];
const DEFAULTS = { apiVersion: "apiextensions.k8s.io/v1", kind: "ConversionReview" };

/** Where the API server asks for conversions of all kinds. */
export const CONVERT_PATH = "/convert";

/** Answers ConversionReviews, of all kinds that have a converter. Either all objects of a review are converted, or none. */
export class ConversionEndpoint implements ReviewEndpoint {
  readonly #conversions = new Map<string, Conversion>();
  readonly #onFailure: () => void;

  /** @param onFailure called when a conversion function throws */
  constructor(onFailure: () => void) {
    this.#onFailure = onFailure;
  }

  /** @throws TypeError when the kind has a converter already */
  add(conversion: Conversion): void {
    const key = keyOf(conversion.hub);
    if (this.#conversions.has(key)) throw new TypeError(`${conversion.hub.kind} has a converter already`);
    this.#conversions.set(key, conversion);
  }

  /** The kinds that have a converter. */
  get hubs(): KindToken[] {
    return [...this.#conversions.values()].map(({ hub }) => hub);
  }

  /** @throws ConversionError when a sample does not survive its round trip */
  checkSamples(): void {
    for (const conversion of this.#conversions.values()) conversion.checkSamples();
  }

  answer(body: Buffer, call: Call): Promise<string> {
    let header: ReviewHeader = { ...DEFAULTS, uid: "" };
    try {
      const { value, integers } = decode(body);
      header = readHeader(value, DEFAULTS);
      const { desired, objects } = readRequest(expectKind(value, "ConversionReview", API_VERSIONS));
      const converted = objects.map((object) => this.#conversion(object).convert(object, desired));
      return Promise.resolve(write(header, { convertedObjects: converted, result: { status: "Success" } }, integers));
    } catch (error) {
      const result = { status: "Failure", message: this.#failed(error, call) };
      return Promise.resolve(write(header, { convertedObjects: [], result }));
    }
  }

  #conversion(object: unknown): Conversion {
    const { apiVersion, kind } = isObject(object) ? object : {};
    const known = typeof apiVersion === "string" && typeof kind === "string" && this.#conversions.get(keyOf({ apiVersion, kind }));
    if (!known) throw new BadReviewError(`there is no converter for ${shown(apiVersion)} ${shown(kind)}`);
    return known;
  }

  #failed(error: unknown, call: Call): string {
    const message = reasonOf(error);
    if (error instanceof BadReviewError || error instanceof CallEndedError) return message;
    if (!(error instanceof ConversionError)) this.#onFailure();
    call.log.error("an object could not be converted", error);
    return message;
  }
}

function keyOf({ apiVersion, kind }: KindToken): string {
  return `${kind}.${groupOf(apiVersion)}`;
}

/** @throws BadReviewError */
function readRequest(review: Record<string, unknown>): { desired: string; objects: readonly unknown[] } {
  const { request } = review;
  if (!isObject(request)) throw new BadReviewError("the review has no request");
  const { uid, desiredAPIVersion: desired, objects } = request;
  if (typeof uid !== "string" || uid === "") throw new BadReviewError("request.uid is missing");
  if (typeof desired !== "string" || desired === "") throw new BadReviewError("request.desiredAPIVersion is missing");
  if (!Array.isArray(objects)) throw new BadReviewError("request.objects is no list");
  return { desired, objects };
}

function write({ apiVersion, kind, uid }: ReviewHeader, response: Record<string, unknown>, integers?: ExactIntegers): string {
  return writeJson({ apiVersion, kind, response: { uid, ...response } }, integers);
}
