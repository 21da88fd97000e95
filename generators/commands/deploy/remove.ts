import { setTimeout as pause } from "node:timers/promises";
import type { Client, Connection } from "@kubescaffold/runtime";
import { ScaffoldError } from "../../errors.ts";
import { listCustomResources, type CustomResources } from "./custom-resources.ts";
import { describe, isCrd, keyOf, type Manifest } from "./objects.ts";
import { inOrder } from "./order.ts";

export interface RemoveOptions {
  readonly signal: AbortSignal;
  /** How long objects may take to go, in milliseconds. */
  readonly timeout: number;
  readonly onDeleted: (object: Manifest) => void;
  /** Told what is waited for, each time that it changes. */
  readonly onWait: (what: string) => void;
}

const lookEvery = 200;

/**
 * Deletes custom resources and waits until they are gone, which their finalizers may put off.
 *
 * @param removeFinalizers lets them go without what the finalizers stand for
 * @throws ScaffoldError `still-there` when time is up, with those that are left and their finalizers
 */
export async function removeCustomResources(
  client: Client,
  resources: readonly CustomResources[],
  { removeFinalizers, ...options }: RemoveOptions & { readonly removeFinalizers: boolean },
): Promise<void> {
  const { signal, onDeleted } = options;
  const asked = new Set<string>();
  const look = async (): Promise<Manifest[]> => {
    const left: Manifest[] = [];
    for (const { kind } of resources) left.push(...(await listCustomResources(client, kind, signal)));
    for (const object of left) {
      if (object.metadata.deletionTimestamp === undefined) await client.delete(object, keyOf(object), { signal });
      const id = object.metadata.uid ?? "";
      if (!asked.has(id)) onDeleted(object);
      asked.add(id);
      if (removeFinalizers && (object.metadata.finalizers ?? []).length > 0) await dropFinalizers(client, object, signal);
    }
    return left;
  };
  const advice = "Mend what keeps it and run this again, or pass --remove-finalizers to let it go without cleaning up";
  await untilGone(options, look, ...(removeFinalizers ? [] : [advice]));
}

async function dropFinalizers(client: Client, object: Manifest, signal: AbortSignal): Promise<void> {
  try {
    await client.patch(object, keyOf(object), "merge", { metadata: { finalizers: null } }, { signal });
  } catch (error) {
    if (!isNotFound(error)) throw error; // else it has gone by itself
  }
}

/**
 * Deletes objects in the reverse of the order in which they are applied, and waits until they are gone: definitions and namespaces last, when
 * nothing needs them any more.
 *
 * @throws ScaffoldError `still-there`
 */
export async function removeObjects(
  { client, namespace }: Connection,
  objects: readonly Manifest[],
  options: RemoveOptions,
): Promise<void> {
  const here = client.inNamespace(namespace);
  const isNamespace = ({ kind, apiVersion }: Manifest): boolean => kind === "Namespace" && apiVersion === "v1";
  const ordered = inOrder(objects).reverse();
  const stages = [
    ordered.filter((object) => !isCrd(object) && !isNamespace(object)),
    ordered.filter((object) => isCrd(object)),
    ordered.filter((object) => isNamespace(object)),
  ];
  for (const stage of stages) {
    const leaving: Manifest[] = [];
    for (const object of stage) {
      if (!(await present(() => here.delete(object, keyOf(object), { signal: options.signal })))) continue;
      options.onDeleted(object);
      leaving.push(object);
    }
    await untilGone(options, async () => {
      const left: Manifest[] = [];
      for (const object of leaving) {
        const now = await present(() => here.get(object, keyOf(object), { signal: options.signal }));
        if (now !== undefined) left.push(now as Manifest);
      }
      return left;
    });
  }
}

/** The answer, or undefined where the cluster does not know the kind, so that there can be no object of it. */
async function present<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "no-kind-match") return undefined;
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

function isNotFound(error: unknown): boolean {
  return error instanceof Error && "reason" in error && error.reason === "NotFound";
}

async function untilGone(
  { signal, timeout, onWait }: RemoveOptions,
  look: () => Promise<Manifest[]>,
  advice = "Mend what keeps it, and run this again",
): Promise<void> {
  const began = performance.now();
  let shown: string | undefined;
  for (let looks = 1; ; looks++) {
    const left = await look();
    if (left.length === 0) return;
    const text = leftText(left);
    // Most objects are gone at the second look, and need no words.
    if (looks > 2 && text !== shown) onWait((shown = text));
    if (performance.now() - began >= timeout) {
      throw new ScaffoldError("still-there", `After ${Math.round(timeout / 1000)} s there is still ${text}. ${advice}.`);
    }
    await pause(lookEvery, undefined, { signal });
  }
}

function leftText(left: readonly Manifest[]): string {
  const [first] = left;
  const finalizers = [...new Set(left.flatMap(({ metadata }) => metadata.finalizers ?? []))];
  const kept = finalizers.length === 0 ? "" : ` (kept by the finalizer ${finalizers.join(", ")})`;
  const more = left.length === 1 ? "" : ` and ${left.length - 1} more`;
  return `${first === undefined ? "" : describe(first)}${more}${kept}`;
}
