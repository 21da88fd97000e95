import type { KindToken, KubernetesObject } from "../object/index.ts";

/** The kind of an object, as a token. Throws `TypeError` when it does not say. */
export function kindOf(object: KubernetesObject): KindToken {
  const { apiVersion, kind } = object;
  if (!apiVersion || !kind) throw new TypeError(`the object ${object.metadata?.name ?? ""} has no apiVersion and kind`);
  return { apiVersion, kind };
}

/**
 * `stringData` of a Secret as `data`. The server would do the same, but note `stringData` as the field that is ours, and so
 * never remove a key that a later apply leaves out.
 */
export function withSecretData(
  body: KubernetesObject & { stringData?: Record<string, string>; data?: Record<string, string> },
): KubernetesObject {
  const { stringData, ...secret } = body;
  if (body.apiVersion !== "v1" || body.kind !== "Secret" || stringData === undefined) return body;
  const encoded = Object.entries(stringData).map(([name, text]) => [name, Buffer.from(text).toString("base64")]);
  return { ...secret, data: { ...secret.data, ...(Object.fromEntries(encoded) as Record<string, string>) } } as KubernetesObject;
}

/** True for an object that is being deleted and that finalizers or its grace period still keep. */
export function isKept(object: KubernetesObject): boolean {
  const { deletionTimestamp, finalizers = [], deletionGracePeriodSeconds = 0 } = object.metadata ?? {};
  return deletionTimestamp !== undefined && (finalizers.length > 0 || deletionGracePeriodSeconds > 0);
}
