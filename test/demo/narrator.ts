import { isExpired, metadataOnly, unstructured, type Client, type KindToken, type UnstructuredObject } from "@kubescaffold/runtime";
import type { Terminal } from "./terminal.ts";

interface Told {
  kind: KindToken;
  tell: (object: UnstructuredObject) => string;
}

interface Fields {
  spec?: { size?: number; replicas?: number };
  status?: {
    phase?: string;
    replicas?: number;
    readyReplicas?: number;
    nodes?: string[];
    conditions?: { type: string; status: string; message?: string }[];
  };
  type?: string;
  reason?: string;
  note?: string;
  regarding?: { kind?: string; name?: string };
}

const TOLD: readonly Told[] = [
  {
    kind: unstructured({ apiVersion: "cache.example.com/v1alpha1", kind: "Memcached" }),
    tell({ metadata, ...fields }) {
      const { spec, status } = fields as Fields;
      const available = status?.conditions?.find(({ type }) => type === "Available");
      const deleting = metadata.deletionTimestamp === undefined ? "" : ", being deleted";
      return `size ${spec?.size ?? "?"}, Available ${available?.status ?? "not known yet"}, nodes ${status?.nodes?.length ?? 0}${deleting}`;
    },
  },
  {
    kind: unstructured({ apiVersion: "apps/v1", kind: "Deployment" }),
    tell(object) {
      const { spec, status } = object as Fields;
      return `${status?.readyReplicas ?? 0} of ${spec?.replicas ?? 0} pods ready`;
    },
  },
  {
    kind: unstructured({ apiVersion: "v1", kind: "Pod" }),
    tell(object) {
      const { status } = object as Fields;
      if (object.metadata.deletionTimestamp !== undefined) return "being deleted";
      const ready = status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True");
      return `${status?.phase ?? "created"}${ready ? ", ready" : ""}`;
    },
  },
  {
    kind: unstructured({ apiVersion: "events.k8s.io/v1", kind: "Event" }),
    tell(object) {
      const { type, reason, note } = object as Fields;
      return `${type ?? ""} ${reason ?? ""}: ${note ?? ""}`;
    },
  },
];

/** Tells every change of the objects in a namespace, as it happens, until the signal aborts. */
export function narrate(client: Client, namespace: string, terminal: Terminal, signal: AbortSignal): void {
  for (const told of TOLD) void follow(client, told, namespace, terminal, signal);
}

async function follow(client: Client, { kind, tell }: Told, namespace: string, terminal: Terminal, signal: AbortSignal): Promise<void> {
  const said = new Map<string, string>();
  try {
    for await (const { type, object } of client.watch(kind, { namespace, signal })) {
      const told = object;
      if (type === "BOOKMARK") continue;
      const who = `${told.kind}/${told.metadata.name ?? ""}`;
      const what = type === "DELETED" ? "gone" : tell(told);
      if (said.get(who) === what) continue; // a change of something that the line does not show
      said.set(who, what);
      if (told.kind !== "Event") terminal.line(who, what);
      else if (type === "ADDED" && isAboutUs(told)) terminal.line("Event", what);
    }
  } catch (error) {
    if (!signal.aborted && !isExpired(error)) terminal.line("watch", error instanceof Error ? error.message : String(error));
  }
}

/** Of the many events of pods and replica sets, those of the operator are what the demo is about. */
function isAboutUs(event: UnstructuredObject): boolean {
  const { regarding } = event as Fields;
  return regarding?.kind === "Memcached" || regarding?.kind === "Deployment";
}

/** What an owner's end must take with it, by kind and name. */
export async function leftovers(client: Client, namespace: string, label: string): Promise<string[]> {
  const kinds = ["apps/v1 Deployment", "apps/v1 ReplicaSet", "v1 Pod"].map((text) => text.split(" ") as [string, string]);
  const found = kinds.map(async ([apiVersion, kind]) => {
    const objects = await client.list(metadataOnly({ apiVersion, kind }), { namespace, labelSelector: label });
    return objects.map(({ metadata }) => `${kind}/${metadata.name ?? ""}`);
  });
  return (await Promise.all(found)).flat();
}
