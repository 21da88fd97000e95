import type { Client } from "../../runtime/index.ts";

/** Any object, as far as a snapshot looks into it. */
export interface Loose {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    generateName?: string;
    uid: string;
    generation?: number;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    deletionTimestamp?: string;
    creationTimestamp: string;
    finalizers?: string[];
    ownerReferences?: { kind: string; name: string; uid: string; controller?: boolean; blockOwnerDeletion?: boolean }[];
  };
  spec?: Record<string, unknown>;
  status?: Record<string, unknown> & { conditions?: Record<string, unknown>[] };
}

const KINDS = {
  deployments: { apiVersion: "apps/v1", kind: "Deployment" },
  replicaSets: { apiVersion: "apps/v1", kind: "ReplicaSet" },
  statefulSets: { apiVersion: "apps/v1", kind: "StatefulSet" },
  jobs: { apiVersion: "batch/v1", kind: "Job" },
  pods: { apiVersion: "v1", kind: "Pod" },
  claims: { apiVersion: "v1", kind: "PersistentVolumeClaim" },
  slices: { apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice" },
} as const;

export type Lists = Record<keyof typeof KINDS, Loose[]>;

/** Everything in a namespace that these controllers look at. */
export async function listAll(client: Client, namespace: string): Promise<Lists> {
  const entries = Object.entries(KINDS).map(async ([name, kind]) => [name, await client.list(kind, { namespace })] as const);
  return Object.fromEntries(await Promise.all(entries)) as unknown as Lists;
}

/**
 * A namespace as text that two clusters can share: without times, uids and random names, with the template's hash named after the
 * template, and with each kind of event counted once.
 *
 * @param names what random names stand for, as far as it is known; for those of objects that go in the course of a test
 */
export async function snapshot(client: Client, namespace: string, names: Map<string, string>): Promise<Record<string, unknown>> {
  const result: Record<string, unknown> = {};
  const lists = await listAll(client, namespace);
  for (const set of lists.replicaSets) {
    const hash = set.metadata.labels?.["pod-template-hash"];
    if (hash !== undefined) names.set(hash, `<${imageOf(set)}>`);
  }
  for (const pod of lists.pods) {
    const revision = pod.metadata.labels?.["controller-revision-hash"];
    if (revision !== undefined) names.set(revision, `<${imageOfPod(pod)}>`);
  }
  for (const job of lists.jobs) names.set(job.metadata.uid, "<uid>");
  const events = ((await client.list({ apiVersion: "events.k8s.io/v1", kind: "Event" }, { namespace })) as unknown as Event[]).filter(
    // What the kubelet stand-in does is the same in both, and so are its events.
    ({ reportingController, deprecatedSource }) => (reportingController || deprecatedSource?.component)?.endsWith("-controller"),
  );
  const lines = (values: readonly unknown[]) => values.map((value) => renamed(text(value), names)).sort();
  for (const [name, objects] of Object.entries(lists)) result[name] = lines(objects.map(simplify));
  result["events"] = [...new Set(lines(events.map(({ regarding, type, reason, note }) => [regarding.kind, type, reason, note])))];
  return result;
}

interface Event {
  regarding: { kind: string };
  type: string;
  reason: string;
  note: string;
  reportingController?: string;
  deprecatedSource?: { component?: string };
}

function imageOf({ spec }: Loose): string {
  return (spec as { template: { spec: { containers: { image: string }[] } } }).template.spec.containers[0]?.image ?? "";
}

function imageOfPod({ spec }: Loose): string {
  return (spec as { containers: { image: string }[] }).containers[0]?.image ?? "";
}

function simplify({ kind, metadata, spec = {}, status, ...rest }: Loose): unknown {
  const { name, generateName, labels, annotations, deletionTimestamp, ownerReferences, finalizers } = metadata;
  const { "endpoints.kubernetes.io/last-change-trigger-time": _, ...steadyAnnotations } = annotations ?? {};
  return {
    name: generateName === undefined ? name : `${generateName}*`,
    labels,
    annotations: steadyAnnotations,
    finalizers,
    terminating: deletionTimestamp !== undefined,
    owners: ownerReferences?.map(({ uid: _uid, ...reference }) => reference),
    spec: kind === "Pod" ? {} : withoutRandom(spec),
    status: status === undefined ? undefined : statusOf(kind, status),
    ...(kind === "EndpointSlice" ? slice(rest) : {}),
  };
}

function slice(fields: object): object {
  const { endpoints, ...others } = fields as { endpoints: { targetRef?: unknown; addresses: unknown }[] | null; metadata: unknown };
  return {
    ...others,
    endpoints: (endpoints ?? []).map(({ targetRef: _, addresses: __, ...endpoint }) => JSON.stringify(sorted(endpoint))).sort(),
  };
}

function statusOf(kind: string, status: NonNullable<Loose["status"]>): unknown {
  const conditions = (status.conditions ?? []).map(({ type, status: value, reason, message }) => ({
    type,
    status: value,
    reason,
    message,
  }));
  if (kind === "Pod") {
    return { phase: status["phase"], conditions: conditions.map(({ type, status: value }) => `${String(type)}=${String(value)}`).sort() };
  }
  const { startTime: _, completionTime: __, ...others } = status;
  return { ...others, conditions: conditions.map((condition) => JSON.stringify(ofRollout(condition))).sort() };
}

function withoutRandom(spec: Record<string, unknown>): unknown {
  return Object.fromEntries(Object.entries(spec).filter(([key]) => !["volumeName"].includes(key)));
}

function text(value: unknown): string {
  return JSON.stringify(sorted(value));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, field]) => [key, sorted(field)]),
  );
}

/** Hashes become what they stand for, and the five random characters at the end of a generated name a star. */
function renamed(json: string, names: ReadonlyMap<string, string>): string {
  let result = json;
  for (const [random, name] of names) result = result.replaceAll(random, name.replaceAll('"', ""));
  return result.replaceAll(/>-[a-z0-9]{5}\b/g, ">-*").replaceAll(/(pod: [a-z-]+)-[bcdfghjklmnpqrstvwxz2456789]{5}\b/g, "$1-*");
}

/**
 * Which of two reasons a rollout under way ends up with depends on whether the controller saw the new ReplicaSet's first status together
 * with its creation or after it: on either cluster it may be the one or the other. Where it saw it so late that the rollout was complete by then, the
 * reason has never changed, and with it the message of the rollout before is kept.
 */
function ofRollout(condition: Record<string, unknown>): Record<string, unknown> {
  const { reason } = condition;
  if (reason === "NewReplicaSetCreated" || reason === "ReplicaSetUpdated") return { ...condition, reason: "<under way>", message: "" };
  return reason === "NewReplicaSetAvailable" ? { ...condition, message: "" } : condition;
}
