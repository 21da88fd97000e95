import { controllerReference, isAlreadyExists, isControlledBy, type Client } from "../../../index.ts";
import { change, checked } from "../change.ts";
import { hashOf, isSameTemplate } from "../deployment/template.ts";
import { ControllerRevision, type ControllerRevisionObject, type PodTemplate, type StatefulSetObject } from "../kinds.ts";

/** The templates that a StatefulSet has had, of which one is wanted and one was before, until the last Pod is replaced. */
export interface Revisions {
  all: ControllerRevisionObject[];
  current: ControllerRevisionObject;
  update: ControllerRevisionObject;
  collisionCount: number;
}

/** Finds the revisions of a StatefulSet, and creates the one for its template when there is none. */
export async function syncRevisions(client: Client, set: StatefulSetObject): Promise<Revisions> {
  const { selector } = set.spec;
  const listed = await client.list(ControllerRevision, { namespace: set.metadata.namespace, labelSelector: selector });
  const all = listed.filter((each) => isControlledBy(each, set)).sort(byRevision);
  const newest = all.at(-1);
  const equal = all.findLast((each) => isSameTemplate(templateOf(each), set.spec.template));
  let { collisionCount = 0 } = set.status ?? {};
  let update: ControllerRevisionObject;
  if (equal !== undefined && equal === newest) update = equal;
  else if (equal !== undefined) {
    // A rollback: the former revision becomes the newest.
    update = await change(client, ControllerRevision, equal, { ...equal, revision: (newest?.revision ?? 0) + 1 });
    all.splice(all.indexOf(equal), 1);
    all.push(update);
  } else {
    [update, collisionCount] = await createRevision(client, set, (newest?.revision ?? 0) + 1, collisionCount);
    all.push(update);
  }
  const current = all.find(({ metadata }) => metadata.name === set.status?.currentRevision) ?? update;
  return { all, current, update, collisionCount };
}

/** The template that a revision keeps. */
export function templateOf({ data }: ControllerRevisionObject): PodTemplate {
  const { template } = (data as { spec: { template: PodTemplate & { $patch?: string } } }).spec;
  const { $patch: _, ...kept } = template;
  return kept;
}

/** Deletes the oldest revisions beyond the history that the StatefulSet keeps; those in use do not count. */
export async function trimRevisions(
  client: Client,
  set: StatefulSetObject,
  { all, current, update }: Revisions,
  used: ReadonlySet<string>,
): Promise<void> {
  const live = new Set([...used, current.metadata.name, update.metadata.name]);
  const history = all.filter(({ metadata }) => !live.has(metadata.name));
  const surplus = history.length - (set.spec.revisionHistoryLimit ?? 10);
  for (const { metadata } of history.slice(0, Math.max(0, surplus)))
    await client.delete(ControllerRevision, metadata, { preconditions: { uid: metadata.uid } });
}

async function createRevision(
  client: Client,
  set: StatefulSetObject,
  revision: number,
  collisions: number,
): Promise<[ControllerRevisionObject, number]> {
  const { metadata, spec } = set;
  for (let collisionCount = collisions; ; collisionCount++) {
    const hash = hashOf(spec.template, collisionCount);
    const desired = {
      apiVersion: ControllerRevision.apiVersion,
      kind: ControllerRevision.kind,
      metadata: {
        name: `${metadata.name.slice(0, 223)}-${hash}`,
        namespace: metadata.namespace,
        labels: { ...spec.template.metadata?.labels, "controller.kubernetes.io/hash": hash },
        ...(metadata.annotations !== undefined && { annotations: metadata.annotations }),
        ownerReferences: [controllerReference(set)],
      },
      data: { spec: { template: { ...spec.template, $patch: "replace" } } },
      revision,
    };
    try {
      return [checked(ControllerRevision, await client.create(desired)), collisionCount];
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      const existing: unknown = await client.live.get(ControllerRevision, desired.metadata);
      const isOurs =
        ControllerRevision.is(existing) && isControlledBy(existing, set) && isSameTemplate(templateOf(existing), spec.template);
      if (isOurs) return [existing, collisionCount];
    }
  }
}

function byRevision(a: ControllerRevisionObject, b: ControllerRevisionObject): number {
  return a.revision - b.revision || (a.metadata.name < b.metadata.name ? -1 : 1);
}
