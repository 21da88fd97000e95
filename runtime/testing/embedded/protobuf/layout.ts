import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

/** A field of a message: its JSON name (empty when the message is inlined in its parent), its type, and flags. */
export interface ProtobufField {
  readonly name: string;
  /** A scalar type, the full name of a message, or `map ` and one of these. */
  readonly type: string;
  readonly repeated: boolean;
  /** Go leaves the field out of JSON when it is zero. */
  readonly omitsZero: boolean;
}

/** Fields of a message by number. */
export type Layout = ReadonlyMap<number, ProtobufField>;

type Row = readonly [number: number, name: string, type: string, flags: string];

let rows: Record<string, Row[]> | undefined;
const layouts = new Map<string, Layout>();
let kinds: Map<string, string> | undefined;

/** Read on first use: few requests have protobuf bodies, and starting must be quick. */
function allRows(): Record<string, Row[]> {
  rows ??= JSON.parse(gunzipSync(readFileSync(new URL("./protobuf.json.gz", import.meta.url))).toString()) as Record<string, Row[]>;
  return rows;
}

/** The layout of a message, for instance `k8s.io.api.core.v1.Pod`. */
export function layoutOf(message: string): Layout | undefined {
  let layout = layouts.get(message);
  if (layout === undefined) {
    const own = allRows()[message];
    if (own === undefined) return undefined;
    layout = new Map(
      own.map(([number, name, type, flags]) => [number, { name, type, repeated: flags.includes("r"), omitsZero: flags.includes("z") }]),
    );
    layouts.set(message, layout);
  }
  return layout;
}

/** The message of a kind: `apps/v1` and `Deployment` are `k8s.io.api.apps.v1.Deployment`. Options (`DeleteOptions`) exist in every group. */
export function messageOfKind(apiVersion: string, kind: string): string | undefined {
  if (kinds === undefined) {
    kinds = new Map();
    for (const message of Object.keys(allRows())) kinds.set(message.split(".").slice(-3).join("."), message);
  }
  const [group = "", version = group] = apiVersion.includes("/") ? apiVersion.split("/", 2) : ["core", apiVersion];
  return kinds.get(`${group.split(".", 1)[0] ?? ""}.${version}.${kind}`) ?? kinds.get(`meta.v1.${kind}`);
}
