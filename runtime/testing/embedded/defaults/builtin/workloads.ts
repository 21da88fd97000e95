/**
 * Pods and what makes them: apps, batch.
 */
import type { JsonObject } from "../../../../schema/index.ts";
import { cloneJson, equalJson, numberAt, objectAt, stringAt } from "../../../../schema/index.ts";
import { podErrors, podUpdateErrors } from "../validation/pods.ts";
import {
  cronJobErrors,
  daemonSetErrors,
  deploymentErrors,
  jobErrors,
  jobUpdateErrors,
  replicaSetErrors,
  statefulSetErrors,
  statefulSetUpdateErrors,
} from "../validation/workloads.ts";
import { dns1123Label } from "../../../../schema/index.ts";
import { immutableErrors } from "../../../../schema/index.ts";
import type { KindRules } from "../rules.ts";
import { at, each, fill, fillEmpty, isEmpty, text, within } from "./fields.ts";
import { defaultPod, defaultTemplate, qualityOfService } from "./podspec.ts";

function withTemplate(defaults: (spec: JsonObject) => void): (object: JsonObject) => void {
  return (object) =>
    at(object, ["spec"], (spec) => {
      defaults(spec);
      defaultTemplate(objectAt(spec, "template"));
    });
}

const deployment: KindRules = {
  status: true,
  generation: true,
  statusKeeps: ["labels"],
  defaults: withTemplate((spec) => {
    fill(spec, { replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 });
    const strategy = within(spec, "strategy");
    fillEmpty(strategy, { type: "RollingUpdate" });
    if (strategy["type"] === "RollingUpdate") fill(within(strategy, "rollingUpdate"), { maxUnavailable: "25%", maxSurge: "25%" });
  }),
  update(object, old) {
    // A change of annotations counts too, since they are copied to the replica sets.
    const changed = !equalJson(objectAt(object, "metadata", "annotations") ?? {}, objectAt(old, "metadata", "annotations") ?? {});
    if (changed)
      at(object, ["metadata"], (metadata) => Object.assign(metadata, { generation: (numberAt(old, "metadata", "generation") ?? 0) + 1 }));
  },
  validate: deploymentErrors,
  validateUpdate: (object, old) => [
    ...deploymentErrors(object),
    ...immutableErrors(object["spec"] && objectAt(object, "spec", "selector"), objectAt(old, "spec", "selector"), "spec.selector"),
  ],
};

const replicaSet: KindRules = {
  status: true,
  generation: true,
  defaults: withTemplate((spec) => fill(spec, { replicas: 1 })),
  validate: replicaSetErrors,
  validateUpdate: (object, old) => [
    ...replicaSetErrors(object),
    ...immutableErrors(objectAt(object, "spec", "selector"), objectAt(old, "spec", "selector"), "spec.selector"),
  ],
};

const statefulSet: KindRules = {
  status: true,
  generation: true,
  defaults: withTemplate((spec) => {
    fillEmpty(spec, { podManagementPolicy: "OrderedReady" });
    fill(spec, { replicas: 1, revisionHistoryLimit: 10 });
    const strategy = within(spec, "updateStrategy");
    fillEmpty(strategy, { type: "RollingUpdate" });
    if (strategy["type"] === "RollingUpdate") fill(within(strategy, "rollingUpdate"), { partition: 0 });
    fillEmpty(within(spec, "persistentVolumeClaimRetentionPolicy"), { whenDeleted: "Retain", whenScaled: "Retain" });
    for (const claim of each(spec, "volumeClaimTemplates")) {
      Object.assign(claim, { kind: "PersistentVolumeClaim", apiVersion: "v1" });
      fill(within(claim, "spec"), { volumeMode: "Filesystem" });
      fillEmpty(within(claim, "status"), { phase: "Pending" });
    }
  }),
  validate: statefulSetErrors,
  validateUpdate: statefulSetUpdateErrors,
};

const templateGeneration = "deprecated.daemonset.template.generation";

const defaultDaemonSetSpec = withTemplate((spec) => {
  fill(spec, { revisionHistoryLimit: 10 });
  const strategy = within(spec, "updateStrategy");
  fillEmpty(strategy, { type: "RollingUpdate" });
  if (strategy["type"] === "RollingUpdate") fill(within(strategy, "rollingUpdate"), { maxUnavailable: 1, maxSurge: 0 });
});

const daemonSet: KindRules = {
  status: true,
  generation: true,
  defaults(object) {
    defaultDaemonSetSpec(object);
    // The number is a field of the server's own type, so it is always there.
    const annotations = within(within(object, "metadata"), "annotations");
    fill(annotations, { [templateGeneration]: "0" });
  },
  create: (object) =>
    setTemplateGeneration(object, Math.max(1, Number(text(object, "metadata", "annotations", templateGeneration) || "0"))),
  update(object, old) {
    const before = Number(text(old, "metadata", "annotations", templateGeneration) || "0");
    const same = equalJson(objectAt(object, "spec", "template"), objectAt(old, "spec", "template"));
    setTemplateGeneration(object, same ? before : before + 1);
  },
  validate: daemonSetErrors,
  validateUpdate: (object, old) => [
    ...daemonSetErrors(object),
    ...immutableErrors(objectAt(object, "spec", "selector"), objectAt(old, "spec", "selector"), "spec.selector"),
  ],
};

function setTemplateGeneration(object: JsonObject, generation: number): void {
  within(within(object, "metadata"), "annotations")[templateGeneration] = String(generation);
}

const defaultJobSpec = withTemplate((spec) => {
  if (spec["completions"] === undefined && spec["parallelism"] === undefined) fill(spec, { completions: 1, parallelism: 1 });
  fill(spec, { parallelism: 1, completionMode: "NonIndexed", suspend: false, manualSelector: false });
  // With a limit per index there is no limit for all of them.
  fill(spec, { backoffLimit: spec["backoffLimitPerIndex"] === undefined ? 6 : 2 ** 31 - 1 });
  fill(spec, { podReplacementPolicy: spec["podFailurePolicy"] === undefined ? "TerminatingOrFailed" : "Failed" });
});

const job: KindRules = {
  status: true,
  generation: true,
  defaults(object) {
    defaultJobSpec(object);
    const labels = objectAt(object, "spec", "template", "metadata", "labels");
    if (labels && isEmpty(objectAt(object, "metadata", "labels"))) within(object, "metadata")["labels"] = cloneJson(labels);
  },
  create: generateSelector,
  validate: jobErrors,
  validateUpdate: jobUpdateErrors,
};

/** A job selects its pods by its uid, unless it says that it knows better. */
function generateSelector(object: JsonObject): void {
  const spec = objectAt(object, "spec");
  if (!spec || spec["manualSelector"] === true) return;
  const uid = stringAt(object, "metadata", "uid") ?? "";
  const name = stringAt(object, "metadata", "name") ?? "";
  const labels = within(within(within(spec, "template"), "metadata"), "labels");
  if (spec["selector"] !== undefined && spec["selector"] !== null) return;
  const own = objectAt(object, "metadata", "labels");
  const shared = isEmpty(own) || equalJson(own, labels);
  Object.assign(labels, {
    "controller-uid": uid,
    "job-name": name,
    "batch.kubernetes.io/controller-uid": uid,
    "batch.kubernetes.io/job-name": name,
  });
  spec["selector"] = { matchLabels: { "batch.kubernetes.io/controller-uid": uid } };
  // A job without labels of its own has its template's.
  if (shared) within(object, "metadata")["labels"] = cloneJson(labels);
}

const cronJob: KindRules = {
  status: true,
  generation: true,
  defaults: (object) =>
    at(object, ["spec"], (spec) => {
      fillEmpty(spec, { concurrencyPolicy: "Allow" });
      fill(spec, { suspend: false, successfulJobsHistoryLimit: 3, failedJobsHistoryLimit: 1 });
      defaultTemplate(objectAt(spec, "jobTemplate", "spec", "template"));
    }),
  validate: cronJobErrors,
};

const pod: KindRules = {
  status: true,
  statusKeeps: ["ownerReferences", "generation"],
  defaults(object) {
    defaultPod(object);
    at(object, ["status"], mirrorAddresses);
  },
  create(object) {
    const spec = objectAt(object, "spec") ?? {};
    at(object, ["metadata"], (metadata) => Object.assign(metadata, { generation: 1 }));
    object["status"] = { phase: "Pending", qosClass: qualityOfService(spec) };
  },
  update(object, old) {
    if (!equalJson(object["spec"], old["spec"]))
      at(object, ["metadata"], (metadata) => Object.assign(metadata, { generation: (numberAt(old, "metadata", "generation") ?? 0) + 1 }));
  },
  validate: podErrors,
  validateUpdate: podUpdateErrors,
};

/** The single address and the list of addresses say the same. */
function mirrorAddresses(podStatus: JsonObject): void {
  const first = text(podStatus, "podIP");
  const listed = each(podStatus, "podIPs");
  if (first !== "" && listed.length === 0) podStatus["podIPs"] = [{ ip: first }];
  else if (first === "" && listed[0] !== undefined) podStatus["podIP"] = text(listed[0], "ip");
}

const podTemplate: KindRules = { defaults: (object) => defaultTemplate(objectAt(object, "template")), generation: false };

const replicationController: KindRules = {
  status: true,
  generation: true,
  name: dns1123Label,
  defaults(object) {
    const spec = objectAt(object, "spec");
    if (!spec) return;
    fill(spec, { replicas: 1 });
    if (spec["minReadySeconds"] === 0) Reflect.deleteProperty(spec, "minReadySeconds");
    const labels = objectAt(spec, "template", "metadata", "labels");
    if (labels && isEmpty(spec["selector"])) spec["selector"] = cloneJson(labels);
    if (labels) fillEmpty(within(object, "metadata"), isEmpty(objectAt(object, "metadata", "labels")) ? { labels: cloneJson(labels) } : {});
    defaultTemplate(objectAt(spec, "template"));
  },
};

/** Rules by group and kind. */
export const workloadRules: Readonly<Record<string, KindRules>> = {
  "/Pod": pod,
  "/PodTemplate": podTemplate,
  "/ReplicationController": replicationController,
  "apps/Deployment": deployment,
  "apps/ReplicaSet": replicaSet,
  "apps/StatefulSet": statefulSet,
  "apps/DaemonSet": daemonSet,
  "batch/Job": job,
  "batch/CronJob": cronJob,
};
