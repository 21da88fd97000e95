import type { StatusFailure } from "../errors.ts";
import { badRequest, failure, invalid, plainError } from "../errors.ts";
import type { FieldError } from "../../../schema/index.ts";
import { isTrue } from "./request.ts";
import type { FieldValidation } from "../defaults/index.ts";

/** `metav1.ListOptions` of a list, watch or deletecollection. */
export interface ListOptions {
  readonly labelSelector: string;
  readonly fieldSelector: string;
  /** `""` when not given. */
  readonly resourceVersion: string;
  readonly resourceVersionMatch: string;
  readonly limit: number;
  readonly continue: string;
  readonly timeoutSeconds: number | undefined;
  readonly allowWatchBookmarks: boolean;
  readonly sendInitialEvents: boolean | undefined;
}

/** Reads list options. Throws StatusFailure 400 or 422 for those that contradict each other. */
export function listOptions(query: URLSearchParams, isWatch: boolean): ListOptions {
  const initial = query.get("sendInitialEvents");
  const options: ListOptions = {
    labelSelector: query.get("labelSelector") ?? "",
    fieldSelector: query.get("fieldSelector") ?? "",
    resourceVersion: query.get("resourceVersion") ?? "",
    resourceVersionMatch: query.get("resourceVersionMatch") ?? "",
    limit: integer(query, "limit") ?? 0,
    continue: query.get("continue") ?? "",
    timeoutSeconds: integer(query, "timeoutSeconds"),
    allowWatchBookmarks: isTrue(query.get("allowWatchBookmarks")),
    sendInitialEvents: initial === null || initial === "" ? undefined : isTrue(initial),
  };
  const errors = isWatch ? watchErrors(options) : listErrors(options);
  if (errors.length > 0) throw invalid({ group: "meta.k8s.io", kind: "ListOptions" }, "", errors);
  return options;
}

function listErrors(options: ListOptions): FieldError[] {
  const { resourceVersionMatch: match, resourceVersion } = options;
  const errors: FieldError[] = [];
  if (options.sendInitialEvents !== undefined) {
    errors.push({ type: "FieldValueForbidden", field: "sendInitialEvents", message: "Forbidden: sendInitialEvents is forbidden for list" });
  }
  if (match === "") return errors;
  if (options.resourceVersion === "") {
    errors.push(matchForbidden("resourceVersionMatch is forbidden unless resourceVersion is provided"));
  }
  if (options.continue !== "") errors.push(matchForbidden("resourceVersionMatch is forbidden when continue is provided"));
  if (match !== "Exact" && match !== "NotOlderThan") {
    errors.push(unsupported(match, `supported values: "Exact", "NotOlderThan", ""`));
  }
  if (match === "Exact" && resourceVersion === "0") {
    errors.push(matchForbidden('resourceVersionMatch "exact" is forbidden for resourceVersion "0"'));
  }
  return errors;
}

function watchErrors(options: ListOptions): FieldError[] {
  const { resourceVersionMatch: match } = options;
  const errors: FieldError[] = [];
  if (options.continue !== "") errors.push(matchForbidden("resourceVersionMatch is forbidden when continue is provided"));
  if (options.sendInitialEvents !== undefined) {
    if (match === "") {
      errors.push(matchForbidden("sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"));
    } else if (match !== "NotOlderThan") {
      errors.push(unsupported(match, `supported values: "NotOlderThan"`));
    }
  } else if (match !== "") {
    errors.push(matchForbidden("resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"));
  }
  return errors;
}

function matchForbidden(why: string): FieldError {
  return { type: "FieldValueForbidden", field: "resourceVersionMatch", message: `Forbidden: ${why}` };
}

function unsupported(value: string, supported: string): FieldError {
  return {
    type: "FieldValueNotSupported",
    field: "resourceVersionMatch",
    message: `Unsupported value: ${JSON.stringify(value)}: ${supported}`,
  };
}

function integer(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === "") return undefined;
  if (!/^[+-]?\d+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  return Number(text);
}

/** A resource version of a list. Throws StatusFailure 400 when it is no number. */
export function parseRevision(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw badRequest(`invalid resource version: ${notANumber(text)}`);
}

/** The same for a watch, which words it as a plain error. Throws StatusFailure 500. */
export function parseWatchRevision(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw plainError(notANumber(text));
}

function notANumber(text: string): string {
  return `resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`;
}

/** What every write can be told. */
export interface WriteOptions {
  readonly dryRun: boolean;
  readonly fieldManager: string;
  readonly fieldValidation: FieldValidation;
  readonly force: boolean | undefined;
}

/** Reads the options of a create, update or patch; `kind` names them in errors (`CreateOptions`). */
export function writeOptions(
  query: URLSearchParams,
  kind: "CreateOptions" | "UpdateOptions" | "PatchOptions",
  isApply = false,
): WriteOptions {
  const errors: FieldError[] = [];
  const fieldManager = query.get("fieldManager") ?? "";
  const force = query.get("force");
  if (kind === "PatchOptions") {
    if (isApply && fieldManager === "") {
      errors.push({ type: "FieldValueRequired", field: "fieldManager", message: "Required value: is required for apply patch" });
    }
    if (!isApply && force !== null) {
      errors.push({ type: "FieldValueForbidden", field: "force", message: "Forbidden: may not be specified for non-apply patch" });
    }
  }
  if (fieldManager.length > 128) {
    errors.push({ type: "FieldValueTooLong", field: "fieldManager", message: "Too long: may not be more than 128 bytes" });
  }
  errors.push(...dryRunErrors(query.getAll("dryRun")));
  const validation = query.get("fieldValidation") ?? "";
  if (!["", "Ignore", "Warn", "Strict"].includes(validation)) {
    errors.push({
      type: "FieldValueNotSupported",
      field: "fieldValidation",
      message: `Unsupported value: ${JSON.stringify(validation)}: supported values: "", "Ignore", "Strict", "Warn"`,
    });
  }
  if (errors.length > 0) throw invalid({ group: "meta.k8s.io", kind }, "", errors);
  return {
    dryRun: query.getAll("dryRun").includes("All"),
    fieldManager,
    fieldValidation: validation === "Ignore" || validation === "Strict" ? validation : "Warn",
    force: force === null ? undefined : isTrue(force),
  };
}

export function dryRunErrors(values: readonly string[]): FieldError[] {
  const wrong = values.filter((value) => value !== "All" && value !== "");
  if (wrong.length === 0) return [];
  return [
    {
      type: "FieldValueNotSupported",
      field: "dryRun",
      message: `Unsupported value: ${JSON.stringify(values)}: supported values: "All"`,
    },
  ];
}

/** 504 of a list that asks for a revision that is not reached in time. */
export function tooLargeRevision(asked: number, current: number): StatusFailure {
  return failure(504, "Timeout", `Timeout: Too large resource version: ${asked}, current: ${current}`, {
    causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }],
    retryAfterSeconds: 1,
  });
}
