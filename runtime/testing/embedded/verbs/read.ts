import { collectionOf, type Api } from "../api.ts";
import { badRequest, expired, failure, notFound } from "../errors.ts";
import {
  type Answer,
  type ApiRequest,
  type Form,
  goJsonError,
  listOptions,
  type ListOptions,
  parseRevision,
  tooLargeRevision,
} from "../http/index.ts";
import {
  convertsByWebhook,
  entryAtVersion,
  itemText,
  objectAtVersion,
  objectText,
  partialText,
  type Resource,
} from "../resources/index.ts";
import { labelsOf, parseFieldSelector, parseLabelSelector } from "../selectors/index.ts";
import type { JsonObject } from "../../../schema/index.ts";
import { type Entry, entryKey } from "../store/index.ts";
import { sleep } from "../../../object/clock.ts";
import { tableOf } from "../table/index.ts";

/** The stored entry that a request names. Throws StatusFailure 404. */
export function storedEntry(api: Api, resource: Resource, namespace: string, name: string): Entry {
  const entry = collectionOf(api, resource).get(entryKey(resource.namespaced ? namespace : "", name));
  if (entry === undefined) throw notFound(resource, name);
  return entry;
}

export async function get(api: Api, resource: Resource, request: ApiRequest, form: Form): Promise<Answer> {
  const { namespace, name } = request.info;
  const minimum = request.query.get("resourceVersion") ?? "";
  if (minimum !== "" && minimum !== "0") await reach(api, parseRevision(minimum), request.signal);
  return entryAnswer(api, storedEntry(api, resource, namespace, name), resource, request, form);
}

/** One object in the form that was asked for. */
export async function entryAnswer(
  api: Api,
  stored: Entry,
  resource: Resource,
  request: ApiRequest,
  form: Form,
  code = 200,
): Promise<Answer> {
  const entry = await entryAtVersion(api, stored, resource);
  switch (form.view) {
    case "object":
      return { code, body: objectText(entry, resource) };
    case "partial":
      return { code, body: partialText(entry, resource) };
    case "table":
      return { code, body: JSON.stringify(tableOf(api, [objectAtVersion(entry, resource)], resource, request.query, metaOf(entry))) };
  }
}

function metaOf(entry: Entry): JsonObject {
  return { resourceVersion: String(entry.revision) };
}

export async function list(api: Api, resource: Resource, request: ApiRequest, form: Form): Promise<Answer> {
  const options = listOptions(request.query, false);
  const page = await selectPage(api, resource, request.info.namespace, options, request.signal);
  const metadata: JsonObject = {
    resourceVersion: String(page.revision),
    ...(page.continue === undefined ? (resource.custom && form.view === "object" ? { continue: "" } : {}) : { continue: page.continue }),
    ...(page.remaining === undefined ? {} : { remainingItemCount: page.remaining }),
  };
  if (form.view === "table") {
    const objects = page.entries.map((entry) => objectAtVersion(entry, resource));
    return { code: 200, body: JSON.stringify(tableOf(api, objects, resource, request.query, metadata)) };
  }
  const [apiVersion, kind, text] =
    form.view === "partial"
      ? ["meta.k8s.io/v1", "PartialObjectMetadataList", partialText]
      : [resource.apiVersion, resource.listKind, itemText];
  const items = page.entries.map((entry) => text(entry, resource)).join(",");
  return {
    code: 200,
    body: `{"kind":${JSON.stringify(kind)},"apiVersion":${JSON.stringify(apiVersion)},"metadata":${JSON.stringify(metadata)},"items":[${items}]}`,
  };
}

interface Page {
  readonly entries: readonly Entry[];
  readonly revision: number;
  readonly continue: string | undefined;
  readonly remaining: number | undefined;
}

/** The entries that a list asks for, at its version: consistent at one revision, over all of its pages. */
export async function selectPage(
  api: Api,
  resource: Resource,
  namespace: string,
  options: ListOptions,
  signal: AbortSignal,
): Promise<Page> {
  const collection = collectionOf(api, resource);
  const labels = parseLabelSelector(options.labelSelector);
  const fields = parseFieldSelector(options.fieldSelector, resource);
  let revision: number | undefined;
  let after = "";
  if (options.continue !== "") {
    if (options.resourceVersion !== "" && options.resourceVersion !== "0") {
      throw badRequest("specifying resource version is not allowed when using continue");
    }
    const token = readContinue(options.continue);
    after = token.after;
    if (token.revision >= 0) revision = token.revision;
  } else if (options.resourceVersion !== "" && options.resourceVersion !== "0") {
    const asked = parseRevision(options.resourceVersion);
    await reach(api, asked, signal);
    // A limit with a plain resourceVersion asks for that very version, as the real server's legacy rule has it.
    if (options.resourceVersionMatch === "Exact" || (options.resourceVersionMatch === "" && options.limit > 0)) revision = asked;
  }
  const current = api.store.revision;
  let entries: Entry[];
  if (revision === undefined || revision >= current) {
    entries = collection.list(namespace, after);
  } else {
    const snapshot = collection.listAt(revision, namespace);
    if (snapshot === undefined) throw options.continue === "" ? expiredRevision(revision) : expiredContinue(after);
    entries = after === "" ? snapshot : snapshot.filter((entry) => entry.key > after);
  }
  const at = revision ?? current;
  const selecting = labels !== undefined || fields !== undefined;
  if (selecting) {
    if (convertsByWebhook(resource)) entries = await entriesAtVersion(api, entries, resource);
    entries = entries.filter((entry) => (labels?.(labelsOf(entry.object)) ?? true) && (fields?.test(entry.object) ?? true));
  }
  // Version 0 is served from the watch cache, which does not page.
  const limit = options.resourceVersion === "0" ? 0 : options.limit;
  const isWhole = limit <= 0 || entries.length <= limit;
  const shown = await entriesAtVersion(api, isWhole ? entries : entries.slice(0, limit), resource);
  if (isWhole) return { entries: shown, revision: at, continue: undefined, remaining: undefined };
  return {
    entries: shown,
    revision: at,
    continue: writeContinue(at, shown.at(-1)?.key ?? ""),
    remaining: selecting ? undefined : entries.length - limit,
  };
}

/** One after the other: the real server, too, asks the webhook for each object that it reads. */
async function entriesAtVersion(api: Api, entries: readonly Entry[], resource: Resource): Promise<Entry[]> {
  const shown: Entry[] = [];
  for (const entry of entries) shown.push(await entryAtVersion(api, entry, resource));
  return shown;
}

/** Waits, 3 seconds at most, until the store has reached a revision. Throws StatusFailure 504. */
async function reach(api: Api, revision: number, signal: AbortSignal): Promise<void> {
  if (revision <= api.store.revision) return;
  const waiting = new AbortController();
  const stop = api.store.observe(() => {
    if (api.store.revision >= revision) waiting.abort();
  });
  try {
    await sleep(api.clock, 3000, AbortSignal.any([waiting.signal, signal]));
  } catch {
    signal.throwIfAborted();
  } finally {
    stop();
  }
  if (revision > api.store.revision) throw tooLargeRevision(revision, api.store.revision);
}

function writeContinue(revision: number, last: string): string {
  return Buffer.from(JSON.stringify({ v: "meta.k8s.io/v1", rv: revision, start: `${last}\0` })).toString("base64url");
}

function readContinue(token: string): { revision: number; after: string } {
  const text = Buffer.from(token, "base64url").toString();
  try {
    const { v, rv, start } = JSON.parse(text) as { v?: unknown; rv?: unknown; start?: unknown };
    if (v === "meta.k8s.io/v1" && typeof rv === "number" && typeof start === "string" && start !== "") {
      return { revision: rv, after: start.replace(/\0$/, "") };
    }
  } catch (error) {
    throw badRequest(`invalid continue token: continue key is not valid: ${goJsonError(text, error)}`);
  }
  throw badRequest("invalid continue token: continue key is not valid: incorrect encoded continue token");
}

function expiredRevision(revision: number): Error {
  return expired(`The resourceVersion for the provided list is too old. (revision ${revision} is compacted)`);
}

function expiredContinue(after: string): Error {
  const text =
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, " +
    "or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an " +
    "inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.";
  const error = failure(410, "Expired", text);
  Object.assign(error.status.metadata, { continue: writeContinue(-1, after) });
  return error;
}
