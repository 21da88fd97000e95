import type { Api } from "../api.ts";
import { matchLabels } from "../../../object/selector.ts";
import { badRequest, failure } from "../errors.ts";
import { type Answer, type ApiRequest, json, readValue } from "../http/index.ts";
import type { Resource } from "../resources/index.ts";
import { cloneJson, isObject, numberAt, objectAt, stringAt, valueAt } from "../../../schema/index.ts";
import type { Entry } from "../store/index.ts";
import { deleteEntry, readDeleteOptions } from "./delete.ts";
import { storedEntry } from "./read.ts";

/** `policy/v1 Eviction`: deletes a pod, unless a disruption budget forbids that now (429). */
export async function evict(api: Api, resource: Resource, request: ApiRequest): Promise<Answer> {
  const body = await readValue(request);
  if (!isObject(body)) throw badRequest("the body is not an Eviction");
  const { namespace, name } = request.info;
  const pod = storedEntry(api, resource, namespace, name);
  const options = readDeleteOptions(objectAt(body, "deleteOptions") ?? {});
  const phase = stringAt(pod.object, "status", "phase");
  const isOver =
    phase === "Succeeded" ||
    phase === "Failed" ||
    phase === "Pending" ||
    valueAt(pod.object, "metadata", "deletionTimestamp") !== undefined;
  const budget = isOver ? undefined : budgetOf(api, pod);
  if (budget !== undefined) {
    const allowed = numberAt(budget.object, "status", "disruptionsAllowed") ?? 0;
    if (allowed <= 0) {
      const error = failure(429, "TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget.", {
        causes: [
          {
            reason: "DisruptionBudget",
            message: `The disruption budget ${budget.name} needs ${numberAt(budget.object, "status", "desiredHealthy") ?? 0} healthy pods and has ${numberAt(budget.object, "status", "currentHealthy") ?? 0} currently`,
          },
        ],
      });
      throw error;
    }
    if (!options.dryRun) {
      const object = cloneJson(budget.object);
      const status = objectAt(object, "status");
      if (status !== undefined) status["disruptionsAllowed"] = allowed - 1;
      api.store.update(api.store.collection("poddisruptionbudgets.policy"), budget, object);
    }
  }
  deleteEntry(api, resource, pod, options);
  return json({ kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 }, 201);
}

function budgetOf(api: Api, pod: Entry): Entry | undefined {
  const labels = objectAt(pod.object, "metadata", "labels") as Readonly<Record<string, string>> | undefined;
  return api.store
    .collection("poddisruptionbudgets.policy")
    .list(pod.namespace)
    .find(({ object }) => {
      const selector = objectAt(object, "spec", "selector");
      return selector !== undefined && matchLabels(selector)(labels);
    });
}
