import { applyJsonPatch } from "../../apply/index.ts";
import type { Api } from "../../api.ts";
import { internal } from "../../errors.ts";
import { type Resource, convertBetween } from "../../resources/index.ts";
import { cloneJson, equalJson, isObject, setField, type JsonObject, type JsonValue } from "../../../../schema/index.ts";
import { goJsonError } from "../../http/index.ts";
import type { Attributes } from "../attributes.ts";
import { isExempt } from "../matching.ts";
import { CallFailure, consult, failureOf, shownTo } from "./invoke.ts";
import { webhooksOf, type Webhook } from "./configurations.ts";
import { objectAtRequestVersion } from "./versions.ts";

/** Which webhooks are to be asked once more, because something changed the object after they had seen it. */
export class Reinvocation {
  readonly #seen = new Set<string>();
  readonly #again = new Set<string>();
  #output: JsonObject | undefined;
  /** True while the second round runs. */
  second = false;

  /** True when a webhook changed the object, so that everything runs a second time. */
  changedAnything = false;

  isDue({ id }: Webhook): boolean {
    return !this.second || this.#again.has(id);
  }

  saw({ id }: Webhook): void {
    this.#seen.add(id);
  }

  changed(): void {
    this.changedAnything = true;
    for (const id of this.#seen) this.#again.add(id);
    this.#seen.clear();
  }

  /** What webhooks made of the object, to find out whether a plugin changes it later. */
  leave(object: JsonObject | undefined): void {
    this.#output = object === undefined ? undefined : cloneJson(object);
  }

  enter(object: JsonObject | undefined): void {
    if (this.second && !equalJson(object, this.#output)) this.changed();
  }
}

/** Calls the mutating webhooks that a request matches, one after the other; changes `attributes.object` in place. Throws StatusFailure. */
export async function mutateByWebhooks(api: Api, attributes: Attributes, rounds: Reinvocation): Promise<void> {
  if (isExempt(attributes)) return;
  rounds.enter(attributes.object);
  // In one round each webhook sees the configurations as they were at its start.
  for (const webhook of webhooksOf(api, "mutatingwebhookconfigurations")) {
    const shown = await shownTo(api, webhook, attributes);
    if (shown === undefined || !rounds.isDue(webhook)) continue;
    try {
      if (await mutateBy(api, webhook, attributes, shown)) rounds.changed();
      if (webhook.reinvokes) rounds.saw(webhook);
    } catch (error) {
      if (webhook.reinvokes) rounds.saw(webhook);
      if (error instanceof CallFailure && webhook.ignoresFailures && !attributes.signal.aborted) continue;
      throw failureOf(error);
    }
  }
  rounds.leave(attributes.object);
}

/** Asks one webhook; true when it changed the object. */
async function mutateBy(api: Api, webhook: Webhook, attributes: Attributes, shown: Resource): Promise<boolean> {
  const { patch: text, patchType } = await consult(api, webhook, attributes, shown, true);
  if (text === "") return false;
  const patch = parsePatch(webhook, text);
  if (patch.length === 0) return false;
  const { object, resource } = attributes;
  const before = await objectAtRequestVersion(api, attributes, object, shown);
  if (object === undefined || before === undefined) {
    throw internal(
      `admission webhook ${JSON.stringify(webhook.name)} attempted to modify the object, which is not supported for this operation`,
    );
  }
  if (patchType !== "JSONPatch") throw new CallFailure(webhook, `unsupported patch type ${JSON.stringify(patchType)}`);
  const after = patched(before, patch);
  const changed = !equalJson(before, after);
  if (!changed) return false;
  const isOwnKind = attributes.kind.kind === resource.kind;
  const decoded = isOwnKind ? decode(shown, after) : after;
  replaceContents(object, shown === resource ? decoded : await convertBetween(api, decoded, shown, resource.apiVersion));
  return true;
}

function parsePatch(webhook: Webhook, text: string): JsonValue[] {
  const fail = (why: string) => new CallFailure(webhook, `received undecodable patch in webhook response: ${why}`);
  let patch: JsonValue;
  try {
    patch = JSON.parse(text) as JsonValue;
  } catch (error) {
    throw fail(goJsonError(text, error));
  }
  if (Array.isArray(patch)) return patch;
  throw fail(`json: cannot unmarshal ${isObject(patch) ? "object" : typeof patch} into Go value of type jsonpatch.Patch`);
}

function patched(object: JsonObject, patch: JsonValue[]): JsonObject {
  const after = applyOrExplain(object, patch);
  if (!isObject(after)) throw internal("couldn't get version/kind; json parse error: the patched value is not an object");
  return after;
}

/** Applies operations one by one, to say which one does not fit. */
function applyOrExplain(object: JsonValue, patch: JsonValue[]): JsonValue {
  let current = object;
  for (const operation of patch) {
    try {
      current = applyJsonPatch(current, [operation]);
    } catch {
      throw internal(patchErrorText(current, operation));
    }
  }
  return current;
}

/** What the real server's patch library says. */
function patchErrorText(document: JsonValue, operation: JsonValue): string {
  const op = isObject(operation) && typeof operation["op"] === "string" ? operation["op"] : "";
  const path = isObject(operation) && typeof operation["path"] === "string" ? operation["path"] : "";
  const missing = "missing value";
  switch (op) {
    case "add":
      return `add operation does not apply: doc is missing path: ${JSON.stringify(path)}: ${missing}`;
    case "remove":
      return hasParent(document, path)
        ? `error in remove for path: '${path}': Unable to remove nonexistent key: ${path.slice(path.lastIndexOf("/") + 1)}: ${missing}`
        : `remove operation does not apply: doc is missing path: ${JSON.stringify(path)}: ${missing}`;
    case "replace":
      return hasParent(document, path)
        ? `replace operation does not apply: doc is missing key: ${path}: ${missing}`
        : `replace operation does not apply: doc is missing path: ${path}: ${missing}`;
    case "test":
      return `testing value ${path} failed: test failed`;
    default:
      return `Unexpected kind: ${op === "" ? "unknown" : op}`;
  }
}

function hasParent(document: JsonValue, path: string): boolean {
  let current: JsonValue | undefined = document;
  for (const part of path.split("/").slice(1, -1)) {
    const name = part.replaceAll("~1", "/").replaceAll("~0", "~");
    current = Array.isArray(current) ? current[Number(name)] : isObject(current) ? current[name] : undefined;
    if (current === undefined) return false;
  }
  return isObject(current) || Array.isArray(current);
}

/** Reads what a webhook made: fields that the kind does not have are dropped, defaults filled in. */
function decode(resource: Resource, value: JsonObject): JsonObject {
  try {
    return resource.strategy().decodeValue(value, "Ignore").object;
  } catch (error) {
    throw internal(error instanceof Error ? error.message : String(error));
  }
}

function replaceContents(object: JsonObject, by: JsonObject): void {
  for (const field of Object.keys(object)) Reflect.deleteProperty(object, field);
  for (const [field, value] of Object.entries(by)) if (value !== undefined) setField(object, field, value);
}
