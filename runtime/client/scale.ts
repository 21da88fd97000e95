import type { ObjectMeta } from "../api/index.ts";
import type { KindToken, ObjectKey } from "../object/index.ts";
import type { ReadOptions, SubresourceClient, WriteOptions } from "./types.ts";

/** How many replicas something is to have, and has (`autoscaling/v1 Scale`). */
export interface Scale {
  apiVersion: "autoscaling/v1";
  kind: "Scale";
  metadata: ObjectMeta;
  spec: { replicas: number };
  status: {
    replicas: number;
    /** The selector of the pods, as text. */
    selector?: string;
  };
}

export interface ScaleOptions extends WriteOptions {
  /** Scale only when the object has not changed since: a `metadata.resourceVersion` of it, or of its scale. Otherwise the call rejects with a conflict. */
  resourceVersion?: string;
}

/** The `scale` subresource. Its writes are seen in cached reads of the object when the watch reports them. */
export interface ScaleClient {
  /** `undefined` when there is no such object, or when its kind has no scale. */
  get(kind: KindToken, key: ObjectKey, options?: ReadOptions): Promise<Scale | undefined>;
  /**
   * Says how many replicas there shall be, whatever the kind calls that field, and touches nothing else.
   *
   * @example await client.scale.set(Deployment, { namespace: "web", name: "front" }, 3);
   */
  set(kind: KindToken, key: ObjectKey, replicas: number, options?: ScaleOptions): Promise<Scale>;
}

export function scaleClient(subresource: SubresourceClient): ScaleClient {
  return {
    get: async (kind, key, options) => {
      const scale = await subresource.get<Scale>(kind, key, options);
      return scale && withZeros(scale);
    },
    set: async (kind, key, replicas, { resourceVersion, ...options } = {}) => {
      const patch = { ...(resourceVersion !== undefined && { metadata: { resourceVersion } }), spec: { replicas } };
      return withZeros(await subresource.patch(kind, key, "merge", patch, options));
    },
  };
}

/** The server leaves out what is 0. */
function withZeros(answer: unknown): Scale {
  const { spec, status, ...scale } = answer as Omit<Scale, "spec" | "status"> & {
    spec?: Partial<Scale["spec"]>;
    status?: Partial<Scale["status"]>;
  };
  return { ...scale, spec: { replicas: 0, ...spec }, status: { replicas: 0, ...status } };
}
