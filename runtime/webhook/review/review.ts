import { isUtf8 } from "node:buffer";
import { isObject, readJson, type JsonDocument } from "../json/index.ts";

/** What could be read of a review, for the answer to repeat. */
export interface ReviewHeader {
  apiVersion: string;
  kind: string;
  uid: string;
}

/** The body is no review that can be answered; `header` holds what could be read all the same. */
export class BadReviewError extends Error {
  override readonly name = "BadReviewError";
}

/** @throws BadReviewError when the body is not JSON in UTF-8 */
export function decode(body: Buffer): JsonDocument {
  if (!isUtf8(body)) throw new BadReviewError("the body is not UTF-8");
  try {
    return readJson(body.toString());
  } catch (error) {
    // Of the parser's message only the kind: it quotes the body, in which a Secret may be.
    const problem = error instanceof SyntaxError ? "no JSON" : "nested too deeply";
    throw new BadReviewError(`the body is ${problem}`);
  }
}

/** Reads apiVersion, kind and uid of any JSON, with the defaults given for what is not there. */
export function readHeader(body: unknown, defaults: { apiVersion: string; kind: string }): ReviewHeader {
  const review = isObject(body) ? body : {};
  const request = isObject(review["request"]) ? review["request"] : isObject(review["spec"]) ? review["spec"] : {};
  return {
    apiVersion: nonEmpty(review["apiVersion"]) ?? defaults.apiVersion,
    kind: nonEmpty(review["kind"]) ?? defaults.kind,
    uid: nonEmpty(request["uid"]) ?? "",
  };
}

/** @throws BadReviewError unless the body is of this kind and one of these versions */
export function expectKind(body: unknown, kind: string, apiVersions: readonly string[]): Record<string, unknown> {
  if (!isObject(body)) throw new BadReviewError("the body is no JSON object");
  if (body["kind"] !== kind) throw new BadReviewError(`expected kind ${kind}, got ${shown(body["kind"])}`);
  const { apiVersion } = body;
  if (typeof apiVersion !== "string" || !apiVersions.includes(apiVersion)) {
    throw new BadReviewError(`expected apiVersion ${apiVersions.join(" or ")}, got ${shown(apiVersion)}`);
  }
  return body;
}

/** The text in a field; empty when it is absent. @throws BadReviewError */
export function text(object: Record<string, unknown>, field: string): string {
  const value = object[field];
  if (isAbsent(value)) return "";
  if (typeof value !== "string") throw new BadReviewError(`${field} is no string`);
  return value;
}

/** The object in a field. @throws BadReviewError */
export function objectIn(object: Record<string, unknown>, field: string): Record<string, unknown> | undefined {
  const value = object[field];
  if (isAbsent(value)) return undefined;
  if (!isObject(value)) throw new BadReviewError(`${field} is no object`);
  return value;
}

/** Go leaves out empty fields, or writes null. */
export function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}

function nonEmpty(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** A value of somebody else's in a message: no more than a line of it. */
export function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  const json = JSON.stringify(value);
  return json.length > 80 ? `${json.slice(0, 80)}…` : json;
}
