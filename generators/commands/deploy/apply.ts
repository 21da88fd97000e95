import { setTimeout as pause } from "node:timers/promises";
import type { Connection, UnstructuredObject } from "@kubescaffold/runtime";
import { ScaffoldError } from "../../errors.ts";
import { crdKind, established } from "../dev/crds.ts";
import { adoptFromKubectl } from "./adopt.ts";
import { describe, isCrd, keyOf, type CustomResourceDefinition, type Manifest } from "./objects.ts";
import { inOrder, isAdmission } from "./order.ts";

/** What became of an object. */
export interface Applied {
  readonly object: Manifest;
  readonly change: "create" | "update" | "unchanged";
}

export interface ApplyObjectsOptions {
  readonly signal: AbortSignal;
  /** How long to wait for objects of an earlier deployment that are still being deleted, in milliseconds. */
  readonly timeout: number;
  readonly onApplied: (applied: Applied) => void;
  /** Told what is waited for. */
  readonly onWait: (what: string) => void;
  /** Waits for what answers webhooks, before the first of them is applied that may refuse the requests of others. */
  readonly beforeAdmission?: () => Promise<void>;
}

const lookEvery = 100;

/** Not the one that `scaffold dev` installs CRDs as: what that leaves out of them, such as where to convert, would be taken away from what was deployed. */
const fieldManager = "scaffold-deploy";

/**
 * Applies objects server-side, in the order in which the cluster takes them; definitions are served before anything else is applied. Nothing is
 * written when the cluster does not know the kind of one of them.
 *
 * @throws ScaffoldError `crd-missing`, `conflict`; ApiError when the cluster refuses one
 */
export async function applyObjects(connection: Connection, objects: readonly Manifest[], options: ApplyObjectsOptions): Promise<Applied[]> {
  await expectKinds(connection, objects);
  const done: Applied[] = [];
  const ordered = inOrder(objects);
  const definitions = ordered.filter((object) => isCrd(object));
  const gate = ordered.findIndex((object) => isAdmission(object));
  for (const [index, object] of ordered.entries()) {
    if (index === gate) await options.beforeAdmission?.();
    const applied = await apply(connection, object, options);
    options.onApplied(applied);
    done.push(applied);
    if (object !== definitions.at(-1)) continue;
    if (done.some(({ object: each, change }) => isCrd(each) && change !== "unchanged")) options.onWait("the CRDs to be served");
    for (const { metadata } of definitions) await established(connection.client, metadata.name, options.signal);
  }
  if (gate === -1) await options.beforeAdmission?.();
  return done;
}

async function expectKinds({ mapper }: Connection, objects: readonly Manifest[]): Promise<void> {
  const coming = new Set(
    objects
      .filter((object) => isCrd(object))
      .flatMap((object) => {
        const { spec } = object as UnstructuredObject as CustomResourceDefinition;
        return (spec?.versions ?? []).map(({ name }) => `${spec?.group ?? ""}/${name} ${spec?.names.kind ?? ""}`);
      }),
  );
  for (const object of objects) {
    if (coming.has(`${object.apiVersion} ${object.kind}`)) continue;
    try {
      await mapper.mapping(object);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "no-kind-match")) throw error;
      throw new ScaffoldError(
        "crd-missing",
        `The cluster has no kind ${object.kind} in ${object.apiVersion}, which ${describe(object)} is of: install what brings it, or take the object out of the kustomization.`,
        { cause: error },
      );
    }
  }
}

async function apply({ client, namespace }: Connection, object: Manifest, options: ApplyObjectsOptions): Promise<Applied> {
  const { signal } = options;
  const here = client.inNamespace(namespace).withFieldManager(fieldManager);
  const before = await whenNotLeaving(() => here.get(object, keyOf(object), { signal }), options);
  if (before !== undefined) await adoptFromKubectl(here, object, before, fieldManager, signal);
  const after = await here.apply(object, { signal });
  if (before === undefined) return { object, change: "create" };
  return { object, change: before.metadata.resourceVersion === after.metadata.resourceVersion ? "unchanged" : "update" };
}

/** The object as it is, once it is not one that is being deleted: that would take what is applied now with it. */
async function whenNotLeaving(
  read: () => Promise<UnstructuredObject | undefined>,
  { signal, timeout, onWait }: ApplyObjectsOptions,
): Promise<UnstructuredObject | undefined> {
  for (let waited = 0; ; waited += lookEvery) {
    const object = await read();
    if (object?.metadata.deletionTimestamp === undefined) return object;
    if (waited === 0) onWait(`the ${describe(object)} of an earlier deployment is being deleted`);
    if (waited >= timeout) {
      throw new ScaffoldError(
        "conflict",
        `The ${describe(object)} is still being deleted after ${timeout / 1000} s: kubectl get ${object.kind === crdKind.kind ? "crd" : object.kind.toLowerCase()} ${object.metadata.name ?? ""} -o yaml tells what it waits for.`,
      );
    }
    await pause(lookEvery, undefined, { signal });
  }
}
