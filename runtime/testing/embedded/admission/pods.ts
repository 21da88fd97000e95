import type { Api } from "../api.ts";
import { forbidden } from "../errors.ts";
import { arrayAt, isObject, numberAt, objectAt, stringAt, type JsonObject, type JsonValue } from "../../../schema/index.ts";

const PODS = { group: "", plural: "pods" };

/** The Priority and DefaultTolerationSeconds plugins. In place. Throws StatusFailure 403. */
export function admitPod(api: Api, pod: JsonObject): void {
  const spec = objectAt(pod, "spec");
  if (spec === undefined) return;
  setPriority(api, pod, spec);
  addToleration(spec, "node.kubernetes.io/not-ready");
  addToleration(spec, "node.kubernetes.io/unreachable");
}

function setPriority(api: Api, pod: JsonObject, spec: JsonObject): void {
  const classes = api.store.collection("priorityclasses.scheduling.k8s.io");
  const asked = stringAt(spec, "priorityClassName") ?? "";
  const entry = asked === "" ? classes.list().find(({ object }) => object["globalDefault"] === true) : classes.get(asked);
  const name = stringAt(pod, "metadata", "name") ?? "";
  if (asked !== "" && entry === undefined) throw forbidden(PODS, name, `no PriorityClass with name ${asked} was found`);
  const priority = numberAt(entry?.object, "value") ?? 0;
  const given = numberAt(spec, "priority");
  if (given !== undefined && given !== priority) {
    throw forbidden(
      PODS,
      name,
      `the integer value of priority (${given}) must not be provided in pod spec; priority admission controller computed ${priority} from the given PriorityClass name`,
    );
  }
  if (entry !== undefined) spec["priorityClassName"] = entry.name;
  spec["priority"] = priority;
  spec["preemptionPolicy"] ??= stringAt(entry?.object, "preemptionPolicy") ?? "PreemptLowerPriority";
}

/** A pod stays five minutes on a node that fails, unless it says otherwise. */
function addToleration(spec: JsonObject, key: string): void {
  const tolerations = arrayAt(spec, "tolerations").filter(isObject);
  const tolerates = tolerations.some((each) => {
    const effect = stringAt(each, "effect") ?? "";
    const own = stringAt(each, "key") ?? "";
    return (own === key || own === "") && (effect === "NoExecute" || effect === "");
  });
  if (tolerates) return;
  const added: JsonValue = { key, operator: "Exists", effect: "NoExecute", tolerationSeconds: 300 };
  spec["tolerations"] = [...tolerations, added];
}
