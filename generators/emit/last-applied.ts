const annotation = "kubectl.kubernetes.io/last-applied-configuration";

/** What API servers allow for the keys and values of all annotations of an object together. */
export const mostAnnotationBytes = 256 * 1024;

/**
 * The bytes of all annotations that an object would have after a client-side `kubectl apply`, which keeps the whole object in one.
 *
 * @param object as JSON; undefined members are none
 */
export function lastAppliedBytes(object: unknown): number {
  const { metadata, ...rest } = isRecord(object) ? object : {};
  const { annotations, ...others } = isRecord(metadata) ? metadata : {};
  const own = isRecord(annotations) ? annotations : {};
  const kept = goJson({ ...rest, metadata: { ...others, annotations: own } });
  const bytes = (text: string): number => Buffer.byteLength(text);
  return Object.entries(own).reduce((sum, [key, value]) => sum + bytes(key) + bytes(String(value)), bytes(annotation) + bytes(kept) + 1);
}

/** As Go writes JSON into a text, where some characters stand as codes. */
function goJson(value: unknown): string {
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, "\\u0000");
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
