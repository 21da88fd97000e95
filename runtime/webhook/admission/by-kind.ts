import { groupOf, type KindToken, type UnstructuredObject } from "../../object/index.ts";
import { copyJson } from "../json/index.ts";
import type { FieldError } from "./field-errors.ts";
import type { AdmissionHandler, Defaulter, Validator, Verdict } from "./handlers.ts";
import type { AdmissionRequest } from "./request.ts";
import { allowed, errored, invalid, patched, type AdmissionResponse } from "./response.ts";

/** What is registered for one version of a kind. */
export interface KindHandlers {
  readonly defaulters: Defaulter<UnstructuredObject>[];
  readonly validators: Validator<UnstructuredObject>[];
}

/**
 * Asks the defaulters and validators of a request's kind: first the defaulters in order, each with what the one before it made of the
 * object, then the validators with the result. Kinds for which there are none are let through untouched.
 */
export class HandlersByKind implements AdmissionHandler {
  /** By kind and group, then by version. */
  readonly #kinds = new Map<string, Map<string, KindHandlers>>();

  /** The handlers of a kind, to add some to. */
  of({ apiVersion, kind }: KindToken): KindHandlers {
    const group = groupOf(apiVersion);
    const version = apiVersion.slice(apiVersion.indexOf("/") + 1);
    const versions = this.#kinds.get(`${kind}.${group}`) ?? new Map<string, KindHandlers>();
    const handlers = versions.get(version) ?? { defaulters: [], validators: [] };
    this.#kinds.set(`${kind}.${group}`, versions.set(version, handlers));
    return handlers;
  }

  async handle(request: AdmissionRequest): Promise<AdmissionResponse> {
    const { group, version, kind } = request.kind;
    const versions = this.#kinds.get(`${kind}.${group}`);
    if (versions === undefined) return allowed();
    const handlers = versions.get(version);
    if (handlers === undefined) {
      // Letting it through would let it get past the handlers of the other versions.
      const known = [...versions.keys()].join(", ");
      return errored(
        400,
        `this webhook understands ${kind} in ${known}, not in ${version}; matchPolicy Equivalent lets the API server convert it`,
      );
    }
    const absent = absentObject(request);
    if (absent !== undefined) return errored(400, `request.${absent} is missing in a request to ${request.operation} a ${kind}`);
    const mutates = handlers.defaulters.length > 0 && (request.operation === "CREATE" || request.operation === "UPDATE");
    if (!mutates || request.object === undefined) return judge(handlers.validators, request);
    const before = copyJson(request.object);
    for (const defaulter of handlers.defaulters) await defaulter.default(request.object, request);
    const change = patched(before, request.object);
    if (handlers.validators.length === 0) return change;
    const verdict = await judge(handlers.validators, request);
    return verdict.allowed ? { ...verdict, ...change } : verdict;
  }
}

async function judge(validators: readonly Validator<UnstructuredObject>[], request: AdmissionRequest): Promise<AdmissionResponse> {
  const errors: FieldError[] = [];
  // What one validator does to the object shall not reach the next.
  const own = validators.length > 1 ? copyJson : <O>(given: O) => given;
  for (const validator of validators) {
    const verdict = await ask(validator, request, own(request.object), own(request.oldObject));
    if (verdict === undefined) continue;
    if (!isResponse(verdict)) errors.push(...verdict);
    else if (!verdict.allowed) return verdict;
    else {
      for (const warning of verdict.warnings ?? []) request.warn(warning);
      for (const [key, value] of Object.entries(verdict.auditAnnotations ?? {})) request.annotate(key, value);
    }
  }
  return errors.length === 0 ? allowed() : invalid(request, errors);
}

function ask(
  validator: Validator<UnstructuredObject>,
  request: AdmissionRequest,
  object: UnstructuredObject | undefined,
  old: UnstructuredObject | undefined,
): Verdict | Promise<Verdict> {
  switch (request.operation) {
    case "CREATE":
      return object && validator.validateCreate?.(object, request);
    case "UPDATE":
      return object && old && validator.validateUpdate?.(object, old, request);
    case "DELETE":
      return old && validator.validateDelete?.(old, request);
    case "CONNECT":
      return undefined;
  }
}

/** What is not there though the operation has it always. */
function absentObject({ operation, object, oldObject }: AdmissionRequest): "object" | "oldObject" | undefined {
  if ((operation === "CREATE" || operation === "UPDATE") && object === undefined) return "object";
  if ((operation === "UPDATE" || operation === "DELETE") && oldObject === undefined) return "oldObject";
  return undefined;
}

function isResponse(verdict: readonly FieldError[] | AdmissionResponse): verdict is AdmissionResponse {
  return !Array.isArray(verdict);
}
