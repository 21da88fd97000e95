import type { ServerResponse } from "node:http";
import { collectionOf, type Api } from "../api.ts";
import { expired, internal, StatusFailure, type Status } from "../errors.ts";
import { type ApiRequest, type Form, listOptions, parseWatchRevision, warningHeaders } from "../http/index.ts";
import {
  convertsByWebhook,
  entryAtVersion,
  formName,
  objectAtVersion,
  objectText,
  partialText,
  type Resource,
} from "../resources/index.ts";
import { labelsOf, parseFieldSelector, parseLabelSelector } from "../selectors/index.ts";
import { type Change, Entry } from "../store/index.ts";
import { tableOf } from "../table/index.ts";
import type { JsonObject } from "../../../schema/index.ts";

type EventType = "ADDED" | "MODIFIED" | "DELETED";

/** How often a watch that allows bookmarks gets one, in milliseconds. */
const BOOKMARK_INTERVAL = 60_000;
const DEFINITIONS = "customresourcedefinitions.apiextensions.k8s.io";
/** A watch without timeoutSeconds ends after 30 to 60 minutes. */
const SHORTEST_TIMEOUT = 30 * 60_000;

/**
 * Starts a watch; the answer is the prepared stream's `start`, so that whatever is wrong with the request is thrown before the
 * first byte is written.
 */
export function watch(api: Api, resource: Resource, request: ApiRequest, form: Form): (response: ServerResponse) => Promise<void> {
  const options = listOptions(request.query, true);
  const labels = parseLabelSelector(options.labelSelector);
  const fields = parseFieldSelector(options.fieldSelector, resource);
  const { namespace, name } = request.info;
  const revision = options.resourceVersion === "" ? 0 : parseWatchRevision(options.resourceVersion);
  const passes = (entry: Entry): boolean =>
    (namespace === "" || !resource.namespaced || entry.namespace === namespace) &&
    (name === "" || entry.name === name) &&
    (labels?.(labelsOf(entry.object)) ?? true) &&
    (fields?.test(entry.object) ?? true);

  return (response) =>
    new Promise((resolve) => {
      const collection = collectionOf(api, resource);
      const lines = lineWriter(api, resource, request, form);
      let ended = false;
      const send = (text: string | Buffer) => {
        if (!ended) response.write(text);
      };
      response.writeHead(200, {
        "Cache-Control": "no-cache, private",
        "Content-Type": form.encoding === "json" ? "application/json" : "application/yaml",
        ...(request.warnings.length > 0 ? { Warning: warningHeaders(request.warnings) } : {}),
      });
      response.flushHeaders();

      const sendsInitial = options.sendInitialEvents ?? (options.resourceVersion === "" || options.resourceVersion === "0");
      // Without a version there is nothing to catch up with, when the present state is not wanted either.
      const past = sendsInitial || (options.sendInitialEvents === false && revision === 0) ? [] : collection.changesAfter(revision);
      if (past === undefined) {
        send(errorLine(expired(`too old resource version: ${revision} (${collection.oldest})`).status));
        response.end();
        resolve();
        return;
      }

      const inTurn = turns(api, resource, (status) => {
        send(errorLine(status));
        end(true);
      });
      const onChange = (change: Change) =>
        inTurn(change, (shown) => {
          const event = select(shown, passes);
          if (event !== undefined && change.revision > (sendsInitial ? 0 : revision)) send(lines(event.type, event.entry));
        });
      const sendBookmark = (endsInitial: boolean) => {
        const line = bookmark(api.store.revision, endsInitial);
        inTurn(undefined, () => send(line));
      };
      if (sendsInitial) {
        for (const entry of collection.list(resource.namespaced ? namespace : "")) {
          onChange({ type: "ADDED", entry, previous: undefined, revision: entry.revision });
        }
        if (options.sendInitialEvents === true && options.allowWatchBookmarks) sendBookmark(true);
      } else {
        for (const change of past) onChange(change);
      }
      const unobserve = collection.observe(onChange);
      // A custom resource's watches end with its definition.
      const unobserveDefinition = api.store.collection(DEFINITIONS).observe(({ type, entry }) => {
        if (resource.custom && type === "DELETED" && entry.name === resource.collection) end(true);
      });

      let bookmarks = { cancel: () => {} };
      const nextBookmark = () => {
        bookmarks = api.clock.setTimeout(() => {
          sendBookmark(false);
          nextBookmark();
        }, BOOKMARK_INTERVAL);
      };
      if (options.allowWatchBookmarks) nextBookmark();
      const timeout = api.clock.setTimeout(
        () => end(true),
        options.timeoutSeconds === undefined || options.timeoutSeconds <= 0
          ? SHORTEST_TIMEOUT * (1 + Math.random())
          : options.timeoutSeconds * 1000,
      );

      const end = (finish: boolean) => {
        if (ended) return;
        ended = true;
        unobserve();
        unobserveDefinition();
        bookmarks.cancel();
        timeout.cancel();
        request.signal.removeEventListener("abort", onAbort);
        if (finish) response.end();
        resolve();
      };
      const onAbort = () => end(true);
      if (request.signal.aborted) end(true);
      else request.signal.addEventListener("abort", onAbort, { once: true });
    });

  /** An object of the kind with nothing in it but the revision that the watch has reached. */
  function bookmark(at: number, endsInitial: boolean): string {
    const metadata: JsonObject = { resourceVersion: String(at) };
    if (endsInitial) metadata["annotations"] = { "k8s.io/initial-events-end": "true" };
    const empty = resource.custom
      ? { kind: resource.kind, apiVersion: resource.apiVersion }
      : resource.strategy().emptyObject(resource.apiVersion);
    let object: JsonObject = { ...empty, metadata };
    if (form.view === "partial") object = { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata };
    if (form.view === "table") object = tableOf(api, [object], resource, request.query, { resourceVersion: String(at) }, false);
    return `{"type":"BOOKMARK","object":${JSON.stringify(object)}}\n`;
  }
}

/**
 * Does what it is given at once or, when a webhook has to convert the objects of changes first, one after the other, so that their order
 * stays. A conversion that fails is told to `fail`, and is the end.
 */
function turns(
  api: Api,
  resource: Resource,
  fail: (status: Status) => void,
): <C extends Change | undefined>(change: C, use: (change: C) => void) => void {
  if (!convertsByWebhook(resource)) return (change, use) => use(change);
  let last = Promise.resolve();
  let failed = false;
  return (change, use) => {
    last = last.then(async () => {
      if (failed) return;
      try {
        use(change === undefined ? change : { ...change, ...(await converted(api, resource, change)) });
      } catch (error) {
        failed = true;
        fail(error instanceof StatusFailure ? error.status : internal(String(error)).status);
      }
    });
  };
}

async function converted(api: Api, resource: Resource, { entry, previous }: Change): Promise<Pick<Change, "entry" | "previous">> {
  return {
    previous: previous && (await entryAtVersion(api, previous, resource)),
    entry: await entryAtVersion(api, entry, resource),
  };
}

/** What a change is for a watch with selectors: an object that begins to pass is added, one that ceases to is deleted. */
function select(change: Change, passes: (entry: Entry) => boolean): { type: EventType; entry: Entry } | undefined {
  const { previous, entry } = change;
  const before = previous !== undefined && passes(previous);
  if (change.type === "DELETED") return before ? { type: "DELETED", entry } : undefined;
  const now = passes(entry);
  if (now) return { type: before ? "MODIFIED" : "ADDED", entry };
  if (!before) return undefined;
  // The last state that passed, at the revision at which it ceased to.
  const last = previous.form(`left ${change.revision}`, () => {
    const metadata = { ...(previous.object["metadata"] as JsonObject), resourceVersion: String(change.revision) };
    return new Entry(previous.namespace, previous.name, { ...previous.object, metadata }, change.revision);
  });
  return { type: "DELETED", entry: last };
}

/** Makes the lines of a stream. The bytes of an event are made once for all watches of the same form. */
function lineWriter(api: Api, resource: Resource, request: ApiRequest, form: Form): (type: EventType, entry: Entry) => string | Buffer {
  if (form.view === "table") {
    let isFirst = true;
    return (type, entry) => {
      const object = objectAtVersion(entry, resource);
      const table = tableOf(api, [object], resource, request.query, { resourceVersion: String(entry.revision) }, isFirst);
      isFirst = false;
      return `{"type":"${type}","object":${JSON.stringify(table)}}\n`;
    };
  }
  const text = form.view === "partial" ? partialText : objectText;
  return (type, entry) =>
    entry.form(`${type} ${form.view} ${formName(resource)}`, () => Buffer.from(`{"type":"${type}","object":${text(entry, resource)}}\n`));
}

function errorLine(status: Status): string {
  return `{"type":"ERROR","object":${JSON.stringify(status)}}\n`;
}
