/**
 * Answers to creates, less what differs from server to server and what admission plugins add.
 */
import { arrayAt, isObject, objectAt, stringAt } from "../../../../../runtime/schema/index.ts";
import type { JsonObject } from "../../../../../runtime/schema/index.ts";
import { plain } from "../apply/replica.ts";

const admitted = new Set(["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"]);

/** The part of an answer that is compared. `owners`: its managed fields are, too. */
export function comparable(answer: JsonObject, owners: boolean): JsonObject {
  const uid = objectAt(answer, "metadata")?.["uid"];
  const text = JSON.stringify(plain(answer)).replaceAll("the-uid", "<uid>");
  const copy: unknown = JSON.parse(
    (typeof uid === "string" && uid !== "" ? text.replaceAll(uid, "<uid>") : text).replace(/Sample-[a-z0-9]{5}\b/g, "Sample-<suffix>"),
  );
  const result = plain(copy as JsonObject);
  const metadata = objectAt(result, "metadata");
  if (metadata && !owners) Reflect.deleteProperty(metadata, "managedFields");
  if (metadata && arrayAt(metadata, "finalizers")[0] === "kubernetes.io/pvc-protection") Reflect.deleteProperty(metadata, "finalizers");
  if (typeof metadata?.["generateName"] === "string") metadata["name"] = "<generated>";
  const spec = objectAt(result, "spec");
  if (spec && result["kind"] === "Pod") withoutAdmission(spec);
  if (spec && result["kind"] === "Service") withoutAddress(spec);
  if (result["kind"] === "Node" && spec) Reflect.deleteProperty(spec, "taints");
  return result;
}

function withoutAdmission(spec: JsonObject): void {
  for (const field of ["priority", "preemptionPolicy"]) Reflect.deleteProperty(spec, field);
  const tolerations = arrayAt(spec, "tolerations").filter(
    (toleration) => isObject(toleration) && !admitted.has(stringAt(toleration, "key") ?? ""),
  );
  if (tolerations.length > 0) spec["tolerations"] = tolerations;
  else Reflect.deleteProperty(spec, "tolerations");
}

function withoutAddress(spec: JsonObject): void {
  if (spec["clusterIP"] === "None") return;
  for (const field of ["clusterIP", "clusterIPs"]) Reflect.deleteProperty(spec, field);
}
